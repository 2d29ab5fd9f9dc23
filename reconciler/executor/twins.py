"""Twins: two runs that create the same pool at the same moment.

Each run looked before it sent, and neither could see the other's pool yet.  So each looks again
when all its pools are done, and both follow one rule: the pool with the lowest id stays, and a run
removes only a pool that it made itself and that holds no identities.
"""

from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from reconciler.executor.creation import ours_among
from reconciler.executor.freshness import Stale, fresh_pool, same
from reconciler.executor.journal import JournalProblem, Notes, now
from reconciler.executor.writes import Interrupted, Trace
from reconciler.live.calls import retrying
from reconciler.live.connections import Connection
from reconciler.live.incidents import incident
from reconciler.live.policy import FAILURES, Operation, error_code
from reconciler.live.problems import problem_of
from reconciler.live.reader import describe, holds_identities
from reconciler.model.actions import DeletePool
from reconciler.model.errors import AwsProblem
from reconciler.model.journal import Ended, Sending
from reconciler.model.pool import Pool
from reconciler.model.receipt import Outcome, PoolReceipt

_POLL_SECONDS = 0.5
_DELETE = "DeleteIdentityPool"


def crowded_names(connection: Connection, made: Collection[str]) -> frozenset[str] | AwsProblem:
    """The names that more than one pool has: one listing for all pools that a run has made.

    A listing may lag behind creations.  One that does not show the pools of this run yet (``made``,
    their ids) would not show those of another run either, so it is repeated for a while.  A failure
    is handed back rather than raised: the pools are made, and the receipt must say so.
    """
    budget, waited = connection.cognito.budget, 0.0
    try:
        listed = connection.listing()
        while not set(made) <= {pool.pool_id for pool in listed}:
            if waited >= connection.settle_seconds or budget.interrupted:
                break
            budget.sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS
            listed = connection.listing()
    except AwsProblem as problem:
        return problem
    count = Counter(pool.name for pool in listed)
    return frozenset(name for name, pools in count.items() if pools > 1)


def without_twin(
    connection: Connection,
    desired: Pool,
    receipt: PoolReceipt,
    notes: Notes,
    crowded: frozenset[str] | AwsProblem,
) -> PoolReceipt:
    """The receipt of a pool that this run made, once there is only one pool of its tags.

    A run whose pool stays waits for the other run to remove its own; where that does not happen in
    time (the other run has ended before it could see ours), it yields.  Where that leaves anything
    but one pool as the spec says, the receipt calls the pool stale: the next plan tells.
    """
    if isinstance(crowded, AwsProblem):
        return _not_known(receipt, crowded)
    if desired.IdentityPoolName not in crowded:
        return receipt
    try:
        return _settled(connection, desired, receipt, notes)
    except (AwsProblem, JournalProblem, *FAILURES) as problem:
        return _not_known(receipt, problem)
    except Exception as bug:  # noqa: BLE001 - around one pool: the others have a receipt
        return _not_known(receipt, incident(bug))


def _settled(
    connection: Connection, desired: Pool, receipt: PoolReceipt, notes: Notes
) -> PoolReceipt:
    mine, waited = receipt.pool_id or "", 0.0
    while twin := _other_twin(connection, desired, mine):
        if twin < mine or waited >= connection.settle_seconds:
            return _yield_to(twin, connection, desired, receipt, notes)
        connection.cognito.budget.sleep(_POLL_SECONDS)
        waited += _POLL_SECONDS
    return receipt


def _other_twin(connection: Connection, desired: Pool, mine: str) -> str | None:
    """The lowest id of another pool with our tags."""
    name = desired.IdentityPoolName
    others = [p.pool_id for p in connection.listing() if p.name == name and p.pool_id != mine]
    described = (describe(connection, pool_id) for pool_id in others)
    twins = ours_among((pool for pool in described if pool is not None), desired)
    return twins[0].pool_id if twins else None


def _yield_to(
    twin: str, connection: Connection, desired: Pool, receipt: PoolReceipt, notes: Notes
) -> PoolReceipt:
    mine = receipt.pool_id or ""
    both = f"another run has made {twin} at the same moment"
    if holds_identities(connection, mine):
        return _stale(receipt, f"{both}, and ours, {mine}, holds identities: there are two")
    try:
        _remove(connection, receipt, notes)
    except Interrupted:
        return _stale(receipt, f"{both}, and ours, {mine}, stays: the run was interrupted")
    except FAILURES as failure:
        problem = problem_of(failure, operation=_DELETE, target=receipt.target)
        return _stale(receipt, f"{both}, and ours, {mine}, could not be removed: {problem}")
    both = f"{both}: ours, {mine}, was empty and removed"
    return _with_twin(twin, connection, desired, receipt, both)


def _with_twin(
    twin: str, connection: Connection, desired: Pool, receipt: PoolReceipt, message: str
) -> PoolReceipt:
    """The receipt once the other run's pool is as desired, or had the time to become so.

    Its run may have been killed halfway, or may have yielded to ours at the same moment.
    """
    theirs = receipt.model_copy(update={"pool_id": twin, "created": False})
    budget, waited = connection.cognito.budget, 0.0
    try:
        while not _is_as_desired(connection, twin, desired, receipt):
            if waited >= connection.settle_seconds or budget.interrupted:
                return _stale(theirs, f"{message}; theirs is not as the spec says")
            budget.sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS
    except Stale:
        gone = theirs.model_copy(update={"pool_id": None, "after": None})
        return _stale(gone, f"{message}; theirs is gone, too")
    except AwsProblem as problem:
        return _stale(theirs, f"{message}; how theirs is, is not known: {problem}")
    return theirs.model_copy(update={"message": message})


def _is_as_desired(connection: Connection, twin: str, desired: Pool, receipt: PoolReceipt) -> bool:
    fresh = fresh_pool(connection, twin, desired, desired)
    return same(fresh, desired, receipt.ignored)


def _remove(connection: Connection, receipt: PoolReceipt, notes: Notes) -> None:
    whose: dict[str, Any] = {
        "target": receipt.target,
        "name": receipt.name,
        "pool_id": receipt.pool_id,
        "action": DeletePool(),
    }
    trace = Trace(lambda attempt: notes.note(Sending(at=now(), attempt=attempt, **whose)))

    def note_ended(outcome: Outcome) -> None:
        ids = tuple(trace.request_ids)
        with suppress(JournalProblem):  # the receipt tells it, and nothing more will be sent
            notes.note(Ended(at=now(), outcome=outcome, request_ids=ids, **whose))

    cognito = connection.cognito
    try:
        retrying(Operation.WRITE, cognito.budget)(
            trace.send, cognito, _DELETE, IdentityPoolId=receipt.pool_id
        )
    except FAILURES as failure:
        if error_code(failure) != "ResourceNotFoundException":
            note_ended("unknown" if trace.lost_an_answer else "failed")
            raise
    note_ended("done")


def _not_known(receipt: PoolReceipt, problem: Exception | str) -> PoolReceipt:
    return _stale(receipt, f"whether another run made it, too, is not known: {problem}")


def _stale(receipt: PoolReceipt, message: str) -> PoolReceipt:
    return receipt.model_copy(update={"message": message, "stale": True})
