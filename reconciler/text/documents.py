"""Documents: plain values of node trees that know where each of their fields stands.

One linear walk finds all that YAML alone can get wrong."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from reconciler.model.base import JsonValue
from reconciler.model.findings import Finding, RuleId
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
    Place,
    Problem,
    Unusable,
    clean,
    finding_at,
    may_hold_secret,
    quoted,
    shown_key,
    wording,
)
from reconciler.text.tree import Alias, Leaf, List, Map, Node, resolved
from reconciler.text.yaml import MAX_DEPTH

# Aliases may add this many values to those that are written; the largest pool that AWS takes has
# about 20,000, and anchors in specs are for an ARN or a rule here and there.
MAX_ALIASED = 10_000

Resolved: TypeAlias = Leaf | List | Map
Entries: TypeAlias = dict[str, tuple[Leaf, Node]]
_KINDS: Final = {INT: "a number", FLOAT: "a number", BOOL: "true or false", NULL: "empty"}


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
        self._extents: dict[int, tuple[int, int]] = {}
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
            raise Unusable(RuleId.RECURSIVE_ANCHOR, target.place, path=path)
        if id(target) not in self._built:  # within a key, which is no value
            return self.build(target, path)
        size, depth = self._extent(target)
        self._aliased += size
        # Aliases of aliases nest without being indented, so the parser cannot count them.
        if self._aliased > MAX_ALIASED or depth > MAX_DEPTH:
            bounds = {"values": MAX_ALIASED, "levels": MAX_DEPTH}
            raise Unusable(RuleId.ALIAS_EXPANSION, target.place, "", path, **bounds)
        return self._built[id(target)]

    def _add(
        self, node: Resolved, path: FieldPath, rule: RuleId, case: str = "", **values: object
    ) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem.of(path, rule, case, "", node.place, **values))

    def _add_tag(self, node: Resolved, path: FieldPath) -> None:
        functions = wording(RuleId.UNKNOWN_TAG)["cloudformation"]["tags"]
        case = "cloudformation" if node.tag in functions else ""
        self._add(node, path, RuleId.UNKNOWN_TAG, case, tag=shown_tag(node.tag, functions))

    def _extent(self, node: Node) -> tuple[int, int]:
        """How many values a node is made of with its aliases written out, and how deep it is.

        It is built.  Only aliases ask, and each for what no alias before it did.
        """
        node = resolved(node)
        if isinstance(node, Leaf):
            return 1, 1
        if found := self._extents.get(id(node)):
            return found
        if isinstance(node, Map):
            inner: Iterable[Node] = (value for _, value in self.entries[id(node)].values())
        else:
            inner = node.items
        sizes, depths = zip((0, 0), *map(self._extent, inner), strict=True)
        extent = self._extents[id(node)] = (1 + sum(sizes), 1 + max(depths))
        return extent

    def _collection(self, node: List | Map, path: FieldPath) -> JsonValue:
        if isinstance(node, Map):
            if node.tag != MAP:
                self._add_tag(node, path)
            entries = self._entries(node, path)
            return {key: self._member(value, path, key) for key, (_, value) in entries.items()}
        if node.tag != SEQ:
            self._add_tag(node, path)
        return [self._member(child, path, index) for index, child in enumerate(node.items)]

    def _member(self, node: Node, path: FieldPath, step: str | int) -> JsonValue:
        if isinstance(node, Leaf) and node.tag == STR:
            return node.text
        return self.build(node, (*path, step))

    def _scalar(self, node: Leaf, path: FieldPath) -> JsonValue:
        if node.tag not in SCALAR_TAGS:
            self._add_tag(node, path)
            return node.text
        try:
            return scalar_value(node.tag, node.text)
        except ValueError:
            self._add_tag(node, path)
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
                first = "{}:{}".format(*entries[key][0].place)
                here = (*path, key)
                self._add(key_node, here, RuleId.DUPLICATE_KEY, key=shown_key(here), first=first)
        for source in merged:
            # What is written here wins over a merge, an earlier merge over a later one.
            self._aliased_value(source, (*path, "<<"))
            for key, entry in self.entries[id(source)].items():
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
                self._add(source, path, RuleId.MERGE_KEY)

    def _key(self, node: Resolved, path: FieldPath) -> str | None:
        if not isinstance(node, Leaf) or node.tag != STR:
            self._add_key(node, path)
            return None
        return node.text

    def _add_key(self, node: Resolved, path: FieldPath) -> None:
        if not isinstance(node, Leaf):
            self._add(node, path, RuleId.KEY_NOT_STRING, "collection")
            return
        kind = _KINDS.get(node.tag)
        if kind is None:
            self._add_tag(node, path)
            return
        case = "empty" if not node.text else "secret" if may_hold_secret(path) else ""
        words = {"kind": kind, "key": clean(node.text), "quoted": quoted(node.text)}
        self._add(node, path, RuleId.KEY_NOT_STRING, case, **words)


def value_of(node: Node) -> JsonValue:
    """The plain value of a tree that is known to be right, aliases and merge keys resolved."""
    return ValueBuilder().build(node)


class KeyAndValue(NamedTuple):
    """Line and column (1-based) of a field's key and of its value."""

    key: Place
    value: Place


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its plain value, the nodes it was built from, and what YAML got wrong."""

    file: str
    root: Node
    value: JsonValue
    entries: dict[int, Entries]
    problems: tuple[Problem, ...]

    @property
    def line(self) -> int:
        """The 1-based line where the document begins."""
        return self.root.line

    def raw(self, path: FieldPath) -> str:
        """A scalar as it is written, "" for anything else."""
        node = self._find(path)[1]
        return node.text if isinstance(node, Leaf) else ""

    def place(self, problem: Problem) -> Place:
        """Line and column (1-based) of a problem.

        What is wrong inside a scalar is placed at the scalar; what is wrong with a mapping or a
        list (or missing in it) at its key, if it has one: a block mapping begins at its first key,
        which is not to blame.
        """
        if problem.where:
            return problem.where
        key, node = self._find(problem.path)
        if key is not None and (problem.at_key or not isinstance(node, Leaf)):
            return key.place
        return node.place

    def places(self, path: FieldPath) -> KeyAndValue:
        """Where the key of a field stands, and where its value; a member of a list has no key."""
        key, node = self._find(path)
        return KeyAndValue(node.place if key is None else key.place, node.place)

    def finding(self, problem: Problem) -> Finding:
        """The problem as it is reported."""
        return finding_at(self.file, self.place(problem), problem)

    def _find(self, path: FieldPath) -> tuple[Leaf | None, Leaf | List | Map]:
        """The key (if there is one) and the value at a path, or at what of it exists."""
        key: Leaf | None = None
        node = resolved(self.root)
        for step in path:
            if isinstance(node, Map) and isinstance(step, str):
                entry = self.entries[id(node)].get(step)
                if entry is None:
                    break
                key, node = entry[0], resolved(entry[1])
            elif isinstance(node, List) and isinstance(step, int):
                key, node = None, resolved(node.items[step])
        return key, node


def paths_of(value: object, *above: str | int) -> Iterator[FieldPath]:
    """The path of what stands below some steps of a value, and of all that stands in it."""
    path: FieldPath = ()
    for step in above:
        value = value.get(step) if isinstance(value, Mapping) else None
        path = (*path, step)
    if value is not None:
        yield path
    yield from _below(path, value)


def _below(path: FieldPath, value: object) -> Iterator[FieldPath]:
    members: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, Mapping):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    for step, member in members:
        yield (*path, step)
        yield from _below((*path, step), member)


def document_of(file: str, root: Node) -> Document:
    """Build a document's value; raises problems.Unusable."""
    values = ValueBuilder()
    value = values.build(root)
    return Document(file, root, value, values.entries, tuple(values.problems))
