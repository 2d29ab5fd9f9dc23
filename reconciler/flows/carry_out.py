"""Carrying a plan out: show, ask, lock, journal, signals, progress, receipt."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reconciler.executor.execution import execute
from reconciler.executor.journal import Journal
from reconciler.executor.newcomers import GOOD_FOR_SECONDS
from reconciler.flows.journals import own_journal
from reconciler.flows.locking import locked
from reconciler.flows.plan import Planned
from reconciler.flows.reporting import show_report, write_report
from reconciler.flows.targets import OpenTargets
from reconciler.model.errors import UnwritableFile
from reconciler.model.plan import Plan
from reconciler.model.receipt import Receipt
from reconciler.model.request import RecordFiles
from reconciler.planner.staleness import as_saved, moved_since
from reconciler.reports.escape import escape
from reconciler.reports.formats import record_json
from reconciler.reports.lines import Text
from reconciler.reports.receipt_report import receipt_report
from reconciler.reports.record_text import moved_text
from reconciler.terminal.exit_codes import ExitCode, exit_code_of_receipt
from reconciler.terminal.files import PrivateFile
from reconciler.terminal.outputs import Outputs
from reconciler.terminal.signals import finishing_on_signals
from reconciler.terminal.streams import Streams, agrees, applying


@dataclass(frozen=True, slots=True)
class Terms:
    """``yes``: unasked; ``again``: the command that goes on with the run of ``{journal}``."""

    records: RecordFiles
    outputs: Outputs
    yes: bool
    again: str = "idpool apply --resume {journal}"


def apply_plan(
    plan_now: Callable[[], Planned],
    text_of: Callable[[Plan], Text],
    opened: OpenTargets,
    terms: Terms,
) -> int:
    """Show a plan, ask unless told not to, apply it under its targets' locks, and tell the outcome.

    ``plan_now`` is called once, and once more where the answer or a lock was waited for: where it
    is another plan by then, the run is stale, unless all that it wanted is done already.
    Gives the exit code.  Raises ``JournalProblem``, ``UnwritableFile``, where the project has locks
    what ``locked`` raises, and what ``plan_now`` does.
    """
    streams = opened.streams
    planned = plan_now()
    began = time.monotonic()
    (streams.artefact if terms.outputs.is_text else streams.note)(text_of(planned.plan))
    if planned.plan.has_changes and not (terms.yes or agrees(streams)):
        return ExitCode.FAILED
    pending = sum(bool(pool.actions) for pool in planned.plan.pools)
    journal = terms.records.journal or own_journal()
    receipt_out = PrivateFile(terms.records.receipt) if terms.records.receipt else None
    last_words = partial(_way_on, journal, terms.again)
    with (
        finishing_on_signals(opened.budget.interrupt, streams.note, last_words) as caught,
        locked(planned.plan, opened) as lost,
    ):
        has_waited = time.monotonic() - began > GOOD_FOR_SECONDS and not opened.budget.interrupted
        if has_waited and _depends_on_all_pools(planned.plan):
            seen, planned = planned.plan, plan_now()
            if _is_stale(seen, planned.plan, streams):
                return caught.exit_code or ExitCode.STALE
        plan = planned.plan
        with Journal(journal) as notes, applying(streams, pending) as progress:
            receipt = execute(
                plan, opened.connections, planned.seen, opened.workers, notes, progress
            )
            # Within reach of the signals' handler: a first Ctrl-C must not cost the receipt.
            unwritten = _write(receipt_out, receipt, streams) if receipt_out is not None else None
    if _left_open(receipt):
        streams.note(last_words())
    elif terms.records.journal is None:
        journal.unlink()
    tell = show_report if plan.has_changes else write_report
    tell(receipt_report(receipt, plan), terms.outputs, streams)
    failed = ExitCode.FAILED if lost or unwritten else None
    return caught.exit_code or failed or exit_code_of_receipt(plan, receipt)


def _depends_on_all_pools(plan: Plan) -> bool:
    """Whether it creates, adopts or deletes: the fresh read before a write does not see that."""
    return any(pool.verb in ("create", "delete") or pool.changes_hands for pool in plan.pools)


def _is_stale(then: Plan, now: Plan, streams: Streams) -> bool:
    """Whether it is another plan by now, and says so; one that wants nothing more is done."""
    if not (now.has_changes or any(now.refusals)):
        return False
    seen = then.model_validate(then.model_dump(mode="json"))
    moved = moved_since(seen, as_saved(now, seen))
    if moved.is_stale:
        streams.problem(moved_text(moved))
    return moved.is_stale


def _write(out: PrivateFile, receipt: Receipt, streams: Streams) -> UnwritableFile | None:
    """Write the receipt; a failure is told, and hides nothing of what was done."""
    try:
        out.write(record_json(receipt))
    except UnwritableFile as problem:
        streams.error(problem)
        return problem
    return None


def _left_open(receipt: Receipt) -> bool:
    is_open = any(action.outcome != "done" for action in receipt.actions)
    return receipt.interrupted or is_open or any(pool.failed for pool in receipt.pools)


def _way_on(journal: Path, again: str) -> str:
    """What to say when the run has left something open; "" where it never began."""
    if not journal.exists():
        return ""
    command = again.replace("{journal}", str(journal))
    told = f"The journal {journal} says what was sent. To go on with this run: {command}"
    return escape(f"{told}, with the same specs and options") + "\n"
