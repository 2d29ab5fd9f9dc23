"""The tree of a YAML or JSON document: every value with its place, aliases included.

``start``, ``body`` and ``end`` are 0-based characters of the text, ``line`` and ``column`` are
1-based: a value begins at ``start`` with its anchor and tag, and at ``body`` behind them.
``parent`` is known in trees that are read to be edited; else nodes are free once nobody has them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, TypeAlias

from reconciler.text.core_schema import MERGE

BLOCK_STYLES: Final = "|>"


class Strange(Exception):
    """A text that cannot be edited by position; ``str()`` says why."""


@dataclass(eq=False, slots=True)
class _Placed:
    """What stands at a place of the text."""

    start: int
    body: int
    end: int
    line: int
    column: int
    anchor: str
    parent: "Node | None" = field(init=False, default=None)

    @property
    def place(self) -> tuple[int, int]:
        """Line and column."""
        return self.line, self.column


@dataclass(eq=False, slots=True)
class Leaf(_Placed):
    """A scalar.  ``style`` is its quotes or block indicator, "" for a plain one."""

    tag: str
    text: str
    style: str = ""

    @property
    def is_block(self) -> bool:
        """Whether it is a literal or folded one, on lines of its own."""
        return bool(self.style) and self.style in BLOCK_STYLES


@dataclass(eq=False, slots=True)
class Alias(_Placed):
    """The use of an anchor; it has no properties of its own."""

    target: "Leaf | List | Map"


@dataclass(eq=False, slots=True)
class List(_Placed):
    """A sequence."""

    tag: str
    is_flow: bool
    items: "list[Node]" = field(default_factory=list)

    @property
    def last(self) -> "Node | None":
        """The last node in it."""
        return self.items[-1] if self.items else None

    def add(self, node: "Node") -> None:
        """Take in the next node of the text."""
        self.items.append(node)


@dataclass(eq=False, slots=True)
class Map(_Placed):
    """A mapping; keys of specs are scalars."""

    tag: str
    is_flow: bool
    entries: "list[tuple[Node, Node]]" = field(default_factory=list)
    _key: "Node | None" = None

    @property
    def last(self) -> "Node | None":
        """The last node in it."""
        return self.entries[-1][1] if self.entries else None

    def add(self, node: "Node") -> None:
        """Take in the next node of the text: keys and values take turns."""
        if self._key is None:
            self._key = node
        else:
            self.entries.append((self._key, node))
            self._key = None


Node: TypeAlias = Leaf | Alias | List | Map


def resolved(node: Node) -> Leaf | List | Map:
    """The node, or what an alias stands for."""
    return node.target if isinstance(node, Alias) else node


def keyed(node: Map) -> dict[str, tuple[Leaf, Node]]:
    """The keys and values that are written in a mapping itself, by the keys' text."""
    pairs = ((key_leaf(key), key, value) for key, value in node.entries)
    return {
        leaf.text: (key if isinstance(key, Leaf) else leaf, value)
        for leaf, key, value in pairs
        if leaf.tag != MERGE
    }


def key_leaf(key: Node) -> Leaf:
    """The scalar that a key is or stands for.  Raises Strange."""
    leaf = resolved(key)
    if not isinstance(leaf, Leaf):
        raise Strange("a key is no scalar")
    return leaf


def children(node: Node) -> Iterator[Node]:
    """The nodes right below, keys included, in the order of the text."""
    match node:
        case Map():
            yield from chain.from_iterable(node.entries)
        case List():
            yield from node.items


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order of the text; aliases are not followed."""
    yield node
    for child in children(node):
        yield from walk(child)
