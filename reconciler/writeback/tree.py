"""The nodes of one YAML document with the places of all their parts, aliases included.

The loader's node trees do not know where an alias stands, nor where a block collection ends; these
are built from the parser's events.  Places are 0-based characters of the text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, TypeAlias

from ruamel.yaml.cyaml import CParser
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from reconciler.loader.core_schema import MERGE, STR, plain_tag, scalar_value
from reconciler.loader.yaml_text import Readable, readable_text
from reconciler.model.base import JsonValue

_PROPERTY: Final = re.compile(r"[&!]\S*")
_BETWEEN: Final = re.compile(r"(?:\s+(?:#[^\n\r\x85\u2028\u2029]*)?)*")
_BREAKS: Final = re.compile(r"(?:(?:\r\n|[\n\r\x85\u2028\u2029])[ \t]*)+\Z")
_LAST_BREAK: Final = re.compile(r"(?:\r\n|[\n\r\x85\u2028\u2029])[ \t]*\Z")
BLOCK_STYLES: Final = "|>"


@dataclass(eq=False, slots=True)
class Leaf:
    """A scalar.  ``start``: where anchor and tag begin; ``body``: where the value does."""

    start: int
    body: int
    end: int
    anchor: str
    text: str
    tag: str
    style: str
    parent: "Node | None" = None

    @property
    def is_block(self) -> bool:
        """Whether it is a literal or folded one, on lines of its own."""
        return bool(self.style) and self.style in BLOCK_STYLES


@dataclass(eq=False, slots=True)
class Alias:
    """The use of an anchor."""

    start: int
    end: int
    anchor: str
    target: "Node"
    parent: "Node | None" = None

    @property
    def body(self) -> int:
        """Aliases have no properties."""
        return self.start


@dataclass(eq=False, slots=True)
class List:
    """A sequence."""

    start: int
    body: int
    end: int
    anchor: str
    is_flow: bool
    items: "list[Node]" = field(default_factory=list)
    parent: "Node | None" = None


@dataclass(eq=False, slots=True)
class Map:
    """A mapping; keys of specs are scalars."""

    start: int
    body: int
    end: int
    anchor: str
    is_flow: bool
    entries: "list[tuple[Node, Node]]" = field(default_factory=list)
    parent: "Node | None" = None


Node: TypeAlias = Leaf | Alias | List | Map


class Strange(Exception):
    """A text that cannot be edited by position; ``str()`` says why."""


def document_spans(text: str) -> list[tuple[int, int]]:
    """Where each document begins and ends; together they are the whole text."""
    starts = [
        event.start_mark.index
        for event in _events(readable_text(text).text)
        if isinstance(event, DocumentStartEvent)
    ]
    starts = [0, *starts[1:]]
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def tree_of(text: str) -> Node:
    """The tree of a text that is one document.  Raises Strange."""
    readable = readable_text(text)
    builder = _Builder(text, readable)
    for event in _events(readable.text):
        builder.add(event)
    if len(builder.roots) != 1:
        raise Strange("it is not one document")
    return builder.roots[0]


def value_of(node: Node) -> JsonValue:
    """The plain value, aliases and merge keys resolved."""
    match node:
        case Alias():
            return value_of(node.target)
        case Leaf():
            return scalar_value(node.tag, node.text)
        case List():
            return [value_of(item) for item in node.items]
        case Map():
            return {**_merged(node), **{k: value_of(v) for k, v in own_entries(node).items()}}


def own_entries(node: Map) -> dict[str, Node]:
    """The values by their keys, without those that a merge brings along."""
    return {name: value for name, (_, value) in keyed(node).items()}


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
    leaf = key.target if isinstance(key, Alias) else key
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


def _merged(node: Map) -> Mapping[str, JsonValue]:
    merged: dict[str, JsonValue] = {}
    for key, value in node.entries:
        if key_leaf(key).tag == MERGE:
            target = value.target if isinstance(value, Alias) else value
            sources = target.items if isinstance(target, List) else [target]
            for source in sources:
                brought = value_of(source)
                if isinstance(brought, dict):
                    merged = {**brought, **merged}
    return merged


def _events(text: str) -> Iterator[Event]:
    parser = CParser(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    except MarkedYAMLError as error:
        raise Strange("it is not YAML") from error


class _Builder:
    def __init__(self, text: str, readable: Readable) -> None:
        self.roots: list[Node] = []
        self._text = text
        self._readable = readable
        self._open: list[Map | List] = []
        self._keys: list[Node | None] = []
        self._anchors: dict[str, Node] = {}

    def add(self, event: Event) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        match event:
            case DocumentStartEvent() | DocumentEndEvent():
                self._anchors.clear()
            case ScalarEvent():
                self._put(self._leaf(event, start, end))
            case AliasEvent():
                self._put(self._alias(event.anchor, start, end))
            case MappingStartEvent():
                self._begin(Map(start, *self._collection(event, start, end)))
            case SequenceStartEvent():
                self._begin(List(start, *self._collection(event, start, end)))
            case MappingEndEvent() | SequenceEndEvent():
                node = self._open.pop()
                self._keys.pop()
                last = next(reversed(list(children(node))), None)
                node.end = end if node.is_flow or last is None else last.end

    def _alias(self, anchor: str, start: int, end: int) -> Alias:
        if anchor not in self._anchors:
            raise Strange(f"the anchor {anchor} is not there")
        return Alias(start, end, anchor, self._anchors[anchor])

    def _leaf(self, event: ScalarEvent, start: int, end: int) -> Leaf:
        body = self._body(event, start, end)
        text = self._readable.restored(event.value, event.style)
        own = "" if event.tag == "!" else event.tag  # "!" says: not resolved, so a string
        tag = own or (plain_tag(text) if event.implicit[0] else STR)
        style = event.style or ""
        if style and style in BLOCK_STYLES:
            end = _block_end(self._text, body, end)
        return Leaf(start, body, end, event.anchor or "", text, tag, style)

    def _collection(
        self, event: MappingStartEvent | SequenceStartEvent, start: int, end: int
    ) -> tuple[int, int, str, bool]:
        body = end - 1 if event.flow_style else self._behind_properties(event, start)
        return body, end, event.anchor or "", bool(event.flow_style)

    def _body(self, event: ScalarEvent, start: int, end: int) -> int:
        behind = self._behind_properties(event, start)
        between = _BETWEEN.match(self._text, behind, end) if behind > start else None
        return between.end() if between and between.end() < end else behind

    def _behind_properties(
        self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent, start: int
    ) -> int:
        """Where anchor and tag end."""
        behind = start
        for _ in range(bool(event.anchor) + (event.tag is not None)):
            between = _BETWEEN.match(self._text, behind)
            found = _PROPERTY.match(self._text, between.end() if between else behind)
            behind = found.end() if found else behind
        return behind

    def _begin(self, node: Map | List) -> None:
        self._put(node)
        self._open.append(node)
        self._keys.append(None)

    def _put(self, node: Node) -> None:
        if not isinstance(node, Alias) and node.anchor:
            self._anchors[node.anchor] = node
        if not self._open:
            self.roots.append(node)
            return
        parent = node.parent = self._open[-1]
        if isinstance(parent, List):
            parent.items.append(node)
        elif (key := self._keys[-1]) is None:
            self._keys[-1] = node
        else:
            self._keys[-1] = None
            parent.entries.append((key, node))


def _block_end(text: str, body: int, end: int) -> int:
    """Before the last line break of a block scalar's last line that counts."""
    keeps = "+" in text[body : body + 3]  # the indicators of its header
    found = (_LAST_BREAK if keeps else _BREAKS).search(text[body:end])
    return body + found.start() if found else end
