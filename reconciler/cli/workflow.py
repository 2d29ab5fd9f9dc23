"""The way that plan and apply go: load, connect, read, plan.  Only the order; no decisions."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from reconciler.cli.inputs import Inputs, chosen_targets
from reconciler.cli.journals import left_by_runs
from reconciler.cli.locking import Locking
from reconciler.cli.options import TIME_BUDGET
from reconciler.cli.signals import leaving_on_signals
from reconciler.cli.streams import Streams
from reconciler.model.errors import AwsProblem, Problems
from reconciler.model.live import LiveTarget, Want
from reconciler.model.plan import Plan, TargetPlan
from reconciler.model.project import Project, Target

if TYPE_CHECKING:
    from reconciler.live.calls import Budget
    from reconciler.live.choosing import Choice
    from reconciler.live.connections import Connection
    from reconciler.model.live import LeftCreate

_MAX_TARGETS_AT_ONCE = 8
_B = TypeVar("_B")


@dataclass(frozen=True, slots=True)
class Reach:
    """How AWS is reached: the options of every command that calls it."""

    targets: Sequence[str] = ()
    sandbox: Path | None = None
    parallelism: int = 16
    time_budget: float = TIME_BUDGET
    settle: float = 10.0
    lock_life: float = 600.0
    lock_wait: float = 0.0


@dataclass(frozen=True, slots=True)
class OpenTargets:
    """The connections by target name, the threads that calls are made on, the run's budget.

    ``targets`` are all that were asked for; ``failed``, by name, why some of them are not open.
    ``locking``: how the targets are locked before something is written.
    """

    targets: Sequence[Target]
    connections: "dict[str, Connection]"
    failed: Mapping[str, AwsProblem]
    workers: Executor
    budget: "Budget"
    locking: Locking


@contextmanager
def open_targets(
    inputs: Inputs, reach: Reach, streams: Streams, *, lists: bool = True
) -> Iterator[OpenTargets]:
    """Connect to every target that is asked for; a sandbox lives as long as the block.

    Raises ``Problems`` where none can be opened: that some cannot stops nobody in the others.

    ``lists``: the pools of each will be listed first of all.
    In the block a signal ends the process at once: whoever writes there finishes on signals.
    """
    from reconciler.live.calls import Budget
    from reconciler.live.connections import ConnectionSettings, connect

    targets = chosen_targets(inputs.project, reach.targets)
    with ExitStack() as stack:
        stack.enter_context(leaving_on_signals())
        settings = ConnectionSettings(
            parallelism=reach.parallelism,
            sandbox_url=stack.enter_context(_sandbox(reach)) if reach.sandbox else None,
            settle_seconds=reach.settle,
            budget=Budget(reach.time_budget, say=streams.note),
            lists=lists,
        )
        workers = stack.enter_context(ThreadPoolExecutor(reach.parallelism))
        opened, failed = _tried(lambda target: connect(target, settings), targets)
        if failed and not opened:
            raise Problems(list(failed.values()))
        locking = _locking(inputs.project, reach)
        yield OpenTargets(targets, opened, failed, workers, settings.budget, locking)


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what it saw of each target."""

    plan: Plan
    seen: dict[str, LiveTarget]


def make_plan(
    inputs: Inputs, opened: OpenTargets, streams: Streams, resumed: Path | None = None
) -> Planned:
    """Read every target and plan it.

    What earlier runs have left open is looked for, and what the journal ``resumed`` tells.
    """
    left = left_by_runs(resumed)
    return plan_targets(inputs.project.owner, opened, _planner(inputs, opened, streams, left))


def plan_targets(
    owner: str,
    opened: OpenTargets,
    plan_one: "Callable[[Connection], tuple[TargetPlan, LiveTarget]]",
) -> Planned:
    """One plan of all targets, which are planned side by side; one that fails says so in it.

    Raises ``Problems`` where all of them fail.
    """
    from reconciler.planner.refusals import failed_target

    here = [connection.target for connection in opened.connections.values()]
    found, unread = _tried(lambda target: plan_one(opened.connections[target.name]), here)
    failed = {**opened.failed, **unread}
    if failed and not found:
        raise Problems(list(failed.values()))
    known = {target.name: target for target in (*opened.targets, *here)}
    targets = (
        found[name][0] if name in found else failed_target(target, failed[name])
        for name, target in known.items()
    )
    plan = Plan(owner=owner, targets=tuple(targets))
    return Planned(plan, {name: live for name, (_, live) in found.items()})


def for_each_target(opened: OpenTargets, work: "Callable[[Connection], _B]") -> list[_B]:
    """Do it for all targets, side by side.  Raises ``Problems`` with those of all."""
    here = [connection.target for connection in opened.connections.values()]
    done, failed = _tried(lambda target: work(opened.connections[target.name]), here)
    problems = [*opened.failed.values(), *failed.values()]
    if problems:
        raise Problems(problems)
    return list(done.values())


def read_live(
    connection: "Connection",
    opened: OpenTargets,
    streams: Streams,
    wants_of: Callable[[LiveTarget], Iterable[Want]],
    choice: "Choice | None" = None,
    left: "Sequence[LeftCreate]" = (),
) -> LiveTarget:
    """The chosen pools of a target, all without a choice, with what ``wants_of`` asks for then.

    Of an account that is not the one that the project names nothing more is read.
    """
    from reconciler.cli.progress import reading
    from reconciler.live.choosing import read_chosen
    from reconciler.live.reader import nothing_read, read_wanted

    live = nothing_read(connection)
    if not live.is_the_named_account:
        return live
    with reading(streams, connection.target.name) as progress:
        live = read_chosen(connection, choice, opened.workers, progress, left)
        wanted = list(wants_of(live))
        live = read_wanted(connection, live, wanted, opened.workers)
        dated = [want.pool_id for want in wanted if want.created]
        if not dated:
            return live
        from reconciler.live.trail import with_creation

        return with_creation(connection, live, dated)


def _planner(
    inputs: Inputs, opened: OpenTargets, streams: Streams, left: "Sequence[LeftCreate]"
) -> "Callable[[Connection], tuple[TargetPlan, LiveTarget]]":
    from reconciler.planner import plan_target, wants
    from reconciler.planner.choices import NamesFirst

    specs, project = inputs.loaded.specs, inputs.project

    def plan_one(connection: "Connection") -> tuple[TargetPlan, LiveTarget]:
        here = [each for each in left if each.target == connection.target.name]
        _let_appear(here, connection, opened, streams)
        choice = None if inputs.all_specs else NamesFirst(specs, connection.target.name, project)
        live = read_live(
            connection, opened, streams, lambda found: wants(specs, found, project), choice, here
        )
        return plan_target(specs, live, project, all_specs=inputs.all_specs), live

    return plan_one


def _let_appear(
    left: "Sequence[LeftCreate]", connection: "Connection", opened: OpenTargets, streams: Streams
) -> None:
    """Wait until a create of which nobody knows what became has had the time to be listed."""
    unanswered = [datetime.fromisoformat(each.at) for each in left if each.pool_id is None]
    if not unanswered:
        return
    settle = connection.settle_seconds
    ago = (datetime.now(UTC) - max(unanswered)).total_seconds()
    seconds = min(settle, settle - ago)
    if seconds > 0:
        streams.note(
            f"note: waiting {seconds:.0f} s: an earlier run may have made a pool in target "
            f"{connection.target.name} that is not listed yet\n"
        )
        opened.budget.sleep(seconds)


def _locking(project: Project, reach: Reach) -> Locking:
    return Locking(
        lock=project.lock,
        life=reach.lock_life,
        wait=reach.lock_wait,
        make_bucket=reach.sandbox is not None,
    )


@contextmanager
def _sandbox(reach: Reach) -> Iterator[str]:
    from reconciler.sandbox import SandboxServer, SandboxSettings

    with SandboxServer(SandboxSettings(file=reach.sandbox)) as server:
        yield server.url


def _tried(
    work: Callable[[Target], _B], targets: Sequence[Target]
) -> tuple[dict[str, _B], dict[str, AwsProblem]]:
    """Do it for all, side by side: what came of each by its name, and what kept the others."""
    with ThreadPoolExecutor(max(1, min(len(targets), _MAX_TARGETS_AT_ONCE))) as threads:
        futures = {target.name: threads.submit(work, target) for target in targets}
    done, failed = dict[str, _B](), dict[str, AwsProblem]()
    for name, future in futures.items():
        try:
            done[name] = future.result()
        except AwsProblem as problem:
            failed[name] = problem
    return done, failed
