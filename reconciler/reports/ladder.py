"""A page that gets shorter until it fits: by whole items, and saying what was left out.

Platforms limit comments by size.  The rungs: everything; changes of as many pools as fit, the
riskiest first; the tables alone, with as many rows as fit below what somebody must act on; the
counts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from reconciler.reports.markdown import link as linked
from reconciler.reports.markdown import table
from reconciler.reports.numbers import plural

_GAP = "\n\n"
_ROOM_FOR_NOTE = 200


@dataclass(frozen=True, eq=False)
class Entry:
    """One thing in a table, and what unfolds below it; a smaller ``rank`` is dropped later."""

    row: str
    details: str = ""
    rank: int = 0


@dataclass(frozen=True, eq=False)
class Section:
    """One table under its heading, and what follows it."""

    heading: str
    header: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """A report in parts.  ``summary`` is never dropped; ``urgent`` comes right below it.

    ``noun`` is what an entry is; ``link`` leads to the whole report.
    """

    summary: str
    urgent: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    after: tuple[str, ...] = ()
    noun: str = "pool"
    link: str = ""

    @property
    def entries(self) -> list[Entry]:
        """The entries of all sections."""
        return [entry for section in self.sections for entry in section.entries]


def fit(page: Page, max_bytes: int | None) -> str:
    """The longest form of the page within ``max_bytes`` of UTF-8.

    The counts are as short as it gets, so a limit below about 400 bytes may not be kept.
    """
    text = _whole(page)
    if max_bytes is None or _size(text) <= max_bytes:
        return text
    rungs: tuple[Callable[[Page, int], str], ...] = (_some_details, _some_rows, _counts)
    for rung in rungs:
        text = rung(page, max_bytes)
        if _size(text) <= max_bytes:
            break
    return text


def _whole(page: Page) -> str:
    sections = [part for section in page.sections for part in _section(section)]
    return _joined(
        [page.summary, *page.urgent, *sections, *page.after, linked("The whole log", page.link)]
    )


def _some_details(page: Page, limit: int) -> str:
    entries = [entry for entry in page.entries if entry.details]
    room = limit - _size(_with_details(page, [], "")) - _room_for_note(page)
    kept = _chosen(entries, room, lambda entry: entry.details)
    missing = _left(page, len(entries) - len(kept), "without details")
    return _with_details(page, kept, _note(page, missing))


def _with_details(page: Page, kept: list[Entry], note: str) -> str:
    sections = [part for section in page.sections for part in _section(section, kept)]
    return _joined([page.summary, note, *page.urgent, *sections, *page.after])


def _some_rows(page: Page, limit: int) -> str:
    page = _lean(page, limit)
    room = limit - _size(_with_rows(page, [], "")) - _room_for_note(page)
    headings = sum(_size(_joined([s.heading, table(s.header, [])])) + 2 for s in page.sections)
    kept = _chosen(page.entries, room - headings, lambda entry: entry.row)
    if not kept:
        return _counts(page, limit)
    left = len(page.entries) - len(kept)
    counted = f", and {_left(page, left, 'in the counts only')}" if left else ""
    return _with_rows(page, kept, _note(page, f"only the tables are shown{counted}"))


def _lean(page: Page, limit: int) -> Page:
    """What somebody must act on outlasts rows, but takes no more than half of the room."""
    fits = _size(_joined(page.urgent)) * 2 <= limit
    return page if fits else replace(page, urgent=())


def _with_rows(page: Page, kept: list[Entry], note: str) -> str:
    """The summary, what is urgent, and the tables: nothing else."""
    tables = [part for section in page.sections for part in _rows(section, kept)]
    return _joined([page.summary, note, *page.urgent, *tables])


def _counts(page: Page, _limit: int) -> str:
    return _joined([page.summary, _note(page, "only the counts are shown")])


def _section(section: Section, detailed: list[Entry] | None = None) -> list[str]:
    """The section with all rows; the details of ``detailed``, by default of all."""
    shown = section.entries if detailed is None else [e for e in section.entries if e in detailed]
    unfold = [entry.details for entry in shown]
    return [*_heading(section), *_rows_of(section, section.entries), *unfold, *section.after]


def _rows(section: Section, kept: list[Entry]) -> list[str]:
    entries = [entry for entry in section.entries if entry in kept]
    return [*_heading(section), *_rows_of(section, entries)] if entries else []


def _heading(section: Section) -> list[str]:
    return [section.heading] if section.heading else []


def _rows_of(section: Section, entries: Iterable[Entry]) -> list[str]:
    rows = [entry.row for entry in entries]
    return [table(section.header, rows)] if rows else []


def _chosen(entries: list[Entry], room: int, part: Callable[[Entry], str]) -> list[Entry]:
    """Whole entries that fit into ``room`` bytes, those of the smallest rank first."""
    kept = []
    for entry in sorted(entries, key=lambda entry: entry.rank):
        room -= _size(part(entry)) + len(_GAP)
        if room < 0:
            break
        kept.append(entry)
    return kept


def _note(page: Page, missing: str) -> str:
    """What was left out, and where it is to be read."""
    where = linked("Everything is in the log", page.link)
    return f"_Too long for here: {missing}._ {where}".rstrip()


def _left(page: Page, count: int, how: str) -> str:
    return f"{plural(count, page.noun)} {'is' if count == 1 else 'are'} {how}"


def _room_for_note(page: Page) -> int:
    return _ROOM_FOR_NOTE + _size(page.link) * 3  # percent-encoding makes three bytes of one


def _joined(parts: Iterable[str]) -> str:
    return _GAP.join(part for part in parts if part) + "\n"


def _size(text: str) -> int:
    return len(text.encode())
