"""The attributes of Terraform's three resources, as the API has them.

Facts: the schemas of aws_cognito_identity_pool, ..._roles_attachment and
..._provider_principal_tag in the provider hashicorp/aws.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from reconciler.converters.conversion import ConversionRule, Report, Supplied
from reconciler.converters.nodes import NOTHING, Node, rooted
from reconciler.converters.shapes import (
    Fields,
    Shape,
    flag,
    keyed,
    list_of,
    map_of,
    not_carried,
    record,
    text,
    without,
)
from reconciler.converters.tf_instances import POOL, PRINCIPAL_TAGS, ROLES, Instance
from reconciler.model.pool import FIELDS
from reconciler.model.pool_fields import TAGS_FIELD, Call, FieldKind
from reconciler.text.problems import FieldPath

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


_SHAPES: Final[Mapping[FieldKind, Shape]] = {
    FieldKind.TEXT: text,
    FieldKind.FLAG: flag,
    FieldKind.CLASSIC_FLOW: flag,
    FieldKind.LOGINS: map_of(text),
    FieldKind.SET: list_of(text),
    FieldKind.CLIENTS: list_of(_CLIENT),
    FieldKind.TAGS: map_of(text),
    FieldKind.ROLES: map_of(text),
    FieldKind.ROLE_MAPPINGS: _role_mappings,
}


def _attributes(call: Call) -> Fields:
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


def known_attributes(instance: Instance, given: Supplied, report: Report, *apart: str) -> Node:
    """The attributes with their paths; values that are given stand where they belong.

    What stays unknown goes into the report, except the attributes in ``apart``.
    """
    attributes = rooted(instance.attributes, (instance.address,))
    for path in _unknown(instance):
        if not is_carried(instance.kind, str(path[0])):
            not_carried(str(path[0]), attributes.holding(None, (instance.address, path[0])), report)
            continue
        place = attributes.holding(None, (instance.address, *path))
        value = given.value(place.where)
        if value is not None:
            attributes = _with(attributes, path, place.holding(value))
        elif path[0] not in apart:
            message = "it is known only after terraform apply"
            fix = f"convert the state after the apply, or give it with --set '{place.where}=VALUE'"
            report.error(ConversionRule.UNRESOLVED, place, message, fix)
    return attributes


def _unknown(instance: Instance) -> list[FieldPath]:
    paths = [path for path in _true(instance.unknown, ()) if path and path[0] not in COMPUTED]
    # Without the provider's default tags there are still the resource's own.
    has_tags = instance.attributes.get("tags").value is not None
    return [path for path in paths if not (path[0] == "tags_all" and has_tags)]


def _true(node: Node, path: FieldPath) -> Iterator[FieldPath]:
    if node.value is True:
        yield path
    for key, member in node.members.items():
        yield from _true(member, (*path, key))
    for index, item in enumerate(node.items):
        yield from _true(item, (*path, index))


def _with(node: Node, path: FieldPath, value: Node) -> Node:
    """The tree with a value at a path; lists grow as far as they have to."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        return node.holding({**node.members, step: _with(node.get(step), rest, value)})
    items = [*node.items, *([NOTHING] * (step + 1 - len(node.items)))]
    items[step] = _with(items[step], rest, value)
    return node.holding(tuple(items))
