"""The way that rollback goes: read the receipt, connect, read live, plan.  Only the order."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.cli.applying import Applied, Records, apply_plan
from reconciler.cli.exit_codes import ExitCode, exit_code_of_plan
from reconciler.cli.inputs import Inputs, chosen_targets, load_project_alone
from reconciler.cli.outputs import Outputs
from reconciler.cli.resuming import require_our_owner
from reconciler.cli.streams import Streams
from reconciler.cli.workflow import (
    OpenTargets,
    Planned,
    Reach,
    open_targets,
    plan_targets,
    read_live,
)
from reconciler.loader import load_receipt
from reconciler.model.errors import ForeignRecord
from reconciler.model.plan import Plan, TargetPlan
from reconciler.model.receipt import Receipt
from reconciler.planner.choices import TheseOnly
from reconciler.planner.rollback import rollback_target, rollback_wants, undoable
from reconciler.reports.json_reports import plan_json
from reconciler.reports.rollback_text import rollback_text

if TYPE_CHECKING:
    from reconciler.live.connections import Connection
    from reconciler.model.live import LiveTarget


@dataclass(frozen=True, slots=True)
class Record:
    """A receipt that belongs to the project, and the targets in which it is taken back."""

    path: Path
    receipt: Receipt
    inputs: Inputs
    targets: tuple[str, ...]


def read_record(
    path: Path, project_file: Path | None, targets: Sequence[str], streams: Streams
) -> Record:
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
    return Record(path, receipt, inputs, chosen)


@contextmanager
def open_rollback(record: Record, reach: Reach, streams: Streams) -> Iterator[OpenTargets]:
    """Connect to the targets of the receipt, and to those alone."""
    project = record.inputs.project
    here = tuple(target for target in project.targets if target.name in record.targets)
    inputs = Inputs(replace(project, targets=here), record.inputs.loaded, all_specs=False)
    with open_targets(inputs, reach, streams) as opened:
        yield opened


def show_rollback(
    record: Record, reach: Reach, outputs: Outputs, streams: Streams, *, verbose: bool
) -> ExitCode:
    """Print the way back, and write nothing."""
    with open_rollback(record, reach, streams) as opened:
        plan = plan_rollback(record, opened, streams).plan
    streams.artefact(rollback_text(plan, verbose=verbose) if outputs.is_text else plan_json(plan))
    return exit_code_of_plan(plan, detailed=False)


def apply_rollback(
    record: Record,
    reach: Reach,
    streams: Streams,
    show: Callable[[Plan], None],
    records: Records,
    *,
    yes: bool,
) -> Applied:
    """Go the way back.  ``show`` is given the plan before; ``yes``: it is not asked."""
    with open_rollback(record, reach, streams) as opened:
        return apply_plan(
            lambda: plan_rollback(record, opened, streams), show, opened, streams, records, yes=yes
        )


def plan_rollback(record: Record, opened: OpenTargets, streams: Streams) -> Planned:
    """Read every target of the receipt and plan the way back."""
    receipt, project = record.receipt, record.inputs.project
    pools = undoable(receipt)
    choice = TheseOnly({pool.pool_id for pool in pools})

    def plan_one(connection: "Connection") -> "tuple[TargetPlan, LiveTarget]":
        live = read_live(
            connection, opened, streams, lambda found: rollback_wants(pools, found), choice
        )
        return rollback_target(receipt, live, project, str(record.path)), live

    return plan_targets(project.owner, opened, plan_one)
