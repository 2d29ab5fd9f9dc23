"""Styled text and lines of a report: signs, colours, indentation, columns, numbers of things.

A report is built as a list of lines, each a ``Text`` without a newline, and joined at the end.
Colour only repeats what signs and words say already.  rich shows it, and is not imported before."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

if TYPE_CHECKING:
    from rich.text import Text as RichText


Part: TypeAlias = "str | Text | tuple[str, str]"


class Text(tuple[tuple[str, str], ...]):
    """Text and its styles, in rich's words for them: a tuple of (text, style).

    rich's own text finds out with each part that is added how the whole is to be split: that made
    a report ten times as expensive as its words.
    """

    __slots__ = ()

    def __new__(cls, text: str = "", style: str = "") -> Self:
        """One text in one style."""
        return super().__new__(cls, ((text, style),) if text else ())

    @classmethod
    def assemble(cls, *parts: Part, style: str = "") -> Self:
        """The parts one after the other; ``style`` is what they have in common."""
        flat = [each for part in parts for each in _flat(part)]
        if style:
            flat = [(text, f"{style} {own}" if own else style) for text, own in flat]
        return super().__new__(cls, flat)

    @property
    def plain(self) -> str:
        """The text without its styles."""
        return "".join([text for text, _ in self])

    @property
    def cell_len(self) -> int:
        """How many columns of a terminal it takes."""
        plain = self.plain
        if plain.isascii() and plain.isprintable():
            return len(plain)
        from rich.cells import cell_len

        return cell_len(plain)

    def join(self, lines: Iterable["Text"]) -> "Text":
        """The lines with this text between them."""
        parts = [part for line in lines for part in (*self, *line)]
        return Text.assemble(*parts[len(self) :])

    def rstrip(self) -> "Text":
        """The text without the white space at its end."""
        parts = list(self)
        while parts:
            text, style = parts.pop()
            if kept := text.rstrip():
                return Text.assemble(*parts, (kept, style))
        return Text()

    def __str__(self) -> str:
        return self.plain

    def __rich__(self) -> "RichText":
        """The same for rich's console, which asks for it when it is printed."""
        from rich.text import Text as RichText

        shown = RichText()
        for text, style in self:
            shown.append(text, style or None)
        return shown


def _flat(part: Part) -> tuple[tuple[str, str], ...]:
    if isinstance(part, Text):
        return part
    if isinstance(part, str):
        return ((part, ""),) if part else ()
    return (part,) if part[0] else ()


Sign = Literal["+", "-", "~", "!", "?", "="]


class Style(StrEnum):
    """What a colour or a weight says, in rich's words for them."""

    ADD = "green"
    REMOVE = "red"
    CHANGE = "yellow"
    REFUSE = "magenta"
    DIM = "dim"
    STRONG = "bold"


SIGN_STYLES: dict[Sign, Style] = {
    "+": Style.ADD,
    "-": Style.REMOVE,
    "~": Style.CHANGE,
    "!": Style.REFUSE,
    "?": Style.CHANGE,
    "=": Style.DIM,
}


def line(*parts: Part) -> Text:
    """One line of plain and styled parts."""
    return Text.assemble(*parts)


def strong(text: str) -> Text:
    """What the line is about."""
    return Text(text, Style.STRONG)


def dim(text: str) -> Text:
    """One line, or part of one, that a hurried reader may skip."""
    return Text(text, Style.DIM)


def remark(word: str, *parts: Part) -> Text:
    """``note: ...``, ``warning: ...``"""
    return line((f"{word}: ", Style.CHANGE), *parts)


def signed(sign: Sign, *parts: Part) -> Text:
    """A line that begins with its sign; an addition or a removal is coloured as a whole."""
    style = SIGN_STYLES[sign]
    base = style if sign in "+-" else ""
    return Text.assemble((f"{sign} ", style), *parts, style=base)


def headline(sign: Sign, verb: str, title: str, *facts: str) -> Text:
    """What happens (or has happened) to a pool, and where: facts that are "" are left out.

    ``~ update storefront  eu-west-1:0f1e...  specs/storefront.yaml:1``; all is escaped already.
    """
    told = [dim(f"  {fact}") for fact in facts if fact]
    return signed(sign, (f"{verb} ", SIGN_STYLES[sign]), strong(title), *told)


def old_to_new(before: str, after: str) -> Text:
    """``old -> new``; both are escaped already."""
    return line((before, Style.REMOVE), " -> ", (after, Style.ADD))


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


def plural(count: int, noun: str) -> str:
    """``1 pool``, ``2 pools``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def counted(*counts: tuple[int, str, str]) -> list[str]:
    """``2 pools unreadable``, for each number, noun and verb but where there are none."""
    return [f"{plural(count, noun)} {verb}" for count, noun, verb in counts if count]


def sign_of_line(text: str) -> Sign | None:
    """The sign that a line of a report begins with, ``!`` for a loud one."""
    start = text.lstrip()
    if start.startswith("cannot be undone"):
        return "!"
    return next((sign for sign in SIGN_STYLES if start.startswith(f"{sign} ")), None)
