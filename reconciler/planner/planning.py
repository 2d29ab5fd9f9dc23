"""Planning one target: match, compare, refuse or act."""

from collections.abc import Collection, Iterator, Sequence

from reconciler.model.changes import Action, Change, CreatePool, DeletePool, DeleteTwin, Notice
from reconciler.model.live import ListedPool, LivePool, LiveTarget, Want
from reconciler.model.plan import PoolPlan, TargetPlan
from reconciler.model.pool import Pool
from reconciler.model.project import Project, Target
from reconciler.model.spec import Spec
from reconciler.planner.actions import actions_for
from reconciler.planner.desired import desired_pool, former_tags, ignored_of, want_of
from reconciler.planner.diff import changes_between
from reconciler.planner.matching import Match, Ownership
from reconciler.planner.refusals import (
    account_refusals,
    noticed,
    refusals_of,
    target_refusals,
    tombstone_refusals,
    unread_plans,
)


class NamesFirst:
    """The pools that some specs name, and all others only where a spec is in doubt.

    A spec is in no doubt when one of these pools carries its tags, and it keeps that pool: such a
    pool is updated even where others cannot be read at all (see ``planner/matching.py``).  To
    create, to adopt, to delete and to refuse takes all pools.
    """

    def __init__(self, specs: Sequence[Spec], target: str, project: Project) -> None:
        self._specs = [spec for spec in specs if spec.goes_to(target)]
        self._project = project
        self._ids = {spec.adopted_id(target) for spec in self._specs}
        self._names = {spec.pool.IdentityPoolName for spec in self._specs}

    def first(self, listed: Sequence[ListedPool]) -> list[ListedPool]:
        """Those that a spec adopts, and those of a spec's IdentityPoolName."""
        return [pool for pool in listed if pool.pool_id in self._ids or pool.name in self._names]

    def is_enough(self, live: LiveTarget) -> bool:
        """Whether every spec has found its pool."""
        ownership = Ownership(live, self._project, self._specs, all_specs=False)
        return all(self._is_settled(spec, ownership.match(spec)) for spec in self._specs)

    def _is_settled(self, spec: Spec, match: Match) -> bool:
        if match.live is None or match.refusal or spec.lifecycle.delete:
            return False
        return match.live.tags == (self._project.owner, spec.name)


class TheseOnly:
    """The pools of these ids, and no others."""

    def __init__(self, ids: Collection[str | None]) -> None:
        self._ids = ids

    def first(self, listed: Sequence[ListedPool]) -> list[ListedPool]:
        """Those that are still there."""
        return [pool for pool in listed if pool.pool_id in self._ids]

    def is_enough(self, _live: LiveTarget) -> bool:
        """Yes."""
        return True


def wants(specs: Sequence[Spec], live: LiveTarget, project: Project) -> tuple[Want, ...]:
    """What else must be read before these specs can be planned: only what is managed."""
    if not live.is_the_named_account:
        return ()
    ours = _specs_of(specs, live)
    ownership = Ownership(live, project, ours)
    pairs = ((spec, ownership.match(spec)) for spec in ours)
    return tuple(want for spec, match in pairs for want in _wants(spec, match, project))


def plan_target(
    specs: Sequence[Spec], live: LiveTarget, project: Project, *, all_specs: bool = True
) -> TargetPlan:
    """The plan for one target.

    ``live`` must hold what ``wants`` asked for.  ``all_specs`` says that ``specs`` are all that the
    owner has, so that a pool of ours without a spec is an orphan, which a spec may adopt.
    """
    refusals = tuple(target_refusals(live))
    if refusals:
        return TargetPlan(target=live.target, refusals=refusals)
    ours = _specs_of(specs, live)
    ownership = Ownership(live, project, ours, all_specs=all_specs)
    pools = tuple(_plan_pool(spec, ownership, project) for spec in ours)
    matched = frozenset(pool.pool_id for pool in pools if pool.pool_id is not None)
    orphans = ownership.orphans(matched) if all_specs else ()
    unread = unread_plans([pool for pool in live.unread if pool.pool_id not in matched])
    return TargetPlan(target=live.target, pools=pools, orphans=orphans, unread=unread)


def _specs_of(specs: Sequence[Spec], live: LiveTarget) -> list[Spec]:
    return [spec for spec in specs if spec.goes_to(live.target.name)]


def _wants(spec: Spec, match: Match, project: Project) -> Iterator[Want]:
    """Of several that claim to be the spec's, everything: one may stay, and others may go."""
    if match.live is not None:
        yield _want(spec, match.live, project)
    for rival in match.rivals:
        yield _want(spec, rival, project).model_copy(update={"identities": True, "created": True})


def _want(spec: Spec, live: LivePool, project: Project) -> Want:
    if spec.refusals:
        return Want(pool_id=live.pool_id)
    if spec.lifecycle.delete:
        return Want(pool_id=live.pool_id, identities=True)
    return want_of(live, desired_pool(spec, project, live=None))


def _plan_pool(spec: Spec, ownership: Ownership, project: Project) -> PoolPlan:
    match = ownership.match(spec)
    plan = PoolPlan(
        name=spec.name,
        source=spec.source,
        pool_id=match.pool_id,
        live=match.live.pool if match.live and not match.is_unread else None,
        ignored=ignored_of(spec, project),
        refusals=(match.refusal,) if match.refusal else (),
    )
    if spec.refusals:
        return plan.model_copy(update={"refusals": (*plan.refusals, *spec.refusals)})
    if match.is_unread:
        return plan
    if spec.lifecycle.delete:
        return _plan_tombstone(plan, spec, match.live)
    notices = tuple(_notices(spec, match, ownership))
    plan = plan.model_copy(update={"notices": notices})
    planned = _plan_desired(plan, spec, ownership.target, project)
    return _without_twins(planned, match.twins)


def _notices(spec: Spec, match: Match, ownership: Ownership) -> Iterator[Notice]:
    if match.live is None:
        return
    if match.former is not None:
        owner, name = match.former
        yield noticed("takes-over", owner=owner, name=name)
    given = spec.pool.IdentityPoolName
    namesakes = ownership.namesakes(match.live, given)
    if namesakes and given != match.live.pool.IdentityPoolName:
        yield noticed("new-name-taken", name=given, pools=", ".join(namesakes))


def _without_twins(plan: PoolPlan, twins: Sequence[DeleteTwin]) -> PoolPlan:
    """The plan that first removes what dead runs have made beside the pool that stays."""
    if plan.refusals or not twins:
        return plan
    notices = (noticed("twin", twin=twin) for twin in twins)
    return plan.model_copy(
        update={"actions": (*twins, *plan.actions), "notices": (*plan.notices, *notices)}
    )


def _plan_tombstone(plan: PoolPlan, spec: Spec, live: LivePool | None) -> PoolPlan:
    if live is None or plan.refusals:
        return plan
    refusals = tuple(tombstone_refusals(spec, live))
    delete = DeletePool(
        with_identities=spec.lifecycle.delete_identities, identities=live.identities or 0
    )
    return plan.model_copy(update={"refusals": refusals, "actions": () if refusals else (delete,)})


def _plan_desired(plan: PoolPlan, spec: Spec, target: Target, project: Project) -> PoolPlan:
    desired = desired_pool(spec, project, plan.live)
    changes = tuple(_with_origins(change, spec) for change in changes_between(plan.live, desired))
    refusals = (*plan.refusals, *account_refusals(spec, target, changes))
    if plan.live is not None:
        refusals = (*refusals, *refusals_of(plan.live, desired))
    actions = () if refusals else _actions(plan, spec, desired, changes, project)
    return plan.model_copy(
        update={"desired": desired, "changes": changes, "refusals": refusals, "actions": actions}
    )


def _with_origins(change: Change, spec: Spec) -> Change:
    origins = tuple(each for each in spec.origins if each.path[0] == change.field)
    return change.model_copy(update={"origins": origins}) if origins else change


def _actions(
    plan: PoolPlan, spec: Spec, desired: Pool, changes: tuple[Change, ...], project: Project
) -> tuple[Action, ...]:
    if plan.live is not None:
        return actions_for(plan.live, desired, changes, plan.ignored)
    create = CreatePool(
        allow_same_name=spec.lifecycle.allow_same_name, former=former_tags(spec, project)
    )
    return (create, *actions_for(None, desired, changes, plan.ignored))
