"""Journals of earlier runs: which are left, what they tell, and which pools go on.

With what reads them come the models of all records, which most runs do not need.
"""

import fcntl
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.flows.inputs import Inputs, chosen_targets
from reconciler.model.errors import ForeignRecord
from reconciler.model.live import LeftCreate
from reconciler.model.project import Project
from reconciler.reports.escape import escape
from reconciler.terminal.streams import Streams

if TYPE_CHECKING:
    from reconciler.planner.resumption import PoolKey

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


def left_by_runs(resumed: Path | None) -> tuple[LeftCreate, ...]:
    """What earlier runs may have made, by the journals that they have left, and by ``resumed``.

    One that cannot be read tells nothing here: going on with it says why.
    """
    paths = dict.fromkeys([*_left(), *([resumed] if resumed else [])])
    if not paths:
        return ()
    from reconciler.planner.resumption import left_creates
    from reconciler.specs.records import UnusableRecord, read_journal

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


def pools_to_resume(
    journal: Path, inputs: Inputs, targets: Sequence[str], streams: Streams
) -> "frozenset[PoolKey]":
    """Read a journal and say what it tells; the pools that are to be planned again.

    ``targets``: the chosen ones, none for all.  Raises ``UnusableRecord``, ``ForeignRecord``, and
    ``UsageProblem`` for an unknown target.
    """
    from reconciler.planner.resumption import is_complete, standings, without_spec
    from reconciler.reports.record_text import journal_text
    from reconciler.specs.records import read_journal

    here = [target.name for target in chosen_targets(inputs.project, targets)]
    read = read_journal(journal)
    require_ours(journal, getattr(read.entries[0], "owner", ""), inputs.project)
    pools = standings(read.entries)
    if is_complete(read.entries, pools):
        streams.note("Nothing to resume: that run came to its end.\n")
        return frozenset()
    skipped = without_spec(pools, inputs.loaded.documents, here)
    streams.note(journal_text(pools, skipped, is_cut=read.is_cut))
    keys = frozenset((pool.target, pool.name) for pool in pools if pool not in skipped)
    if not keys:
        streams.note("Nothing to resume: no pool of that run has a spec here.\n")
    return keys


def require_ours(path: Path, owner: str, project: Project, targets: Iterable[str] = ()) -> None:
    """Refuse the record of another owner, or of targets that the project has not.

    Raises ``ForeignRecord``.
    """
    if owner != project.owner:
        raise ForeignRecord(str(path), "the pools of owner", owner, f"the owner {project.owner!r}")
    known = [target.name for target in project.targets]
    for name in targets:
        if name not in known:
            raise ForeignRecord(str(path), "target", name, f"the targets {', '.join(known)}")
