"""References in text: ``${scheme.name}``, and ``$${`` for a literal ``${``.

There are no functions, conditions or loops.  The scheme ends at the first dot, the name at the
closing brace; in a name, ``${var.X}`` and ``${target.X}`` may stand, and nothing else in braces.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

OPENING: Final = "${"
_ESCAPED: Final = "$${"
_START: Final = re.compile(r"\$?\$\{")
_BRACE: Final = re.compile(r"[{}]")
_DEEPEST: Final = 2
_INNER_FIX: Final = "only ${var.NAME} and ${target.NAME} may stand in a name, one level deep"
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*")
# What people know from elsewhere, and what stands for it here.
PSEUDO_PARAMETERS: Final = {
    "AWS::AccountId": "target.account",
    "AWS::Region": "target.region",
    "AWS::Partition": "target.partition",
    "AWS::URLSuffix": "target.suffix",
}
INNER_SCHEMES: Final = ("target", "var")

Parts: TypeAlias = "tuple[str | Reference, ...]"


class BadReference(Exception):
    """Text that holds a ``${`` which is no reference; ``str()`` is a sentence, ``fix`` another."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference; ``name`` is text, and references of ``INNER_SCHEMES`` within it."""

    scheme: str
    name: Parts

    @property
    def expression(self) -> str:
        """``ssm./shop/${var.stage}/client``: what stands in the braces."""
        return f"{self.scheme}.{as_written(self.name)}"

    def __str__(self) -> str:
        return f"${{{self.expression}}}"


def as_written(parts: Parts) -> str:
    """The text that the parts were read from."""
    return "".join(escaped(part) if isinstance(part, str) else str(part) for part in parts)


def escaped(text: str) -> str:
    """Literal text as it is written where references are read: ``${`` becomes ``$${``."""
    return text.replace(OPENING, _ESCAPED)


def literal(value: Any) -> Any:
    """Plain data whose texts, keys included, are as ``escaped`` writes them."""
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, list):
        return [literal(each) for each in value]
    if isinstance(value, dict):
        return {escaped(key): literal(each) for key, each in value.items()}
    return value


def has_reference(text: str) -> bool:
    """Whether the text is anything but itself where references are read."""
    return OPENING in text


def is_literal(text: str) -> bool:
    """Whether there is no reference in it, whatever it looks like."""
    try:
        return not any(references(parse(text)))
    except BadReference:
        return False


@lru_cache(maxsize=10_000)  # few texts stand in many specs, and each is asked for in each target
def parse(text: str) -> Parts:
    """The text as literal parts and references, in their order.  Raises BadReference."""
    return tuple(_parts(text))


def replaced(parts: Parts, value_of: Callable[[Reference], str]) -> str:
    """The text with every reference replaced; a name is resolved before its reference."""
    return "".join(
        part if isinstance(part, str) else value_of(_flat(part, value_of)) for part in parts
    )


def references(parts: Parts) -> Iterator[Reference]:
    """The references among the parts, without those in names."""
    return (part for part in parts if isinstance(part, Reference))


def _flat(reference: Reference, value_of: Callable[[Reference], str]) -> Reference:
    if all(isinstance(part, str) for part in reference.name):
        return reference
    return Reference(reference.scheme, (replaced(reference.name, value_of),))


def _parts(text: str) -> Iterator[str | Reference]:
    end = 0
    literal = ""
    while found := _START.search(text, end):
        literal += text[end : found.start()]
        if found[0] == _ESCAPED:
            literal += OPENING
            end = found.end()
            continue
        if literal:
            yield literal
            literal = ""
        end = _end(text, found.end())
        yield _reference(text[found.end() : end - 1])
    if literal + text[end:]:
        yield literal + text[end:]


def _end(text: str, start: int) -> int:
    """Where the reference whose content begins at ``start`` ends, behind its brace."""
    depth = 1
    for found in _BRACE.finditer(text, start):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return found.end()
        if depth > _DEEPEST:
            raise BadReference("references are nested too deeply here", _INNER_FIX)
    raise BadReference(
        'a reference begins with "${" here and has no "}"',
        'write ${SCHEME.NAME}, or "$${" for the two characters themselves',
    )


def _reference(content: str) -> Reference:
    scheme, dot, name = content.partition(".")
    if not dot or not name or not _SCHEME.fullmatch(scheme):
        raise _strange(content)
    inner = tuple(_parts(name)) if OPENING in name else (name,)
    for part in inner:
        if isinstance(part, str) and ("{" in part or "}" in part):
            raise BadReference("the name of a reference holds no brace", _INNER_FIX)
        if isinstance(part, Reference) and not _is_inner(part):
            message = f"{part} cannot stand in the name of another reference"
            raise BadReference(message, _INNER_FIX)
    return Reference(scheme, inner)


def _is_inner(reference: Reference) -> bool:
    return reference.scheme in INNER_SCHEMES and not any(references(reference.name))


def _strange(content: str) -> BadReference:
    meant = PSEUDO_PARAMETERS.get(content)
    if meant:
        return BadReference(
            f"${{{content}}} is a pseudo parameter of CloudFormation", f"write ${{{meant}}}"
        )
    return BadReference(
        "what stands in ${...} is no reference: it is SCHEME.NAME, without spaces",
        'write it so, or "$${" for the two characters themselves',
    )
