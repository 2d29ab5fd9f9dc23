"""The pools that somebody asks for a role, by target: what specs mean, or what live has."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.checks.asking import AskedPool, NoPool
from reconciler.checks.judging import shown_to_checks
from reconciler.flows.inputs import Inputs, chosen_targets
from reconciler.flows.targets import OpenTargets, open_targets, raise_wrong, read_live, specs_in
from reconciler.live.aws import Connection
from reconciler.live.reader import nothing_read
from reconciler.model.live import LivePool, LiveTarget, Want
from reconciler.model.project import Target
from reconciler.model.request import Reach
from reconciler.model.spec import Spec
from reconciler.planner.matching import Ownership
from reconciler.planner.planning import NamesFirst
from reconciler.specs.completion import OpenSpec, Values, names_in_test
from reconciler.specs.pool_tests import PoolTest
from reconciler.specs.references import Unread
from reconciler.terminal.streams import Streams

Asked: TypeAlias = AskedPool | NoPool
_NO_LIVE = "idpool apply makes it"


@dataclass(frozen=True, slots=True)
class There:
    """What there is in one target: pools by the names of their specs, and what AWS has answered."""

    target: Target
    pools: Mapping[str, Asked]
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asking:
    """Which pools are asked: those of specs by name; ``tests`` are what else has references."""

    inputs: Inputs
    reach: Reach
    names: frozenset[str]
    live: bool
    tests: Sequence[PoolTest] = ()


def asked_pools(asking: Asking, streams: Streams) -> list[There]:
    """The pools in each target that is asked for.  AWS is asked where it has to be.

    Raises what ``open_targets`` and ``raise_wrong`` raise.
    """
    inputs = asking.inputs
    targets = chosen_targets(inputs.project, asking.reach.targets)
    if asking.live or any(_needs_aws(asking, target) for target in targets):
        return _asked_of_aws(asking, streams)
    specs = inputs.loaded.specs
    return [There(target, _pools_of(specs, target, asking.names)) for target in targets]


def _needs_aws(asking: Asking, target: Target) -> bool:
    documents = (each for each in asking.inputs.loaded.documents if each.name in asking.names)
    if any(isinstance(each, OpenSpec) and each.goes_to(target.name) for each in documents):
        return True
    tests = (each for each in asking.tests if each.goes_to(target.name))
    return any(_is_open(each, target, asking.inputs) for each in tests)


def _is_open(test: PoolTest, target: Target, inputs: Inputs) -> bool:
    try:
        return bool(names_in_test(test, target, inputs.project))
    except Unread:
        return True


def _pools_of(
    specs: Iterable[Spec],
    target: Target,
    names: frozenset[str],
    live_of: Callable[[Spec], LivePool | NoPool] | None = None,
) -> dict[str, Asked]:
    """The pools of the specs of these names in a target; ``live_of``: as live has each.

    Tombstones have none.
    """
    here = (spec for spec in specs if spec.name in names and spec.goes_to(target.name))
    return {spec.name: _asked(spec, target, live_of) for spec in here if not spec.lifecycle.delete}


def _no_pool(spec: Spec, target: Target, why: str, way_out: str = _NO_LIVE) -> NoPool:
    """That a spec has no pool there."""
    return NoPool(spec.name, _source_of(spec), target.name, why, way_out)


def _source_of(spec: Spec) -> str:
    """``file:line`` of a spec."""
    return f"{spec.source.file}:{spec.source.line}"


def _asked(
    spec: Spec, target: Target, live_of: Callable[[Spec], LivePool | NoPool] | None
) -> Asked:
    if live_of is not None:
        found = live_of(spec)
        if isinstance(found, NoPool):
            return found
        api = shown_to_checks(found.pool)
        return AskedPool(spec.name, _source_of(spec), target.name, api, lambda _: "", found.pool_id)
    for refusal in spec.refusals:
        return _no_pool(spec, target, refusal.reason, refusal.way_out)
    api = shown_to_checks(spec.pool)
    return AskedPool(spec.name, _source_of(spec), target.name, api, spec.place)


# Where AWS has to be asked first


def _asked_of_aws(asking: Asking, streams: Streams) -> list[There]:
    """Of a spec's references AWS has the values, and of live all."""
    with open_targets(asking.inputs, asking.reach, streams, lists=asking.live) as opened:
        raise_wrong(map(nothing_read, opened.connections.values()))
        return opened.for_each(lambda connection: _there(asking, connection, opened))


def _there(asking: Asking, connection: Connection, opened: OpenTargets) -> There:
    target = connection.target
    tests = [each for each in asking.tests if each.goes_to(target.name)]
    meant = specs_in(connection, opened, tests)
    here = [spec for spec in meant.specs if spec.name in asking.names]
    if not asking.live:
        return There(target, _pools_of(here, target, asking.names), meant.values)
    live = _read(here, connection, opened)
    ownership = _ownership(here, live, opened)
    found = {spec.name: _live_of(spec, ownership, live) for spec in here}
    pools = _pools_of(here, target, asking.names, lambda spec: found[spec.name])
    return There(target, pools, meant.values)


def _read(specs: Sequence[Spec], connection: Connection, opened: OpenTargets) -> LiveTarget:
    """The target's pools, those of the specs with roles and principal tags."""

    def wants(found: LiveTarget) -> Iterator[Want]:
        ownership = _ownership(specs, found, opened)
        for live in filter(None, (ownership.match(spec).live for spec in specs)):
            providers = live.pool.provider_names
            yield Want(pool_id=live.pool_id, roles=True, principal_tag_providers=providers)

    inputs = opened.inputs
    names_first = NamesFirst(specs, connection.target.name, inputs.project)
    return read_live(connection, opened, wants, None if inputs.all_specs else names_first)


def _ownership(specs: Sequence[Spec], live: LiveTarget, opened: OpenTargets) -> Ownership:
    return Ownership(live, opened.inputs.project, specs, all_specs=False)


def _live_of(spec: Spec, ownership: Ownership, live: LiveTarget) -> LivePool | NoPool:
    match = ownership.match(spec)
    if match.is_unread:
        problem = live.problems[match.pool_id]
        why = f"pool {match.pool_id} cannot be read: {problem.message}"
        return _no_pool(spec, live.target, why, problem.hint)
    if match.live is not None:
        return match.live
    if match.refusal:
        return _no_pool(spec, live.target, match.refusal.reason, match.refusal.way_out)
    return _no_pool(spec, live.target, "the pool is not there yet")
