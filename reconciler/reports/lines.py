"""Lines of a report: signs, colours, indentation, columns.

A report is built as a list of lines, each a ``Text`` without a newline, and joined at the end.
Colour only repeats what signs and words say already.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from reconciler.reports.styled_text import Part, Text

Sign = Literal["+", "-", "~", "!", "?", "="]

ADD = "green"
REMOVE = "red"
CHANGE = "yellow"
REFUSE = "magenta"
DIM = "dim"
STRONG = "bold"

SIGN_STYLES: dict[Sign, str] = {
    "+": ADD,
    "-": REMOVE,
    "~": CHANGE,
    "!": REFUSE,
    "?": CHANGE,
    "=": DIM,
}
_WHOLE_LINE: frozenset[Sign] = frozenset({"+", "-"})


def line(*parts: Part) -> Text:
    """One line of plain and styled parts."""
    return Text.assemble(*parts)


def dim(text: str) -> Text:
    """One line, or part of one, that a hurried reader may skip."""
    return Text(text, DIM)


def signed(sign: Sign, *parts: Part) -> Text:
    """A line that begins with its sign; an addition or a removal is coloured as a whole."""
    style = SIGN_STYLES[sign]
    base = style if sign in _WHOLE_LINE else ""
    return Text.assemble((f"{sign} ", style), *parts, style=base)


def old_to_new(before: str, after: str) -> Text:
    """``old -> new``; both are escaped already."""
    return line((before, REMOVE), " -> ", (after, ADD))


def indented(lines: Iterable[Text], by: int = 4) -> list[Text]:
    """The lines, moved to the right."""
    return [Text.assemble(" " * by, text) if text else text for text in lines]


def columns(rows: Sequence[Sequence[Text]], right: frozenset[int] = frozenset()) -> list[Text]:
    """Rows of cells as lines with aligned columns, nothing after the last.

    Columns in ``right`` are aligned to the right and followed by one space, others by two.
    """
    widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
    return [_row(cells, widths, right) for cells in rows]


def joined(lines: Iterable[Text]) -> Text:
    """The report as one text, without a newline at the end.

    Meant for ``Console.print(text, soft_wrap=True)``: a wrapped or cropped ARN is no ARN.
    """
    return Text("\n").join(lines)


def _row(cells: Sequence[Text], widths: Sequence[int], right: frozenset[int]) -> Text:
    parts: list[Part] = []
    for number, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        gap = " " * (width - cell.cell_len)
        parts += [gap, cell, " "] if number in right else [cell, gap, "  "]
    return Text.assemble(*parts).rstrip()
