"""The journal: an append-only file that survives whatever ends the process."""

import fcntl
import os
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, Self

from reconciler.model.errors import IdpoolError
from reconciler.model.journal import JournalEntry

_OWNER_ONLY = 0o600


class JournalProblem(IdpoolError):
    """The journal cannot be written, so nothing may be sent."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the journal {path} cannot be written: {reason}")
        self.path = path
        self.hint = "name another place with --journal FILE"


class Notes(Protocol):
    """Where the executor writes down what it is about to do, and what came of it."""

    def note(self, entry: JournalEntry) -> None:
        """Write one entry; it is on disk when this returns."""


class _Batch:
    """Lines that reach the disk together."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.is_over = False
        self.trouble: str | None = "nothing was written"


class Journal:
    """A journal file of its own: one JSON entry a line, each on disk before the next step.

    While one batch is on its way to the disk, the entries of other threads become the next one: a
    disk that takes 10 ms for each would else hold 16 threads to 100 entries a second.  Raises
    ``JournalProblem`` when it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = threading.Condition()
        self._next = _Batch()
        self._is_writing = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            self._file = os.open(path, flags, _OWNER_ONLY)
            with suppress(OSError):  # only for those who look for journals that nobody writes
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise JournalProblem(path, error.strerror or str(error)) from error

    def note(self, entry: JournalEntry) -> None:
        """Append one entry; it is on disk when this returns."""
        line = entry.model_dump_json(by_alias=True).encode() + b"\n"
        with self._turn:
            batch = self._next
            batch.lines.append(line)
            while self._is_writing and not batch.is_over:
                self._turn.wait()
            is_mine = not batch.is_over
            if is_mine:
                self._is_writing, self._next = True, _Batch()
        if is_mine:
            self._write(batch)
        if batch.trouble is not None:
            raise JournalProblem(self.path, batch.trouble)

    def _write(self, batch: _Batch) -> None:
        """Write the lines of all who wait; whatever happens, they are told of it."""
        try:
            _write_all(self._file, b"".join(batch.lines))
            os.fsync(self._file)
            batch.trouble = None
        except OSError as error:
            batch.trouble = error.strerror or str(error)
        finally:
            with self._turn:
                self._is_writing, batch.is_over = False, True
                self._turn.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)


def _write_all(file: int, line: bytes) -> None:
    """Write a whole line; a full disk takes a part of it first, and the rest must raise."""
    while line:
        line = line[os.write(file, line) :]


class NoJournal:
    """For those who want none."""

    def note(self, entry: JournalEntry) -> None:
        """Nothing is written."""


def now() -> str:
    """The moment, as journals write it: ISO 8601, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
