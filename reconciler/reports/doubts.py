"""What checks say of a plan's pools, as all formats say it.

A doubt that blocks is said as the refusal that it is; one that live has already, or that is waived,
is for whoever looks for it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from reconciler.model.access import PoolFinding
from reconciler.model.findings import Source
from reconciler.reports.error_text import SEVERITY_STYLES
from reconciler.reports.escape import escape
from reconciler.reports.lines import Text, dim, line

_PLACE: Final = re.compile(r"(?P<file>.+):(?P<line>[0-9]{1,9}):(?P<column>[0-9]{1,9})", re.DOTALL)


def new_doubts(doubts: Iterable[PoolFinding]) -> list[PoolFinding]:
    """Those that are to be thought about before the plan is applied."""
    return [each for each in doubts if not (each.blocks or each.is_known)]


def new_lines(doubts: Iterable[PoolFinding]) -> Iterator[Text]:
    """Two lines each: where and what, and the fix."""
    for each in new_doubts(doubts):
        head = (each.severity, SEVERITY_STYLES[each.severity])
        yield line(head, f": {escape(each.sentence)}", dim(f" [{escape(each.rule)}]"))
        if each.fix:
            yield line(f"  fix: {escape(each.fix)}")


def known_lines(doubts: Iterable[PoolFinding]) -> Iterator[Text]:
    """One line each."""
    for each in doubts:
        if each.is_known:
            told = f"{each.severity}: {escape(each.sentence)} [{escape(each.rule)}]"
            yield dim(f"{known_as(each)}: {told}")


def known_as(doubt: PoolFinding) -> str:
    """Why nobody has to act on it."""
    return f"waived ({escape(doubt.waived)})" if doubt.waived else "already so"


def place_of(doubt: PoolFinding) -> tuple[Source | None, int | None]:
    """The file and line of its place, and its column; ``None`` where it has none."""
    place = _PLACE.fullmatch(doubt.place)  # a saved plan may say anything
    if not place:
        return None, None
    return Source(file=place["file"], line=int(place["line"])), int(place["column"])
