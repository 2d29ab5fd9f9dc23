"""``idpool rollback``: read a receipt and live, plan the way back, show it or go it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.checks.judging import with_access
from reconciler.flows.carry_out import Terms, apply_plan
from reconciler.flows.inputs import Inputs, chosen_targets, load_project_alone
from reconciler.flows.journals import require_ours
from reconciler.flows.plan import Planned, PlannedTarget, plan_targets
from reconciler.flows.reporting import show_report
from reconciler.flows.targets import OpenTargets, open_targets, read_live
from reconciler.live.aws import Connection
from reconciler.model.receipt import Receipt
from reconciler.model.request import Reach, RecordFiles
from reconciler.planner.planning import TheseOnly
from reconciler.planner.rollback import rollback_target, rollback_wants, undoable
from reconciler.reports.format_names import OF_PLANS, OF_RECEIPTS
from reconciler.reports.plan_report import rollback_report
from reconciler.reports.text_report import report_text
from reconciler.specs.records import load_receipt
from reconciler.terminal.exit_codes import exit_code_of_plan
from reconciler.terminal.outputs import outputs_of
from reconciler.terminal.streams import Streams, require_somebody_to_ask


@dataclass(frozen=True, slots=True)
class Request:
    """``file``: the receipt.  ``apply``: it is done, after asking unless ``yes``; else shown."""

    file: Path
    project: Path | None
    reach: Reach
    formats: Sequence[str]
    records: RecordFiles
    apply: bool
    yes: bool


def rollback(request: Request, streams: Streams) -> int:
    """Show the way back, or go it.

    Raises what ``_read`` and ``apply_plan`` raise, and ``UsageProblem`` where there is nobody to
    ask.
    """
    records = request.records
    known = OF_RECEIPTS if request.apply else OF_PLANS
    outputs = outputs_of(request.formats, known, beside=[records.journal, records.receipt])
    if request.apply:
        require_somebody_to_ask(yes=request.yes)
    receipt, inputs = _read(request, streams)
    with open_targets(inputs, replace(request.reach, targets=()), streams) as opened:
        if not request.apply:
            plan = _plan_rollback(request.file, receipt, opened).plan
            show_report(rollback_report(plan, verbose=streams.verbose), outputs, streams)
            return exit_code_of_plan(plan, detailed=False)
        return apply_plan(
            lambda: _plan_rollback(request.file, receipt, opened),
            lambda plan: report_text(rollback_report(plan, verbose=streams.verbose)),
            opened,
            Terms(records, outputs, request.yes, f"idpool rollback {request.file} --apply"),
        )


def _read(request: Request, streams: Streams) -> tuple[Receipt, Inputs]:
    """The receipt, and its project with the targets in which it is taken back.

    Raises ``UnusableRecord``, ``ForeignRecord`` where it is not this project's, and
    ``UsageProblem`` for an unknown target.
    """
    inputs = load_project_alone(request.project, streams)
    chosen = chosen_targets(inputs.project, request.reach.targets)
    receipt = load_receipt(request.file)
    used = {pool.target: None for pool in undoable(receipt)}
    require_ours(request.file, receipt.owner, inputs.project, used)
    here = tuple(each for each in inputs.project.targets if each in chosen and each.name in used)
    return receipt, replace(inputs, project=replace(inputs.project, targets=here))


def _plan_rollback(path: Path, receipt: Receipt, opened: OpenTargets) -> Planned:
    """Read every target of the receipt and plan the way back."""
    pools = undoable(receipt)
    choice = TheseOnly({pool.pool_id for pool in pools})

    def plan_one(connection: Connection) -> PlannedTarget:
        live = read_live(connection, opened, lambda found: rollback_wants(pools, found), choice)
        plan = rollback_target(receipt, live, opened.inputs.project, str(path))
        return PlannedTarget(with_access(plan), live)

    return plan_targets(opened, plan_one)
