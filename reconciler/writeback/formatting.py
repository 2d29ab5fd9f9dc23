"""A document written anew in canonical style, each comment with what it belongs to."""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.writeback.attachment import Attached, Collection, Member, attached, members_of
from reconciler.writeback.canonical_scalars import (
    is_one_line,
    properties,
    scalar_line,
    scalar_lines,
)
from reconciler.writeback.emission import WIDTH, Path
from reconciler.writeback.order import order_at
from reconciler.writeback.page import Page
from reconciler.writeback.tree import Alias, Leaf, List, Map, Node, children, key_leaf, walk

_STEP: Final = 2


def formatted(page: Page, *, in_order: bool = True) -> str:
    """One document in canonical style; lines end as they did.  Raises tree.Strange.

    What stands before its first key and behind its last line (directives, ``---``, ``...`` and the
    comments there) stays.  ``in_order``: put fields into their documented order.
    """
    if not isinstance(page.root, Map) or not page.root.entries:
        return page.text
    writer = _Writer(page, attached(page), in_order=in_order)
    lines = [*_head(page), *writer.root(), *_behind(page)]
    return page.newline.join(lines) + page.newline


def _head(page: Page) -> Iterator[str]:
    """The lines before the root; a root in brackets, or with a tag, may begin behind ``---``."""
    assert isinstance(page.root, Map)  # noqa: S101 - the caller has asked
    before = [line.rstrip() for line in page.text[: page.root.start].splitlines()]
    words = properties(page, page.root).rstrip()
    if words:
        *before, last = before or [""]
        before.append(f"{last} {words}".strip())
    elif before and not page.begins_line(page.root.start) and not before[-1]:
        before.pop()
    while before and not before[0]:
        before.pop(0)
    yield from (line for number, line in enumerate(before) if line or before[number - 1])


def _behind(page: Page) -> Iterator[str]:
    """The end mark and what follows it; comments above it belong to the document."""
    yield from (line.rstrip() for line in page.text[page.end_mark :].splitlines())


class _Writer:
    def __init__(self, page: Page, found: Attached, *, in_order: bool) -> None:
        self._page = page
        self._found = found
        self._in_order = in_order

    def root(self) -> list[str]:
        """The lines of the whole document."""
        assert isinstance(self._page.root, Map)  # noqa: S101 - the caller has asked
        return self._collection(self._page.root, 0, ())

    def _collection(self, node: Collection, column: int, path: Path) -> list[str]:
        lines: list[str] = []
        for number, member in enumerate(self._ordered(node, path)):
            lines += self._above(member, column, path, is_first=not number)
            lines += self._member(member, column, path)
        foot = self._found.foot.get(id(node), [])
        return lines + [_indented(line, column) for line in foot]

    def _ordered(self, node: Collection, path: Path) -> Sequence[Member]:
        members = members_of(self._page, node)
        order = order_at(path) if self._in_order and isinstance(node, Map) else ()
        return sorted(members, key=lambda member: self._rank(member, order))

    def _rank(self, member: Member, order: Sequence[str]) -> int:
        name = key_leaf(member.key).text if member.key else ""
        return order.index(name) if name in order else -1

    def _above(self, member: Member, column: int, path: Path, *, is_first: bool) -> list[str]:
        lead = list(self._found.lead.get(id(member.value), []))
        if member.key is None and isinstance(member.value, Map):
            lead += self._taken_up(member.value, column, (*path, 0))
        kept = [line for number, line in enumerate(lead) if line or not number or lead[number - 1]]
        if is_first and kept and not kept[0]:
            kept = kept[1:]
        return [_indented(line, column) for line in kept]

    def _taken_up(self, node: Map, column: int, path: Path) -> list[str]:
        """What stands between a dash and the first key goes above the dash."""
        if self._inline(node, column + _STEP, path) is not None:
            return []
        first = self._ordered(node, path)[0]
        lead = self._found.lead.pop(id(first.value), [])
        tail = None if properties(self._page, node) else self._found.tail.pop(id(node), None)
        return [*([tail[1]] if tail else []), *filter(None, lead)]

    def _member(self, member: Member, column: int, path: Path) -> list[str]:
        head, below = self._label(member, column, path)
        inner = (*path, key_leaf(member.key).text if member.key else 0)
        value = member.value
        words = properties(self._page, value)
        text = self._inline(value, len(head) + len(words) + 1, inner)
        if text is not None:
            return [*self._tailed(f"{head} {words}{text}", value), *self._feet(value, column)]
        if isinstance(value, Leaf):
            first, *rest = scalar_lines(self._page, value, column + _STEP)
            if value.is_block:
                return [f"{head} {words}{first}", *rest]
            return [f"{head} {words}{first}", *rest[:-1], *self._tailed(rest[-1], value)]
        assert isinstance(value, Map | List)  # noqa: S101 - aliases are on one line
        lines = self._collection(value, below, inner)
        if member.key is None and not words and id(value) not in self._found.tail:
            return [f"{head} {lines[0].lstrip()}", *lines[1:]]
        return [*self._tailed(f"{head} {words}".rstrip(), value), *lines]

    def _label(self, member: Member, column: int, path: Path) -> tuple[str, int]:
        """A dash or a key with its colon, and where what is below it begins."""
        if member.key is None:
            return " " * column + "-", column + _STEP
        assert isinstance(member.key, Leaf | Alias)  # noqa: S101 - key_leaf has asked
        is_field = key_leaf(member.key).text in order_at(path)
        text = scalar_line(self._page, member.key, is_field=is_field)
        space = " " if isinstance(member.key, Alias) else ""  # an alias may hold a colon
        words = properties(self._page, member.key)
        return f"{' ' * column}{words}{text}{space}:", column + _STEP

    def _inline(self, node: Node, column: int, path: Path) -> str | None:
        """A value on the line of its key, ``None`` for one that takes lines of its own."""
        if isinstance(node, Leaf | Alias):
            return scalar_line(self._page, node) if is_one_line(self._page, node) else None
        if list(children(node)) and not _is_short(self._page, node):
            return None
        text = self._in_brackets(node, path)
        return text if column + len(text) <= WIDTH or not list(children(node)) else None

    def _in_brackets(self, node: Node, path: Path) -> str:
        if isinstance(node, Leaf | Alias):
            return scalar_line(self._page, node)
        if isinstance(node, List):
            items = (self._worded(item, (*path, 0)) for item in node.items)
            return "[" + ", ".join(items) + "]"
        entries = (self._entry(member, path) for member in self._ordered(node, path))
        return "{" + ", ".join(entries) + "}"

    def _entry(self, member: Member, path: Path) -> str:
        assert member.key is not None  # noqa: S101 - members of mappings have one
        label, _ = self._label(member, 0, path)
        return f"{label} {self._worded(member.value, (*path, key_leaf(member.key).text))}".rstrip()

    def _worded(self, node: Node, path: Path) -> str:
        return properties(self._page, node) + self._in_brackets(node, path)

    def _tailed(self, line: str, node: Node) -> list[str]:
        gap, comment = self._found.tail.get(id(node), (0, ""))
        return [f"{line}{' ' * gap}{comment}"]

    def _feet(self, node: Node, column: int) -> list[str]:
        """Comments in empty brackets, or behind them, go below."""
        inside = [line for each in walk(node) for line in self._found.foot.get(id(each), [])]
        return [_indented(line, column) for line in inside if line]


def _is_short(page: Page, node: Collection) -> bool:
    """Whether it is in brackets, and on one line."""
    return node.is_flow and page.line_end(node.body) >= node.end


def _indented(line: str, column: int) -> str:
    return " " * column + line if line else ""
