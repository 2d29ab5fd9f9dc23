"""Node trees to plain values, in one linear walk that finds all that YAML alone can get wrong."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

from reconciler.model.base import JsonValue
from reconciler.model.findings import RuleId
from reconciler.text.core_schema import (
    BOOL,
    FLOAT,
    INT,
    MAP,
    MERGE,
    NULL,
    SCALAR_TAGS,
    SEQ,
    STR,
    scalar_value,
    shown_tag,
)
from reconciler.text.problems import (
    MOST_PROBLEMS,
    FieldPath,
    Problem,
    clean,
    may_hold_secret,
    quoted,
    shown_key,
)
from reconciler.text.tree import Alias, Leaf, List, Map, Node, resolved
from reconciler.text.yaml import MAX_DEPTH

# Aliases may add this many values to those that are written; the largest pool that AWS takes has
# about 20,000, and anchors in specs are for an ARN or a rule here and there.
MAX_ALIASED = 10_000

Resolved: TypeAlias = Leaf | List | Map
Entries: TypeAlias = dict[str, tuple[Leaf, Node]]
_ALIAS_FIX: Final = "write the value out where it is used"
_CLOUDFORMATION: Final = frozenset(
    [
        "!Ref",
        "!Sub",
        "!GetAtt",
        "!Join",
        "!ImportValue",
        "!If",
        "!FindInMap",
        "!Select",
        "!Split",
        "!Base64",
    ]
)
_KINDS: Final = {INT: "a number", FLOAT: "a number", BOOL: "true or false", NULL: "empty"}


class Unusable(Exception):
    """The document cannot be walked any further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class ValueBuilder:
    """Builds the value of one document.

    ``problems`` holds what was wrong on the way; ``entries`` the keys and values of each mapping
    (by the id of its node), merge keys and aliases resolved.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.entries: dict[int, Entries] = {}
        self._built: dict[int, JsonValue] = {}
        self._open: set[int] = set()
        self._extents: dict[int, _Extent] = {}
        self._aliased = 0

    def build(self, node: Node, path: FieldPath = ()) -> JsonValue:
        """The value of a node; raises Unusable for what would explode or never end."""
        if isinstance(node, Alias):
            return self._aliased_value(node.target, path)
        if isinstance(node, Leaf):
            return self._scalar(node, path)
        here = id(node)
        self._open.add(here)
        built = self._built[here] = self._collection(node, path)
        self._open.discard(here)
        return built

    def _aliased_value(self, target: Resolved, path: FieldPath) -> JsonValue:
        if isinstance(target, Leaf):
            return self._scalar(target, path)
        if id(target) in self._open:
            raise Unusable(_recursive(target, path))
        if id(target) not in self._built:  # within a key, which is no value
            return self.build(target, path)
        size, depth = self._extent(target)
        self._aliased += size
        # Aliases of aliases nest without being indented, so the parser cannot count them.
        if self._aliased > MAX_ALIASED or depth > MAX_DEPTH:
            raise Unusable(_expands(target, path))
        return self._built[id(target)]

    def _add(self, problem: Problem) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def _extent(self, node: Node) -> "_Extent":
        """Of a node that is built.  Only aliases ask, and each for what no alias before it did."""
        node = resolved(node)
        if isinstance(node, Leaf):
            return _ONE
        if found := self._extents.get(id(node)):
            return found
        if isinstance(node, Map):
            inner: Iterable[Node] = (value for _, value in self.entries[id(node)].values())
        else:
            inner = node.items
        parts = [self._extent(child) for child in inner]
        depth = 1 + max((part.depth for part in parts), default=0)
        extent = self._extents[id(node)] = _Extent(1 + sum(part.size for part in parts), depth)
        return extent

    def _collection(self, node: List | Map, path: FieldPath) -> JsonValue:
        if isinstance(node, Map):
            if node.tag != MAP:
                self._add(_unknown_tag(node, path))
            entries = self._entries(node, path)
            return {key: self._member(value, path, key) for key, (_, value) in entries.items()}
        if node.tag != SEQ:
            self._add(_unknown_tag(node, path))
        return [self._member(child, path, index) for index, child in enumerate(node.items)]

    def _member(self, node: Node, path: FieldPath, step: str | int) -> JsonValue:
        if isinstance(node, Leaf) and node.tag == STR:
            return node.text
        return self.build(node, (*path, step))

    def _scalar(self, node: Leaf, path: FieldPath) -> JsonValue:
        if node.tag not in SCALAR_TAGS:
            self._add(_unknown_tag(node, path))
            return node.text
        try:
            return scalar_value(node.tag, node.text)
        except ValueError:
            self._add(_unknown_tag(node, path))
            return node.text

    def _entries(self, node: Map, path: FieldPath) -> Entries:
        entries: Entries = {}
        merged: list[Map] = []
        for written, value in node.entries:
            key_node = resolved(written)
            if isinstance(key_node, Leaf) and key_node.tag == MERGE:
                merged.extend(self._merge_sources(value, path))
                continue
            key = self._key(key_node, path)
            if key is None or not isinstance(key_node, Leaf):
                continue
            pair = (key_node, value)
            if entries.setdefault(key, pair) is not pair:
                self._add(_duplicate(entries[key][0], key_node, (*path, key)))
        for source in merged:
            # What is written here wins over a merge, an earlier merge over a later one.
            for key, entry in self._merged(source, path).items():
                entries.setdefault(key, entry)
        self.entries[id(node)] = entries
        return entries

    def _merge_sources(self, node: Node, path: FieldPath) -> Iterator[Map]:
        value = resolved(node)
        for each in value.items if isinstance(value, List) else [value]:
            source = resolved(each)
            if isinstance(source, Map):
                yield source
            else:
                self._add(_bad_merge(source, path))

    def _merged(self, source: Map, path: FieldPath) -> Entries:
        self._aliased_value(source, (*path, "<<"))
        return self.entries[id(source)]

    def _key(self, node: Resolved, path: FieldPath) -> str | None:
        if not isinstance(node, Leaf) or node.tag != STR:
            self._add(_bad_key(node, path))
            return None
        return node.text


class _Extent(NamedTuple):
    """How many values a value is made of with its aliases written out, and how deep it is."""

    size: int
    depth: int


_ONE: Final = _Extent(1, 1)


def _recursive(node: Resolved, path: FieldPath) -> Problem:
    message = "what this anchor names holds an alias of itself"
    return Problem(path, RuleId.RECURSIVE_ANCHOR, message, _ALIAS_FIX, where=node.place)


def _expands(node: Resolved, path: FieldPath) -> Problem:
    message = (
        f"aliases of this stand for too much: more than {MAX_ALIASED} values, or more than "
        f"{MAX_DEPTH} levels"
    )
    return Problem(path, RuleId.ALIAS_EXPANSION, message, _ALIAS_FIX, where=node.place)


def _duplicate(first: Leaf, second: Leaf, path: FieldPath) -> Problem:
    line, column = first.place
    message = f"the key {shown_key(path)} is written twice in one mapping; first at {line}:{column}"
    fix = "remove one of the two"
    return Problem(path, RuleId.DUPLICATE_KEY, message, fix, where=second.place)


def _unknown_tag(node: Resolved, path: FieldPath) -> Problem:
    tag = node.tag
    fix = "remove the tag: a spec is made of plain mappings, lists, strings and booleans"
    if tag in _CLOUDFORMATION:
        fix = "write the value itself: CloudFormation's functions do not work here"
    message = f"{shown_tag(tag, _CLOUDFORMATION)} is not allowed here"
    return Problem(path, RuleId.UNKNOWN_TAG, message, fix, where=node.place)


def _bad_merge(node: Resolved, path: FieldPath) -> Problem:
    message = 'the merge key "<<" takes the alias of a mapping, or a list of such aliases'
    fix = 'write "<<: *NAME" with the anchor of a mapping'
    return Problem(path, RuleId.MERGE_KEY, message, fix, where=node.place)


def _bad_key(node: Resolved, path: FieldPath) -> Problem:
    if not isinstance(node, Leaf):
        message = "a key is a string, not a mapping or a list"
        fix = 'write KEY: VALUE; quote a value that begins with "{" or "["'
    elif kind := _KINDS.get(node.tag):
        message, fix = "a key is empty", 'write a key before the ":"'
        if node.text and may_hold_secret(path):
            message, fix = f"the key is {kind}, not a string", "quote it"
        elif node.text:
            message = f"the key {clean(node.text)} is {kind}, not a string"
            fix = f"quote it: {quoted(node.text)}"
    else:
        return _unknown_tag(node, path)
    return Problem(path, RuleId.KEY_NOT_STRING, message, fix, where=node.place)


def value_of(node: Node) -> JsonValue:
    """The plain value of a tree that is known to be right, aliases and merge keys resolved."""
    return ValueBuilder().build(node)
