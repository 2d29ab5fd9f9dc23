"""Executing a plan: pools side by side, actions of one pool in order, all in one receipt."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field

from reconciler.executor.freshness import PoolGone, Stale
from reconciler.executor.journal import JournalProblem, NoJournal, Notes, now
from reconciler.executor.newcomers import Newcomers
from reconciler.executor.steps import Reached, carry_out
from reconciler.executor.twins import Settling
from reconciler.executor.verification import NotStored
from reconciler.executor.writes import Interrupted, Trace
from reconciler.live.aws import Connection
from reconciler.live.policy import FAILURES
from reconciler.live.problems import REPORT, UNFORESEEN, incident, problem_of
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
            self._carry_out(action)
        receipt = self._summary()
        if self.plan.actions:
            self.progress(receipt)
        return receipt

    @property
    def _goes_well(self) -> bool:
        done = all(receipt.outcome == "done" for receipt in self._receipts)
        return done and not self.connection.cognito.budget.interrupted

    def _carry_out(self, action: Action) -> None:
        receipt, self._reached, self._stale = self._act(action, self._reached)
        self._receipts.append(receipt)

    def _summary(self) -> PoolReceipt:
        return PoolReceipt(
            target=self.connection.target.name,
            name=self.plan.name,
            pool_id=self._reached.pool_id or None,
            before=self.plan.live,
            after=self._reached.pool,
            ignored=self.plan.ignored,
            actions=(*self._receipts, *self._skipped(self._receipts)),
            created=self._reached.made_here,
            refused=bool(self.plan.refusals),
            stale=self._stale,
        )

    def _act(self, action: Action, reached: Reached) -> tuple[ActionReceipt, Reached, bool]:
        trace = Trace(lambda attempt: self._note_sending(action, reached, attempt))
        stale = False
        try:
            reached = carry_out(self.connection, self.plan, action, reached, trace, self.newcomers)
            receipt = _receipt(action, "done", trace, reached.message)
        except _ENDINGS as ending:
            stale = isinstance(ending, Stale)
            receipt = _not_done(action, ending, trace, self.connection.target.name)
            receipt = receipt.model_copy(update={"message": self._scrubbed(receipt.message)})
            if isinstance(ending, NotStored):
                reached = Reached(ending.pool_id, ending.fresh, made_here=_creates(action, reached))
        except Exception as bug:  # noqa: BLE001 - around one pool: the others go on
            message = f"{incident(bug)}; {REPORT}"
            outcome: Outcome = "unknown" if trace.may_be_carried_out else "failed"
            receipt = _receipt(action, outcome, trace, message, UNFORESEEN)
        with suppress(JournalProblem):  # the receipt tells it, and no next action will be sent
            self._note_ended(receipt, reached)
        return receipt, reached, stale

    def _scrubbed(self, message: str) -> str:
        pools = [pool for pool in (self.plan.desired, self.plan.live) if pool is not None]
        return scrub(message, *(pool.SupportedLoginProviders for pool in pools))

    def _skipped(self, receipts: Sequence[ActionReceipt]) -> tuple[ActionReceipt, ...]:
        ended_well = all(r.outcome == "done" or r.message == _INTERRUPTED for r in receipts)
        message = _INTERRUPTED if ended_well else _AFTER_ANOTHER
        rest = self.plan.actions[len(receipts) :]
        return tuple(ActionReceipt(action=a, outcome="skipped", message=message) for a in rest)

    def _note_sending(self, action: Action, reached: Reached, attempt: int) -> None:
        self.notes.note(
            Sending(
                at=now(),
                target=self.connection.target.name,
                name=self.plan.name,
                pool_id=reached.pool_id or None,
                action=action,
                attempt=attempt,
            )
        )

    def _note_ended(self, receipt: ActionReceipt, reached: Reached) -> None:
        self.notes.note(
            Ended(
                at=now(),
                target=self.connection.target.name,
                name=self.plan.name,
                pool_id=reached.pool_id or None,
                action=receipt.action,
                outcome=receipt.outcome,
                message=receipt.message,
                request_ids=receipt.request_ids,
                created=receipt.action.kind == "CreatePool" and reached.made_here,
            )
        )


def _creates(action: Action, reached: Reached) -> bool:
    return action.kind == "CreatePool" or reached.made_here


def _not_done(action: Action, ending: Exception, trace: Trace, target: str) -> ActionReceipt:
    if isinstance(ending, FAILURES):
        ending = problem_of(ending, operation=OPERATIONS[action.kind], target=target)
    code = ending.code if isinstance(ending, AwsProblem) else ""
    return _receipt(action, _outcome(ending, trace), trace, str(ending), code)


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
