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

from reconciler.executor.freshness import Stale, fresh_pool, required, same
from reconciler.executor.journal import JournalProblem, Notes, now
from reconciler.executor.newcomers import FinalListing, Newcomers
from reconciler.executor.steps import ours_among
from reconciler.executor.writes import Interrupted, Trace
from reconciler.live.aws import Connection
from reconciler.live.calls import Repeating
from reconciler.live.failures import (
    FAILURES,
    NOT_FOUND,
    Operation,
    error_code,
    incident,
    problem_of,
)
from reconciler.live.reader import count_identities, describe
from reconciler.model.changes import CreatePool, DeletePool
from reconciler.model.errors import AwsProblem
from reconciler.model.journal import Ended, Sending
from reconciler.model.live import LivePool
from reconciler.model.plan import PoolPlan
from reconciler.model.receipt import Outcome, PoolReceipt

_DELETE = "DeleteIdentityPool"
_NOT_KNOWN = "whether another run has made it, too, is not known"
_LAGS = "AWS does not list yet what this run has made; plan again in a minute"


def last_look(
    newcomers: Newcomers, made: Sequence[PoolReceipt], workers: Executor
) -> FinalListing | str:
    """Look once for all pools that a run has made in a target; a text says why that failed.

    A failure is kept rather than raised: the pools are made, and the receipt must say so.
    """
    try:
        return newcomers.final_listing({receipt.pool_id or "" for receipt in made}, workers)
    except AwsProblem as problem:
        return str(problem)
    except Exception as bug:  # noqa: BLE001 - the pools are made
        return incident(bug)


@dataclass(frozen=True, slots=True)
class Settling:
    """A pool that this run has made, and how it becomes the only one of its tags."""

    connection: Connection
    newcomers: Newcomers
    plan: PoolPlan
    receipt: PoolReceipt
    notes: Notes

    def settled(self, look: FinalListing | str) -> PoolReceipt:
        """The receipt, once there is only one pool; ``look`` is what ``last_look`` gave.

        A run whose pool stays waits for the other run to remove its own; where that does not happen
        in time (the other run has ended before it could see ours), it yields.  Where that leaves
        anything but one pool as the spec says, the receipt calls the pool stale: the next plan
        tells.  Where it leaves two, or nobody knows, the run has failed.
        """
        receipt = self.receipt
        if isinstance(look, str):
            return self._failed(f"{_NOT_KNOWN}: {look}")
        if receipt.pool_id in look.gone:
            return _stale(receipt, f"{receipt.pool_id} was made, and somebody has deleted it since")
        twins = self._twins(look.pools)
        if not twins:
            return _stale(receipt, f"{_NOT_KNOWN}: {_LAGS}") if look.unseen else receipt
        try:
            return self._without(twins)
        except (AwsProblem, JournalProblem, *FAILURES) as problem:
            return self._failed(f"{_NOT_KNOWN}: {problem}")
        except Exception as bug:  # noqa: BLE001 - around one pool: the others have a receipt
            return self._failed(f"{_NOT_KNOWN}: {incident(bug)}")

    def _twins(self, pools: Sequence[LivePool]) -> list[LivePool]:
        """The pools beside which this run would have made none, had it seen them before.

        With our tags; else with those of another spec and the same IdentityPoolName: a run of the
        commit before knows neither the owner nor the name that its spec has by now.
        """
        desired = required(self.plan.desired)
        create = next(each for each in self.plan.actions if isinstance(each, CreatePool))
        ours = ours_among(pools, desired, create)
        if ours or create.allow_same_name:
            return ours
        named = (p for p in pools if p.pool.IdentityPoolName == desired.IdentityPoolName)
        others = [pool for pool in named if pool.tags and not self.newcomers.knew(pool.pool_id)]
        return sorted(others, key=lambda pool: pool.pool_id)

    def _without(self, twins: list[LivePool]) -> PoolReceipt:
        mine, twin = self.receipt.pool_id or "", ""
        for waited in self.connection.polls():
            if waited:
                again = (describe(self.connection, pool.pool_id) for pool in twins)
                twins = self._twins([pool for pool in again if pool is not None])
            if not twins:
                return self.receipt
            twin = twins[0].pool_id
            if twin < mine or self.newcomers.knew(twin):
                break
        return self._yield_to(twin)

    def _yield_to(self, twin: str) -> PoolReceipt:
        mine = self.receipt.pool_id or ""
        both = f"another run has made or adopted {twin} meanwhile"
        if count_identities(self.connection, mine):
            return self._failed(f"{both}, and ours, {mine}, holds identities: there are two")
        try:
            self._remove()
        except Interrupted:
            return self._failed(f"{both}, and ours, {mine}, stays: the run was interrupted")
        except FAILURES as failure:
            problem = problem_of(failure, operation=_DELETE, target=self.receipt.target)
            return self._failed(f"{both}, and ours, {mine}, could not be removed: {problem}")
        return self._with_twin(twin, f"{both}: ours, {mine}, was empty and removed")

    def _with_twin(self, twin: str, message: str) -> PoolReceipt:
        """The receipt once the other run's pool is as desired, or had the time to become so.

        Its run may have been killed halfway, or may have yielded to ours at the same moment.
        """
        theirs = self.receipt.model_copy(update={"pool_id": twin, "created": False})
        desired = required(self.plan.desired)
        try:
            for _ in self.connection.polls():
                fresh = fresh_pool(self.connection, twin, desired, desired)
                if same(fresh, desired, self.receipt.ignored):
                    return theirs.model_copy(update={"message": message})
        except Stale:
            gone = theirs.model_copy(update={"pool_id": None, "after": None})
            return _stale(gone, f"{message}; theirs is gone, too")
        except AwsProblem as problem:
            return _stale(theirs, f"{message}; how theirs is, is not known: {problem}")
        return _stale(theirs, f"{message}; theirs is not as the spec says")

    def _remove(self) -> None:
        whose: dict[str, Any] = {
            "target": self.receipt.target,
            "name": self.receipt.name,
            "pool_id": self.receipt.pool_id,
            "action": DeletePool(),
        }
        trace = Trace(lambda attempt: self.notes.note(Sending(at=now(), attempt=attempt, **whose)))

        def note_ended(outcome: Outcome) -> None:
            ids = tuple(trace.request_ids)
            with suppress(JournalProblem):  # the receipt tells it, and nothing more will be sent
                self.notes.note(Ended(at=now(), outcome=outcome, request_ids=ids, **whose))

        cognito = self.connection.cognito
        try:
            Repeating(Operation.WRITE, cognito.budget)(
                trace.send, cognito, _DELETE, IdentityPoolId=self.receipt.pool_id
            )
        except FAILURES as failure:
            if error_code(failure) != NOT_FOUND:
                note_ended("unknown" if trace.lost_an_answer else "failed")
                raise
        note_ended("done")

    def _failed(self, message: str) -> PoolReceipt:
        return _stale(self.receipt, message).model_copy(update={"failed": True})


def _stale(receipt: PoolReceipt, message: str) -> PoolReceipt:
    return receipt.model_copy(update={"message": message, "stale": True})
