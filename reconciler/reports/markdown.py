"""Markdown as GitHub and GitLab read it: a page that gets shorter until it fits.

A string can only ever be text: what AWS or YAML says stands in code alone, where neither platform
looks for mentions, links, references, emoji or HTML.  Sentences that quote it are taken apart word
by word.

Platforms limit comments by size.  The rungs of a page: everything; changes of as many pools as fit,
the riskiest first; the tables alone, with as many rows as fit below what somebody must act on; the
counts."""

import html
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from reconciler.reports.escape import escape
from reconciler.reports.lines import plural, sign_of_line

# Words that no Markdown dialect can take for anything else.  All else becomes code: mentions,
# `#1`, `:smile:`, addresses, hashes, identifiers.
_PLAIN_WORD = re.compile(r"[(]?(?:[A-Z]?[a-z]+(?:-[a-z]+)*|[A-Z]{1,5}|\d{1,6})(?:'s)?[.,;:)]*")
_HASH = re.compile(r"[0-9a-f]{7,}")
_WORD_ENDS = re.compile(r"(?P<open>[('\"]*)(?P<core>.*?)(?P<close>[.,;:)'\"]*)", re.DOTALL)
_BACKTICKS = re.compile(r"`+")
_SAFE_IN_URL = ":/?#[]@!$&*+,;=%~"
_HTTP = re.compile(r"https?://[^\s<>]+\Z")


def code(text: str) -> str:
    """The text as a code span, fit for a table cell, too.

    A pipe is written as an escape: dialects disagree on which backslash before one counts.
    """
    inside = escape(text).replace("|", r"\x7c")
    if not inside:
        return ""
    ticks = "`" * (_longest_run(inside) + 1)
    pad = " " if inside[0] in "` " or inside[-1] in "` " else ""
    return f"{ticks}{pad}{inside}{pad}{ticks}"


def prose(sentence: str) -> str:
    """A sentence of ours that may quote theirs: plain words stay, everything else is code."""
    return " ".join(map(_word, escape(sentence).split()))


def link(words: str, url: str) -> str:
    """A link with our words; only ``http`` and ``https`` become one, "" where there is no URL."""
    if not url:
        return ""
    if not _HTTP.match(url):
        return f"{words}: {code(url)}"
    return f"[{words}](<{quote(url, safe=_SAFE_IN_URL)}>)"


def row(*cells: str) -> str:
    """One line of a table."""
    return f"| {' | '.join(cells)} |"


def table(header: Sequence[str], rows: Iterable[str]) -> str:
    """A table of rows that are made with ``row``."""
    return "\n".join([row(*header), row(*("---" for _ in header)), *rows])


def details(summary: Iterable[tuple[str, bool]], body: str, *, is_open: bool = False) -> str:
    """A block that unfolds.  The summary's parts are (text, whether it is theirs)."""
    parts = (_html_code(text) if theirs else html.escape(text) for text, theirs in summary)
    start = "<details open>" if is_open else "<details>"
    return f"{start}<summary>{' '.join(parts)}</summary>\n\n{body}\n\n</details>"


def _html_code(text: str) -> str:
    return f"<code>{html.escape(escape(text))}</code>"


def diff(lines: Iterable[str]) -> str:
    """Lines of a report as a ``diff`` block: signs move to the margin, where they are coloured."""
    return _fenced("diff", [_diff_line(line) for line in lines])


def block(lines: Sequence[str]) -> str:
    """Lines as they are, in a block of their own."""
    return _fenced("text", lines)


def chart(text: str) -> str:
    """A chart in Mermaid's language, which both platforms draw."""
    return _fenced("mermaid", text.splitlines())


def alert(kind: str, lines: Iterable[str]) -> str:
    """A block that both platforms show loudly: CAUTION, WARNING, NOTE; "" without a line."""
    shown = [f"> {line}".rstrip() for line in lines]
    return "\n".join([f"> [!{kind}]", *shown]) if shown else ""


def _word(word: str) -> str:
    if _PLAIN_WORD.fullmatch(word) and not _HASH.search(word):
        return word
    ends = _WORD_ENDS.fullmatch(word)
    if ends is None or not ends["core"]:
        return code(word)
    opening, core, closing = ends["open"], ends["core"], ends["close"]
    if _PLAIN_WORD.fullmatch(core) and not _HASH.search(core):
        return f"{opening}{core}{closing}"
    if opening[-1:] == closing[:1]:  # code needs no quotes
        opening, closing = opening[:-1], closing[1:]
    return f"{opening}{code(core)}{closing}"


def _fenced(language: str, lines: Sequence[str]) -> str:
    """A fence longer than any inside; no start of an HTML comment, so that markers stay ours."""
    body = "\n".join(lines).replace("<!--", r"\x3c!--")
    fence = "`" * max(3, _longest_run(body) + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def _diff_line(line: str) -> str:
    sign = sign_of_line(line)
    if not sign:
        return f"  {line}"
    rest = line.lstrip()
    indent = " " * (len(line) - len(rest))
    return f"{sign} {indent}{rest.removeprefix(f'{sign} ')}"


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)


_GAP = "\n\n"
_ROOM_FOR_NOTE = 200
_MOST_OF_PICTURE = 5000  # bytes: some 25 rules


@dataclass(frozen=True, eq=False)
class Row:
    """One line of a table, and what unfolds below it; a smaller ``rank`` is dropped later.

    ``count`` is how many things it tells of; ``picture`` unfolds, too, where there is room.
    """

    cells: tuple[str, ...]
    details: str = ""
    rank: int = 0
    count: int = 1
    picture: str = ""

    @property
    def line(self) -> str:
        """The row as its table has it."""
        return row(*self.cells)


@dataclass(frozen=True, eq=False)
class Table:
    """Rows under their heading; without a row nothing of it is shown."""

    heading: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Page:
    """A report in parts.

    ``first`` comes first: the first of its forms that takes no more than half of the room, or the
    last.  ``summary`` is never dropped; ``urgent`` comes right below it.

    ``noun`` is what a row tells of; ``link`` leads to the whole report.
    """

    summary: str
    first: tuple[str, ...] = ("",)
    urgent: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    after: tuple[str, ...] = ()
    noun: str = "pool"
    link: str = ""

    @property
    def rows(self) -> list[Row]:
        """The rows of all tables."""
        return [each for part in self.tables for each in part.rows]

    def fit(self, max_bytes: int | None) -> str:
        """The longest form of the page within ``max_bytes`` of UTF-8.

        The counts are as short as it gets, so a limit below about 400 bytes may not be kept.
        """
        page = replace(self, first=(self._first(max_bytes),))
        whole = replace(page, after=(*self.after, link("The whole log", self.link)))
        text = _rendered(whole, "", self.rows, self.rows)
        if max_bytes is None or _size(text) <= max_bytes:
            return _with_pictures(whole, sys.maxsize if max_bytes is None else max_bytes)
        for rung in (_some_details, _some_rows, _counts):
            if _size(text) <= max_bytes:
                break
            text = rung(page, max_bytes)
        return text

    def _first(self, max_bytes: int | None) -> str:
        forms = (each for each in self.first if max_bytes is None or _size(each) * 2 <= max_bytes)
        return next(forms, self.first[-1])


def _with_pictures(page: Page, limit: int) -> str:
    """All of the page, and of its pictures those that are small and fit."""
    drawn = [each for each in page.rows if each.picture]
    small = [each for each in drawn if _size(each.picture) <= _MOST_OF_PICTURE]
    room = limit - _size(_rendered(page, "", page.rows, page.rows)) - _ROOM_FOR_NOTE
    kept = _chosen(small, room, lambda each: each.picture)
    if left := _count(drawn) - _count(kept):
        note = f"_{_left(page, left, 'too large to be drawn here')}:_ {code('idpool graph')}"
        told = replace(page, after=(*page.after[:-1], note, *page.after[-1:]))
        page = told if room >= 0 else page
    return _rendered(page, "", page.rows, page.rows, kept)


def _some_details(page: Page, limit: int) -> str:
    rows = [each for each in page.rows if each.details]
    room = limit - _size(_rendered(page, "", page.rows)) - _room_for_note(page)
    kept = _chosen(rows, room, lambda each: each.details)
    missing = _left(page, _count(rows) - _count(kept), "without details")
    return _rendered(page, _note(page, missing), page.rows, kept)


def _some_rows(page: Page, limit: int) -> str:
    """The summary, what is urgent, and the tables: nothing else."""
    # What somebody must act on outlasts rows, but takes no more than half of the room.
    fits = _size(_joined(page.urgent)) * 2 <= limit
    page = replace(page, urgent=page.urgent if fits else (), after=())
    room = limit - _size(_rendered(page, "", [])) - _room_for_note(page)
    headings = sum(_size(_joined([t.heading, table(t.header, [])])) + 2 for t in page.tables)
    kept = _chosen(page.rows, room - headings, lambda each: each.line)
    if not kept:
        return _counts(page, limit)
    left = _count(page.rows) - _count(kept)
    counted = f", and {_left(page, left, 'in the counts only')}" if left else ""
    return _rendered(page, _note(page, f"only the tables are shown{counted}"), kept)


def _counts(page: Page, _limit: int) -> str:
    return _joined([page.first[0], page.summary, _note(page, "only the counts are shown")])


def _rendered(
    page: Page,
    note: str,
    rows: Sequence[Row],
    unfolded: Sequence[Row] = (),
    drawn: Sequence[Row] = (),
) -> str:
    """The page with these of its rows, the details of the unfolded and pictures of the drawn."""
    parts = [page.first[0], page.summary, note, *page.urgent]
    for each in page.tables:
        lines = [r.line for r in each.rows if r in rows]
        parts += [each.heading, table(each.header, lines)] if lines else []
        for one in each.rows:
            parts += [one.details] if one in unfolded else []
            parts += [one.picture] if one in drawn else []
    return _joined([*parts, *page.after])


def _chosen(rows: list[Row], room: int, part: Callable[[Row], str]) -> list[Row]:
    """Whole rows that fit into ``room`` bytes, those of the smallest rank first."""
    kept = []
    for each in sorted(rows, key=lambda each: each.rank):
        room -= _size(part(each)) + len(_GAP)
        if room < 0:
            break
        kept.append(each)
    return kept


def _count(rows: Iterable[Row]) -> int:
    return sum(each.count for each in rows)


def _note(page: Page, missing: str) -> str:
    """What was left out, and where it is to be read."""
    where = link("Everything is in the log", page.link)
    return f"_Too long for here: {missing}._ {where}".rstrip()


def _left(page: Page, count: int, how: str) -> str:
    return f"{plural(count, page.noun)} {'is' if count == 1 else 'are'} {how}"


def _room_for_note(page: Page) -> int:
    return _ROOM_FOR_NOTE + _size(page.link) * 3  # percent-encoding makes three bytes of one


def _joined(parts: Iterable[str]) -> str:
    return _GAP.join(part for part in parts if part) + "\n"


def _size(text: str) -> int:
    return len(text.encode())
