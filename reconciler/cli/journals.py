"""The journals that nobody named a place for: where they are, and which of them are left."""

import fcntl
import os
from datetime import UTC, datetime
from pathlib import Path

from reconciler.cli.streams import Streams
from reconciler.reports.escape import escape

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
    left = [each for each in sorted(_FOLDER.glob("journal-*.jsonl")) if each.absolute() != known]
    left = [each for each in left if not _is_written(each)]
    if not left:
        return
    more = f" and {len(left) - 1} more" if len(left) > 1 else ""
    streams.note(
        f"note: an earlier run left something open: {escape(str(left[-1]))}{more}; go on with "
        "idpool apply --resume FILE, or remove the file once it is settled\n"
    )


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
