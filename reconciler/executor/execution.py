"""Executing a plan: pools side by side, actions of one pool in order, all in one receipt."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import suppress

from reconciler.executor.journal import JournalProblem, NoJournal, Notes, now
from reconciler.executor.pool_run import PoolRun
from reconciler.executor.twins import without_twin
from reconciler.live.connections import Connection
from reconciler.model.journal import RunBegins, RunEnds
from reconciler.model.plan import Plan
from reconciler.model.receipt import PoolReceipt, Receipt

Progress = Callable[[PoolReceipt], None]


def _silent(_receipt: PoolReceipt) -> None:
    """No progress is shown."""


def execute(
    plan: Plan,
    connections: Mapping[str, Connection],
    workers: Executor,
    notes: Notes | None = None,
    progress: Progress = _silent,
) -> Receipt:
    """Apply a plan; ``connections`` are the open targets by name.

    No failure, refusal or staleness of one pool stops another; the receipt tells of each action.
    ``notes`` is told of each request before it is sent; ``progress`` of each pool that had
    something to do, when it is finished.  Raises ``JournalProblem`` before anything is sent.
    """
    notes = notes or NoJournal()
    notes.note(RunBegins(at=now(), plan_digest=plan.digest, owner=plan.owner))
    runs = [
        PoolRun(connections[target.target.name], pool, notes)
        for target in plan.targets
        for pool in target.pools
    ]

    def run_one(run: PoolRun) -> PoolReceipt:
        receipt = run()
        if run.plan.actions:
            progress(receipt)
        return receipt

    receipts = workers.map(run_one, runs)
    settled = workers.map(_settle, runs, list(receipts))
    receipt = Receipt(
        plan_digest=plan.digest,
        owner=plan.owner,
        interrupted=any(c.cognito.budget.interrupted for c in connections.values()),
        pools=tuple(settled),
    )
    with suppress(JournalProblem):
        notes.note(RunEnds(at=now()))
    return receipt


def _settle(run: PoolRun, receipt: PoolReceipt) -> PoolReceipt:
    if not receipt.created or run.plan.desired is None:
        return receipt
    return without_twin(run.connection, run.plan.desired, receipt, run.notes)
