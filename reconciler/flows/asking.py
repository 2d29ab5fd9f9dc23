"""The pools that somebody asks for a role, by target: what specs mean, or what live has."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.checks.asking import AskedPool, NoPool
from reconciler.checks.judging import shown_to_checks
from reconciler.flows.inputs import Inputs, chosen_targets
from reconciler.model.live import LivePool
from reconciler.model.project import Target
from reconciler.model.request import Reach
from reconciler.model.spec import Spec
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
        from reconciler.flows.asking_aws import asked_of_aws  # its clients cost 200 ms

        return asked_of_aws(asking, streams)
    specs = inputs.loaded.specs
    return [There(target, pools_of(specs, target, asking.names)) for target in targets]


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


def pools_of(
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


def no_pool(spec: Spec, target: Target, why: str, way_out: str = _NO_LIVE) -> NoPool:
    """That a spec has no pool there."""
    return NoPool(spec.name, source_of(spec), target.name, why, way_out)


def source_of(spec: Spec) -> str:
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
        return AskedPool(spec.name, source_of(spec), target.name, api, lambda _: "", found.pool_id)
    for refusal in spec.refusals:
        return no_pool(spec, target, refusal.reason, refusal.way_out)
    api = shown_to_checks(spec.pool)
    return AskedPool(spec.name, source_of(spec), target.name, api, spec.place)
