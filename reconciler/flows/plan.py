"""``idpool plan``: load, connect, read, plan; and what apply and drift plan with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from reconciler.checks.judging import TestUsers, judged
from reconciler.checks.rulebook import Rulebook
from reconciler.flows.inputs import inputs_of, project_of, rulebook, tell_warnings
from reconciler.flows.journals import left_by_runs
from reconciler.flows.reporting import show_report, write_findings
from reconciler.flows.targets import (
    Meant,
    OpenTargets,
    open_targets,
    read_live,
    side_by_side,
    specs_in,
)
from reconciler.live.aws import Connection
from reconciler.model.errors import InvalidSpecs, Problems
from reconciler.model.live import LeftCreate, LiveTarget
from reconciler.model.plan import Plan, TargetPlan
from reconciler.model.request import Named, Reach
from reconciler.model.spec import Spec
from reconciler.planner.planning import NamesFirst, plan_target, wants
from reconciler.planner.refusals import failed_target
from reconciler.reports.error_text import findings_text
from reconciler.reports.format_names import OF_PLANS, Format
from reconciler.reports.plan_report import plan_report
from reconciler.specs.completion import Values
from reconciler.terminal.exit_codes import ExitCode, exit_code_of_plan
from reconciler.terminal.outputs import outputs_of
from reconciler.terminal.streams import Streams

# Who asks for a plan and gets findings can read these all the same; a plan's JSON is a contract.
_FINDINGS_IN_PLACE_OF_A_PLAN: Final = {Format.MARKDOWN, Format.SARIF, Format.GITHUB}


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and by target what it saw there, what the specs mean there and with which values."""

    plan: Plan
    seen: dict[str, LiveTarget]
    meant: dict[str, Meant]

    @property
    def specs(self) -> dict[str, tuple[Spec, ...]]:
        """What the specs mean, by target."""
        return {name: each.specs for name, each in self.meant.items()}

    @property
    def users(self) -> dict[str, TestUsers]:
        """Whom tests name, by target."""
        return {name: each.users for name, each in self.meant.items()}

    @property
    def values(self) -> dict[str, Values]:
        """What AWS has answered for references, by target."""
        return {name: each.values for name, each in self.meant.items()}


class PlannedTarget(NamedTuple):
    """The plan of one target, what it saw there, and what the specs mean there."""

    plan: TargetPlan
    live: LiveTarget
    meant: Meant = Meant((), {})


@dataclass(frozen=True, slots=True)
class Request:
    """What is planned; ``out``: where the plan is saved; ``detailed``: changes have a code."""

    named: Named
    reach: Reach
    formats: Sequence[str]
    out: Path | None
    detailed: bool


def plan(request: Request, streams: Streams) -> ExitCode:
    """Show what apply would do.

    Raises what ``load_inputs``, ``open_targets`` and ``make_plan`` raise.
    """
    outputs = outputs_of(request.formats, OF_PLANS, beside=[request.out])
    try:
        project = project_of(request.named, streams)
        if request.out:
            # With it come the models of all records, which a plan only shown does not need.
            from reconciler.flows import saving

            spec_paths = saving.paths_to_save(request.named.specs, project)
        inputs = inputs_of(request.named.specs, project)
        book = rulebook(project)
    except InvalidSpecs as invalid:
        write_findings(invalid.findings, outputs.only(_FINDINGS_IN_PLACE_OF_A_PLAN), streams)
        raise
    tell_warnings(inputs, streams)
    with open_targets(inputs, request.reach, streams) as opened:
        planned = make_plan(opened, book=book)
    made = planned.plan
    if inputs.all_specs and not request.reach.targets and not any(t.refusals for t in made.targets):
        _tell_unused(book, streams)
    if request.out:
        saving.save_plan(request.out, made, planned.specs, project, spec_paths)
        streams.note(f"Saved: idpool apply {request.out} applies this plan and no other.\n")
    show_report(plan_report(made, verbose=streams.verbose), outputs, streams)
    return exit_code_of_plan(made, detailed=request.detailed)


def make_plan(
    opened: OpenTargets, resumed: Path | None = None, book: Rulebook | None = None
) -> Planned:
    """Read every target and plan it.

    What earlier runs have left open is looked for, and what the journal ``resumed`` tells.
    ``book`` is the project's.  Raises what ``rulebook`` raises.
    """
    left, rules = left_by_runs(resumed), book or rulebook(opened.inputs.project)

    def plan_one(connection: Connection) -> PlannedTarget:
        here = [each for each in left if each.target == connection.target.name]
        _let_appear(here, connection, opened)
        planned = planned_target(connection, opened, here)
        meant = planned.meant
        return planned._replace(plan=judged(planned.plan, meant.specs, rules, meant.users))

    return plan_targets(opened, plan_one)


def planned_target(
    connection: Connection, opened: OpenTargets, left: Sequence[LeftCreate] = ()
) -> PlannedTarget:
    """Read a target and plan it, without what checks say; ``left``: by runs that did not end."""
    inputs, name = opened.inputs, connection.target.name
    project = inputs.project
    meant = specs_in(connection, opened)
    specs = meant.specs
    choice = None if inputs.all_specs else NamesFirst(specs, name, project)
    live = read_live(connection, opened, lambda found: wants(specs, found, project), choice, left)
    plan = plan_target(specs, live, project, all_specs=inputs.all_specs)
    return PlannedTarget(plan, live, meant)


def _tell_unused(book: Rulebook, streams: Streams) -> None:
    """Say which waivers had nothing to waive."""
    if unused := list(book.unused(with_plan=True)):
        streams.note(findings_text(unused))


def plan_targets(opened: OpenTargets, plan_one: Callable[[Connection], PlannedTarget]) -> Planned:
    """One plan of all targets, which are planned side by side; one that fails says so in it.

    Raises ``Problems`` where all of them fail.
    """
    found, unread = side_by_side(plan_one, opened.connections)
    failed = {**opened.failed, **unread}
    if failed and not found:
        raise Problems(list(failed.values()))
    here = (connection.target for connection in opened.connections.values())
    known = {target.name: target for target in (*opened.targets, *here)}
    targets = (
        found[name].plan if name in found else failed_target(target, failed[name])
        for name, target in known.items()
    )
    plan = Plan(owner=opened.inputs.project.owner, targets=tuple(targets))
    seen = {name: each.live for name, each in found.items()}
    return Planned(plan, seen, {name: each.meant for name, each in found.items()})


def _let_appear(left: Sequence[LeftCreate], connection: Connection, opened: OpenTargets) -> None:
    """Wait until a create of which nobody knows what became has had the time to be listed."""
    unanswered = [datetime.fromisoformat(each.at) for each in left if each.pool_id is None]
    if not unanswered:
        return
    settle = connection.settle_seconds
    ago = (datetime.now(UTC) - max(unanswered)).total_seconds()
    seconds = min(settle, settle - ago)
    if seconds > 0:
        opened.streams.note(
            f"note: waiting {seconds:.0f} s: an earlier run may have made a pool in target "
            f"{connection.target.name} that is not listed yet\n"
        )
        opened.budget.sleep(seconds)
