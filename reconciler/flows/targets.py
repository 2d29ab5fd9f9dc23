"""The targets of a command: opened, read and worked on side by side."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from reconciler.checks.judging import NO_USERS, TestUsers
from reconciler.checks.outcomes import users_of_tests
from reconciler.flows.inputs import Inputs, chosen_targets
from reconciler.flows.sandbox import sandbox_server
from reconciler.live.aws import Aws, Connection
from reconciler.live.reader import Choice, nothing_read, read_chosen, read_wanted
from reconciler.live.references import Once, References
from reconciler.live.retry import Budget
from reconciler.live.trail import with_creation
from reconciler.model.changes import Refusal
from reconciler.model.errors import AwsProblem, IdpoolError, Problems
from reconciler.model.live import LeftCreate, LiveTarget, Want
from reconciler.model.project import Target
from reconciler.model.request import Reach
from reconciler.model.spec import Spec
from reconciler.planner.refusals import target_refusals
from reconciler.specs.completion import (
    OpenSpec,
    Values,
    completed,
    names_in_test,
    names_to_read,
)
from reconciler.specs.pool_tests import PoolTest
from reconciler.specs.references import state_in
from reconciler.terminal.signals import leaving_on_signals
from reconciler.terminal.streams import Streams, reading

# They wait for calls, of which --parallelism bounds how many are under way.
_MOST_THREADS = 32
_S = TypeVar("_S")
_T = TypeVar("_T")


class WrongTarget(IdpoolError):
    """A target that is not what the project says it is."""

    def __init__(self, target: str, refusal: Refusal) -> None:
        super().__init__(f"target {target}: {refusal.reason}")
        self.hint = refusal.way_out


@dataclass(frozen=True, slots=True)
class OpenTargets:
    """A run that reaches AWS: what it works on, and the connections by target name.

    ``targets`` are all that were asked for; ``failed``, by name, why some of them are not open.
    ``workers`` are the threads that calls are made on, and ``budget`` the time for failed ones;
    ``lists`` keeps what references of several targets are looked for in.
    """

    inputs: Inputs
    reach: Reach
    streams: Streams
    targets: Sequence[Target]
    connections: dict[str, Connection]
    failed: Mapping[str, AwsProblem]
    workers: Executor
    budget: Budget
    lists: Once

    def for_each(self, work: Callable[[Connection], _T]) -> list[_T]:
        """Do it for all targets, side by side.  Raises ``Problems`` with those of all."""
        done, failed = side_by_side(work, self.connections)
        problems = [*self.failed.values(), *failed.values()]
        if problems:
            raise Problems(problems)
        return list(done.values())


@contextmanager
def open_targets(
    inputs: Inputs, reach: Reach, streams: Streams, *, lists: bool = True
) -> Iterator[OpenTargets]:
    """Connect to every target that is asked for; a sandbox lives as long as the block.

    Raises ``Problems`` where none can be opened: that some cannot stops nobody in the others.

    ``lists``: the pools of each will be listed first of all.
    In the block a signal ends the process at once: whoever writes there finishes on signals.
    """
    targets = chosen_targets(inputs.project, reach.targets)
    with ExitStack() as stack:
        stack.enter_context(leaving_on_signals())
        url = stack.enter_context(sandbox_server(reach.sandbox)).url if reach.sandbox else None
        aws = Aws(
            Budget(reach.time_budget, say=streams.note),
            parallelism=reach.parallelism,
            sandbox_url=url,
            settle_seconds=reach.settle,
            session_in=inputs.project.session_in,
        )
        stack.enter_context(closing(aws))
        workers = stack.enter_context(ThreadPoolExecutor(reach.parallelism))
        named = {target.name: target for target in targets}
        opened, failed = side_by_side(lambda target: aws.open(target, lists=lists), named)
        if failed and not opened:
            raise Problems(list(failed.values()))
        yield OpenTargets(
            inputs, reach, streams, targets, opened, failed, workers, aws.budget, Once()
        )


def read_live(
    connection: Connection,
    opened: OpenTargets,
    wants_of: Callable[[LiveTarget], Iterable[Want]],
    choice: Choice | None = None,
    left: Sequence[LeftCreate] = (),
) -> LiveTarget:
    """The chosen pools of a target, all without a choice, with what ``wants_of`` asks for then.

    Of an account that is not the one that the project names nothing more is read.
    """
    live = nothing_read(connection)
    if not live.is_the_named_account:
        return live
    with reading(opened.streams, connection.target.name) as progress:
        live = read_chosen(connection, choice, opened.workers, progress, left)
        wanted = list(wants_of(live))
        live = read_wanted(connection, live, wanted, opened.workers)
        dated = [want.pool_id for want in wanted if want.created]
        return with_creation(connection, live, dated) if dated else live


class Meant(NamedTuple):
    """What the documents mean in a target, in their order, and the values that AWS has of them.

    ``users`` are those whom tests name, by the spec that they are about: of every plan they are
    asked who gets another role.
    """

    specs: tuple[Spec, ...]
    values: Values
    users: TestUsers = NO_USERS


def specs_in(connection: Connection, opened: OpenTargets, tests: Iterable[PoolTest] = ()) -> Meant:
    """What the documents mean in a target; AWS is asked for what it has of them, and of ``tests``.

    In an account that is not the one that the project names nothing is read.
    """
    project, target = opened.inputs.project, connection.target
    here = [each for each in opened.inputs.loaded.documents if each.goes_to(target.name)]
    is_ours = nothing_read(connection).is_the_named_account
    wanted = [each for each in here if isinstance(each, OpenSpec)] if is_ours else []
    found = [names_to_read(spec, target, project) for spec in wanted]
    found += [names_in_test(test, target, project) for test in tests if is_ours]
    names = defaultdict[str, set[str]](set)
    for each in found:
        for scheme, some in each.items():
            names[scheme] |= some
    reader = References(
        connection, opened.workers, opened.lists, lambda name: state_in(name, target, project)
    )
    values = reader.read(names) if names else {}
    specs = tuple(
        completed(each, target, project, values) if isinstance(each, OpenSpec) else each
        for each in here
        if is_ours or isinstance(each, Spec)
    )
    users = users_of_tests(opened.inputs.loaded.tests, specs, target, project, values)
    return Meant(specs, values, users)


def read_targets(opened: OpenTargets) -> list[LiveTarget]:
    """Every pool of the open targets, described; roles and principal tags are not read.

    Raises ``Problems`` and ``WrongTarget``.
    """
    found = opened.for_each(lambda connection: read_live(connection, opened, lambda _: ()))
    raise_wrong(found)
    return found


def raise_wrong(found: Iterable[LiveTarget]) -> None:
    """Stop where another account has answered.  Raises ``Problems`` and ``WrongTarget``."""
    wrong = [WrongTarget(each.target.name, r) for each in found for r in target_refusals(each)]
    if wrong:
        raise wrong[0] if len(wrong) == 1 else Problems(wrong)


def side_by_side(
    work: Callable[[_S], _T], places: Mapping[str, _S]
) -> tuple[dict[str, _T], dict[str, AwsProblem]]:
    """Do it for all: what came of each by its name, and what kept the others."""
    with ThreadPoolExecutor(max(1, min(len(places), _MOST_THREADS))) as threads:
        futures = {name: threads.submit(work, place) for name, place in places.items()}
    done, failed = dict[str, _T](), dict[str, AwsProblem]()
    for name, future in futures.items():
        try:
            done[name] = future.result()
        except AwsProblem as problem:
            failed[name] = problem
    return done, failed
