"""The journal's entries: what was about to be sent, and what came of it."""

from typing import Annotated, Literal

from pydantic import Field

from reconciler.model.changes import Action
from reconciler.model.receipt import Outcome
from reconciler.model.records import Record


class PlannedPool(Record):
    """A pool that the run has something to do with: how many actions there are."""

    target: str
    name: str
    actions: int


class RunBegins(Record):
    """The first line: which plan is applied by whom.  ``at`` is ISO 8601 in UTC.

    ``pools`` are all that the plan would change, begun or not.
    """

    entry: Literal["run"] = "run"
    schema_version: Literal[1] = 1
    at: str
    plan_digest: str
    owner: str
    pools: tuple[PlannedPool, ...] = ()


class Sending(Record):
    """Written before a request is sent: from here on its outcome is unknown.

    ``attempt`` is 1 for the first time; ``pool_id`` is ``None`` for a pool that is being created.
    """

    entry: Literal["sending"] = "sending"
    at: str
    target: str
    name: str
    pool_id: str | None
    action: Action
    attempt: int


class Ended(Record):
    """Written after an action: its outcome, as in the receipt.

    ``created``: this very run has made the pool, which it may also have found.
    """

    entry: Literal["ended"] = "ended"
    at: str
    target: str
    name: str
    pool_id: str | None
    action: Action
    outcome: Outcome
    message: str = ""
    request_ids: tuple[str, ...] = ()
    created: bool = False


class RunEnds(Record):
    """The last line: nothing is unknown that the entries above do not call so."""

    entry: Literal["end"] = "end"
    at: str


class Standing(Record):
    """How far a run had got with one pool when its journal ended.

    ``actions`` is how many there were in all; ``unknown`` were sent, and what came of them is not
    written.
    """

    target: str
    name: str
    pool_id: str | None = None
    actions: int = 0
    done: tuple[Action, ...] = ()
    failed: tuple[Action, ...] = ()
    unknown: tuple[Action, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether everything that was to be done is done.

        No plan creates and deletes one pool: such a deletion was that of a twin, and the pool that
        stays was made by another run, which may have been killed.
        """
        kinds = {action.kind for action in self.done}
        left_to_another = {"CreatePool", "DeletePool"} <= kinds
        all_done = len(self.done) >= self.actions and not left_to_another
        return all_done and not self.failed and not self.unknown


JournalEntry = Annotated[RunBegins | Sending | Ended | RunEnds, Field(discriminator="entry")]
