"""The way that plan and apply go: load, connect, read, plan.  Only the order; no decisions."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from reconciler.cli.inputs import Inputs, chosen_targets
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

_MAX_TARGETS_AT_ONCE = 8
_B = TypeVar("_B")


@dataclass(frozen=True, slots=True)
class Reach:
    """How AWS is reached: the options of every command that calls it."""

    targets: Sequence[str] = ()
    sandbox: Path | None = None
    update_semantics: str = "reset"
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


def make_plan(inputs: Inputs, opened: OpenTargets, streams: Streams) -> Plan:
    """Read every target and plan it."""
    return plan_targets(inputs.project.owner, opened, _planner(inputs, opened, streams))


def plan_targets(
    owner: str, opened: OpenTargets, plan_one: "Callable[[Connection], TargetPlan]"
) -> Plan:
    """One plan of all targets, which are planned side by side; one that fails says so in it.

    Raises ``Problems`` where all of them fail.
    """
    from reconciler.planner.refusals import failed_target

    here = [connection.target for connection in opened.connections.values()]
    planned, unread = _tried(lambda target: plan_one(opened.connections[target.name]), here)
    failed = {**opened.failed, **unread}
    if failed and not planned:
        raise Problems(list(failed.values()))
    known = {target.name: target for target in (*opened.targets, *here)}
    targets = (
        planned.get(name) or failed_target(target, failed[name]) for name, target in known.items()
    )
    return Plan(owner=owner, targets=tuple(targets))


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
        live = read_chosen(connection, choice, opened.workers, progress)
        return read_wanted(connection, live, wants_of(live), opened.workers)


def _planner(
    inputs: Inputs, opened: OpenTargets, streams: Streams
) -> "Callable[[Connection], TargetPlan]":
    from reconciler.planner import plan_target, wants
    from reconciler.planner.choices import NamesFirst

    specs, project = inputs.loaded.specs, inputs.project

    def plan_one(connection: "Connection") -> TargetPlan:
        choice = None if inputs.all_specs else NamesFirst(specs, connection.target.name, project)
        live = read_live(
            connection, opened, streams, lambda found: wants(specs, found, project), choice
        )
        return plan_target(specs, live, project, all_specs=inputs.all_specs)

    return plan_one


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

    settings = SandboxSettings(
        file=reach.sandbox,
        update_semantics="keep" if reach.update_semantics == "keep" else "reset",
    )
    with SandboxServer(settings) as server:
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
