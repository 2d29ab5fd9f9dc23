"""Executing a plan: pools side by side, actions of one pool in order, all in one receipt."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from reconciler.executor.freshness import NotStored, PoolGone, Stale
from reconciler.executor.journal import JournalProblem, NoJournal, Notes, now
from reconciler.executor.newcomers import Newcomers
from reconciler.executor.steps import Reached, carry_out
from reconciler.executor.twins import Settling, last_look
from reconciler.executor.writes import Interrupted, Trace
from reconciler.live.aws import Connection
from reconciler.live.failures import FAILURES, REPORT, UNFORESEEN, incident, problem_of
from reconciler.model.changes import OPERATIONS, Action
from reconciler.model.errors import AwsProblem
from reconciler.model.journal import Ended, PlannedPool, RunBegins, RunEnds, Sending
from reconciler.model.live import LiveTarget
from reconciler.model.plan import Plan, PoolPlan
from reconciler.model.receipt import ActionReceipt, Outcome, PoolReceipt, Receipt, UnreadReceipt
from reconciler.model.secrets import scrub

Progress = Callable[[PoolReceipt], None]

_AFTER_ANOTHER = "not sent, because an action before it did not end well"
_INTERRUPTED = str(Interrupted())
_ENDINGS = (Stale, Interrupted, NotStored, AwsProblem, JournalProblem, *FAILURES)


@dataclass(slots=True)
class PoolRun:
    """One pool of the plan, its target's connection and newcomers, and the journal.

    ``progress`` is told the receipt of a pool that had something to do, when it is over.
    """

    connection: Connection
    plan: PoolPlan
    notes: Notes
    newcomers: Newcomers
    progress: Progress
    _receipts: list[ActionReceipt] = field(default_factory=list)
    _reached: Reached = field(init=False)
    _stale: bool = False

    def __post_init__(self) -> None:
        self._reached = Reached(pool_id=self.plan.pool_id or "", pool=self.plan.live)

    def run(self) -> PoolReceipt:
        """Carry the actions out, and say what became of the pool: each of them is in the receipt.

        The first action that does not end ``done`` ends the pool: the others are skipped.
        """
        for action in self.plan.actions:
            if not self._goes_well:
                break
            self._receipts.append(self._carry_out(action))
        receipt = PoolReceipt(
            target=self.connection.target.name,
            name=self.plan.name,
            pool_id=self._reached.pool_id or None,
            before=self.plan.live,
            after=self._reached.pool,
            ignored=self.plan.ignored,
            actions=(*self._receipts, *self._skipped()),
            created=self._reached.made_here,
            refused=bool(self.plan.refusals),
            stale=self._stale,
        )
        if self.plan.actions:
            self.progress(receipt)
        return receipt

    @property
    def _goes_well(self) -> bool:
        done = all(receipt.outcome == "done" for receipt in self._receipts)
        return done and not self.connection.cognito.budget.interrupted

    def _carry_out(self, action: Action) -> ActionReceipt:
        trace = Trace(lambda attempt: self._note(Sending, action, attempt=attempt))
        is_create, reached = action.kind == "CreatePool", self._reached
        try:
            reached = carry_out(self.connection, self.plan, action, reached, trace, self.newcomers)
            receipt = _receipt(action, "done", trace, reached.message)
        except _ENDINGS as ending:
            receipt = self._not_done(action, ending, trace)
            self._stale = isinstance(ending, Stale)
            if isinstance(ending, NotStored):
                made_here = is_create or reached.made_here
                reached = Reached(ending.pool_id, ending.fresh, made_here=made_here)
        except Exception as bug:  # noqa: BLE001 - around one pool: the others go on
            message = f"{incident(bug)}; {REPORT}"
            outcome: Outcome = "unknown" if trace.may_be_carried_out else "failed"
            receipt = _receipt(action, outcome, trace, message, UNFORESEEN)
        self._reached = reached
        told = receipt.model_dump(include={"outcome", "message", "request_ids"})
        with suppress(JournalProblem):  # the receipt tells it, and no next action will be sent
            self._note(Ended, action, created=is_create and reached.made_here, **told)
        return receipt

    def _not_done(self, action: Action, ending: Exception, trace: Trace) -> ActionReceipt:
        if isinstance(ending, FAILURES):
            target = self.connection.target.name
            ending = problem_of(ending, operation=OPERATIONS[action.kind], target=target)
        code = ending.code if isinstance(ending, AwsProblem) else ""
        pools = [pool for pool in (self.plan.desired, self.plan.live) if pool is not None]
        message = scrub(str(ending), *(pool.SupportedLoginProviders for pool in pools))
        return _receipt(action, _outcome(ending, trace), trace, message, code)

    def _skipped(self) -> Iterator[ActionReceipt]:
        ended_well = all(r.outcome == "done" or r.message == _INTERRUPTED for r in self._receipts)
        message = _INTERRUPTED if ended_well else _AFTER_ANOTHER
        for action in self.plan.actions[len(self._receipts) :]:
            yield ActionReceipt(action=action, outcome="skipped", message=message)

    def _note(self, kind: type[Sending] | type[Ended], action: Action, **told: Any) -> None:
        self.notes.note(
            kind(
                at=now(),
                target=self.connection.target.name,
                name=self.plan.name,
                pool_id=self._reached.pool_id or None,
                action=action,
                **told,
            )
        )


def _outcome(ending: Exception, trace: Trace) -> Outcome:
    if trace.lost_an_answer:
        return "unknown"
    not_begun = isinstance(ending, Stale | Interrupted) and not trace.attempts
    return "skipped" if not_begun or isinstance(ending, PoolGone) else "failed"


def _receipt(
    action: Action, outcome: Outcome, trace: Trace, message: str, code: str = ""
) -> ActionReceipt:
    return ActionReceipt(
        action=action,
        outcome=outcome,
        message=message,
        code=code,
        attempts=trace.attempts,
        request_ids=tuple(trace.request_ids),
    )


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
        PlannedPool(target=target.target.name, name=pool.name, actions=len(pool.actions))
        for target in plan.targets
        for pool in target.pools
        if pool.actions
    )
    return RunBegins(at=now(), plan_digest=digest, owner=plan.owner, pools=pools)


def _settled(
    runs: Sequence[PoolRun], receipts: Sequence[PoolReceipt], workers: Executor
) -> tuple[PoolReceipt, ...]:
    """The receipts, once each pool that this run has made is the only one of its spec."""
    made = [(run, receipt) for run, receipt in zip(runs, receipts, strict=True) if receipt.created]
    looks = {
        name: last_look(run.newcomers, [r for _, r in made if r.target == name], workers)
        for name, run in {receipt.target: run for run, receipt in made}.items()
    }

    def settle(run: PoolRun, receipt: PoolReceipt) -> PoolReceipt:
        if not receipt.created:
            return receipt
        settling = Settling(run.connection, run.newcomers, run.plan, receipt, run.notes)
        return settling.settled(looks[receipt.target])

    return tuple(workers.map(settle, runs, receipts))
