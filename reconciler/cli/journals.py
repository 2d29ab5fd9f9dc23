"""The journals that nobody named a place for: where they are, and which of them are left."""

import fcntl
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.cli.streams import Streams
from reconciler.reports.escape import escape

if TYPE_CHECKING:
    from reconciler.model.live import LeftCreate

_FOLDER = Path(".idpool")


def own_journal() -> Path:
    """A place for the journal of this run: in containers all runs may have the same number."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    return _FOLDER / f"journal-{moment}-{os.getpid()}.jsonl"


def note_left_journals(streams: Streams, resumed: Path | None) -> None:
    """Say in one line that earlier runs have left something open; not of the ``resumed`` one.

    A journal without a place of its own is removed by its run when nothing is left open.
    """
    known = resumed.absolute() if resumed else None
    left = [each for each in _left() if each.absolute() != known]
    if not left:
        return
    more = f" and {len(left) - 1} more" if len(left) > 1 else ""
    streams.note(
        f"note: an earlier run left something open: {escape(str(left[-1]))}{more}; go on with "
        "idpool apply --resume FILE, or remove the file once it is settled\n"
    )


def left_by_runs(resumed: Path | None) -> "tuple[LeftCreate, ...]":
    """What earlier runs may have made, by the journals that they have left, and by ``resumed``.

    One that cannot be read tells nothing here: going on with it says why.
    """
    paths = dict.fromkeys([*_left(), *([resumed] if resumed else [])])
    if not paths:
        return ()
    from reconciler.loader import read_journal
    from reconciler.loader.records import UnusableRecord
    from reconciler.planner.resumption import left_creates

    found: list[LeftCreate] = []
    for path in paths:
        with suppress(UnusableRecord):
            found += left_creates(read_journal(path).entries, str(path))
    return tuple(found)


def _left() -> list[Path]:
    return [each for each in sorted(_FOLDER.glob("journal-*.jsonl")) if not _is_written(each)]


def _is_written(path: Path) -> bool:
    """Whether a run has it open, which cannot have left anything yet."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
