"""Planning one target: match, compare, refuse or act."""

from collections.abc import Sequence

from reconciler.model.actions import DeletePool
from reconciler.model.live import LivePool, LiveTarget, Want
from reconciler.model.plan import PoolPlan, TargetPlan
from reconciler.model.project import Project
from reconciler.model.spec import Spec
from reconciler.planner.actions import actions_for
from reconciler.planner.desired import desired_pool, ignored_of
from reconciler.planner.diff import changes_between
from reconciler.planner.matching import Match, Ownership
from reconciler.planner.refusals import refusals_of, target_refusals, tombstone_refusals
from reconciler.planner.unread import unread_plans


def wants(specs: Sequence[Spec], live: LiveTarget, project: Project) -> tuple[Want, ...]:
    """What else must be read before these specs can be planned: only what is managed."""
    if not live.is_the_named_account:
        return ()
    ours = _specs_of(specs, live)
    ownership = Ownership(live, project.owner, ours)
    pairs = ((spec, ownership.match(spec).live) for spec in ours)
    return tuple(_want(spec, pool, project) for spec, pool in pairs if pool is not None)


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
    ownership = Ownership(live, project.owner, ours, all_specs=all_specs)
    pools = tuple(_plan_pool(spec, ownership.match(spec), project) for spec in ours)
    matched = frozenset(pool.pool_id for pool in pools if pool.pool_id is not None)
    orphans = ownership.orphans(matched) if all_specs else ()
    unread = unread_plans([pool for pool in live.unread if pool.pool_id not in matched])
    return TargetPlan(target=live.target, pools=pools, orphans=orphans, unread=unread)


def _specs_of(specs: Sequence[Spec], live: LiveTarget) -> list[Spec]:
    return [spec for spec in specs if spec.goes_to(live.target.name)]


def _want(spec: Spec, live: LivePool, project: Project) -> Want:
    if spec.lifecycle.delete:
        return Want(pool_id=live.pool_id, identities=True)
    desired = desired_pool(spec, project, live=None)
    providers = {*desired.provider_names, *live.pool.provider_names}
    return Want(
        pool_id=live.pool_id,
        roles=desired.manages_roles,
        principal_tag_providers=tuple(sorted(providers))
        if desired.manages_principal_tags
        else None,
    )


def _plan_pool(spec: Spec, match: Match, project: Project) -> PoolPlan:
    plan = PoolPlan(
        name=spec.name,
        source=spec.source,
        pool_id=match.pool_id,
        live=match.live.pool if match.live and not match.is_unread else None,
        ignored=ignored_of(spec, project),
        refusals=(match.refusal,) if match.refusal else (),
    )
    if match.is_unread:
        return plan
    if spec.lifecycle.delete:
        return _plan_tombstone(plan, spec, match.live)
    return _plan_desired(plan, spec, project)


def _plan_tombstone(plan: PoolPlan, spec: Spec, live: LivePool | None) -> PoolPlan:
    if live is None or plan.refusals:
        return plan
    refusals = tuple(tombstone_refusals(spec, live))
    delete = DeletePool(with_identities=spec.lifecycle.delete_identities)
    return plan.model_copy(update={"refusals": refusals, "actions": () if refusals else (delete,)})


def _plan_desired(plan: PoolPlan, spec: Spec, project: Project) -> PoolPlan:
    desired = desired_pool(spec, project, plan.live)
    changes = changes_between(plan.live, desired)
    refusals = plan.refusals
    if plan.live is not None:
        refusals = (*refusals, *refusals_of(plan.live, desired))
    actions = () if refusals else actions_for(plan.live, desired, changes)
    return plan.model_copy(
        update={"desired": desired, "changes": changes, "refusals": refusals, "actions": actions}
    )
