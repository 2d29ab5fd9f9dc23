"""Node trees to plain values, in one linear walk that finds all that YAML alone can get wrong."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reconciler.loader.core_schema import (
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
from reconciler.loader.problems import (
    MOST_PROBLEMS,
    FieldPath,
    Problem,
    clean,
    may_hold_secret,
    quoted,
    shown_key,
)
from reconciler.loader.rule_ids import RuleId
from reconciler.loader.yaml_text import MAPPING, MAX_DEPTH, SEQUENCE, STRING
from reconciler.model.json_value import JsonValue

# Aliases may add this many values to those that are written; the largest pool that AWS takes has
# about 20,000, and anchors in specs are for an ARN or a rule here and there.
MAX_ALIASED = 10_000

Entries: TypeAlias = dict[str, tuple[Node, Node]]


class Unusable(Exception):
    """The document cannot be walked any further."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Values:
    """Builds the value of one document.

    ``problems`` holds what was wrong on the way; ``entries`` the keys and values of each mapping
    (by the id of its node), merge keys resolved.
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
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        here = id(node)
        if here in self._built:
            self._count(node, path)
            return self._built[here]
        if here in self._open:
            raise Unusable(_recursive(node, path))
        self._open.add(here)
        built = self._built[here] = self._collection(node, path)
        self._open.discard(here)
        return built

    def _add(self, problem: Problem) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def _count(self, node: Node, path: FieldPath) -> None:
        size, depth = self._extent(node)
        self._aliased += size
        # Aliases of aliases nest without being indented, so the composer cannot count them.
        if self._aliased > MAX_ALIASED or depth > MAX_DEPTH:
            raise Unusable(_expands(node, path))

    def _extent(self, node: Node) -> "_Extent":
        """Of a node that is built.  Only aliases ask, and each for what no alias before it did."""
        if isinstance(node, ScalarNode):
            return _ONE
        if found := self._extents.get(id(node)):
            return found
        parts = [self._extent(child) for child in self._children(node)]
        depth = 1 + max((part.depth for part in parts), default=0)
        extent = self._extents[id(node)] = _Extent(1 + sum(part.size for part in parts), depth)
        return extent

    def _children(self, node: Node) -> Iterable[Node]:
        if isinstance(node, MappingNode):
            return (value for _, value in self.entries[id(node)].values())
        children: list[Node] = node.value
        return children

    def _collection(self, node: Node, path: FieldPath) -> JsonValue:
        if isinstance(node, MappingNode):
            if node.ctag is not MAPPING:
                self._check_tag(node, MAP, path)
            entries = self._entries(node, path)
            return {key: self._member(value, path, key) for key, (_, value) in entries.items()}
        if node.ctag is not SEQUENCE:
            self._check_tag(node, SEQ, path)
        return [self._member(child, path, index) for index, child in enumerate(node.value)]

    def _member(self, node: Node, path: FieldPath, step: str | int) -> JsonValue:
        if node.ctag is STRING and "${" not in node.value:
            text: str = node.value
            return text
        return self.build(node, (*path, step))

    def _scalar(self, node: ScalarNode, path: FieldPath) -> JsonValue:
        text: str = node.value
        tag = str(node.tag)
        if "${" in text:
            self._add(_reference(node, path))
        if tag not in SCALAR_TAGS:
            self._add(_unknown_tag(node, path))
            return text
        try:
            return scalar_value(tag, text)
        except ValueError:
            self._add(_unknown_tag(node, path))
            return text

    def _entries(self, node: MappingNode, path: FieldPath) -> Entries:
        entries: Entries = {}
        merged: list[Node] = []
        for pair in node.value:
            key_node, value_node = pair
            if key_node.ctag is not STRING and key_node.tag == MERGE:
                merged.extend(self._merge_sources(value_node, path))
                continue
            key = self._key(key_node, path)
            if key is not None and entries.setdefault(key, pair) is not pair:
                self._add(_duplicate(entries[key][0], key_node, (*path, key)))
        for source in merged:
            # What is written here wins over a merge, an earlier merge over a later one.
            for key, entry in self._merged(source, path).items():
                entries.setdefault(key, entry)
        self.entries[id(node)] = entries
        return entries

    def _merge_sources(self, node: Node, path: FieldPath) -> Iterator[Node]:
        sources = node.value if isinstance(node, SequenceNode) else [node]
        for source in sources:
            if isinstance(source, MappingNode):
                yield source
            else:
                self._add(_bad_merge(source, path))

    def _merged(self, source: Node, path: FieldPath) -> Entries:
        self.build(source, (*path, "<<"))
        return self.entries[id(source)]

    def _key(self, node: Node, path: FieldPath) -> str | None:
        if node.ctag is not STRING and not (isinstance(node, ScalarNode) and node.tag == STR):
            self._add(_bad_key(node, path))
            return None
        text: str = node.value
        if "${" in text:
            self._add(_reference(node, (*path, text)))
        return text

    def _check_tag(self, node: Node, tag: str, path: FieldPath) -> None:
        if node.tag != tag:
            self._add(_unknown_tag(node, path))


class _Extent(NamedTuple):
    """How many values a value is made of with its aliases written out, and how deep it is."""

    size: int
    depth: int


_ONE: Final = _Extent(1, 1)
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


def mark(node: Node) -> tuple[int, int]:
    """Line and column of a node, 1-based."""
    return node.start_mark.line + 1, node.start_mark.column + 1


def _recursive(node: Node, path: FieldPath) -> Problem:
    message = "what this anchor names holds an alias of itself"
    return Problem(path, RuleId.RECURSIVE_ANCHOR, message, _ALIAS_FIX, where=mark(node))


def _expands(node: Node, path: FieldPath) -> Problem:
    message = (
        f"aliases of this stand for too much: more than {MAX_ALIASED} values, or more than "
        f"{MAX_DEPTH} levels"
    )
    return Problem(path, RuleId.ALIAS_EXPANSION, message, _ALIAS_FIX, where=mark(node))


def _duplicate(first: Node, second: Node, path: FieldPath) -> Problem:
    line, column = mark(first)
    message = f"the key {shown_key(path)} is written twice in one mapping; first at {line}:{column}"
    fix = "remove one of the two"
    return Problem(path, RuleId.DUPLICATE_KEY, message, fix, where=mark(second))


def _reference(node: Node, path: FieldPath) -> Problem:
    message = 'references ("${...}") are not supported yet'
    fix = "write the value itself"
    return Problem(path, RuleId.REFERENCE_UNSUPPORTED, message, fix, where=mark(node))


def _unknown_tag(node: Node, path: FieldPath) -> Problem:
    tag = str(node.tag)
    fix = "remove the tag: a spec is made of plain mappings, lists, strings and booleans"
    if tag in _CLOUDFORMATION:
        fix = "write the value itself: CloudFormation's functions do not work here"
    message = f"{shown_tag(tag, _CLOUDFORMATION)} is not allowed here"
    return Problem(path, RuleId.UNKNOWN_TAG, message, fix, where=mark(node))


def _bad_merge(node: Node, path: FieldPath) -> Problem:
    message = 'the merge key "<<" takes the alias of a mapping, or a list of such aliases'
    fix = 'write "<<: *NAME" with the anchor of a mapping'
    return Problem(path, RuleId.MERGE_KEY, message, fix, where=mark(node))


def _bad_key(node: Node, path: FieldPath) -> Problem:
    if not isinstance(node, ScalarNode):
        message = "a key is a string, not a mapping or a list"
        fix = 'write KEY: VALUE; quote a value that begins with "{" or "["'
    elif kind := _KINDS.get(str(node.tag)):
        message, fix = "a key is empty", 'write a key before the ":"'
        if node.value and may_hold_secret(path):
            message, fix = f"the key is {kind}, not a string", "quote it"
        elif node.value:
            message = f"the key {clean(node.value)} is {kind}, not a string"
            fix = f"quote it: {quoted(node.value)}"
    else:
        return _unknown_tag(node, path)
    return Problem(path, RuleId.KEY_NOT_STRING, message, fix, where=mark(node))
