"""The receipt: what an apply did, action by action."""

from collections.abc import Iterator
from typing import Literal

from reconciler.model.changes import Action
from reconciler.model.pool import Pool
from reconciler.model.project import Ignored, Target
from reconciler.model.records import Record

Outcome = Literal["done", "failed", "skipped", "unknown"]


class ActionReceipt(Record):
    """What became of one action.

    ``message`` says why it is not ``done``, or what was remarkable; ``code`` is AWS's error code;
    ``attempts`` counts the times the write was sent.
    """

    action: Action
    outcome: Outcome
    message: str = ""
    code: str = ""
    attempts: int = 0
    request_ids: tuple[str, ...] = ()


class PoolReceipt(Record):
    """What became of one pool; ``stale`` means that live had moved since the plan, and ``failed``
    that there are two pools of the spec now, or that nobody knows.

    ``before`` is the pool as the plan saw it (``None``: there was none), ``after`` as the last
    action that was done left it (``None``: there is none); secrets are masked in both.
    ``ignored`` is what the plan left alone, and a way back must, too.
    ``created``: this run has made it.  ``message`` says what was remarkable about the pool as a
    whole.
    """

    target: str
    name: str
    pool_id: str | None
    before: Pool | None = None
    after: Pool | None = None
    ignored: Ignored = Ignored()
    message: str = ""
    actions: tuple[ActionReceipt, ...] = ()
    created: bool = False
    refused: bool = False
    stale: bool = False
    failed: bool = False


class UnreadReceipt(Record):
    """A pool that the plan could not read, so that nothing was made or deleted in its target."""

    target: str
    pool_id: str
    pool_name: str
    message: str


class Receipt(Record):
    """What an apply did: every action of the plan is in it.

    ``targets`` are the places that were written to, with the accounts that answered;
    ``interrupted``: somebody ended the run before all was sent; ``unread``: pools that could not be
    read, and of which no spec is known.
    """

    schema_version: Literal[1] = 1
    plan_digest: str
    owner: str = ""
    interrupted: bool = False
    targets: tuple[Target, ...] = ()
    pools: tuple[PoolReceipt, ...]
    unread: tuple[UnreadReceipt, ...] = ()

    @property
    def actions(self) -> Iterator[ActionReceipt]:
        """Every action of every pool."""
        return (action for pool in self.pools for action in pool.actions)

    def count(self, outcome: Outcome) -> int:
        """How many actions ended so."""
        return sum(action.outcome == outcome for action in self.actions)
