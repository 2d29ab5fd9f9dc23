"""Shapes: how values of another tool become values of a spec, each at its old place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.converters.conversion import ConversionRule, Report
from reconciler.converters.nodes import Node, Value
from reconciler.text.problems import quoted

Shape: TypeAlias = Callable[[Node, Report], Node]

_FLAGS: Final = {"true": True, "false": False}
# Cognito Sync: PushSync is of SetIdentityPoolConfiguration, and the others have calls of their own.
_OF_SYNC: Final = frozenset({"CognitoEvents", "CognitoStreams", "PushSync"})


def text(node: Node, _report: Report) -> Node:
    """A string; what is written as a number or a boolean is meant as its text."""
    return node if node.text is None else node.holding(node.text)


def flag(node: Node, _report: Report) -> Node:
    """A boolean, be it written as a text."""
    return node.holding(_FLAGS.get(str(node.text).lower(), node.value))


def list_of(item: Shape) -> Shape:
    """A list whose members have a shape."""

    def shaped(node: Node, report: Report) -> Node:
        if not isinstance(node.value, tuple):
            return node
        return node.holding(tuple(item(member, report) for member in node.value))

    return shaped


def map_of(member: Shape) -> Shape:
    """A mapping with keys of the user's own; members without a value are left out."""

    def shaped(node: Node, report: Report) -> Node:
        if not isinstance(node.value, dict):
            return node
        members = {k: member(v, report) for k, v in node.value.items() if v.value is not None}
        return node.holding(dict(members))

    return shaped


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping with known keys: their names here, and the shapes of their values.

    A key that is not among them is not carried, and said so.
    """

    fields: Mapping[str, tuple[str, Shape]]

    def __call__(self, node: Node, report: Report) -> Node:
        """The mapping in its shape."""
        if not isinstance(node.value, dict):
            return node
        members: dict[str, Node] = {}
        for key, member in node.value.items():
            if member.value is None:
                continue
            if key in self.fields:
                name, shape = self.fields[key]
                members[name] = shape(member, report)
            else:
                not_carried(key, member, report)
        return node.holding(dict(members))


def record(fields: Mapping[str, tuple[str, Shape]]) -> Fields:
    """A mapping with known keys."""
    return Fields(fields)


def as_is(*names: str, shape: Shape) -> dict[str, tuple[str, Shape]]:
    """Fields that are called what the API calls them."""
    return {name: (name, shape) for name in names}


def keyed(
    node: Node, report: Report, key_of: Callable[[str, Node], str], value_of: Callable[[Node], Node]
) -> Node:
    """A list or mapping of members as a mapping by a key of theirs; one key twice is an error."""
    given = node.members.items() or ((str(n), item) for n, item in enumerate(node.items))
    members: dict[str, Node] = {}
    for name, member in given:
        key = key_of(name, member)
        if key in members:
            message = f"{quoted(key)} is there twice"
            report.error(ConversionRule.TWICE, member, message, "remove one of the two")
        members[key] = value_of(member)
    return node.holding(dict(members))


def without(node: Node, *keys: str) -> Node:
    """A mapping without some of its keys."""
    kept: Value = {key: member for key, member in node.members.items() if key not in keys}
    return node.holding(kept)


def not_carried(key: str, place: Node, report: Report) -> None:
    """Warn of a key that a spec has no place for."""
    message = f"{quoted(key)} has no place in a spec"
    fix = "what it does, idpool does not do"
    if key in _OF_SYNC:
        message += ": it belongs to Cognito Sync, which takes no new customers"
        fix = "nothing is to be done: what the pool has of it stays, and idpool never changes it"
    report.warning(ConversionRule.NOT_CARRIED, place, message, fix)
