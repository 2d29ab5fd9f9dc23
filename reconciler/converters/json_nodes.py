"""JSON with places: what nobody vouches for is bounded, and duplicate keys are refused."""

import json
import re
from bisect import bisect_right
from typing import Final, NoReturn

from reconciler.converters.findings import ConversionRule, Report
from reconciler.converters.nodes import Node, Value
from reconciler.loader.problems import named, quoted
from reconciler.model.errors import InvalidSpecs

MAX_DEPTH: Final = 64
MAX_TOKENS: Final = 8_000_000

# Possessive, so that an endless string costs one pass.
_TOKEN: Final = re.compile(
    r'[ \t\r\n]*+(?:("(?:[^"\\\x00-\x1f]|\\.)*+")|([\[\]{}:,])|([^\s"\[\]{}:,]++))'
)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_MAX_NUMBER: Final = 40
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


def json_nodes(file: str, text: str) -> Node:
    """The value that a text holds.  Raises ``InvalidSpecs`` with the place of what is wrong."""
    return _Reader(file, text).whole()


class _Reader:
    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self._offset = 0  # of the last token
        self._end = 0
        self._count = 0

    def whole(self) -> Node:
        node = self._value(self._next(), 1)
        if self._text[self._end :].strip():
            self._next()
            self._refuse("something follows the JSON value")
        return node

    def _next(self) -> str:
        self._count += 1
        match = _TOKEN.match(self._text, self._end)
        if self._count > MAX_TOKENS:
            self._refuse("it holds too many values")
        if match is None:
            self._offset = min(self._end, max(len(self._text) - 1, 0))
            self._refuse("this is no JSON, or it ends too early")
        self._offset = match.start(match.lastindex or 0)
        self._end = match.end()
        return match[match.lastindex or 0]

    def _value(self, sign: str, depth: int) -> Node:
        offset = self._offset
        if depth > MAX_DEPTH:
            self._refuse(f"it is nested more than {MAX_DEPTH} levels deep")
        if sign == "{":
            return self._node(offset, self._object(depth))
        if sign == "[":
            return self._node(offset, self._list(depth))
        if sign.startswith('"'):
            return self._node(offset, self._string(sign))
        if sign in _WORDS:
            return self._node(offset, _WORDS[sign])
        if len(sign) > _MAX_NUMBER or not _NUMBER.fullmatch(sign):
            self._refuse("here should be a value")
        return self._node(offset, sign, is_number=True)

    def _object(self, depth: int) -> dict[str, Node]:
        members: dict[str, Node] = {}
        sign = self._next()
        while sign != "}":
            key = self._key(sign)
            if key in members:
                self._refuse(f"the key {quoted(named(key))} is there twice")
            self._expect(":")
            members[key] = self._value(self._next(), depth + 1)
            sign = self._after_member("}")
        return members

    def _list(self, depth: int) -> tuple[Node, ...]:
        items: list[Node] = []
        sign = self._next()
        while sign != "]":
            items.append(self._value(sign, depth + 1))
            sign = self._after_member("]")
        return tuple(items)

    def _after_member(self, end: str) -> str:
        sign = self._next()
        if sign == end:
            return sign
        if sign != ",":
            self._refuse(f'here should be "," or "{end}"')
        sign = self._next()
        if sign == end:
            self._refuse("a comma that nothing follows")
        return sign

    def _key(self, sign: str) -> str:
        if not sign.startswith('"'):
            self._refuse("here should be a key in quotes")
        return self._string(sign)

    def _expect(self, sign: str) -> None:
        if self._next() != sign:
            self._refuse(f'here should be "{sign}"')

    def _string(self, sign: str) -> str:
        try:
            text = str(json.loads(sign))
            text.encode()
        except ValueError:  # a wrong escape; half of a surrogate pair
            self._refuse("a wrong escape in a string")
        return text

    def _node(self, offset: int, value: Value, *, is_number: bool = False) -> Node:
        line = bisect_right(self._lines, offset)
        return Node(value, line, offset - self._lines[line - 1] + 1, is_number)

    def _refuse(self, message: str) -> NoReturn:
        report = Report(self._file)
        report.error(ConversionRule.SYNTAX, self._node(self._offset, None), message)
        raise InvalidSpecs(report.findings)
