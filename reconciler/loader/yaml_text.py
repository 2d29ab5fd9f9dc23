"""YAML text to node trees, by libyaml; what is not YAML is said in words of our own.

Nodes carry their positions, so nothing has to be parsed twice to place an error.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from ruamel.yaml.cyaml import CParser
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.tag import Tag

from reconciler.loader.core_schema import MAP, SCALAR_TAGS, SEQ, STR, plain_tag
from reconciler.loader.rule_ids import RuleId
from reconciler.loader.syntax_messages import reworded

# A spec needs 8. libyaml's composer recurses in C and dies of a text like "[[[[[..." without it.
MAX_DEPTH = 64

# Two things that YAML 1.2 or JSON allows, and the libyaml that ruamel.yaml.clib brings (0.1.7) does
# not: a colon in unquoted text in brackets, [arn:aws:iam::...] (YAML 1.2, chapter 7.3.3), and the
# escape of a sign beyond the basic plane as a pair of halves.  Such a text is parsed again, with
# stand-ins of the same width for the backslashes of each pair, and for each colon that cannot
# be an indicator: one that a space or bracket does not follow, nor a quote or bracket precede.
_FLOW_COLON = re.compile(r"(?<![\"'\]}]):(?=[^\s,\[\]{}])")
_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)\\(u[dD][89abAB][0-9a-fA-F]{2})\\(u[dD][c-fC-F][0-9a-fA-F]{2})"
)
_REFUSED = ("found unexpected ':'", "found invalid Unicode character escape code")
_PRIVATE_USE = tuple(map(chr, range(0xE000, 0xF900)))

# No line of a spec begins like this: what is not indented is a key of the document.
_CONFLICT = re.compile(r"^(?:[<>|]{7}(?: .*)?|={7})$", re.MULTILINE)
_VERSION_DIRECTIVE = re.compile(r"^%YAML[ \t]+(\S*)", re.MULTILINE)


@dataclass(eq=False)
class BadYaml(Exception):
    """A text is not YAML as idpool reads it; ``line`` and ``column`` are 1-based."""

    rule: RuleId
    line: int
    column: int
    message: str
    fix: str


class Composed(NamedTuple):
    """The node tree of each document, up to the first that is not YAML."""

    roots: list[Node]
    bad: BadYaml | None


@dataclass(frozen=True, slots=True)
class Readable:
    """A text as libyaml can read it, every character in its place, and its two stand-ins."""

    text: str
    colon: str
    backslash: str

    def restored(self, value: str, style: str | None) -> str:
        """The value of a scalar; ``style`` is its quotes, if any."""
        value = value.replace(self.colon, ":")
        if style == '"':
            mark = re.escape(self.backslash)
            value = re.sub(f"{mark}u(.{{4}}){mark}u(.{{4}})", _sign, value)
        return value.replace(self.backslash, "\\")


def compose(text: str, tag_of: Callable[[str], str] = plain_tag) -> Composed:
    """The documents of a text.

    ``tag_of`` gives the tag of a scalar that has neither quotes nor a tag of its own.
    """
    composed, is_refused = _attempt(text, tag_of)
    if is_refused:
        readable = readable_text(text)
        composed, _ = _attempt(readable.text, lambda told: tag_of(readable.restored(told, None)))
        _restore(composed.roots, readable)
    return composed


def readable_text(text: str) -> Readable:
    """The text with stand-ins for what libyaml would refuse."""
    colon, backslash = islice((sign for sign in _PRIVATE_USE if sign not in text), 2)
    text = _PAIR.sub(rf"\1{backslash}\2{backslash}\3", _FLOW_COLON.sub(colon, text))
    return Readable(text, colon, backslash)


def _sign(pair: re.Match[str]) -> str:
    """The sign of two halves (Unicode standard, chapter 3.9, UTF-16)."""
    high, low = int(pair[1], 16), int(pair[2], 16)
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _attempt(text: str, tag_of: Callable[[str], str]) -> tuple[Composed, bool]:
    """The documents of a text, and whether something in it was too much for libyaml."""
    roots: list[Node] = []
    try:
        _check_version(text)
        _check_conflict(text)
        composer = _Composer(text, tag_of)
        while composer.check_node():
            roots.append(composer.get_node())
    except BadYaml as bad:
        return Composed(roots, bad), False
    except MarkedYAMLError as error:
        said = reworded(error, text)
        wrong = BadYaml(RuleId.YAML_SYNTAX, *said)
        return Composed(roots, wrong), error.problem in _REFUSED
    return Composed(roots, None), False


def _restore(roots: Sequence[Node], readable: Readable) -> None:
    """Put what had stand-ins back into every scalar."""
    waiting, seen = list(roots), set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ScalarNode):
            node.value = readable.restored(node.value, node.style)
        elif id(node) not in seen:
            seen.add(id(node))
            children = node.value if isinstance(node, SequenceNode) else chain(*node.value)
            waiting.extend(children)


# A node keeps its tag as an object that decodes its text sign by sign when it is first asked for.
# Made anew for each node, that was half the time of a load; so all nodes that nobody tagged share
# these, and what has one of them needs no further look.
_TAGS: Final = {text: Tag(suffix=text) for text in (*SCALAR_TAGS, MAP, SEQ)}
STRING: Final = _TAGS[STR]
MAPPING: Final = _TAGS[MAP]
SEQUENCE: Final = _TAGS[SEQ]


class _Composer(CParser):  # type: ignore[misc]
    """libyaml's parser with a resolver of our own, and a floor to its depth."""

    def __init__(self, text: str, tag_of: Callable[[str], str]) -> None:
        CParser.__init__(self, text)
        self._tag_of = tag_of
        self._depth = 0

    def descend_resolver(self, parent: Node | None, _index: object) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            mark = getattr(parent, "start_mark", None)
            raise BadYaml(
                RuleId.NESTED_TOO_DEEPLY,
                mark.line + 1 if mark else 1,
                mark.column + 1 if mark else 1,
                f"this is nested more than {MAX_DEPTH} levels deep",
                "a spec is 8 levels deep at most: check the brackets and the indentation",
            )

    def ascend_resolver(self) -> None:
        self._depth -= 1

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> Tag:
        if kind is ScalarNode:
            return _TAGS[self._tag_of(value)] if implicit[0] else STRING
        return MAPPING if kind is MappingNode else SEQUENCE


def _check_version(text: str) -> None:
    if "%YAML" not in text:
        return
    for match in _VERSION_DIRECTIVE.finditer(text):
        if match[1] != "1.2":
            line = text.count("\n", 0, match.start()) + 1
            message = "specs are YAML 1.2; this directive asks for another version"
            raise BadYaml(RuleId.YAML_VERSION, line, 1, message, "remove the %YAML line")


def _check_conflict(text: str) -> None:
    if "<<<<<<<" not in text and "=======" not in text and ">>>>>>>" not in text:
        return
    if match := _CONFLICT.search(text):
        line = text.count("\n", 0, match.start()) + 1
        message = "a merge conflict was left here"
        fix = "keep what is meant of both sides, and remove the lines <<<<<<<, ======= and >>>>>>>"
        raise BadYaml(RuleId.MERGE_CONFLICT, line, 1, message, fix)
