"""The pools that somebody asks for a role, where AWS has to be asked first."""

from collections.abc import Iterator, Sequence

from reconciler.checks.asking import NoPool
from reconciler.flows.asking import Asking, There, no_pool, pools_of
from reconciler.flows.targets import OpenTargets, open_targets, raise_wrong, read_live, specs_in
from reconciler.live.aws import Connection
from reconciler.live.reader import nothing_read
from reconciler.model.live import LivePool, LiveTarget, Want
from reconciler.model.spec import Spec
from reconciler.planner.matching import Ownership
from reconciler.planner.planning import NamesFirst
from reconciler.terminal.streams import Streams


def asked_of_aws(asking: Asking, streams: Streams) -> list[There]:
    """The pools in each target; of a spec's references AWS has the values, and of live all.

    Raises what ``open_targets`` and ``raise_wrong`` raise.
    """
    with open_targets(asking.inputs, asking.reach, streams, lists=asking.live) as opened:
        raise_wrong(map(nothing_read, opened.connections.values()))
        return opened.for_each(lambda connection: _there(asking, connection, opened))


def _there(asking: Asking, connection: Connection, opened: OpenTargets) -> There:
    target = connection.target
    tests = [each for each in asking.tests if each.goes_to(target.name)]
    meant = specs_in(connection, opened, tests)
    here = [spec for spec in meant.specs if spec.name in asking.names]
    if not asking.live:
        return There(target, pools_of(here, target, asking.names), meant.values)
    live = _read(here, connection, opened)
    ownership = _ownership(here, live, opened)
    found = {spec.name: _live_of(spec, ownership, live) for spec in here}
    pools = pools_of(here, target, asking.names, lambda spec: found[spec.name])
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
        return no_pool(spec, live.target, why, problem.hint)
    if match.live is not None:
        return match.live
    if match.refusal:
        return no_pool(spec, live.target, match.refusal.reason, match.refusal.way_out)
    return no_pool(spec, live.target, "the pool is not there yet")
