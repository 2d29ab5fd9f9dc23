"""Of several pools that carry one spec's tags, keep one: the others give the tags up."""

from reconciler.model.changes import UntagPool
from reconciler.model.errors import UsageProblem
from reconciler.model.live import LivePool, LiveTarget, Want, identities_in_words
from reconciler.model.plan import PoolPlan, TargetPlan
from reconciler.model.pool_fields import TAGS_FIELD
from reconciler.model.project import NAME_TAG, OWNER_TAG, Project
from reconciler.model.spec import Spec
from reconciler.planner.diff import changes_between
from reconciler.planner.matching import Ownership
from reconciler.planner.refusals import noticed

_OURS = (OWNER_TAG, NAME_TAG)


def wants_to_keep(spec: Spec, live: LiveTarget, project: Project) -> tuple[Want, ...]:
    """What a person has to know of the pools: how many identities they hold, and their age."""
    pools = Ownership(live, project, [spec]).claimants(spec)
    return tuple(Want(pool_id=pool.pool_id, identities=True, created=True) for pool in pools)


def plan_to_keep(spec: Spec, kept: str, live: LiveTarget, project: Project) -> TargetPlan:
    """The plan for one target: nothing where it does not have the pool ``kept``.

    Raises ``UsageProblem`` where that pool is there and is not the spec's.
    """
    pools = Ownership(live, project, [spec]).claimants(spec)
    ids = [pool.pool_id for pool in pools]
    if kept not in ids:
        if live.has(kept):
            raise UsageProblem(
                f"{kept} does not carry the tags of spec {spec.name}",
                hint=f"the pools of {spec.name} here are: {', '.join(ids)}"
                if ids
                else f"idpool adopt {spec.name}={kept} makes it the spec's",
            )
        return TargetPlan(target=live.target)
    others = [pool for pool in pools if pool.pool_id != kept]
    plans = tuple(_plan(spec, kept, pool) for pool in others)
    return TargetPlan(target=live.target, pools=plans)


def _plan(spec: Spec, kept: str, pool: LivePool) -> PoolPlan:
    tags = {key: value for key, value in pool.pool.IdentityPoolTags.items() if key not in _OURS}
    desired = pool.pool.model_copy(update={TAGS_FIELD: tags})
    facts = [identities_in_words(pool.identities)]
    facts += [f"made {pool.created_at}"] if pool.created_at else []
    notice = noticed("keep", pool=pool, facts=", ".join(facts), kept=kept, spec=spec.name)
    return PoolPlan(
        name=spec.name,
        source=spec.source,
        pool_id=pool.pool_id,
        live=pool.pool,
        desired=desired,
        changes=changes_between(pool.pool, desired),
        actions=(UntagPool(keys=_OURS),),
        notices=(notice,),
    )
