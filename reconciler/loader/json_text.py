"""JSON that nobody vouches for: what a parser would let pass or choke on is refused before it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from reconciler.loader.problems import quoted

MAX_DEPTH: Final = 64
MAX_TOKENS: Final = 8_000_000
_MAX_DIGITS: Final = 18  # what fits 64 bits, and far more than anything here counts

# Possessive, so that an endless string costs one pass.
_TOKEN: Final = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|[\[\]{}:,]|[^\s"\[\]{}:,]++')
_NUMBER: Final = re.compile(r"[-+]?[0-9]")
_NO_NUMBERS: Final = frozenset({"NaN", "Infinity", "-Infinity"})

Path: TypeAlias = tuple[str | int, ...]


class BadJson(ValueError):
    """The text cannot be taken; ``line`` is 1-based.  The message quotes keys, never values."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


@dataclass(slots=True)
class _Frame:
    """An object or list that is open: the key or number of the member that is being read."""

    is_object: bool
    at: str | int = 0
    keys: set[str] = field(default_factory=set)


def refuse_odd(text: str, most: int | None = None) -> None:
    """Refuse what is too deep or too much, duplicate keys, NaN, and huge numbers.

    ``most`` is how many tokens are not too much, by default ``MAX_TOKENS``.  Whether the rest is
    JSON at all is the parser's to say.  Raises ``BadJson``.
    """
    bound = MAX_TOKENS if most is None else most
    for count, (offset, sign, frames) in enumerate(_walk(text)):
        reason = _odd(sign, frames) if count < bound else "it holds too many values"
        if reason:
            raise BadJson(_line(text, offset), reason)


def line_of(text: str, path: Path) -> int:
    """The line of the member at a path, or of the innermost that is there on the way to it."""
    best, place = -1, 0
    for offset, _, frames in _walk(text):
        depth = len(frames)
        if best < depth <= len(path) and all(
            frame.at == step for frame, step in zip(frames, path, strict=False)
        ):
            best, place = depth, offset
    return _line(text, place)


def _walk(text: str) -> Iterator[tuple[int, str, list[_Frame]]]:
    """Each token with the containers that are open when it is read (the same list, changing)."""
    frames: list[_Frame] = []
    last = ""
    for match in _TOKEN.finditer(text):
        sign = match[0]
        if sign == ":" and frames and frames[-1].is_object:
            frames[-1].at = _key(last)
        elif sign == "," and frames and not frames[-1].is_object:
            frames[-1].at = int(frames[-1].at) + 1
        yield match.start(), sign, frames
        if sign in ("{", "["):
            frames.append(_Frame(is_object=sign == "{"))
        elif sign in ("}", "]") and frames:
            frames.pop()
        last = sign


def _odd(sign: str, frames: list[_Frame]) -> str:
    if sign in ("{", "[") and len(frames) >= MAX_DEPTH:
        return f"it is nested more than {MAX_DEPTH} levels deep"
    if sign == ":" and frames and frames[-1].is_object:
        return _repeated(frames[-1])
    if sign in _NO_NUMBERS:
        return "it holds a number that is none (NaN or infinity)"
    if len(sign) > _MAX_DIGITS and _NUMBER.match(sign):
        return "it holds a number with too many digits"
    return ""


def _repeated(frame: _Frame) -> str:
    key = str(frame.at)
    if key in frame.keys:
        return f"the key {quoted(key)} is there twice"
    frame.keys.add(key)
    return ""


def _key(sign: str) -> str:
    """A key as it is meant: two spellings with escapes are one key."""
    if "\\" not in sign:
        return sign[1:-1]
    try:
        return str(json.loads(sign))
    except ValueError:
        return sign


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
