"""``idpool rollback``: read a receipt and live, plan the way back, show it or go it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.flows.carry_out import Terms, apply_plan
from reconciler.flows.inputs import Inputs, chosen_targets, load_project_alone
from reconciler.flows.journals import require_our_owner
from reconciler.flows.plan import Planned, plan_targets
from reconciler.flows.reporting import show_receipt, show_report
from reconciler.flows.targets import OpenTargets, open_targets, read_live
from reconciler.live.aws import Connection
from reconciler.model.errors import ForeignRecord
from reconciler.model.live import LiveTarget
from reconciler.model.plan import TargetPlan
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
    """``apply``: it is done, after asking unless ``yes``; else it is only shown."""

    project: Path | None
    apply: bool
    yes: bool
    records: RecordFiles


@dataclass(frozen=True, slots=True)
class UndoableRun:
    """A receipt that belongs to the project, and the targets in which it is taken back."""

    path: Path
    receipt: Receipt
    inputs: Inputs
    targets: tuple[str, ...]


def read_record(
    path: Path, project_file: Path | None, targets: Sequence[str], streams: Streams
) -> UndoableRun:
    """Read a receipt; ``targets``: the chosen ones, none for all.

    Raises ``UnusableRecord``, ``ForeignRecord`` where it is not this project's, and
    ``UsageProblem`` for an unknown target.
    """
    inputs = load_project_alone(project_file, streams)
    chosen_targets(inputs.project, targets)
    receipt = load_receipt(path)
    require_our_owner(path, receipt.owner, inputs.project.owner)
    known = [target.name for target in inputs.project.targets]
    used = dict.fromkeys(pool.target for pool in undoable(receipt))
    for name in used:
        if name not in known:
            raise ForeignRecord(str(path), "target", name, f"the targets {', '.join(known)}")
    chosen = tuple(name for name in used if not targets or name in targets)
    return UndoableRun(path, receipt, inputs, chosen)


def rollback(
    receipt: Path, reach: Reach, formats: Sequence[str], request: Request, streams: Streams
) -> int:
    """Show the way back, or go it.

    Raises what ``read_record`` raises, and ``UsageProblem`` where there is nobody to ask.
    """
    known = OF_RECEIPTS if request.apply else OF_PLANS
    beside = [request.records.journal, request.records.receipt]
    outputs = outputs_of(formats, known, beside=beside)
    if request.apply:
        require_somebody_to_ask(yes=request.yes)
    record = read_record(receipt, request.project, reach.targets, streams)
    project = record.inputs.project
    here = tuple(target for target in project.targets if target.name in record.targets)
    inputs = Inputs(replace(project, targets=here), record.inputs.loaded, all_specs=False)
    with open_targets(inputs, replace(reach, targets=()), streams) as opened:
        if not request.apply:
            plan = plan_rollback(record, opened, streams).plan
            show_report(rollback_report(plan, verbose=streams.verbose), outputs, streams)
            return exit_code_of_plan(plan, detailed=False)
        tell = streams.artefact if outputs.is_text else streams.note
        applied = apply_plan(
            lambda: plan_rollback(record, opened, streams),
            lambda plan: tell(report_text(rollback_report(plan, verbose=streams.verbose))),
            opened,
            streams,
            Terms(request.records, request.yes, f"idpool rollback {receipt} --apply"),
        )
    show_receipt(applied.done, outputs, streams)
    return applied.code


def plan_rollback(record: UndoableRun, opened: OpenTargets, streams: Streams) -> Planned:
    """Read every target of the receipt and plan the way back."""
    receipt, project = record.receipt, record.inputs.project
    pools = undoable(receipt)
    choice = TheseOnly({pool.pool_id for pool in pools})

    def plan_one(connection: Connection) -> tuple[TargetPlan, LiveTarget]:
        live = read_live(
            connection, opened, streams, lambda found: rollback_wants(pools, found), choice
        )
        return rollback_target(receipt, live, project, str(record.path)), live

    return plan_targets(project.owner, opened, plan_one)
