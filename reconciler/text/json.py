"""JSON that nobody vouches for: one tree with places, bounded, and no duplicate keys.

What a parser would let pass or choke on is refused.  Numbers stay text: some are longer than Python
takes, and no field of a pool is one.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn, TypeAlias

from reconciler.text.core_schema import BOOL, INT, MAP, NULL, SEQ, STR
from reconciler.text.problems import FieldPath, named, quoted
from reconciler.text.tree import Leaf, List, Map, Node

MAX_DEPTH: Final = 64
MAX_TOKENS: Final = 8_000_000
# What of a value is kept: all, nothing, or what leads to a path.
Kept: TypeAlias = bool | FieldPath
# Members of one object so far -> whether the rest of the object is of no interest.
Skips: TypeAlias = Callable[[Mapping[str, Node]], bool]
# Possessive, so that an endless string costs one pass.
_TOKEN: Final = re.compile(
    r'[ \t\r\n]*+(?:("(?:[^"\\\x00-\x1f]|\\.)*+")|([\[\]{}:,])|([^\s"\[\]{}:,]++))'
)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LONGEST_NUMBER: Final = 40
_MOST_DIGITS: Final = 18  # what fits 64 bits, and far more than anything of ours counts
_NO_NUMBERS: Final = frozenset({"NaN", "Infinity", "-Infinity"})
_WORDS: Final = {"true": BOOL, "false": BOOL, "null": NULL}
_TOO_DEEP: Final = f"it is nested more than {MAX_DEPTH} levels deep"
_NO_JSON: Final = "this is no JSON, or it ends too early"
_SPACES: Final = (" ", "\t", "\r", "\n")


@dataclass(eq=False)
class BadJson(ValueError):
    """The text cannot be taken; ``line`` and ``column`` are 1-based.

    The message quotes keys, never values.  ``is_json``: it is JSON so far, and odd all the same.
    """

    line: int
    column: int
    reason: str
    is_json: bool


def read_json(text: str, skips: Skips | None = None) -> Node:
    """The tree of a text.  Raises ``BadJson``.

    What is left of an object that ``skips`` says so of is checked for being JSON, and has no nodes.
    """
    return _Reader(text, skips).whole(kept=True)


def refuse_odd(text: str, most: int | None = None) -> None:
    """Refuse what is too deep or too much, duplicate keys, NaN, and huge numbers.

    ``most`` is how many tokens are not too much, by default ``MAX_TOKENS``.  Whether the rest is
    JSON at all is the parser's to say.  Raises ``BadJson``.
    """
    most = MAX_TOKENS if most is None else most
    try:
        _Reader(text, most=most, longest=_MOST_DIGITS).whole(kept=False)
    except BadJson as bad:
        if bad.is_json:
            raise


def line_of(text: str, path: FieldPath) -> int:
    """The line of the member at a path, or of the innermost that is there on the way to it."""
    node = _Reader(text).whole(kept=path)
    while isinstance(node, Map | List) and node.last is not None:
        node = node.last
    return node.line


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


# Numbers stay text: some are longer than Python takes.
_DECODER: Final = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=_no_constant, strict=True
)


def _inner(kept: Kept, step: str | int) -> Kept:
    if isinstance(kept, bool):
        return kept
    return kept[1:] if kept and kept[0] == step else False


# What stands for values that are read and not kept.
_READ: Final = Leaf(0, 0, 0, 1, 1, "", NULL, "")


@dataclass(slots=True)
class _Reader:
    """Reads one value.  Lines are counted once, as the reader goes on.

    ``seen``: up to here lines are counted; ``offset`` is that of the last token, ``end`` its end.
    """

    text: str
    skips: Skips | None = None
    most: int = MAX_TOKENS
    longest: int = _LONGEST_NUMBER
    seen: int = 0
    line: int = 1
    line_start: int = 0
    offset: int = 0
    end: int = 0
    count: int = 0

    def whole(self, *, kept: Kept) -> Node:
        """The value, with what of it is ``kept``: all, nothing, or what leads to a path."""
        node = self._value(self._next(), 1, kept)
        if self.text[self.end :].strip():
            self._next()
            self._refuse("something follows the JSON value")
        return node

    def _next(self) -> str:
        self.count += 1
        match = _TOKEN.match(self.text, self.end)
        if self.count > self.most:
            self._refuse("it holds too many values", is_json=True)
        if match is None:
            self.offset = min(self.end, max(len(self.text) - 1, 0))
            self._refuse(_NO_JSON)
        self.offset = match.start(match.lastindex or 0)
        self.end = match.end()
        return match[match.lastindex or 0]

    def _value(self, sign: str, depth: int, kept: Kept) -> Node:
        if sign in ("{", "["):
            if depth > MAX_DEPTH:
                self._refuse(_TOO_DEEP, is_json=True)
            start = self.offset
            line, column = self._place() if kept is not False else (1, 1)
            node: Map | List
            if sign == "{":
                node = Map(start, start, start, line, column, "", MAP, is_flow=True)
                self._object(node, depth, kept)
            else:
                node = List(start, start, start, line, column, "", SEQ, is_flow=True)
                self._list(node, depth, kept)
            node.end = self.end
            return node
        return self._leaf(sign, kept)

    def _leaf(self, sign: str, kept: Kept) -> Leaf:
        tag, style = STR, ""
        if sign[0] == '"':
            sign, style = self._string(sign), '"'
        else:
            tag = _WORDS.get(sign) or self._number_tag(sign)
        if kept is False:
            return _READ
        start, place = self.offset, self._place()
        return Leaf(start, start, self.end, *place, "", tag, sign, style)

    def _number_tag(self, sign: str) -> str:
        if sign in _NO_NUMBERS:
            self._refuse("it holds a number that is none (NaN or infinity)", is_json=True)
        if not _NUMBER.fullmatch(sign):
            self._refuse("here should be a value")
        if len(sign) > self.longest:
            self._refuse("it holds a number with too many digits", is_json=True)
        return INT

    def _object(self, node: Map, depth: int, kept: Kept) -> None:
        members: dict[str, Node] = {}
        is_skipped = False
        sign = self._next()
        while sign != "}":
            if sign[0] != '"':
                self._refuse("here should be a key in quotes")
            name = self._string(sign)
            key = _READ if kept is False else self._leaf(sign, kept=True)
            if name in members:
                self._refuse(f"the key {quoted(named(name))} is there twice", is_json=True)
            if self._next() != ":":
                self._refuse('here should be ":"')
            is_skipped = is_skipped or (self.skips is not None and self.skips(members))
            if is_skipped:
                self._skip()
            else:
                inner = _inner(kept, name)
                value = self._value(self._next(), depth + 1, inner)
                members[name] = value
                if inner is not False:
                    node.entries.append((key, value))
            sign = self._after_member("}")

    def _skip(self) -> None:
        """A value by Python's own decoder, which is much faster, and forgets it at once."""
        start = self.end
        while self.text[start : start + 1] in _SPACES:
            start += 1
        try:
            _, self.end = _DECODER.raw_decode(self.text, start)
        except RecursionError:
            self._refuse(_TOO_DEEP, is_json=True)
        except ValueError as error:
            self.offset = getattr(error, "pos", start)
            self._refuse(_NO_JSON)

    def _list(self, node: List, depth: int, kept: Kept) -> None:
        sign, number = self._next(), 0
        while sign != "]":
            inner = _inner(kept, number)
            value = self._value(sign, depth + 1, inner)
            if inner is not False:
                node.items.append(value)
            sign, number = self._after_member("]"), number + 1

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

    def _string(self, sign: str) -> str:
        if "\\" not in sign and sign.isascii():
            return sign[1:-1]
        try:
            text = str(json.loads(sign))
            text.encode()
        except ValueError:  # a wrong escape; half of a surrogate pair
            self._refuse("a wrong escape in a string")
        return text

    def _place(self) -> tuple[int, int]:
        """Line and column of the last token."""
        newlines = self.text.count("\n", self.seen, self.offset)
        if newlines:
            self.line += newlines
            self.line_start = self.text.rfind("\n", self.seen, self.offset) + 1
        self.seen = max(self.seen, self.offset)
        return self.line, self.offset - self.line_start + 1

    def _refuse(self, message: str, *, is_json: bool = False) -> NoReturn:
        raise BadJson(*self._place(), message, is_json)
