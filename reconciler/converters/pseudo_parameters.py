"""CloudFormation's pseudo parameters as references of a spec, where its targets are known.

While functions are worked out, a pseudo parameter stands in a text as one sign, so that texts can
be joined and split.  What needs its value gets it where it is the same in every target.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from reconciler.converters.nodes import Node
from reconciler.model.project import Project
from reconciler.specs.references import ARN_SCHEMES, Surroundings, Unread, Unresolved, resolved
from reconciler.text.references import (
    PSEUDO_PARAMETERS,
    BadReference,
    escaped,
    parse,
    replaced,
)

_REGION: Final = "--region NAME"
# How each is given on the command line.
OPTIONS: Final = {
    "AWS::AccountId": "--account ID",
    "AWS::Region": _REGION,
    "AWS::Partition": _REGION,
    "AWS::URLSuffix": _REGION,
}
# Unicode's noncharacters: for use within a program, and in no value of a pool.
_FIRST: Final = 0xFDD0
_SIGNS: Final = {name: chr(_FIRST + n) for n, name in enumerate(PSEUDO_PARAMETERS)}
_NAMES: Final = {sign: name for name, sign in _SIGNS.items()}
_SIGN: Final = re.compile(f"[{''.join(_NAMES)}]")
_UNWRITABLE: Final = re.compile(rf"\${_SIGN.pattern}")  # would read as "$${", which is no reference
_ARN: Final = re.compile(
    rf"arn:(?:[a-z-]+|{_SIGNS['AWS::Partition']}):iam::{_SIGNS['AWS::AccountId']}"
    rf":({'|'.join(ARN_SCHEMES)})/(.+)",
    re.DOTALL,
)


def differing(text: str) -> tuple[str, str]:
    """What is wrong with a text that is to be worked with and differs between targets; the fix."""
    name = next((_NAMES[sign] for sign in _SIGN.findall(text)), "")
    fix = f"give it with {OPTIONS[name]}, or name one of the targets with --target"
    return f"{name} is not the same in every target that this goes to", fix


def sign_in(text: str) -> str:
    """The first of the signs in a text, ``U+FDD0``, "" where there is none."""
    found = _SIGN.search(text)
    return f"U+{ord(found[0]):X}" if found else ""


def is_writable(text: str) -> bool:
    """Whether references can say it."""
    return not _UNWRITABLE.search(text)


def as_references(text: str) -> str:
    """The text as a spec writes it: literal text escaped, signs as references of ``target``."""
    return _SIGN.sub(_reference, escaped(text))


def _reference(sign: re.Match[str]) -> str:
    return f"${{{PSEUDO_PARAMETERS[_NAMES[sign[0]]]}}}"


@dataclass(frozen=True, slots=True)
class Kept:
    """The targets in which references are to mean what the template says; none: nothing is kept."""

    targets: Sequence[Surroundings] = ()

    @classmethod
    def of(cls, project: Project, target: str | None) -> "Kept":
        """For the targets of a project file, or the one of them; all of them must be known."""
        chosen = [each for each in project.targets if target in (None, each.name)]
        if not project.file or not all(each.account and each.region for each in chosen):
            return cls()
        return cls(tuple(Surroundings.of(each, project) for each in chosen))

    def sign(self, name: str) -> str | None:
        """What stands for a pseudo parameter in a text."""
        return _SIGNS.get(name) if self.targets else None

    def values(self, text: str) -> tuple[str, ...]:
        """What a text is in each target; once, where nothing is kept."""
        return tuple(_value(text, here) for here in self.targets) or (text,)

    def settled(self, text: str) -> str | None:
        """What a text is in every target; ``None`` where that differs."""
        first, *others = dict.fromkeys(self.values(text))
        return None if others else first

    def written(self, node: Node) -> Node:
        """The tree with its texts, keys included, as a spec writes them."""
        if isinstance(node.value, dict):
            members = {as_references(k): self.written(each) for k, each in node.value.items()}
            return replace(node, value=members)
        if isinstance(node.value, tuple):
            return replace(node, value=tuple(map(self.written, node.value)))
        if isinstance(node.value, str):
            return replace(node, value=self._text(node.value))
        return node

    def _text(self, text: str) -> str:
        """The reference of an ARN, where it means the same; else the text."""
        if found := _ARN.fullmatch(text):
            arn = f"${{{ARN_SCHEMES[found[1]]}.{as_references(found[2])}}}"
            try:
                meanings = tuple(_meaning(arn, here) for here in self.targets)
            except (BadReference, Unread, Unresolved):
                meanings = ()
            if meanings == self.values(text):
                return arn
        return as_references(text)


def _value(text: str, here: Surroundings) -> str:
    return _SIGN.sub(lambda sign: _meaning(_reference(sign), here), text)


def _meaning(text: str, here: Surroundings) -> str:
    """Raises BadReference, Unread and Unresolved."""
    return replaced(parse(text), lambda reference: resolved(reference, here))
