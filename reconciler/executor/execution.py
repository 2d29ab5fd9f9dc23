"""Executing a plan: pools side by side, actions of one pool in order, all in one receipt."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress

from reconciler.executor.journal import JournalProblem, NoJournal, Notes, now
from reconciler.executor.newcomers import Newcomers
from reconciler.executor.pool_run import PoolRun, Progress
from reconciler.executor.twins import Settling
from reconciler.live.connections import Connection
from reconciler.model.journal import Planned, RunBegins, RunEnds
from reconciler.model.live import LiveTarget
from reconciler.model.plan import Plan
from reconciler.model.receipt import PoolReceipt, Receipt, UnreadReceipt


def _silent(_receipt: PoolReceipt) -> None:
    """No progress is shown."""


def execute(
    plan: Plan,
    connections: Mapping[str, Connection],
    seen: Mapping[str, LiveTarget],
    workers: Executor,
    notes: Notes | None = None,
    progress: Progress = _silent,
) -> Receipt:
    """Apply a plan; ``connections`` are the open targets by name, ``seen`` what the plan saw there.

    No failure, refusal or staleness of one pool stops another; the receipt tells of each action.
    ``notes`` is told of each request before it is sent; ``progress`` of each pool that had
    something to do, when it is finished.  Raises ``JournalProblem`` before anything is sent.
    """
    notes, digest = notes or NoJournal(), plan.digest
    notes.note(_beginning(plan, digest))
    newcomers = {name: Newcomers(connections[name], live) for name, live in seen.items()}
    runs = [
        PoolRun(connections[name], pool, notes, newcomers[name], progress)
        for name, pools in ((target.target.name, target.pools) for target in plan.targets)
        for pool in pools
    ]
    receipts = list(workers.map(PoolRun.run, runs))
    settled = _settled(runs, receipts, workers)
    receipt = Receipt(
        plan_digest=digest,
        owner=plan.owner,
        targets=tuple(target.target for target in plan.targets),
        interrupted=any(c.cognito.budget.interrupted for c in connections.values()),
        pools=settled,
        unread=tuple(_unread(plan)),
    )
    # Without its last entry a run did not come to know whether there are twins: the next one asks.
    if not any(pool.failed for pool in settled):
        with suppress(JournalProblem):
            notes.note(RunEnds(at=now()))
    return receipt


def _unread(plan: Plan) -> Iterator[UnreadReceipt]:
    for target in plan.targets:
        for pool in target.unread:
            yield UnreadReceipt(
                target=target.target.name,
                pool_id=pool.pool_id,
                pool_name=pool.pool_name,
                message=pool.refusal.reason,
            )


def _beginning(plan: Plan, digest: str) -> RunBegins:
    """The first entry.  It names every pool with something to do: a run that is killed early has
    no other way to tell what it would have done.
    """
    pools = tuple(
        Planned(target=target.target.name, name=pool.name, actions=len(pool.actions))
        for target in plan.targets
        for pool in target.pools
        if pool.actions
    )
    return RunBegins(at=now(), plan_digest=digest, owner=plan.owner, pools=pools)


def _settled(
    runs: Sequence[PoolRun], receipts: Sequence[PoolReceipt], workers: Executor
) -> tuple[PoolReceipt, ...]:
    """The receipts, once each pool that this run has made is the only one of its spec."""
    made = defaultdict[str, list[PoolReceipt]](list)
    for receipt in receipts:
        if receipt.created:
            made[receipt.target].append(receipt)
    of_target = {run.connection.target.name: run for run in runs}
    settling = {
        name: Settling.begun(of_target[name].connection, of_target[name].newcomers, pools, workers)
        for name, pools in made.items()
    }

    def settle(run: PoolRun, receipt: PoolReceipt) -> PoolReceipt:
        if not receipt.created:
            return receipt
        return settling[receipt.target].without_twin(run.plan, receipt, run.notes)

    return tuple(workers.map(settle, runs, receipts))
