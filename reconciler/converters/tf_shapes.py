"""The attributes of Terraform's three resources, as the API has them.

Facts: the schemas of aws_cognito_identity_pool, ..._roles_attachment and
..._provider_principal_tag in the provider hashicorp/aws.
"""

from collections.abc import Mapping
from typing import Final

from reconciler.converters.findings import Report
from reconciler.converters.nodes import Node
from reconciler.converters.shapes import (
    Record,
    Shape,
    flag,
    keyed,
    list_of,
    map_of,
    record,
    text,
    without,
)
from reconciler.converters.tf_instances import POOL, PRINCIPAL_TAGS, ROLES
from reconciler.model.pool import FIELDS, TAGS_FIELD
from reconciler.model.pool_fields import Call, Kind

# What is no setting: computed by the provider, or about the provider itself.
COMPUTED: Final = ("id", "arn", "region", "timeouts")
POOL_ID: Final = "identity_pool_id"
PROVIDER: Final = "identity_provider_name"

_CLIENT: Final = record(
    {
        "provider_name": ("ProviderName", text),
        "client_id": ("ClientId", text),
        "server_side_token_check": ("ServerSideTokenCheck", flag),
    }
)
_RULE: Final = record(
    {
        "claim": ("Claim", text),
        "match_type": ("MatchType", text),
        "value": ("Value", text),
        "role_arn": ("RoleARN", text),
    }
)


def _rules(node: Node, report: Report) -> Node:
    rules = list_of(_RULE)(node, report)
    return rules.holding({"Rules": rules} if rules.items else None)


_MAPPING: Final = record(
    {
        "identity_provider": ("IdentityProvider", text),
        "type": ("Type", text),
        "ambiguous_role_resolution": ("AmbiguousRoleResolution", text),
        "mapping_rule": ("RulesConfiguration", _rules),
    }
)


def _mapping(node: Node, report: Report) -> Node:
    """The provider writes "" and [] for what is not set."""
    shaped = _MAPPING(node, report)
    unset = [key for key, member in shaped.members.items() if member.value in (None, "")]
    return without(shaped, *unset)


def _role_mappings(node: Node, report: Report) -> Node:
    mappings = list_of(_mapping)(node, report)
    return keyed(
        mappings,
        report,
        lambda _, mapping: mapping.get("IdentityProvider").text or "",
        lambda mapping: without(mapping, "IdentityProvider"),
    )


_SHAPES: Final[Mapping[Kind, Shape]] = {
    Kind.TEXT: text,
    Kind.FLAG: flag,
    Kind.CLASSIC_FLOW: flag,
    Kind.LOGINS: map_of(text),
    Kind.SET: list_of(text),
    Kind.CLIENTS: list_of(_CLIENT),
    Kind.TAGS: map_of(text),
    Kind.ROLES: map_of(text),
    Kind.ROLE_MAPPINGS: _role_mappings,
}


def _attributes(call: Call) -> Record:
    """The attributes of the resource that stands for a call."""
    rows = {name: row for name, row in FIELDS.items() if row.call is call}
    return record({row.terraform: (name, _SHAPES[row.kind]) for name, row in rows.items()})


_TAGS: Final = FIELDS[TAGS_FIELD].terraform
_TAGS_ALL: Final = "tags_all"
_POOL: Final = _attributes(Call.POOL)
_ROLES: Final = _attributes(Call.ROLES)
_PRINCIPAL_TAGS: Final = record(
    {
        "principal_tags": ("PrincipalTags", map_of(text)),
        "use_defaults": ("UseDefaults", flag),
    }
)


_CARRIED: Final = {
    POOL: frozenset([*_POOL.fields, _TAGS_ALL]),
    ROLES: frozenset([*_ROLES.fields, POOL_ID]),
    PRINCIPAL_TAGS: frozenset([*_PRINCIPAL_TAGS.fields, POOL_ID, PROVIDER]),
}


def is_carried(kind: str, name: str) -> bool:
    """Whether an attribute of a resource of such a kind goes into a spec, or leads to its pool."""
    return name in _CARRIED[kind]


def pool_fields(attributes: Node, report: Report) -> Node:
    """A pool's fields.  ``tags_all`` are the tags with the provider's defaults among them."""
    tags = attributes.get(_TAGS_ALL)
    if tags.value is None:
        tags = attributes.get(_TAGS)
    settings = without(attributes, *COMPUTED, _TAGS, _TAGS_ALL)
    return _POOL(settings.holding({**settings.members, _TAGS: tags}), report)


def roles_fields(attributes: Node, report: Report) -> Node:
    """``Roles`` and ``RoleMappings``: an attachment manages both."""
    nothing = attributes.holding({})
    shaped = _shaped(_ROLES, attributes, report, POOL_ID)
    return shaped.holding({"Roles": nothing, "RoleMappings": nothing, **shaped.members})


def principal_tags(attributes: Node, report: Report) -> Node:
    """One provider's principal tags; Terraform's default for ``use_defaults`` is true."""
    shaped = _shaped(_PRINCIPAL_TAGS, attributes, report, POOL_ID, PROVIDER)
    return shaped.holding({"UseDefaults": attributes.holding(True), **shaped.members})


def _shaped(shape: Shape, attributes: Node, report: Report, *apart: str) -> Node:
    return shape(without(attributes, *COMPUTED, *apart), report)
