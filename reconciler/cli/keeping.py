"""The way that `adopt --keep` goes: of two pools of one spec, the other gives its tags up."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from reconciler.cli.adopting import Pair
from reconciler.cli.applying import Applied, Records, apply_plan
from reconciler.cli.inputs import Inputs
from reconciler.cli.streams import Streams
from reconciler.cli.workflow import (
    OpenTargets,
    Planned,
    Reach,
    open_targets,
    plan_targets,
    read_live,
)
from reconciler.model.errors import UsageProblem
from reconciler.model.plan import Plan, TargetPlan
from reconciler.model.spec import Spec
from reconciler.planner.keeping import plan_to_keep, wants_to_keep

if TYPE_CHECKING:
    from reconciler.live.connections import Connection
    from reconciler.model.live import LiveTarget


def keep_pool(
    keeping: Pair,
    inputs: Inputs,
    reach: Reach,
    streams: Streams,
    show: Callable[[Plan], None],
    *,
    yes: bool,
) -> Applied:
    """Show who gives its tags up, ask unless ``yes``, and take them away.

    Raises ``UsageProblem`` for an unknown spec and for a pool that is not among the spec's.
    """
    named = [spec for spec in inputs.loaded.specs if spec.name == keeping.name]
    if not named:
        raise UsageProblem(
            f"there is no spec {keeping.name}",
            hint=f"the specs are: {', '.join(spec.name for spec in inputs.loaded.specs)}",
        )
    with open_targets(inputs, reach, streams) as opened:
        again = f"idpool adopt {keeping.name} --keep {keeping.pool_id}"
        return apply_plan(
            lambda: _plan(named[0], keeping.pool_id, inputs, opened, streams),
            show,
            opened,
            streams,
            Records(again=again),
            yes=yes,
        )


def _plan(spec: Spec, kept: str, inputs: Inputs, opened: OpenTargets, streams: Streams) -> Planned:
    def plan_one(connection: "Connection") -> "tuple[TargetPlan, LiveTarget]":
        live = read_live(
            connection,
            opened,
            streams,
            lambda found: wants_to_keep(spec, found, inputs.project),
        )
        return plan_to_keep(spec, kept, live, inputs.project), live

    planned = plan_targets(inputs.project.owner, opened, plan_one)
    if not any(live.has(kept) for live in planned.seen.values()):
        names = ", ".join(planned.seen)
        raise UsageProblem(
            f"there is no pool {kept} in target {names}",
            hint="idpool plan names the pools that carry the tags of one spec",
        )
    if not planned.plan.has_changes:
        streams.note(f"{kept} is the only pool of spec {spec.name}: there is nothing to do\n")
    return planned
