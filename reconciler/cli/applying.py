"""Carrying a plan out: journal, signals, progress, receipt.  Only the order; no decisions."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.cli.asking import agrees
from reconciler.cli.exit_codes import ExitCode, exit_code_of_receipt
from reconciler.cli.journals import own_journal
from reconciler.cli.locking import locked
from reconciler.cli.progress import applying
from reconciler.cli.signals import finishing_on_signals
from reconciler.cli.streams import Streams
from reconciler.cli.whole_files import PrivateFile
from reconciler.cli.workflow import OpenTargets, Planned
from reconciler.model.errors import UnwritableFile
from reconciler.reports.error_text import error_text
from reconciler.reports.escape import escape

if TYPE_CHECKING:
    from reconciler.cli.consuming import Marker
    from reconciler.executor.journal import Notes
    from reconciler.model.plan import Plan
    from reconciler.model.receipt import Receipt


@dataclass(frozen=True, slots=True)
class Records:
    """Where the user wants the journal and the receipt; ``None``: no place of their own.

    ``again``: the command that goes on with a run, ``{journal}`` its journal.
    """

    journal: Path | None = None
    receipt: Path | None = None
    again: str = "idpool apply --resume {journal}"

    def way_on(self, journal: Path) -> str:
        """What to say when the run has left something open; "" where it never began."""
        if not journal.exists():
            return ""
        again = self.again.replace("{journal}", str(journal))
        told = f"The journal {journal} says what was sent. To go on with this run: {again}"
        return escape(f"{told}, with the same specs and options") + "\n"


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of it.  ``done`` is ``None`` where nothing was tried."""

    code: int
    done: "tuple[Receipt, Plan] | None" = None


def apply_plan(
    plan_now: Callable[[], Planned],
    show: "Callable[[Plan], None]",
    opened: OpenTargets,
    streams: Streams,
    records: Records,
    *,
    yes: bool,
    marker: "Marker | None" = None,
) -> Applied:
    """Show a plan, ask unless ``yes``, and apply it under its targets' locks.

    ``plan_now`` is called once, and once more where the answer or a lock was waited for: where it
    is another plan by then, the run is stale, unless all that it wanted is done already.
    ``marker``: that of the saved plan, which is used up by a run that sends something.
    Raises ``JournalProblem``, ``PlanInUse``, where the project has locks, what ``locked`` raises,
    and what ``plan_now`` does.
    """
    from reconciler.executor.execution import execute
    from reconciler.executor.journal import Journal
    from reconciler.executor.newcomers import GOOD_FOR_SECONDS

    planned = plan_now()
    began = time.monotonic()
    show(planned.plan)
    if planned.plan.has_changes and not (yes or agrees(streams)):
        return Applied(ExitCode.FAILED)
    pending = sum(bool(pool.actions) for pool in planned.plan.pools)
    journal = records.journal or own_journal()
    receipt_out = PrivateFile(records.receipt) if records.receipt is not None else None
    with (
        finishing_on_signals(
            opened.budget.interrupt, streams.note, lambda: records.way_on(journal)
        ) as caught,
        locked(planned.plan, opened.connections, opened.locking, streams) as lost,
    ):
        has_waited = time.monotonic() - began > GOOD_FOR_SECONDS and not opened.budget.interrupted
        if has_waited and _depends_on_all_pools(planned.plan):
            again = plan_now()
            is_open = again.plan.has_changes or any(again.plan.refusals)
            if is_open and _has_moved(planned.plan, again.plan, streams):
                return Applied(caught.exit_code or ExitCode.STALE)
            planned = again
        plan = planned.plan
        with (
            marker.claimed() if marker is not None and plan.has_changes else nullcontext(),
            Journal(journal) as notes,
            applying(streams, pending) as progress,
        ):
            watched = _watched(notes, marker)
            receipt = execute(
                plan, opened.connections, planned.seen, opened.workers, watched, progress
            )
            # Within reach of the signals' handler: a first Ctrl-C must not cost the receipt.
            unwritten = _write(receipt_out, receipt, streams) if receipt_out is not None else None
    if _left_open(receipt):
        streams.note(records.way_on(journal))
    elif records.journal is None:
        journal.unlink()
    failed = ExitCode.FAILED if lost or unwritten else None
    code = caught.exit_code or failed or exit_code_of_receipt(plan, receipt)
    return Applied(code, (receipt, plan))


def _depends_on_all_pools(plan: "Plan") -> bool:
    """Whether it creates, adopts or deletes: the fresh read before a write does not see that."""
    return any(pool.verb in ("create", "delete") or pool.changes_hands for pool in plan.pools)


def _has_moved(then: "Plan", now: "Plan", streams: Streams) -> bool:
    """Whether it would be another plan by now, and says so."""
    from reconciler.planner.staleness import as_saved, moved_since
    from reconciler.reports.staleness_text import moved_text

    seen = then.model_validate(then.model_dump(mode="json"))
    moved = moved_since(seen, as_saved(now, seen))
    if moved.is_stale:
        streams.problem(moved_text(moved))
    return moved.is_stale


def _watched(notes: "Notes", marker: "Marker | None") -> "Notes":
    if marker is None:
        return notes
    from reconciler.cli.consuming import Consuming

    return Consuming(notes, marker)


def _write(out: PrivateFile, receipt: "Receipt", streams: Streams) -> UnwritableFile | None:
    """Write the receipt; a failure is told, and hides nothing of what was done."""
    from reconciler.reports.json_reports import receipt_json

    try:
        out.write(receipt_json(receipt))
    except UnwritableFile as problem:
        streams.problem(error_text(problem))
        return problem
    return None


def _left_open(receipt: "Receipt") -> bool:
    is_open = any(action.outcome != "done" for action in receipt.actions)
    return receipt.interrupted or is_open or any(pool.failed for pool in receipt.pools)
