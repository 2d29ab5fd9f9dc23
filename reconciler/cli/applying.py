"""Carrying a plan out: journal, signals, progress, receipt.  Only the order; no decisions."""

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
from reconciler.cli.workflow import OpenTargets
from reconciler.model.errors import UnwritableFile
from reconciler.reports.error_text import error_text
from reconciler.reports.escape import escape

if TYPE_CHECKING:
    from reconciler.cli.consuming import Marker
    from reconciler.executor.journal import Notes
    from reconciler.executor.looks import Looks
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
    plan: "Plan",
    show: Callable[[], None],
    opened: OpenTargets,
    streams: Streams,
    records: Records,
    *,
    yes: bool,
    marker: "Marker | None" = None,
) -> Applied:
    """Show a plan, ask unless ``yes``, and apply it under its targets' locks.

    ``marker``: that of the saved plan, which is used up by a run that sends something.
    Raises ``JournalProblem``, ``PlanInUse``, and where the project has locks, what ``locked``
    raises.
    """
    from reconciler.executor.looks import looks_of

    with looks_of(plan, opened.connections) as looks:
        # Whoever is asked takes his time, and who holds the lock may create until he gives it back.
        if yes and opened.locking.lock is None:
            for look in looks.values():
                look.begin()
        show()
        if plan.has_changes and not (yes or agrees(streams)):
            return Applied(ExitCode.FAILED)
        return _apply(plan, opened, looks, streams, records, marker)


def _apply(
    plan: "Plan",
    opened: OpenTargets,
    looks: "Looks",
    streams: Streams,
    records: Records,
    marker: "Marker | None",
) -> Applied:
    from reconciler.executor.execution import execute
    from reconciler.executor.journal import Journal

    pending = sum(bool(pool.actions) for pool in plan.pools)
    journal = records.journal or own_journal()
    receipt_out = PrivateFile(records.receipt) if records.receipt is not None else None
    with (
        finishing_on_signals(
            opened.budget.interrupt, streams.note, lambda: records.way_on(journal)
        ) as caught,
        locked(plan, opened.connections, opened.locking, streams) as lost,
        marker.claimed() if marker is not None and plan.has_changes else nullcontext(),
        Journal(journal) as notes,
        applying(streams, pending) as progress,
    ):
        watched = _watched(notes, marker)
        receipt = execute(plan, opened.connections, looks, opened.workers, watched, progress)
        # Within reach of the signals' handler: a first Ctrl-C must not cost the receipt.
        unwritten = _write(receipt_out, receipt, streams) if receipt_out is not None else None
    if _left_open(receipt):
        streams.note(records.way_on(journal))
    elif records.journal is None:
        journal.unlink()
    failed = ExitCode.FAILED if lost or unwritten else None
    code = caught.exit_code or failed or exit_code_of_receipt(plan, receipt)
    return Applied(code, (receipt, plan))


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
    return receipt.interrupted or any(action.outcome != "done" for action in receipt.actions)
