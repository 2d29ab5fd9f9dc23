"""``idpool plan``: load, connect, read, plan; and what apply and drift plan with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.flows.inputs import Inputs, inputs_of, project_of, tell_warnings
from reconciler.flows.journals import left_by_runs
from reconciler.flows.reporting import show_report, write_findings_in_place_of_a_plan
from reconciler.flows.targets import OpenTargets, open_targets, read_live
from reconciler.live.aws import Connection
from reconciler.model.errors import InvalidSpecs, Problems
from reconciler.model.live import LeftCreate, LiveTarget
from reconciler.model.plan import Plan, TargetPlan
from reconciler.model.project import Project
from reconciler.model.request import Named, Reach
from reconciler.planner.planning import NamesFirst, plan_target, wants
from reconciler.planner.refusals import failed_target
from reconciler.reports.format_names import OF_PLANS
from reconciler.reports.plan_report import plan_report
from reconciler.terminal.exit_codes import ExitCode, exit_code_of_plan
from reconciler.terminal.outputs import outputs_of
from reconciler.terminal.streams import Streams

if TYPE_CHECKING:
    from reconciler.flows.saving import Saving


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what it saw of each target."""

    plan: Plan
    seen: dict[str, LiveTarget]


def plan(
    named: Named,
    reach: Reach,
    formats: Sequence[str],
    out: Path | None,
    streams: Streams,
    *,
    detailed: bool,
) -> ExitCode:
    """Show what apply would do; ``out``: save it there; ``detailed``: changes have a code.

    Raises what ``load_inputs``, ``open_targets`` and ``make_plan`` raise.
    """
    outputs = outputs_of(formats, OF_PLANS, beside=[out])
    try:
        project = project_of(named, streams)
        saving = _saving(out, named, project) if out else None
        inputs = inputs_of(named.specs, project)
    except InvalidSpecs as invalid:
        write_findings_in_place_of_a_plan(invalid.findings, outputs, streams)
        raise
    tell_warnings(inputs, streams)
    with open_targets(inputs, reach, streams) as opened:
        made = make_plan(inputs, opened, streams).plan
    if saving is not None:
        saving.save(made, inputs)
        streams.note(f"Saved: idpool apply {saving.path} applies this plan and no other.\n")
    show_report(plan_report(made, verbose=streams.verbose), outputs, streams)
    return exit_code_of_plan(made, detailed=detailed)


def _saving(out: Path, named: Named, project: Project) -> "Saving":
    # With it come the models of all records, which a plan that is only shown does not need.
    from reconciler.flows.saving import prepare_saving

    return prepare_saving(out, named.specs, project)


def make_plan(
    inputs: Inputs, opened: OpenTargets, streams: Streams, resumed: Path | None = None
) -> Planned:
    """Read every target and plan it.

    What earlier runs have left open is looked for, and what the journal ``resumed`` tells.
    """
    left = left_by_runs(resumed)
    return plan_targets(inputs.project.owner, opened, _planner(inputs, opened, streams, left))


def plan_targets(
    owner: str,
    opened: OpenTargets,
    plan_one: Callable[[Connection], tuple[TargetPlan, LiveTarget]],
) -> Planned:
    """One plan of all targets, which are planned side by side; one that fails says so in it.

    Raises ``Problems`` where all of them fail.
    """
    found, unread = opened.tried(plan_one)
    failed = {**opened.failed, **unread}
    if failed and not found:
        raise Problems(list(failed.values()))
    here = (connection.target for connection in opened.connections.values())
    known = {target.name: target for target in (*opened.targets, *here)}
    targets = (
        found[name][0] if name in found else failed_target(target, failed[name])
        for name, target in known.items()
    )
    plan = Plan(owner=owner, targets=tuple(targets))
    return Planned(plan, {name: live for name, (_, live) in found.items()})


def _planner(
    inputs: Inputs, opened: OpenTargets, streams: Streams, left: Sequence[LeftCreate]
) -> Callable[[Connection], tuple[TargetPlan, LiveTarget]]:
    specs, project = inputs.loaded.specs, inputs.project

    def plan_one(connection: Connection) -> tuple[TargetPlan, LiveTarget]:
        here = [each for each in left if each.target == connection.target.name]
        _let_appear(here, connection, opened, streams)
        choice = None if inputs.all_specs else NamesFirst(specs, connection.target.name, project)
        live = read_live(
            connection, opened, streams, lambda found: wants(specs, found, project), choice, here
        )
        return plan_target(specs, live, project, all_specs=inputs.all_specs), live

    return plan_one


def _let_appear(
    left: Sequence[LeftCreate], connection: Connection, opened: OpenTargets, streams: Streams
) -> None:
    """Wait until a create of which nobody knows what became has had the time to be listed."""
    unanswered = [datetime.fromisoformat(each.at) for each in left if each.pool_id is None]
    if not unanswered:
        return
    settle = connection.settle_seconds
    ago = (datetime.now(UTC) - max(unanswered)).total_seconds()
    seconds = min(settle, settle - ago)
    if seconds > 0:
        streams.note(
            f"note: waiting {seconds:.0f} s: an earlier run may have made a pool in target "
            f"{connection.target.name} that is not listed yet\n"
        )
        opened.budget.sleep(seconds)
