"""YAML text to trees, by libyaml; what is not YAML is said in words of our own.

The trees are built from the parser's events: those know where an alias stands and where a block
ends, and no recursion in C dies of a text like ``[[[[[...``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple

from ruamel.yaml.cyaml import CParser
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from reconciler.model.findings import RuleId
from reconciler.text.core_schema import MAP, SEQ, STR, plain_tag
from reconciler.text.problems import Unusable, quoted, wording
from reconciler.text.tree import (
    BLOCK_STYLES,
    Alias,
    Leaf,
    List,
    Map,
    Node,
    Strange,
    children,
    walk,
)

# A spec needs 8.
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
_PROPERTY: Final = re.compile(r"[&!]\S*")
_BETWEEN: Final = re.compile(r"(?:\s+(?:#[^\n\r\x85\u2028\u2029]*)?)*")
_BREAKS: Final = re.compile(r"(?:(?:\r\n|[\n\r\x85\u2028\u2029])[ \t]*)+\Z")
_LAST_BREAK: Final = re.compile(r"(?:\r\n|[\n\r\x85\u2028\u2029])[ \t]*\Z")

_GLOB_END: Final = re.compile(r"-[a-z0-9-]{1,20}")
_NEARBY: Final = 100  # characters before and behind an error: a line of a hostile file has no end
# What people write in specs without the quotes that it needs.
_TO_QUOTE: Final = {
    "reference": re.compile(r"[^\s,\[\]{}\"']*\$\{[^}\s]*\}(?:[^\s,\[\]{}\"']|\$\{[^}\s]*\})*"),
    "glob": re.compile(r"\*[A-Za-z0-9*?._-]*"),
}


class Parsed(NamedTuple):
    """The tree of each document, and where it begins, up to the first that is not YAML."""

    roots: list[Node]
    starts: list[int]
    bad: Unusable | None


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


def parse(text: str, tag_of: Callable[[str], str] = plain_tag) -> Parsed:
    """The documents of a text.

    ``tag_of`` gives the tag of a scalar that has neither quotes nor a tag of its own.
    """
    parsed, is_refused = _attempt(_Builder(text, tag_of, None))
    if is_refused:
        parsed, _ = _attempt(_Builder(text, tag_of, readable_text(text)))
    return parsed


def tree_of(text: str) -> Node:
    """The tree of a text that is one document, each node with its parent.  Raises Strange."""
    roots, _, bad = parse(text)
    if bad is not None:
        raise Strange("it is not YAML")
    if len(roots) != 1:
        raise Strange("it is not one document")
    for node in walk(roots[0]):
        for child in children(node):
            child.parent = node
    return roots[0]


def document_texts(text: str) -> list[str]:
    """The text of each document; together they are the whole text.  Raises Strange."""
    _, starts, bad = parse(text)
    if bad is not None:
        raise Strange("it is not YAML")
    starts = [0, *starts[1:]]
    ends = [*starts[1:], len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


def readable_text(text: str) -> Readable:
    """The text with stand-ins for what libyaml would refuse."""
    colon, backslash = islice((sign for sign in _PRIVATE_USE if sign not in text), 2)
    text = _PAIR.sub(rf"\1{backslash}\2{backslash}\3", _FLOW_COLON.sub(colon, text))
    return Readable(text, colon, backslash)


def _sign(pair: re.Match[str]) -> str:
    """The sign of two halves (Unicode standard, chapter 3.9, UTF-16)."""
    high, low = int(pair[1], 16), int(pair[2], 16)
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _attempt(builder: "_Builder") -> tuple[Parsed, bool]:
    """The documents of a text, and whether something in it was too much for libyaml."""
    bad, is_refused = None, False
    try:
        builder.run()
    except Unusable as found:
        bad = found
    except MarkedYAMLError as error:
        bad = _reworded(error, builder.text)
        is_refused = error.problem in _REFUSED
    return Parsed(builder.roots, builder.starts, bad), is_refused


@dataclass(slots=True)
class _Builder:
    """Builds the trees of a text, event by event."""

    text: str
    tag_of: Callable[[str], str]
    readable: Readable | None
    roots: list[Node] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    open: list[Map | List] = field(default_factory=list)
    root: Node | None = None
    anchors: dict[str, Leaf | List | Map] = field(default_factory=dict)

    def run(self) -> None:
        """Raises ``Unusable`` and ``MarkedYAMLError``; what came before has been built."""
        _check_version(self.text)
        _check_conflict(self.text)
        parser = CParser(self.readable.text if self.readable else self.text)
        while parser.check_event():
            event = parser.get_event()
            step = _STEPS.get(type(event))
            if step is not None:  # the stream's own beginning and end say nothing
                step(self, event)

    def document(self, event: Any) -> None:
        """A document begins."""
        self.anchors = {}
        self.starts.append(event.start_mark.index)

    def document_end(self, _event: Any) -> None:
        """A document ends."""
        if self.root is not None:
            self.roots.append(self.root)
        self.root = None

    def scalar(self, event: Any) -> None:
        """A scalar."""
        start, end = event.start_mark, event.end_mark.index
        text, style = event.value, event.style or ""
        if self.readable is not None:
            text = self.readable.restored(text, event.style)
        own = event.tag
        if own is None or own == "!":  # "!" says: not resolved, so a string
            tag = self.tag_of(text) if event.implicit[0] and own is None else STR
        else:
            tag = own
        body = start.index
        if own is not None or event.anchor:
            body = self._body(event, body, end)
        if style and style in BLOCK_STYLES:
            end = _block_end(self.text, body, end)
        anchor = event.anchor or ""
        self._put(
            Leaf(start.index, body, end, start.line + 1, start.column + 1, anchor, tag, text, style)
        )

    def begin(self, event: Any) -> None:
        """A mapping or sequence begins."""
        is_map = isinstance(event, MappingStartEvent)
        start, end = event.start_mark, event.end_mark.index
        is_flow = bool(event.flow_style)
        body = end - 1 if is_flow else self._behind_properties(event, start.index)
        usual = MAP if is_map else SEQ
        tag = usual if event.tag in (None, "!") else event.tag
        place = (start.line + 1, start.column + 1)
        kind = Map if is_map else List
        node = kind(start.index, body, end, *place, event.anchor or "", tag, is_flow)
        self._put(node)
        self.open.append(node)

    def end(self, event: Any) -> None:
        """A mapping or sequence ends."""
        node = self.open.pop()
        last = node.last
        node.end = event.end_mark.index if node.is_flow or last is None else last.end

    def alias(self, event: Any) -> None:
        """An alias."""
        start = event.start_mark
        place = (start.line + 1, start.column + 1)
        target = self.anchors.get(event.anchor)
        if target is None:
            # Other names may be secrets that begin with the sign.
            case = "no-anchor-glob" if _GLOB_END.fullmatch(event.anchor) else "no-anchor"
            raise Unusable(RuleId.YAML_SYNTAX, place, case, text=quoted(f"*{event.anchor}"))
        at = start.index
        self._put(Alias(at, at, event.end_mark.index, *place, event.anchor, target))

    def _put(self, node: Node) -> None:
        if not isinstance(node, Alias) and node.anchor:
            first = self.anchors.get(node.anchor)
            if first is not None:
                start = "{}:{}".format(*first.place)
                raise Unusable(RuleId.YAML_SYNTAX, node.place, "second-anchor", start=start)
            self.anchors[node.anchor] = node
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        if len(self.open) >= MAX_DEPTH:
            raise Unusable(RuleId.NESTED_TOO_DEEPLY, parent.place, most=MAX_DEPTH)
        parent.add(node)

    def _body(self, event: Any, start: int, end: int) -> int:
        """Where the value of a scalar begins, behind anchor and tag."""
        behind = self._behind_properties(event, start)
        between = _BETWEEN.match(self.text, behind, end) if behind > start else None
        return between.end() if between and between.end() < end else behind

    def _behind_properties(self, event: Any, start: int) -> int:
        """Where anchor and tag end."""
        behind = start
        for _ in range(bool(event.anchor) + (event.tag is not None)):
            between = _BETWEEN.match(self.text, behind)
            found = _PROPERTY.match(self.text, between.end() if between else behind)
            behind = found.end() if found else behind
        return behind


# Not in the builder: it would hold itself, and so all its nodes until they are looked for.
_STEPS: Final[dict[type, Callable[[_Builder, Any], None]]] = {
    ScalarEvent: _Builder.scalar,
    MappingStartEvent: _Builder.begin,
    SequenceStartEvent: _Builder.begin,
    MappingEndEvent: _Builder.end,
    SequenceEndEvent: _Builder.end,
    AliasEvent: _Builder.alias,
    DocumentStartEvent: _Builder.document,
    DocumentEndEvent: _Builder.document_end,
}


def _reworded(error: MarkedYAMLError, text: str) -> Unusable:
    """What libyaml says about a text that is not YAML, in our own words and at a better place."""
    begin, end = error.context_mark, error.problem_mark or error.context_mark
    lines = text.splitlines()
    written = len(text.rstrip().splitlines())
    if end and 0 < written <= end.line:
        if begin and begin.line < written:
            return _syntax("open-bracket", begin.line, begin.column)
        return _syntax("incomplete", written - 1, len(lines[written - 1]))
    case, words = _case_of(error)
    if "at_beginning" in words:
        end = begin
    line, column = (end.line, end.column) if end else (0, 0)
    content = lines[line] if line < len(lines) else ""
    indent = content[: len(content) - len(content.lstrip())]
    if "\t" in indent and "flow" not in (error.context or ""):
        return _syntax("tabs", line, indent.index("\t"))
    if unquoted := _unquoted(content, line, column):
        return unquoted
    start = f"{begin.line + 1}:{begin.column + 1}" if begin else "the top"
    return _syntax(case, line, column, start=start, sign=content[column : column + 1])


def _unquoted(content: str, line: int, column: int) -> Unusable | None:
    """A reference or a glob that YAML takes for something else."""
    first = max(0, column - _NEARBY)
    for case, form in _TO_QUOTE.items():
        for found in form.finditer(content[first : column + _NEARBY]):
            if found.start() <= column - first <= found.end():
                return _syntax(case, line, first + found.start(), text=quoted(found[0]))
    return None


def _case_of(error: MarkedYAMLError) -> tuple[str, Mapping[str, Any]]:
    """The first case of a syntax error whose part of libyaml's words is there."""
    for case, words in wording(RuleId.YAML_SYNTAX).items():
        if "part" in words and words["part"] in f"{error.problem}\n{error.context}":
            return case, words
    return "", {}


def _syntax(case: str, line: int, column: int, **values: object) -> Unusable:
    """A syntax error at a 0-based place."""
    return Unusable(RuleId.YAML_SYNTAX, (line + 1, column + 1), case, (), **values)


def _block_end(text: str, body: int, end: int) -> int:
    """Before the last line break of a block scalar's last line that counts."""
    keeps = "+" in text[body : body + 3]  # the indicators of its header
    found = (_LAST_BREAK if keeps else _BREAKS).search(text[body:end])
    return body + found.start() if found else end


def _check_version(text: str) -> None:
    if "%YAML" not in text:
        return
    for match in _VERSION_DIRECTIVE.finditer(text):
        if match[1] != "1.2":
            raise Unusable(RuleId.YAML_VERSION, _line(match))


def _check_conflict(text: str) -> None:
    if "<<<<<<<" not in text and "=======" not in text and ">>>>>>>" not in text:
        return
    if match := _CONFLICT.search(text):
        raise Unusable(RuleId.MERGE_CONFLICT, _line(match))


def _line(match: re.Match[str]) -> tuple[int, int]:
    return match.string.count("\n", 0, match.start()) + 1, 1
