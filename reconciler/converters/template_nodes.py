"""CloudFormation templates, YAML or JSON, short or long functions: one tree in the long form."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final, NamedTuple

from reconciler.converters.conversion import ConversionRule, json_nodes, refusal
from reconciler.converters.nodes import Node, Value
from reconciler.model.errors import InvalidSpecs
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
    plain_tag,
    shown_tag,
)
from reconciler.text.documents import Resolved
from reconciler.text.problems import Unusable, named, quoted
from reconciler.text.tree import Leaf, List, Map, resolved
from reconciler.text.tree import Node as Tree
from reconciler.text.yaml import MAX_DEPTH, parse

# Longer numbers are left as they are written: the work that they make grows faster than they do.
_MOST_DIGITS: Final = 400
_BASE_60: Final = 60

_BOOLS: Final = {
    form: word in ("true", "yes", "on")
    for word in ("true", "yes", "on", "false", "no", "off")
    for form in (word, word.capitalize(), word.upper())
}
_NUMBER_STARTS: Final = frozenset("+-.0123456789")


class _Form(NamedTuple):
    """How a number may be written, and what its text without underscores is."""

    tag: str
    pattern: re.Pattern[str]
    read: Callable[[str], float]


def _by_sixties(text: str) -> float:
    """Hours, minutes and seconds: ``1:20`` is 80."""
    *parts, end = text.lstrip("+-").split(":")
    whole = 0
    for part in parts:
        whole = whole * _BASE_60 + int(part)
    total = whole * _BASE_60 + (float(end) if "." in end else int(end))
    return -total if text.startswith("-") else total


_DECIMAL: Final = (
    r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?"
)
_ODD: Final = r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
_FORMS: Final = (
    _Form(INT, re.compile(r"[-+]?0(?:b[01_]+|x[0-9a-fA-F_]+)"), lambda text: int(text, 0)),
    _Form(INT, re.compile(r"[-+]?0[0-7_]+"), lambda text: int(text, 8)),
    _Form(INT, re.compile(r"[-+]?(?:0|[1-9][0-9_]*)"), int),
    _Form(INT, re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"), _by_sixties),
    _Form(FLOAT, re.compile(_DECIMAL), float),
    _Form(FLOAT, re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"), _by_sixties),
    _Form(FLOAT, re.compile(_ODD), lambda text: float(text.replace(".", ""))),
)
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


def cloudformation_tag(text: str) -> str:
    """The tag of a scalar without quotes and without a tag of its own."""
    if text in _BOOLS:
        return BOOL
    if text[:1] in _NUMBER_STARTS and len(text) <= _MOST_DIGITS:
        return next((form.tag for form in _FORMS if form.pattern.fullmatch(text)), STR)
    tag = plain_tag(text)
    return STR if tag in (BOOL, INT, FLOAT) else tag


def seen(tag: str, text: str) -> str | bool | None:
    """What a scalar with a tag is to CloudFormation; a number is the text that it becomes."""
    if tag == NULL:
        return None
    if tag == BOOL:
        return _BOOLS.get(text, text)
    if tag not in (INT, FLOAT) or len(text) > _MOST_DIGITS:
        return text
    try:
        return _number(text, is_float=tag == FLOAT)
    except ValueError:  # "0b_", or "!!int" before anything
        return text


def _number(text: str, *, is_float: bool) -> str:
    for form in _FORMS:
        if form.pattern.fullmatch(text) and not (is_float and form.tag == INT):
            number = form.read(text.replace("_", ""))
            return str(number) if form.tag == INT else _java_double(number)
    return text


def _java_double(number: float) -> str:
    """As ``Double.toString`` writes it: always with a point, beyond seven digits with an E."""
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else f"{'-' * (number < 0)}Infinity"
    if number == 0:
        return "-0.0" if math.copysign(1, number) < 0 else "0.0"
    exact = Decimal(repr(number)).normalize()
    if -3 <= exact.adjusted() < 7:  # noqa: PLR2004
        plain = f"{exact:f}"
        return plain if "." in plain else f"{plain}.0"
    digits = "".join(map(str, exact.as_tuple().digits))
    return f"{'-' * (number < 0)}{digits[0]}.{digits[1:] or '0'}E{exact.adjusted()}"


def template_nodes(file: str, text: str) -> Node:
    """The template as one tree.  Raises ``InvalidSpecs``."""
    if text.lstrip().startswith("{"):
        return json_nodes(file, text)
    roots, _, bad = parse(text, cloudformation_tag)
    if bad:
        raise _bad_yaml(file, bad)
    if len(roots) != 1:
        place = Node(None, roots[1].line if roots else 1)
        said = "a template is one YAML document" if roots else "the file is empty"
        raise refusal(file, ConversionRule.SYNTAX, place, said)
    return _Builder(file).build(roots[0])


def _bad_yaml(file: str, bad: Unusable) -> InvalidSpecs:
    # What the loader advises is about specs.
    problem = bad.problem
    place, message, fix = Node(None, *bad.place), problem.message, problem.fix
    if problem.rule == RuleId.YAML_VERSION:
        message = "a template is read as CloudFormation reads it, YAML 1.1"
    elif problem.rule == RuleId.NESTED_TOO_DEEPLY:
        fix = "simplify the template"
    return refusal(file, ConversionRule.SYNTAX, place, message, fix)


class _Builder:
    """Builds each YAML node once; what aliases add is counted, and an endless one refused."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._built: dict[int, tuple[Node, int]] = {}
        self._depths: dict[int, int] = {}
        self._open: set[int] = set()
        self._count = 0

    def build(self, tree: Tree) -> Node:
        node = resolved(tree)
        if id(node) in self._open:
            raise self._refusal(_placed(node, None), "an alias stands within what it names")
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
            raise self._refusal(built, f"it is nested more than {MAX_DEPTH} levels deep")
        self._depths[id(built.value)] = depth

    def _refusal(self, place: Node, message: str, fix: str = "") -> InvalidSpecs:
        return refusal(self._file, ConversionRule.SYNTAX, place, message, fix)

    def _tally(self, node: Resolved, size: int) -> None:
        self._count += size
        if self._count > MAX_VALUES:
            raise self._refusal(_placed(node, None), f"it holds more than {MAX_VALUES} values")

    def _value(self, node: Resolved) -> Value:
        if isinstance(node, Leaf):
            return seen(node.tag, node.text)
        if isinstance(node, List):
            return tuple(map(self.build, node.items))
        return dict(self._members(node))

    def _members(self, node: Map) -> Iterator[tuple[str, Node]]:
        merged: list[Node] = []
        names: set[str] = set()
        for written, tree in node.entries:
            key, value = resolved(written), resolved(tree)
            if key.tag == MERGE:
                sources = value.items if isinstance(value, List) else [value]
                merged += map(self.build, sources)
                continue
            name = self._key(key, names)
            child = self.build(value)
            # A block mapping begins at its first key, which is not where people look.
            if isinstance(value, Map | List) and not value.is_flow:
                child = replace(child, line=key.line, column=key.column)
            odd = key.text if isinstance(key, Leaf) and _is_odd(key) else ""
            yield name, replace(child, key_written=odd) if odd else child
        for source in merged:
            yield from ((k, v) for k, v in source.members.items() if k not in names)
            names |= set(source.members)

    def _key(self, key: Resolved, names: set[str]) -> str:
        """A key as CloudFormation sees it."""
        if not isinstance(key, Leaf):
            raise self._refusal(_placed(key, None), "a key is a string, not a mapping or a list")
        name = _text(key) if _is_odd(key) else key.text
        if name in names:
            raise self._refusal(_placed(key, None), f"the key {quoted(named(name))} is there twice")
        names.add(name)
        return name

    def _in_long_form(self, node: Resolved, built: Node) -> Node:
        if name := _LONG.get(node.tag):
            return built.holding({name: built})
        if node.tag not in _PLAIN:
            message = f"{shown_tag(node.tag)} is none of CloudFormation's functions"
            raise self._refusal(built, message, "write the value itself")
        return built


def _text(leaf: Leaf) -> str:
    return Node(seen(leaf.tag, leaf.text)).text or ""


def _is_odd(leaf: Leaf) -> bool:
    """Whether CloudFormation sees something else in a scalar than what stands there.

    ``True`` is not odd: every reader takes it for true.
    """
    if leaf.tag not in (BOOL, INT, FLOAT):
        return False
    return _text(leaf) != (leaf.text.lower() if leaf.tag == BOOL else leaf.text)


def _placed(node: Resolved, value: Value) -> Node:
    written = node.text if isinstance(node, Leaf) and _is_odd(node) else ""
    return Node(value, *node.place, node.tag in (INT, FLOAT), written=written)
