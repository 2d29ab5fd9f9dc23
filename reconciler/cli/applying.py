"""Carrying a plan out: journal, signals, progress, receipt.  Only the order; no decisions."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from reconciler.cli.consuming import Consuming, Marker
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
from reconciler.reports import error_text, receipt_json

_OWNER_ONLY = 0o600


def apply_plan(
    plan: Plan,
    opened: OpenTargets,
    streams: Streams,
    journal: Path | None,
    receipt_file: Path | None,
    marker: Marker | None = None,
) -> tuple[Receipt, int]:
    """Apply a plan under its targets' locks; the receipt and the exit code.

    ``marker``: that of the saved plan, which is used up with the first request.
    Raises ``JournalProblem``, and where the project has locks, what ``locked`` raises.
    """
    pending = sum(bool(pool.actions) for pool in plan.pools)
    receipt_out = PrivateFile(receipt_file) if receipt_file is not None else None
    with (
        finishing_on_signals(opened.budget.interrupt, streams.note) as caught,
        locked(plan, opened.connections, opened.locking, streams) as lost,
        _journal(journal) as notes,
        applying(streams, pending) as progress,
    ):
        watched = Consuming(notes, marker) if marker else notes
        receipt = execute(plan, opened.connections, opened.workers, watched, progress)
        # Within reach of the signals' handler: a first Ctrl-C must not cost the receipt.
        unwritten = _write(receipt_out, receipt, streams) if receipt_out is not None else None
    if journal is None and not _left_open(receipt):
        notes.path.unlink()
    failed = ExitCode.FAILED if lost or unwritten else None
    return receipt, caught.exit_code or failed or exit_code_of_receipt(plan, receipt)


class PrivateFile:
    """A file that only its owner can read, tried before there is anything to write.

    What cannot be written to is said before the first request; nothing is made before ``write``.
    Links are followed, and what is no regular file (``/dev/stdout``, a pipe) is written through.
    Raises ``UnwritableFile``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file() or path.is_dir():
                os.close(os.open(path, os.O_WRONLY))
        except OSError as error:
            raise UnwritableFile(str(path), error.strerror or str(error)) from error
        if not path.exists() and not os.access(path.parent, os.W_OK | os.X_OK):
            raise UnwritableFile(str(path), "its folder cannot be written to")

    def write(self, text: str) -> None:
        """Replace what is in the file.  Raises ``UnwritableFile``."""
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with os.fdopen(os.open(self._path, flags, _OWNER_ONLY), "w", encoding="utf-8") as file:
                if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    os.fchmod(file.fileno(), _OWNER_ONLY)
                file.write(text)
        except OSError as error:
            raise UnwritableFile(str(self._path), error.strerror or str(error)) from error


def _write(out: PrivateFile, receipt: Receipt, streams: Streams) -> UnwritableFile | None:
    """Write the receipt; a failure is told, and hides nothing of what was done."""
    try:
        out.write(receipt_json(receipt))
    except UnwritableFile as problem:
        streams.problem(error_text(problem))
        return problem
    return None


@contextmanager
def _journal(path: Path | None) -> Iterator[Journal]:
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    with Journal(path or Path(".idpool") / f"journal-{moment}-{os.getpid()}.jsonl") as journal:
        yield journal


def _left_open(receipt: Receipt) -> bool:
    return receipt.interrupted or any(action.outcome != "done" for action in receipt.actions)
