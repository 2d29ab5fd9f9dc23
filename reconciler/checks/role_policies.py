"""IAM policy documents: read in every shape that IAM allows, and asked what they allow.

Shapes and matching are those of the IAM user guide, "IAM JSON policy elements reference".  What is
not understood is marked, so that whoever asks can say that it is not known.  However long a
document of a stranger is, looking at it takes time in proportion.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from reconciler.model.base import JsonValue

# IAM bounds a document at 10,240 characters, which cannot hold more of these.
MOST_STATEMENTS: Final = 500
_MOST_VALUES: Final = 2000
_MOST_DEPTH: Final = 20

Names: TypeAlias = tuple[str, ...]
# Operators by their names in lower case; keys in lower case, too, with their values.
Conditions: TypeAlias = Mapping[str, Mapping[str, Names]]

_TAG: Final = re.compile(r"aws:(?:principal|request)tag/\s*([^},]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement.

    ``actions`` are patterns in lower case, ``not_actions``: of what it is not about.
    ``principals``: by their kinds; ``{"*": ("*",)}`` is everybody.  ``is_clear``: nothing in it has
    a shape that is not understood.
    """

    allows: bool
    actions: Names = ()
    not_actions: Names = ()
    principals: Mapping[str, Names] = field(default_factory=dict)
    has_not_principal: bool = False
    resources: Names = ()
    conditions: Conditions = field(default_factory=dict)
    is_clear: bool = True

    def covers(self, action: str) -> bool:
        """Whether it is about an action, which is in lower case."""
        if self.not_actions:
            return not any(like(pattern, action) for pattern in self.not_actions)
        return any(like(pattern, action) for pattern in self.actions)


def statements_of(document: JsonValue) -> tuple[Statement, ...]:
    """The statements of a document; one that is not clear stands for what is no document."""
    body = _element(document, "statement") if isinstance(document, dict) else None
    listed = body if isinstance(body, list) else [body]
    found = [_statement(each) for each in listed[:MOST_STATEMENTS]]
    if len(listed) > MOST_STATEMENTS:
        found.append(Statement(allows=True, is_clear=False))
    return tuple(found)


def _element(mapping: Mapping[str, JsonValue], name: str) -> JsonValue:
    """The element of a name, whatever its letters' case is."""
    return next((value for key, value in mapping.items() if key.casefold() == name), None)


def _statement(value: JsonValue) -> Statement:
    effect = _element(value, "effect") if isinstance(value, dict) else None
    if not isinstance(value, dict) or effect not in ("Allow", "Deny"):
        return Statement(allows=True, is_clear=False)
    reader = _Reader()
    principal = _element(value, "principal")
    if principal is not None and not isinstance(principal, dict):
        principal = {"*": principal}
    return Statement(
        allows=effect == "Allow",
        actions=tuple(map(str.lower, reader.names(_element(value, "action")))),
        not_actions=tuple(map(str.lower, reader.names(_element(value, "notaction")))),
        principals={kind: reader.names(each) for kind, each in (principal or {}).items()},
        has_not_principal=_element(value, "notprincipal") is not None,
        resources=reader.names(_element(value, "resource")),
        conditions=reader.conditions(_element(value, "condition")),
        is_clear=reader.is_clear,
    )


class _Reader:
    """Reads parts of a statement, and remembers whether all of them were understood."""

    def __init__(self) -> None:
        self.is_clear = True

    def names(self, value: JsonValue) -> Names:
        """A text, or a list of texts; numbers and truth values are written as IAM reads them."""
        listed = value if isinstance(value, list) else [] if value is None else [value]
        if len(listed) > _MOST_VALUES or any(isinstance(e, dict | list) for e in listed):
            self.is_clear = False
        scalars = (e for e in listed[:_MOST_VALUES] if not isinstance(e, dict | list))
        return tuple(str(e).lower() if isinstance(e, bool) else str(e) for e in scalars)

    def conditions(self, value: JsonValue) -> Conditions:
        """Operators and keys in lower case, keys that differ in case alone together."""
        found: dict[str, dict[str, Names]] = {}
        if value is not None and not isinstance(value, dict):
            self.is_clear = False
        for operator, keys in value.items() if isinstance(value, dict) else ():
            if not isinstance(keys, dict):
                self.is_clear = False
                continue
            named = found.setdefault(operator.lower(), {})
            for key, values in keys.items():
                named[key.lower()] = (*named.get(key.lower(), ()), *self.names(values))
        return found


def like(pattern: str, text: str) -> bool:
    """IAM's ``*`` and ``?``; greedy, so that no pattern takes longer than its length times the
    text's."""
    at = in_text = 0
    star, resumed = -1, 0
    while in_text < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resumed = at, in_text
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[in_text]):
            at += 1
            in_text += 1
        elif star >= 0:
            at = star + 1
            resumed += 1
            in_text = resumed
        else:
            return False
    return not pattern[at:].strip("*")


# What a role may do


@dataclass(frozen=True, slots=True)
class Allowed:
    """Patterns of actions in lower case; ``but``: what a ``*`` among them leaves out.

    ``is_clear``: nothing was left out because it was not understood.
    """

    patterns: Names
    but: Names = ()
    is_clear: bool = True

    def includes(self, action: str) -> bool:
        """Whether an action, in lower case, is allowed on anything."""
        is_left_out = any(like(pattern, action) for pattern in self.but)
        return not is_left_out and any(like(pattern, action) for pattern in self.patterns)


def allowed_by(documents: Iterable[JsonValue]) -> Allowed:
    """What these policies allow together, on anything, whatever their conditions.

    Only what is denied on everything and without a condition is taken away.
    """
    statements = [each for document in documents for each in statements_of(document)]
    patterns = [p for s in statements if s.allows for p in s.actions]
    but: list[str] = []
    for each in statements:
        if each.allows and each.not_actions:
            patterns.append("*")
            but += each.not_actions
    # Of what another statement allows nothing is left out.
    but = [pattern for pattern in but if pattern not in patterns]
    for each in statements:
        if not each.allows and not each.conditions and "*" in each.resources:
            if each.not_actions:
                patterns = list(meet(patterns, each.not_actions))
            else:
                but += each.actions
                patterns = [p for p in patterns if not any(like(d, p) for d in each.actions)]
    is_clear = all(each.is_clear for each in statements)
    return Allowed(tuple(dict.fromkeys(patterns)), tuple(dict.fromkeys(but)), is_clear)


def meet(some: Iterable[str], others: Iterable[str]) -> Iterator[str]:
    """Patterns for what is in both; where neither is inside the other, the first stands."""
    others = tuple(others)
    for one in some:
        for other in others:
            if like(other, one):
                yield one
                break
            if like(one, other):
                yield other
            elif _overlap(one, other):
                yield one


def _overlap(one: str, other: str) -> bool:
    """Whether two patterns may have something in common: their beginnings do not differ."""
    heads = (re.split(r"[*?]", each, maxsplit=1)[0] for each in (one, other))
    first, second = heads
    has_both = ("*" in one or "?" in one) and ("*" in other or "?" in other)
    return has_both and (first.startswith(second) or second.startswith(first))


def tags_used(documents: Iterable[JsonValue]) -> frozenset[str]:
    """The principal tags that policies look at, in lower case: in conditions and in variables."""
    found: set[str] = set()
    for document in documents:
        for text in _texts(document):
            found.update(match[1].strip().lower() for match in _TAG.finditer(text))
    return frozenset(found)


def _texts(value: JsonValue) -> Iterator[str]:
    """Every text in a document, keys included."""
    level: list[JsonValue] = [value]
    for _ in range(_MOST_DEPTH):
        below: list[JsonValue] = []
        for each in level:
            if isinstance(each, str):
                yield each
            elif isinstance(each, dict):
                yield from each
                below += each.values()
            elif isinstance(each, list):
                below += each
        level = below
