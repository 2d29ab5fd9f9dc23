"""The ``spec:`` block that accepts a live pool: what differs comes from live, all else stays."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from reconciler.model.base import JsonValue
from reconciler.model.pool import FIELDS, POOL_FIELDS, Pool
from reconciler.model.pool_fields import TAGS_FIELD, Call, FieldKind
from reconciler.model.pool_values import (
    NO_PRINCIPAL_TAGS,
    Client,
    PrincipalTagMap,
    RoleMapping,
    canonical_principal_tags,
    canonical_role_mappings,
)
from reconciler.model.project import RESERVED_TAG_PREFIX, Ignored

Block = dict[str, Any]
_PROVIDER_FIELDS: Final = frozenset(name for name, row in FIELDS.items() if row.has_providers)


def accepted(
    block: Mapping[str, Any], live: Pool, ignored: Ignored, fields: Collection[str]
) -> Block:
    """A ``spec:`` block, as it is written, with the live value of these fields."""
    result: Block = dict(block)
    for field in (field for field in POOL_FIELDS if field in fields):
        value = _ACCEPT[FIELDS[field].kind](block.get(field), _live_value(field, live, ignored))
        # Those of other calls are managed as soon as they are there, even when they hold nothing.
        if value or isinstance(value, bool) or FIELDS[field].call is not Call.POOL:
            result[field] = value
        else:
            result.pop(field, None)
    if _PROVIDER_FIELDS & set(fields):
        _drop_strange_defaults(result)
    return result


def can_be_written(tag: str) -> bool:
    """Whether a spec may hold a tag of this key: idpool's own are not for specs."""
    return not tag.startswith(RESERVED_TAG_PREFIX)


def _live_value(field: str, live: Pool, ignored: Ignored) -> Any:
    value = getattr(live, field)
    if field != TAGS_FIELD:
        return value
    return {k: v for k, v in value.items() if can_be_written(k) and not ignored.leaves_tag(k)}


def _plain(_: JsonValue, live: JsonValue) -> JsonValue:
    return live


def _classic_flow(_: JsonValue, live: JsonValue) -> JsonValue:
    """A spec knows no third state: what was never set is allowed."""
    return live is not False


def _map(block: Mapping[str, Any] | None, live: Mapping[str, Any]) -> Block:
    """In the order of the block, what is new behind it; a key without a value stays."""
    kept = {key: live.get(key, value) for key, value in (block or {}).items()}
    kept = {key: value for key, value in kept.items() if key in live or value is None}
    return {**kept, **{key: value for key, value in live.items() if key not in kept}}


def _arns(block: list[str] | None, live: tuple[str, ...]) -> list[str]:
    kept = [arn for arn in block or [] if arn in live]
    return [*kept, *(arn for arn in live if arn not in kept)]


def _clients(block: list[Block] | None, live: tuple[Client, ...]) -> list[Block]:
    by_key = {client.key: client for client in live}
    kept = {f"{each['ProviderName']}:{each['ClientId']}": each for each in block or []}
    old = [
        _with_flag(each, "ServerSideTokenCheck", by_key[key].ServerSideTokenCheck)
        for key, each in kept.items()
        if key in by_key
    ]
    new = [client for key, client in by_key.items() if key not in kept]
    return [*old, *(client.model_dump(exclude_defaults=True) for client in new)]


def _with_flag(block: Block, name: str, live: bool) -> Block:
    return block if bool(block.get(name)) == live else {**block, name: live}


def _role_mappings(block: Mapping[str, Block] | None, live: Mapping[str, RoleMapping]) -> Block:
    now = canonical_role_mappings(block or {})
    kept = {
        key: value if now.get(key) == live[key] else _map(value, live[key].to_api())
        for key, value in (block or {}).items()
        if key in live
    }
    return {**kept, **{key: each.to_api() for key, each in live.items() if key not in kept}}


def _principal_tags(
    block: Mapping[str, Block] | None, live: Mapping[str, PrincipalTagMap]
) -> Block:
    kept = {
        key: value
        if canonical_principal_tags(value or {}) == live.get(key, NO_PRINCIPAL_TAGS)
        else _principal_tag_map(value or {}, live[key])
        for key, value in (block or {}).items()
        if key in live or canonical_principal_tags(value or {}) == NO_PRINCIPAL_TAGS
    }
    return {**kept, **{k: _principal_tag_map({}, v) for k, v in live.items() if k not in kept}}


def _principal_tag_map(block: Block, live: PrincipalTagMap) -> Block:
    flagged = _with_flag(block, "UseDefaults", live.UseDefaults)
    if canonical_principal_tags(flagged) == live:
        return flagged
    if tags := _map(block.get("PrincipalTags"), live.PrincipalTags):
        return {**flagged, "PrincipalTags": tags}
    return {key: value for key, value in flagged.items() if key != "PrincipalTags"}


def _drop_strange_defaults(block: Block) -> None:
    """Principal tags that say nothing, of a provider that the pool has no more."""
    maps = block.get("PrincipalTagAttributeMaps")
    if not maps:
        return
    known = {
        *block.get("SupportedLoginProviders", {}),
        *block.get("OpenIdConnectProviderARNs", []),
        *block.get("SamlProviderARNs", []),
        *(client["ProviderName"] for client in block.get("CognitoIdentityProviders", [])),
        block.get("DeveloperProviderName"),
    }
    block["PrincipalTagAttributeMaps"] = {
        key: value
        for key, value in maps.items()
        if key in known or canonical_principal_tags(value or {}) != NO_PRINCIPAL_TAGS
    }


_ACCEPT: Final[Mapping[FieldKind, Callable[[Any, Any], Any]]] = {
    FieldKind.TEXT: _plain,
    FieldKind.FLAG: _plain,
    FieldKind.CLASSIC_FLOW: _classic_flow,
    FieldKind.LOGINS: _map,
    FieldKind.SET: _arns,
    FieldKind.CLIENTS: _clients,
    FieldKind.TAGS: _map,
    FieldKind.ROLES: _map,
    FieldKind.ROLE_MAPPINGS: _role_mappings,
    FieldKind.PRINCIPAL_TAGS: _principal_tags,
}
