"""CloudFormation templates, YAML or JSON, short or long functions: one tree in the long form."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NoReturn

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.nodes import Node as YamlNode

from reconciler.converters.findings import ConversionRule, Report
from reconciler.converters.json_nodes import json_nodes
from reconciler.converters.nodes import Node, Value
from reconciler.converters.yaml11 import cloudformation_tag, seen
from reconciler.loader.core_schema import BOOL, FLOAT, INT, MAP, MERGE, SCALAR_TAGS, SEQ, shown_tag
from reconciler.loader.problems import named, quoted
from reconciler.loader.rule_ids import RuleId
from reconciler.loader.yaml_text import MAX_DEPTH, BadYaml, compose
from reconciler.model.errors import InvalidSpecs

# With aliases written out; the largest template that CloudFormation takes has 1 MB.
MAX_VALUES: Final = 200_000

_PLAIN: Final = SCALAR_TAGS | {MAP, SEQ}
_LONG: Final = {
    "!Ref": "Ref",
    "!Condition": "Condition",
    **{
        f"!{name}": f"Fn::{name}"
        for name in (
            *("And", "Base64", "Cidr", "Equals", "FindInMap", "GetAtt", "GetAZs", "If"),
            *("ImportValue", "Join", "Length", "Not", "Or", "Select", "Split", "Sub"),
            *("ToJsonString", "Transform"),
        )
    },
}


def template_nodes(file: str, text: str) -> Node:
    """The template as one tree.  Raises ``InvalidSpecs``."""
    if text.lstrip().startswith("{"):
        return json_nodes(file, text)
    roots, bad = compose(text, cloudformation_tag)
    if bad:
        _refuse_yaml(file, bad)
    if len(roots) != 1:
        place = Node(None, roots[1].start_mark.line + 1 if roots else 1)
        said = "a template is one YAML document" if roots else "the file is empty"
        _refuse(file, place, said)
    return _Builder(file).build(roots[0])


def _refuse_yaml(file: str, bad: BadYaml) -> NoReturn:
    # What the loader advises is about specs.
    place = Node(None, bad.line, bad.column)
    if bad.rule == RuleId.YAML_VERSION:
        _refuse(file, place, "a template is read as CloudFormation reads it, YAML 1.1", bad.fix)
    fix = "simplify the template" if bad.rule == RuleId.NESTED_TOO_DEEPLY else bad.fix
    _refuse(file, place, bad.message, fix)


def _refuse(file: str, place: Node, message: str, fix: str = "") -> NoReturn:
    report = Report(file)
    report.error(ConversionRule.SYNTAX, place, message, fix)
    raise InvalidSpecs(report.findings)


class _Builder:
    """Builds each YAML node once; what aliases add is counted, and an endless one refused."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._built: dict[int, tuple[Node, int]] = {}
        self._depths: dict[int, int] = {}
        self._open: set[int] = set()
        self._count = 0

    def build(self, node: YamlNode) -> Node:
        if id(node) in self._open:
            _refuse(self._file, _placed(node, None), "an alias stands within what it names")
        if known := self._built.get(id(node)):
            self._tally(node, known[1])
            return known[0]
        before = self._count
        self._open.add(id(node))
        inner = _placed(node, self._value(node))
        self._require_shallow(inner)
        built = self._in_long_form(node, inner)
        self._require_shallow(built)
        self._open.discard(id(node))
        self._tally(node, 1)
        self._built[id(node)] = built, self._count - before
        return built

    def _require_shallow(self, built: Node) -> None:
        """Aliases of aliases nest without being indented."""
        parts = (*built.members.values(), *built.items)
        depth = 1 + max((self._depths.get(id(part.value), 0) for part in parts), default=0)
        if depth > MAX_DEPTH:
            _refuse(self._file, built, f"it is nested more than {MAX_DEPTH} levels deep")
        self._depths[id(built.value)] = depth

    def _tally(self, node: YamlNode, size: int) -> None:
        self._count += size
        if self._count > MAX_VALUES:
            _refuse(self._file, _placed(node, None), f"it holds more than {MAX_VALUES} values")

    def _value(self, node: YamlNode) -> Value:
        if isinstance(node, ScalarNode):
            return seen(str(node.tag), str(node.value))
        if isinstance(node, SequenceNode):
            return tuple(self.build(item) for item in node.value)
        return dict(self._members(node))

    def _members(self, node: YamlNode) -> Iterator[tuple[str, Node]]:
        merged: list[Node] = []
        names: set[str] = set()
        for key, value in node.value:
            if key.tag == MERGE:
                sources = value.value if isinstance(value, SequenceNode) else [value]
                merged += [self.build(source) for source in sources]
                continue
            name = self._key(key, names)
            child = self.build(value)
            # A block mapping begins at its first key, which is not where people look.
            if isinstance(value, MappingNode | SequenceNode) and value.flow_style is False:
                mark = key.start_mark
                child = replace(child, line=mark.line + 1, column=mark.column + 1)
            yield name, replace(child, key_written=key.value) if _is_odd(key) else child
        for source in merged:
            yield from ((k, v) for k, v in source.members.items() if k not in names)
            names |= set(source.members)

    def _key(self, key: YamlNode, names: set[str]) -> str:
        """A key as CloudFormation sees it."""
        if not isinstance(key, ScalarNode):
            _refuse(self._file, _placed(key, None), "a key is a string, not a mapping or a list")
        name = _text(key) if _is_odd(key) else str(key.value)
        if name in names:
            _refuse(self._file, _placed(key, None), f"the key {quoted(named(name))} is there twice")
        names.add(name)
        return name

    def _in_long_form(self, node: YamlNode, built: Node) -> Node:
        tag = str(node.tag)
        if name := _LONG.get(tag):
            return built.holding({name: built})
        if tag not in _PLAIN:
            message = f"{shown_tag(tag)} is none of CloudFormation's functions"
            _refuse(self._file, built, message, "write the value itself")
        return built


def _text(node: ScalarNode) -> str:
    return Node(seen(str(node.tag), node.value)).text or ""


def _is_odd(node: YamlNode) -> bool:
    """Whether CloudFormation sees something else in a scalar than what stands there.

    ``True`` is not odd: every reader takes it for true.
    """
    if not isinstance(node, ScalarNode) or node.tag not in (BOOL, INT, FLOAT):
        return False
    written = str(node.value)
    return _text(node) != (written.lower() if node.tag == BOOL else written)


def _placed(node: YamlNode, value: Value) -> Node:
    mark = node.start_mark
    written = node.value if _is_odd(node) else ""
    is_number = node.tag in (INT, FLOAT)
    return Node(value, mark.line + 1, mark.column + 1, is_number, written=written)
