"""Twins: two runs that create a pool for the same spec at the same moment.

Each run looked before it sent, and neither could see the other's pool yet.  So each looks again
when all its pools are made, and both follow one rule: the pool with the lowest id stays, and a run
removes only a pool that it made itself and that holds no identities.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from reconciler.executor.creation import ours_among
from reconciler.executor.freshness import Stale, fresh_pool, required, same
from reconciler.executor.journal import JournalProblem, Notes, now
from reconciler.executor.newcomers import FinalListing, Newcomers
from reconciler.executor.writes import Interrupted, Trace
from reconciler.live.aws import Connection
from reconciler.live.calls import Repeating
from reconciler.live.policy import FAILURES, NOT_FOUND, Operation, error_code
from reconciler.live.problems import incident, problem_of
from reconciler.live.reader import count_identities, describe
from reconciler.model.changes import CreatePool, DeletePool
from reconciler.model.errors import AwsProblem
from reconciler.model.journal import Ended, Sending
from reconciler.model.live import LivePool
from reconciler.model.plan import PoolPlan
from reconciler.model.pool import Pool
from reconciler.model.receipt import Outcome, PoolReceipt

_POLL_SECONDS = 0.5
_DELETE = "DeleteIdentityPool"
_NOT_KNOWN = "whether another run has made it, too, is not known"
_LAGS = "AWS does not list yet what this run has made; plan again in a minute"


@dataclass(frozen=True, slots=True)
class Settling:
    """What one target's last look has shown, or why there was none."""

    connection: Connection
    newcomers: Newcomers
    look: FinalListing | str

    @classmethod
    def begun(
        cls,
        connection: Connection,
        newcomers: Newcomers,
        made: Sequence[PoolReceipt],
        workers: Executor,
    ) -> "Settling":
        """Look once for all pools that a run has made in a target.

        A failure is kept rather than raised: the pools are made, and the receipt must say so.
        """
        try:
            look = newcomers.final_listing({receipt.pool_id or "" for receipt in made}, workers)
        except AwsProblem as problem:
            return cls(connection, newcomers, str(problem))
        except Exception as bug:  # noqa: BLE001 - the pools are made
            return cls(connection, newcomers, incident(bug))
        return cls(connection, newcomers, look)

    def without_twin(self, plan: PoolPlan, receipt: PoolReceipt, notes: Notes) -> PoolReceipt:
        """The receipt of a pool that this run made, once there is only one pool of its tags.

        A run whose pool stays waits for the other run to remove its own; where that does not happen
        in time (the other run has ended before it could see ours), it yields.  Where that leaves
        anything but one pool as the spec says, the receipt calls the pool stale: the next plan
        tells.  Where it leaves two, or nobody knows, the run has failed.
        """
        if isinstance(self.look, str):
            return _failed(receipt, f"{_NOT_KNOWN}: {self.look}")
        if receipt.pool_id in self.look.gone:
            return _stale(receipt, f"{receipt.pool_id} was made, and somebody has deleted it since")
        twins = self._twins(plan, self.look.pools)
        if not twins:
            lags = bool(self.look.unseen)
            return _stale(receipt, f"{_NOT_KNOWN}: {_LAGS}") if lags else receipt
        try:
            return self._settled(plan, receipt, notes, twins)
        except (AwsProblem, JournalProblem, *FAILURES) as problem:
            return _failed(receipt, f"{_NOT_KNOWN}: {problem}")
        except Exception as bug:  # noqa: BLE001 - around one pool: the others have a receipt
            return _failed(receipt, f"{_NOT_KNOWN}: {incident(bug)}")

    def _twins(self, plan: PoolPlan, pools: Sequence[LivePool]) -> list[LivePool]:
        """The pools beside which this run would have made none, had it seen them before.

        With our tags; else with those of another spec and the same IdentityPoolName: a run of the
        commit before knows neither the owner nor the name that its spec has by now.
        """
        desired = required(plan.desired)
        create = next(each for each in plan.actions if isinstance(each, CreatePool))
        ours = ours_among(pools, desired, create)
        if ours or create.allow_same_name:
            return ours
        named = (p for p in pools if p.pool.IdentityPoolName == desired.IdentityPoolName)
        others = [pool for pool in named if pool.tags and not self.newcomers.knew(pool.pool_id)]
        return sorted(others, key=lambda pool: pool.pool_id)

    def _settled(
        self, plan: PoolPlan, receipt: PoolReceipt, notes: Notes, twins: list[LivePool]
    ) -> PoolReceipt:
        budget, mine, waited = self.connection.cognito.budget, receipt.pool_id or "", 0.0
        while twins:
            twin = twins[0].pool_id
            is_to_stay = twin < mine or self.newcomers.knew(twin)
            if is_to_stay or waited >= self.connection.settle_seconds or budget.interrupted:
                return _yield_to(twin, self.connection, required(plan.desired), receipt, notes)
            budget.sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS
            again = (describe(self.connection, pool.pool_id) for pool in twins)
            twins = self._twins(plan, [pool for pool in again if pool is not None])
        return receipt


def _yield_to(
    twin: str, connection: Connection, desired: Pool, receipt: PoolReceipt, notes: Notes
) -> PoolReceipt:
    mine = receipt.pool_id or ""
    both = f"another run has made or adopted {twin} meanwhile"
    if count_identities(connection, mine):
        return _failed(receipt, f"{both}, and ours, {mine}, holds identities: there are two")
    try:
        _remove(connection, receipt, notes)
    except Interrupted:
        return _failed(receipt, f"{both}, and ours, {mine}, stays: the run was interrupted")
    except FAILURES as failure:
        problem = problem_of(failure, operation=_DELETE, target=receipt.target)
        return _failed(receipt, f"{both}, and ours, {mine}, could not be removed: {problem}")
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
        Repeating(Operation.WRITE, cognito.budget)(
            trace.send, cognito, _DELETE, IdentityPoolId=receipt.pool_id
        )
    except FAILURES as failure:
        if error_code(failure) != NOT_FOUND:
            note_ended("unknown" if trace.lost_an_answer else "failed")
            raise
    note_ended("done")


def _failed(receipt: PoolReceipt, message: str) -> PoolReceipt:
    return receipt.model_copy(update={"message": message, "stale": True, "failed": True})


def _stale(receipt: PoolReceipt, message: str) -> PoolReceipt:
    return receipt.model_copy(update={"message": message, "stale": True})
