"""Text of which some parts have a style.  rich shows it, and is not imported before."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self, TypeAlias

if TYPE_CHECKING:
    from rich.text import Text as RichText

Part: TypeAlias = "str | Text | tuple[str, str]"


class Text:
    """Text and its styles, in rich's words for them; not to be changed.

    rich's own text finds out with each part that is added how the whole is to be split: that made
    a report ten times as expensive as its words.
    """

    __slots__ = ("_parts",)

    def __init__(self, text: str = "", style: str = "") -> None:
        self._parts: tuple[tuple[str, str], ...] = ((text, style),) if text else ()

    @classmethod
    def assemble(cls, *parts: Part, style: str = "") -> Self:
        """The parts one after the other; ``style`` is what they have in common."""
        flat: list[tuple[str, str]] = []
        for part in parts:
            flat += _flat(part)
        return cls._of([_styled(each, style) for each in flat] if style else flat)

    @classmethod
    def _of(cls, parts: Iterable[tuple[str, str]]) -> Self:
        made = cls()
        made._parts = tuple(parts)
        return made

    @property
    def plain(self) -> str:
        """The text without its styles."""
        return "".join([text for text, _ in self._parts])

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
        parts: list[tuple[str, str]] = []
        for line in lines:
            parts += self._parts
            parts += line._parts
        return Text._of(parts[len(self._parts) :])

    def rstrip(self) -> "Text":
        """The text without the white space at its end."""
        parts = list(self._parts)
        while parts:
            text, style = parts.pop()
            if kept := text.rstrip():
                return Text._of([*parts, (kept, style)])
        return Text()

    def __bool__(self) -> bool:
        return bool(self._parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self._parts == other._parts

    def __hash__(self) -> int:
        return hash(self._parts)

    def __str__(self) -> str:
        return self.plain

    def __rich__(self) -> "RichText":
        """The same for rich's console, which asks for it when it is printed."""
        from rich.text import Text as RichText

        shown = RichText()
        for text, style in self._parts:
            shown.append(text, style or None)
        return shown


def _flat(part: Part) -> tuple[tuple[str, str], ...]:
    if isinstance(part, Text):
        return part._parts
    if isinstance(part, str):
        return ((part, ""),) if part else ()
    return (part,) if part[0] else ()


def _styled(part: tuple[str, str], style: str) -> tuple[str, str]:
    return part[0], f"{style} {part[1]}" if part[1] else style
