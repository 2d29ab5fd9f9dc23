"""Going on with a run that was killed: which pools its journal names, and that it is ours."""

from collections.abc import Sequence
from pathlib import Path

from reconciler.cli.inputs import Inputs, chosen_targets
from reconciler.cli.streams import Streams
from reconciler.model.errors import ForeignRecord
from reconciler.model.journal import RunBegins
from reconciler.planner.resumption import PoolKey, is_complete, standings, without_spec


def pools_to_resume(
    journal: Path, inputs: Inputs, targets: Sequence[str], streams: Streams
) -> frozenset[PoolKey]:
    """Read a journal and say what it tells; the pools that are to be planned again.

    ``targets``: the chosen ones, none for all.  Raises ``UnusableRecord``, ``ForeignRecord``, and
    ``UsageProblem`` for an unknown target.
    """
    from reconciler.loader import read_journal
    from reconciler.reports.journal_text import journal_text

    here = [target.name for target in chosen_targets(inputs.project, targets)]
    read = read_journal(journal)
    require_our_owner(journal, _owner(read.entries[0]), inputs.project.owner)
    pools = standings(read.entries)
    if is_complete(read.entries, pools):
        streams.note("Nothing to resume: that run came to its end.\n")
        return frozenset()
    skipped = without_spec(pools, inputs.loaded.specs, here)
    streams.note(journal_text(pools, skipped, is_cut=read.is_cut))
    keys = frozenset((pool.target, pool.name) for pool in pools if pool not in skipped)
    if not keys:
        streams.note("Nothing to resume: no pool of that run has a spec here.\n")
    return keys


def require_our_owner(path: Path, theirs: str, ours: str) -> None:
    """Refuse the record of another owner.  Raises ``ForeignRecord``."""
    if theirs != ours:
        raise ForeignRecord(str(path), "the pools of owner", theirs, f"the owner {ours!r}")


def _owner(first: object) -> str:
    return first.owner if isinstance(first, RunBegins) else ""
