"""The properties of CloudFormation's three resources, as the API has them.

Facts: the resource schemas of AWS::Cognito::IdentityPool, ::IdentityPoolRoleAttachment and
::IdentityPoolPrincipalTag.
"""

from collections.abc import Mapping
from typing import Final

from reconciler.converters.conversion import ConversionRule, Report, json_nodes
from reconciler.converters.nodes import Node, rooted
from reconciler.converters.shapes import (
    Fields,
    Shape,
    as_is,
    flag,
    keyed,
    list_of,
    map_of,
    record,
    text,
    without,
)
from reconciler.model.errors import InvalidSpecs
from reconciler.model.pool import FIELDS
from reconciler.model.pool_fields import Call, FieldKind

POOL: Final = "AWS::Cognito::IdentityPool"
ROLES: Final = "AWS::Cognito::IdentityPoolRoleAttachment"
PRINCIPAL_TAGS: Final = "AWS::Cognito::IdentityPoolPrincipalTag"

_TAG: Final = record(as_is("Key", "Value", shape=text))


def _or_json(shape: Shape) -> Shape:
    """The schema takes a mapping or its JSON as a string."""

    def shaped(node: Node, report: Report) -> Node:
        if not isinstance(node.value, str):
            return shape(node, report)
        try:
            inner = rooted(json_nodes(report.file, node.value), node.path)
        except InvalidSpecs:
            message = "this should be a mapping, and is no JSON either"
            report.error(ConversionRule.NOT_CONVERTIBLE, node, message, "write a mapping")
            return node.holding(None)
        return shape(_moved(inner, node), report)

    return shaped


def _moved(node: Node, to: Node) -> Node:
    """The tree, all of it at the place of another node."""
    value = node.value
    if isinstance(value, dict):
        value = {key: _moved(member, to) for key, member in value.items()}
    elif isinstance(value, tuple):
        value = tuple(_moved(item, to) for item in value)
    return Node(value, to.line, to.column, node.is_number, node.path)


def _tags(node: Node, report: Report) -> Node:
    if isinstance(node.value, str) or not (node.items or node.members):
        return node.holding({}) if node.value == () else node
    if isinstance(node.value, dict):
        return map_of(text)(node, report)
    tags = list_of(_TAG)(node, report)
    return keyed(tags, report, lambda _, tag: tag.get("Key").text or "", _tag_value)


def _tag_value(tag: Node) -> Node:
    value = tag.get("Value")
    return tag.holding("") if value.value is None else value


def _role_mappings(node: Node, report: Report) -> Node:
    """Keyed by provider: its name is in ``IdentityProvider`` where the key is a logical name."""
    mappings = map_of(_MAPPING)(node, report)
    if not isinstance(mappings.value, dict):
        return mappings
    return keyed(
        mappings,
        report,
        lambda key, mapping: mapping.get("IdentityProvider").text or key,
        lambda mapping: without(mapping, "IdentityProvider"),
    )


_CLIENT: Final = record(
    {**as_is("ProviderName", "ClientId", shape=text), **as_is("ServerSideTokenCheck", shape=flag)}
)
_RULE: Final = record(as_is("Claim", "MatchType", "Value", "RoleARN", shape=text))
_MAPPING: Final = record(
    {
        **as_is("Type", "AmbiguousRoleResolution", "IdentityProvider", shape=text),
        **as_is("RulesConfiguration", shape=record(as_is("Rules", shape=list_of(_RULE)))),
    }
)

_SHAPES: Final[Mapping[FieldKind, Shape]] = {
    FieldKind.TEXT: text,
    FieldKind.FLAG: flag,
    FieldKind.CLASSIC_FLOW: flag,
    FieldKind.LOGINS: _or_json(map_of(text)),
    FieldKind.SET: list_of(text),
    FieldKind.CLIENTS: list_of(_CLIENT),
    FieldKind.TAGS: _tags,
    FieldKind.ROLES: _or_json(map_of(text)),
    FieldKind.ROLE_MAPPINGS: _or_json(_role_mappings),
}


def _properties(call: Call) -> Fields:
    """The properties of the resource that stands for a call; they are called as in the API."""
    rows = {name: row for name, row in FIELDS.items() if row.call is call}
    return record({name: (name, _SHAPES[row.kind]) for name, row in rows.items()})


POOL_PROPERTIES: Final = _properties(Call.POOL)
ROLES_PROPERTIES: Final = _properties(Call.ROLES)
PRINCIPAL_TAGS_PROPERTIES: Final = record(
    {
        **as_is("PrincipalTags", shape=_or_json(map_of(text))),
        **as_is("UseDefaults", shape=flag),
    }
)
