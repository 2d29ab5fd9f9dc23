"""Why a live pool cannot be taken over into its spec."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from reconciler.model.base import canonical_json
from reconciler.model.plan import Plan, PoolPlan
from reconciler.model.pool import field_value
from reconciler.model.project import Project
from reconciler.model.spec import Spec

# Refusals of a change that is gone once the spec says what live has.
_ENDED_BY_A_PULL: Final = frozenset({"developer-provider", "too-many-tags"})


class Obstacle(NamedTuple):
    """Why not, and what to do instead."""

    reason: str
    way_out: str


class CannotPull(Exception):
    """A spec that is left as it is; ``obstacle`` says why."""

    def __init__(self, reason: str, way_out: str = "") -> None:
        super().__init__(reason)
        by_hand = "edit it by hand: write what live has, as it is told here"
        self.obstacle = Obstacle(reason, way_out or by_hand)


def obstacle_of(spec: Spec, plan: Plan, project: Project) -> Obstacle | None:
    """What stands against pulling a spec whatever its fields, ``None``: nothing."""
    for target in plan.targets:
        if spec.goes_to(target.target.name) and target.refusals:
            refusal = target.refusals[0]
            return Obstacle(f"target {target.target.name}: {refusal.reason}", refusal.way_out)
    pools = pools_of(spec, plan)
    for name, pool in pools.items():
        if found := _of_pool(name, pool):
            return found
    unread = [t.name for t in project.targets if spec.goes_to(t.name) and t.name not in pools]
    if unread and any(pool.changes for pool in pools.values()):
        return Obstacle(
            f"the spec goes to {', '.join(unread)}, too, which was not read: what one target has "
            "would be applied to the others",
            "run it without --target",
        )
    return None


def pools_of(spec: Spec, plan: Plan) -> Mapping[str, PoolPlan]:
    """The plan of a spec's pool in each target that was read."""
    return {
        target.target.name: pool
        for target in plan.targets
        for pool in target.pools
        if pool.name == spec.name
    }


def holding_secrets(names: Sequence[str]) -> CannotPull:
    """Live has a secret that the spec does not have: nobody gets it into Git unasked."""
    return CannotPull(
        f"it would get the secret of {', '.join(names)}, which does not belong in Git",
        "name the other fields with --field; or pull it with --with-secrets, and keep the file "
        "out of Git",
    )


def differing(field: str, pools: Mapping[str, PoolPlan]) -> CannotPull:
    """A field that live has in several ways: one spec cannot say all of them."""
    shown = {
        name: canonical_json(field_value(pool.live, field))
        for name, pool in pools.items()
        if pool.live is not None
    }
    values = "; ".join(f"{name} has {value}" for name, value in shown.items())
    alike = " in what idpool does not show" if len(set(shown.values())) == 1 else ""
    return CannotPull(
        f"{field} differs by target{alike}, and one spec goes to all of them: {values}",
        "write a spec for each target, or bring the targets to one value",
    )


def _of_pool(target: str, pool: PoolPlan) -> Obstacle | None:
    for refusal in pool.refusals:
        if refusal.rule not in _ENDED_BY_A_PULL:
            return Obstacle(f"target {target}: {refusal.reason}", refusal.way_out)
    if pool.desired is None:
        return _of_tombstone(target, pool)
    if pool.live is None:
        return Obstacle(
            f"target {target} has no pool of this spec: there is nothing to accept",
            "apply the spec to make the pool; if it was deleted on purpose, write "
            "lifecycle.delete: true, or remove the spec",
        )
    return None


def _of_tombstone(target: str, pool: PoolPlan) -> Obstacle | None:
    if pool.pool_id is None:
        return None
    return Obstacle(
        f"the spec says that the pool must not exist, and target {target} has {pool.pool_id}",
        "apply it to delete the pool, or remove lifecycle.delete to keep it",
    )
