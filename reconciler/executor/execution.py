"""Executing a plan: pools side by side, actions of one pool in order, all in one receipt."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress

from reconciler.executor.journal import JournalProblem, NoJournal, Notes, now
from reconciler.executor.looks import Looks
from reconciler.executor.pool_run import PoolRun, Progress
from reconciler.executor.turns import Turns
from reconciler.executor.twins import crowded_names, without_twin
from reconciler.live.connections import Connection
from reconciler.model.journal import Planned, RunBegins, RunEnds
from reconciler.model.plan import Plan
from reconciler.model.receipt import PoolReceipt, Receipt, UnreadReceipt


def _silent(_receipt: PoolReceipt) -> None:
    """No progress is shown."""


def execute(
    plan: Plan,
    connections: Mapping[str, Connection],
    looks: Looks,
    workers: Executor,
    notes: Notes | None = None,
    progress: Progress = _silent,
) -> Receipt:
    """Apply a plan; ``connections`` are the open targets by name, ``looks`` those of this plan.

    No failure, refusal or staleness of one pool stops another; the receipt tells of each action.
    ``notes`` is told of each request before it is sent; ``progress`` of each pool that had
    something to do, when it is finished.  Raises ``JournalProblem`` before anything is sent.
    """
    notes, digest = notes or NoJournal(), plan.digest
    notes.note(_beginning(plan, digest))
    runs = [
        PoolRun(connections[name], pool, notes, looks[name], progress)
        for name, pools in ((target.target.name, target.pools) for target in plan.targets)
        for pool in pools
    ]
    Turns(runs, workers).run()
    receipts = [run.receipt for run in runs]
    settled = _without_twins(runs, receipts, workers)
    receipt = Receipt(
        plan_digest=digest,
        owner=plan.owner,
        targets=tuple(target.target for target in plan.targets),
        interrupted=any(c.cognito.budget.interrupted for c in connections.values()),
        pools=settled,
        unread=tuple(_unread(plan)),
    )
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


def _without_twins(
    runs: Sequence[PoolRun], receipts: Sequence[PoolReceipt], workers: Executor
) -> tuple[PoolReceipt, ...]:
    made = {
        run.connection.target.name: run.connection
        for run, r in zip(runs, receipts, strict=True)
        if r.created
    }
    ids = [[r.pool_id or "" for r in receipts if r.created and r.target == name] for name in made]
    crowded = dict(zip(made, workers.map(crowded_names, made.values(), ids), strict=True))

    def settle(run: PoolRun, receipt: PoolReceipt) -> PoolReceipt:
        if not receipt.created or run.plan.desired is None:
            return receipt
        names = crowded[receipt.target]
        return without_twin(run.connection, run.plan.desired, receipt, run.notes, names)

    return tuple(workers.map(settle, runs, receipts))
