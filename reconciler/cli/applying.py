"""Carrying a plan out: journal, signals, progress, receipt.  Only the order; no decisions."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from reconciler.cli.exit_codes import ExitCode, exit_code_of_receipt
from reconciler.cli.locking import locked
from reconciler.cli.progress import applying
from reconciler.cli.signals import finishing_on_signals
from reconciler.cli.streams import Streams
from reconciler.cli.workflow import OpenTargets
from reconciler.executor import execute
from reconciler.executor.journal import Journal
from reconciler.model.errors import UnwritableFile
from reconciler.model.plan import Plan
from reconciler.model.receipt import Receipt
from reconciler.reports import receipt_json

_OWNER_ONLY = 0o600


def apply_plan(
    plan: Plan,
    opened: OpenTargets,
    streams: Streams,
    journal: Path | None,
    receipt_file: Path | None,
) -> tuple[Receipt, int]:
    """Apply a plan under its targets' locks; the receipt and the exit code.

    Raises ``JournalProblem``, and where the project has locks, what ``locked`` raises.
    """
    pending = sum(bool(pool.actions) for pool in plan.pools)
    with (
        finishing_on_signals(opened.budget.interrupt, streams.note) as caught,
        locked(plan, opened.connections, opened.locking, streams) as lost,
        _journal(journal) as notes,
        applying(streams, pending) as progress,
    ):
        receipt = execute(plan, opened.connections, opened.workers, notes, progress)
        if receipt_file is not None:
            write_private(receipt_file, receipt_json(receipt))
    if journal is None and not _left_open(receipt):
        notes.path.unlink()
    failed = ExitCode.FAILED if lost else None
    return receipt, caught.exit_code or failed or exit_code_of_receipt(plan, receipt)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read.  Raises ``UnwritableFile``."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w"
        ) as file:
            file.write(text)
    except OSError as error:
        raise UnwritableFile(str(path), error.strerror or str(error)) from error


@contextmanager
def _journal(path: Path | None) -> Iterator[Journal]:
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    with Journal(path or Path(".idpool") / f"journal-{moment}-{os.getpid()}.jsonl") as journal:
        yield journal


def _left_open(receipt: Receipt) -> bool:
    return receipt.interrupted or any(action.outcome != "done" for action in receipt.actions)
