"""Terraform's language, as far as resources need it: blocks, attributes, quoted texts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

# Two signs that begin a template (HCL native syntax specification, "Templates").
_TEMPLATE: Final = re.compile(r"([$%])(?=\{)")
# A value that begins on one line and goes on below it is not aligned.
_SHORT_ATTRIBUTE: Final = re.compile(r'("(?:[^"\\]|\\.)*"|[\w-]+) = (.*[^\[{])')
_INDENT: Final = "  "
_SHORT: Final = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_MOST_IN_FOUR: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class Expression:
    """Text that stands in a configuration as it is."""

    text: str


Term: TypeAlias = "str | bool | Expression | list[Term] | Mapping[str, Term]"


def quoted(text: str) -> str:
    """A text in quotes, nothing of which Terraform takes for a template or an escape."""
    return '"' + "".join(map(_escaped, _TEMPLATE.sub(r"\1\1", text))) + '"'


def _escaped(sign: str) -> str:
    if sign in _SHORT:
        return _SHORT[sign]
    if sign.isprintable():
        return sign
    return f"\\u{ord(sign):04x}" if ord(sign) <= _MOST_IN_FOUR else f"\\U{ord(sign):08x}"


def block(head: str, lines: Iterator[str]) -> Iterator[str]:
    """A block of such lines."""
    yield f"{head} {{"
    yield from (f"{_INDENT}{line}" if line else "" for line in _aligned(list(lines)))
    yield "}"


def attribute(name: str, value: Term) -> Iterator[str]:
    """``name = value``; what holds several values takes a line for each."""
    first, *rest = term(value)
    yield f"{name} = {first}"
    yield from rest


def term(value: Term) -> list[str]:
    """A value, line by line."""
    if isinstance(value, Expression):
        return [value.text]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, str):
        return [quoted(value)]
    if isinstance(value, list):
        items = [line for item in value for line in _with_comma(term(item))]
        return ["[", *(f"{_INDENT}{line}" for line in items), "]"] if items else ["[]"]
    members = [line for key, item in value.items() for line in attribute(quoted(key), item)]
    lines = [f"{_INDENT}{line}" for line in _aligned(members)]
    return ["{", *lines, "}"] if members else ["{}"]


def _aligned(lines: list[str]) -> list[str]:
    """The lines as terraform fmt has them: neighbours with short values have their = in line."""
    matches = [_SHORT_ATTRIBUTE.fullmatch(line) for line in lines]
    done: list[str] = []
    for line, match in zip(lines, matches, strict=True):
        if match is None:
            done.append(line)
            continue
        width = max(len(each[1]) for each in _neighbours(matches, len(done)))
        done.append(f"{match[1]:<{width}} = {match[2]}")
    return done


def _neighbours(matches: list[re.Match[str] | None], place: int) -> Iterator[re.Match[str]]:
    """The match at a place and those next to it, up to the first line that is none."""
    for steps in (range(place, -1, -1), range(place, len(matches))):
        for step in steps:
            match = matches[step]
            if match is None:
                break
            yield match


def _with_comma(lines: list[str]) -> list[str]:
    return [*lines[:-1], f"{lines[-1]},"]


def comment(text: str) -> str:
    """A line of comment; what could end it is shown as ``?``."""
    return "# " + "".join(sign if sign.isprintable() else "?" for sign in text)
