"""Shapes: how values of another tool become values of a spec, each at its old place.

Facts: CloudFormation's resource schemas of AWS::Cognito::IdentityPool, ::IdentityPoolRoleAttachment
and ::IdentityPoolPrincipalTag; the schemas of aws_cognito_identity_pool, ..._roles_attachment and
..._provider_principal_tag in Terraform's provider hashicorp/aws.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple, TypeAlias

from reconciler.converters.conversion import ConversionRule, Report, json_nodes
from reconciler.converters.nodes import Node, rooted
from reconciler.converters.pseudo_parameters import as_references
from reconciler.model.errors import InvalidSpecs
from reconciler.model.pool import FIELDS
from reconciler.model.pool_fields import Call, FieldKind
from reconciler.text.problems import quoted

Shape: TypeAlias = Callable[[Node, Report], Node]
# From the API's name of a field to that of a tool.
Spelling: TypeAlias = Callable[[str], str]

_FLAGS: Final = {"true": True, "false": False}
# Cognito Sync: PushSync is of SetIdentityPoolConfiguration, and the others have calls of their own.
_OF_SYNC: Final = frozenset({"CognitoEvents", "CognitoStreams", "PushSync"})
_PROVIDER: Final = "IdentityProvider"
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TERRAFORM_NAMES: Final = {
    **{name: row.terraform for name, row in FIELDS.items()},
    "RulesConfiguration": "mapping_rule",
}


def terraform_name(name: str) -> str:
    """What Terraform's provider calls a field of the API."""
    return _TERRAFORM_NAMES.get(name) or _HUMP.sub("_", name).lower()


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


def record(spelling: Spelling, **shapes: Shape) -> Fields:
    """A mapping with known keys, by the API's names of them."""
    return Fields({spelling(name): (name, shape) for name, shape in shapes.items()})


def without(node: Node, *keys: str) -> Node:
    """A mapping without some of its keys."""
    return node.holding({key: member for key, member in node.members.items() if key not in keys})


def not_carried(key: str, place: Node, report: Report) -> None:
    """Warn of a key that a spec has no place for."""
    message = f"{quoted(key)} has no place in a spec"
    fix = "what it does, idpool does not do"
    if key in _OF_SYNC:
        message += ": it belongs to Cognito Sync, which takes no new customers"
        fix = "nothing is to be done: what the pool has of it stays, and idpool never changes it"
    report.warning(ConversionRule.NOT_CARRIED, place, message, fix)


def _keyed(node: Node, report: Report, key: str, value_of: Callable[[Node], Node]) -> Node:
    """A list or mapping of members as a mapping by a key of theirs; one key twice is an error."""
    given = node.members.items() or (("", item) for item in node.items)
    members: dict[str, Node] = {}
    for outer, member in given:
        name = member.get(key).text or outer
        if name in members:
            message = f"{quoted(as_references(name))} is there twice"
            report.error(ConversionRule.TWICE, member, message, "remove one of the two")
        members[name] = value_of(member)
    return node.holding(dict(members))


def _by_provider(kind: type, mappings: Shape, node: Node, report: Report) -> Node:
    """Role mappings by the providers that they name; where one names none, by its key."""
    found = mappings(node, report)
    if not isinstance(found.value, kind):
        return found
    return _keyed(found, report, _PROVIDER, lambda mapping: without(mapping, _PROVIDER))


class Resources(NamedTuple):
    """The shapes of the three resources that a pool is made of, by the names of one tool."""

    pool: Fields
    roles: Fields
    principal_tags: Fields


def _resources(
    spelling: Spelling,
    texts: Shape,
    tags: Shape,
    rules_of: Callable[[Shape], Shape],
    mappings_of: Callable[[Shape], Shape],
) -> Resources:
    """The resources of a tool; the shapes are those that depend on it."""
    client = record(spelling, ProviderName=text, ClientId=text, ServerSideTokenCheck=flag)
    rule = record(spelling, Claim=text, MatchType=text, Value=text, RoleARN=text)
    mapping = record(
        spelling,
        **dict.fromkeys(("Type", "AmbiguousRoleResolution", _PROVIDER), text),
        RulesConfiguration=rules_of(list_of(rule)),
    )
    shapes: dict[FieldKind, Shape] = {
        FieldKind.TEXT: text,
        FieldKind.FLAG: flag,
        FieldKind.CLASSIC_FLOW: flag,
        FieldKind.LOGINS: texts,
        FieldKind.SET: list_of(text),
        FieldKind.CLIENTS: list_of(client),
        FieldKind.TAGS: tags,
        FieldKind.ROLES: texts,
        FieldKind.ROLE_MAPPINGS: mappings_of(mapping),
    }
    pool, roles = (
        {name: shapes[row.kind] for name, row in FIELDS.items() if row.call is call}
        for call in (Call.POOL, Call.ROLES)
    )
    return Resources(
        record(spelling, **pool),
        record(spelling, **roles),
        record(spelling, PrincipalTags=texts, UseDefaults=flag),
    )


def _or_json(shape: Shape, node: Node, report: Report) -> Node:
    """CloudFormation's schema takes a mapping or its JSON as a string."""
    if not isinstance(node.value, str):
        return shape(node, report)
    try:
        inner = json_nodes(report.file, node.value)
    except InvalidSpecs:
        message = "this should be a mapping, and is no JSON either"
        report.error(ConversionRule.NOT_CONVERTIBLE, node, message, "write a mapping")
        return node.holding(None)
    return shape(rooted(inner, node.path, node), report)


def _listed_tags(node: Node, report: Report) -> Node:
    """CloudFormation's tags are a list of keys and values, or a mapping."""
    if isinstance(node.value, str) or not (node.items or node.members):
        return node.holding({}) if node.value == () else node
    if isinstance(node.value, dict):
        return map_of(text)(node, report)
    tags = list_of(record(str, Key=text, Value=text))(node, report)
    return _keyed(tags, report, "Key", _tag_value)


def _tag_value(tag: Node) -> Node:
    value = tag.get("Value")
    return tag.holding("") if value.value is None else value


def _block_rules(rules: Shape, node: Node, report: Report) -> Node:
    """Terraform's rules are blocks, right in the mapping."""
    found = rules(node, report)
    return found.holding({"Rules": found} if found.items else None)


def _only_set(mapping: Shape, node: Node, report: Report) -> Node:
    """Terraform's provider writes "" and [] for what is not set."""
    found = mapping(node, report)
    unset = [key for key, member in found.members.items() if member.value in (None, "")]
    return without(found, *unset)


CLOUDFORMATION: Final = _resources(
    str,
    partial(_or_json, map_of(text)),
    _listed_tags,
    lambda rules: record(str, Rules=rules),
    lambda mapping: partial(_or_json, partial(_by_provider, dict, map_of(mapping))),
)
TERRAFORM: Final = _resources(
    terraform_name,
    map_of(text),
    map_of(text),
    lambda rules: partial(_block_rules, rules),
    lambda mapping: partial(_by_provider, tuple, list_of(partial(_only_set, mapping))),
)
