"""Canonical values of a pool's fields, and the forms in which the API has them.

Canonical means that two values which AWS treats alike are equal here: sets are sorted, clients are
keyed by ProviderName and ClientId, and absent, ``null``, ``""``, ``[]`` and ``{}`` are one value.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from reconciler.model.pool_fields import DEFAULT_PRINCIPAL_TAGS, FieldKind
from reconciler.model.records import ApiShape

_V = TypeVar("_V")


class Client(ApiShape):
    """One user pool client that a pool trusts."""

    ProviderName: str
    ClientId: str
    ServerSideTokenCheck: bool = False

    @property
    def key(self) -> str:
        """``ProviderName:ClientId``: the identity of a client, and its key in RoleMappings."""
        return f"{self.ProviderName}:{self.ClientId}"


class Rule(ApiShape):
    """One role mapping rule; the first that matches decides."""

    Claim: str
    MatchType: str
    Value: str
    RoleARN: str


_RULE_FIELDS = tuple(Rule.model_fields)


class RoleMapping(ApiShape):
    """How one provider's users get a role.  ``Rules`` keep their order."""

    Type: str
    AmbiguousRoleResolution: str = ""
    Rules: tuple[Rule, ...] = ()

    def to_api(self) -> dict[str, Any]:
        """The shape of SetIdentityPoolRoles."""
        api: dict[str, Any] = {"Type": self.Type}
        if self.AmbiguousRoleResolution:
            api["AmbiguousRoleResolution"] = self.AmbiguousRoleResolution
        if self.Rules:
            api["RulesConfiguration"] = {"Rules": [rule.model_dump() for rule in self.Rules]}
        return api


class PrincipalTagMap(ApiShape):
    """Which claims of one provider become principal tags: ``PrincipalTags`` is tag <- claim."""

    UseDefaults: bool = False
    PrincipalTags: dict[str, str] = {}


NO_PRINCIPAL_TAGS = PrincipalTagMap()


def canonical_role_mappings(api: Mapping[str, Any]) -> dict[str, RoleMapping]:
    """RoleMappings in the API's shape, as canonical values."""
    return {key: RoleMapping.model_validate(told) for key, told in _role_mappings(api).items()}


def canonical_principal_tags(api: Mapping[str, Any]) -> PrincipalTagMap:
    """One provider's principal tags; AWS's default mapping spelled out equals ``UseDefaults``."""
    return PrincipalTagMap.model_validate(_principal_tags(api))


def canonical(kind: FieldKind, api: Any) -> Any:
    """A field's canonical value of any that the API, a spec or an emulator has for it.

    Absent (``None``), ``null`` and empty ones are one value.  For a managed field, which may be
    ``None``, this is what it is where it is managed; and a classic flow that was never set is
    ``None``, because AWS allows it then, unlike one that is ``false``.
    """
    return _CANONICAL[kind](api)


def as_api(kind: FieldKind, value: Any) -> Any:
    """A canonical value as the API takes it, secrets in clear; ``None``: it is to be left out."""
    return None if value is None else _AS_API[kind](value)


def same_value(kind: FieldKind, one: Any, other: Any) -> bool:
    """Whether AWS treats two canonical values alike.

    Classic flow, unset and true (reported: https://labs.reversec.com/, 2025-01): allowed.
    """
    if kind is FieldKind.CLASSIC_FLOW:
        return (one is False) == (other is False)
    return bool(one == other)


def _text(api: str | None) -> str:
    return api or ""


def _flag(api: bool | None) -> bool:
    return bool(api)


def _classic_flow(api: bool | str | None) -> bool | None:
    return None if api in (None, "") else bool(api)


def _sorted(mapping: Mapping[str, _V] | None) -> dict[str, _V]:
    return dict(sorted((mapping or {}).items()))


def _set(values: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(sorted(set(values or ())))


def _clients(values: Iterable[Mapping[str, Any]] | None) -> tuple[dict[str, Any], ...]:
    clients = {}
    for value in values or ():
        name, client_id = value.get("ProviderName") or "", value.get("ClientId") or ""
        clients[f"{name}:{client_id}"] = {
            "ProviderName": name,
            "ClientId": client_id,
            "ServerSideTokenCheck": bool(value.get("ServerSideTokenCheck")),
        }
    return tuple(_sorted(clients).values())


def _roles(api: Mapping[str, str] | None) -> dict[str, str]:
    return {kind: arn for kind, arn in _sorted(api).items() if arn}


def _role_mappings(api: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    return {key: _role_mapping(value) for key, value in _sorted(api).items() if value is not None}


def _role_mapping(api: Mapping[str, Any]) -> dict[str, Any]:
    rules = (api.get("RulesConfiguration") or {}).get("Rules") or ()
    return {
        "Type": api.get("Type") or "",
        "AmbiguousRoleResolution": api.get("AmbiguousRoleResolution") or "",
        "Rules": tuple({field: rule[field] for field in _RULE_FIELDS} for rule in rules),
    }


def _principal_tag_maps(api: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    maps = {name: _principal_tags(value or {}) for name, value in _sorted(api).items()}
    return {name: tags for name, tags in maps.items() if any(tags.values())}


def _principal_tags(api: Mapping[str, Any]) -> dict[str, Any]:
    use_defaults = bool(api.get("UseDefaults"))
    tags = _sorted(api.get("PrincipalTags"))
    if use_defaults and tags == DEFAULT_PRINCIPAL_TAGS:
        tags = {}
    return {"UseDefaults": use_defaults, "PrincipalTags": tags}


_CANONICAL: Final[Mapping[FieldKind, Callable[[Any], Any]]] = {
    FieldKind.TEXT: _text,
    FieldKind.FLAG: _flag,
    FieldKind.CLASSIC_FLOW: _classic_flow,
    FieldKind.LOGINS: _sorted,
    FieldKind.SET: _set,
    FieldKind.CLIENTS: _clients,
    FieldKind.TAGS: _sorted,
    FieldKind.ROLES: _roles,
    FieldKind.ROLE_MAPPINGS: _role_mappings,
    FieldKind.PRINCIPAL_TAGS: _principal_tag_maps,
}
_AS_API: Final[Mapping[FieldKind, Callable[[Any], Any]]] = {
    # The API's minimum length is 1: what is empty is left out.
    FieldKind.TEXT: lambda text: text or None,
    FieldKind.FLAG: bool,
    FieldKind.CLASSIC_FLOW: bool,
    FieldKind.LOGINS: dict,
    FieldKind.SET: list,
    FieldKind.CLIENTS: lambda clients: [client.model_dump() for client in clients],
    FieldKind.TAGS: dict,
    FieldKind.ROLES: dict,
    FieldKind.ROLE_MAPPINGS: lambda maps: {key: mapping.to_api() for key, mapping in maps.items()},
    FieldKind.PRINCIPAL_TAGS: lambda maps: {key: tags.model_dump() for key, tags in maps.items()},
}
