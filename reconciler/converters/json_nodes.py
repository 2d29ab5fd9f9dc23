"""JSON with places: what nobody vouches for is bounded, and duplicate keys are refused."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Final, NoReturn, TypeAlias

from reconciler.converters.findings import ConversionRule, Report
from reconciler.converters.nodes import Node
from reconciler.loader.problems import named, quoted
from reconciler.model.errors import InvalidSpecs

MAX_DEPTH: Final = 64
MAX_TOKENS: Final = 8_000_000

# Members of one object so far -> whether the rest of the object is of no interest.
Skips: TypeAlias = Callable[[Mapping[str, Node]], bool]

# Possessive, so that an endless string costs one pass.
_TOKEN: Final = re.compile(
    r'[ \t\r\n]*+(?:("(?:[^"\\\x00-\x1f]|\\.)*+")|([\[\]{}:,])|([^\s"\[\]{}:,]++))'
)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_MAX_NUMBER: Final = 40
_TOO_DEEP: Final = f"it is nested more than {MAX_DEPTH} levels deep"
_SPACES: Final = (" ", "\t", "\r", "\n")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


# Numbers stay text: some are longer than Python takes.
_DECODER: Final = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=_no_constant, strict=True
)
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


def json_nodes(file: str, text: str, skips: Skips | None = None) -> Node:
    """The value that a text holds.  Raises ``InvalidSpecs`` with the place of what is wrong.

    What is left of an object that ``skips`` says so of is checked for being JSON, and has no nodes.
    """
    return _Reader(file, text, skips).whole()


class _Reader:
    def __init__(self, file: str, text: str, skips: Skips | None) -> None:
        self._file = file
        self._text = text
        self._skips = skips
        self._seen = 0  # up to here lines are counted
        self._line, self._line_start = 1, 0
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
        line, column = self._place()
        if depth > MAX_DEPTH:
            self._refuse(_TOO_DEEP)
        if sign == "{":
            return Node(self._object(depth), line, column)
        if sign == "[":
            return Node(self._list(depth), line, column)
        if sign.startswith('"'):
            return Node(self._string(sign), line, column)
        if sign in _WORDS:
            return Node(_WORDS[sign], line, column)
        if len(sign) > _MAX_NUMBER or not _NUMBER.fullmatch(sign):
            self._refuse("here should be a value")
        return Node(sign, line, column, is_number=True)

    def _object(self, depth: int) -> dict[str, Node]:
        members: dict[str, Node] = {}
        is_skipped = False
        sign = self._next()
        while sign != "}":
            key = self._key(sign)
            if key in members:
                self._refuse(f"the key {quoted(named(key))} is there twice")
            self._expect(":")
            is_skipped = is_skipped or (self._skips is not None and self._skips(members))
            if is_skipped:
                self._skip()
            else:
                members[key] = self._value(self._next(), depth + 1)
            sign = self._after_member("}")
        return members

    def _skip(self) -> None:
        """A value by Python's own decoder, which is much faster, and forgets it at once."""
        start = self._end
        while self._text[start : start + 1] in _SPACES:
            start += 1
        try:
            _, self._end = _DECODER.raw_decode(self._text, start)
        except RecursionError:
            self._refuse(_TOO_DEEP)
        except ValueError as error:
            self._offset = getattr(error, "pos", start)
            self._refuse("this is no JSON, or it ends too early")

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

    def _place(self) -> tuple[int, int]:
        """Line and column of the last token.  Lines are counted once, as the reader goes on."""
        newlines = self._text.count("\n", self._seen, self._offset)
        if newlines:
            self._line += newlines
            self._line_start = self._text.rfind("\n", self._seen, self._offset) + 1
        self._seen = max(self._seen, self._offset)
        return self._line, self._offset - self._line_start + 1

    def _refuse(self, message: str) -> NoReturn:
        report = Report(self._file)
        report.error(ConversionRule.SYNTAX, Node(None, *self._place()), message)
        raise InvalidSpecs(report.findings)
