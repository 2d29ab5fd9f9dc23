"""The journal's entries: what was about to be sent, and what came of it."""

from typing import Annotated, Literal

from pydantic import Field

from reconciler.model.actions import Action
from reconciler.model.base import Record
from reconciler.model.receipt import Outcome


class RunBegins(Record):
    """The first line: which plan is applied by whom.  ``at`` is ISO 8601 in UTC."""

    entry: Literal["run"] = "run"
    schema_version: Literal[1] = 1
    at: str
    plan_digest: str
    owner: str


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
    """Written after an action: its outcome, as in the receipt."""

    entry: Literal["ended"] = "ended"
    at: str
    target: str
    name: str
    pool_id: str | None
    action: Action
    outcome: Outcome
    message: str = ""
    request_ids: tuple[str, ...] = ()


class RunEnds(Record):
    """The last line: nothing is unknown that the entries above do not call so."""

    entry: Literal["end"] = "end"
    at: str


JournalEntry = Annotated[RunBegins | Sending | Ended | RunEnds, Field(discriminator="entry")]
