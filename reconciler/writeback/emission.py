"""Plain values as YAML text, in block style or on one line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from reconciler.model.base import JsonValue
from reconciler.writeback.scalars import Quotes, key, quoted, scalar

Path: TypeAlias = tuple[str | int, ...]

WIDTH: Final = 100
# Their members are words, and are read as one sentence.
_ON_ONE_LINE: Final = frozenset({("metadata", "targets"), ("lifecycle", "ignoreChanges")})
_ADOPT: Final = ("metadata", "adopt")


@dataclass(frozen=True, slots=True)
class Manner:
    """How block text is laid out.

    ``step``: columns a level; ``dash``: columns from a key to the dashes of its list; ``comments``
    by the path of what they stand above; ``gaps``: paths with an empty line above.
    """

    step: int = 2
    dash: int = 2
    comments: Mapping[Path, str] = field(default_factory=dict)
    gaps: frozenset[Path] = frozenset()
    value_quotes: Quotes = ""
    key_quotes: Quotes = ""


TIDY: Final = Manner()


def one_line(value: JsonValue, manner: Manner = TIDY, path: Path = ()) -> str:
    """A value in flow style; scalars stand as they would in brackets."""
    if isinstance(value, Mapping):
        members = (
            key(name, manner.key_quotes, in_flow=True)
            + ": "
            + one_line(member, manner, (*path, name))
            for name, member in value.items()
        )
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(one_line(member, manner, (*path, 0)) for member in value) + "]"
    return scalar_text(value, manner, path, in_flow=True)


def scalar_text(
    value: JsonValue, manner: Manner = TIDY, path: Path = (), *, in_flow: bool = False
) -> str:
    """A string, boolean or null; pool ids are quoted, since a time looks like the head of one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if path[: len(_ADOPT)] == _ADOPT:
        return quoted(str(value))
    return scalar(str(value), manner.value_quotes, in_flow=in_flow)


def block_lines(
    value: JsonValue, column: int, manner: Manner = TIDY, path: Path = ()
) -> Iterator[str]:
    """The lines of a collection that holds something; its members begin at ``column`` (0-based)."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _above(column, manner, (*path, name))
            yield from entry_lines(name, member, column, manner, (*path, name))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, member in enumerate(value):
            yield from _above(column, manner, (*path, index))
            yield from item_lines(member, column, manner, (*path, index))


def entry_lines(
    name: str, value: JsonValue, column: int, manner: Manner = TIDY, path: Path = ()
) -> Iterator[str]:
    """A key at ``column`` and its value."""
    head = " " * column + key(name, manner.key_quotes) + ":"
    if inline := inline_text(value, column + len(name) + 2, manner, path):
        yield f"{head} {inline}"
        return
    yield head
    below = manner.dash if isinstance(value, list) else manner.step
    yield from block_lines(value, column + below, manner, path)


def item_lines(
    value: JsonValue, column: int, manner: Manner = TIDY, path: Path = (), gap: int = 1
) -> Iterator[str]:
    """A member of a list whose dash is at ``column``, ``gap`` spaces before the member."""
    dash = " " * column + "-" + " " * gap
    if inline := inline_text(value, column + gap + 1, manner, path):
        yield dash + inline
        return
    lines = list(block_lines(value, column + 1 + gap, manner, path))
    if lines[0].lstrip().startswith("#"):  # a comment above the first key
        yield dash.rstrip()
        yield from lines
        return
    yield dash + lines[0].lstrip()
    yield from lines[1:]


def inline_text(value: JsonValue, column: int, manner: Manner = TIDY, path: Path = ()) -> str:
    """The value as it stands behind its key or dash, "" for what takes lines of its own."""
    if not isinstance(value, dict | list):
        return scalar_text(value, manner, path)
    text = one_line(value, manner, path)
    is_short = path in _ON_ONE_LINE or path == _ADOPT
    fits = is_short and column + len(text) <= WIDTH
    return text if not value or (fits and not _has_comments(manner, path)) else ""


def _has_comments(manner: Manner, path: Path) -> bool:
    return any(len(p) > len(path) and p[: len(path)] == path for p in manner.comments)


def _above(column: int, manner: Manner, path: Path) -> Iterator[str]:
    if path in manner.gaps:
        yield ""
    yield from comment_lines(manner.comments.get(path, ""), column)


def comment_lines(text: str, column: int) -> Iterator[str]:
    """Any text as comment lines; what could end a comment, or hide in one, is shown as ``?``."""
    for line in text.splitlines():
        shown = "".join(sign if sign.isprintable() else "?" for sign in line).rstrip()
        yield " " * column + (f"# {shown}" if shown else "#")
