"""The canonical pool: the one form in which desired and live are compared.

Canonical means that two pools which AWS treats alike are equal here: sets are sorted, clients are
keyed by ProviderName and ClientId, and absent, ``null``, ``""``, ``[]`` and ``{}`` are one value.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import field_serializer

from reconciler.model.base import ApiShape, JsonValue
from reconciler.model.pool_fields import PRINCIPAL_TAGS_FIELD, ROLES_FIELDS, TAGS_FIELD
from reconciler.model.providers import MAX_PROVIDER_NAME, issuer_of
from reconciler.model.secrets import mask_login_providers, mask_names

_V = TypeVar("_V")

# What UseDefaults stands for (Amazon Cognito developer guide, "Attributes for access control").
DEFAULT_PRINCIPAL_TAGS = {"username": "sub", "client": "aud"}


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


class Pool(ApiShape):
    """One pool in canonical form.

    ``Roles``, ``RoleMappings`` and ``PrincipalTagAttributeMaps`` are ``None`` where nobody manages
    or reads them.  Serialising a pool masks its secrets; ``to_api`` shapes do not.
    """

    IdentityPoolName: str
    AllowUnauthenticatedIdentities: bool = False
    AllowClassicFlow: bool = False
    SupportedLoginProviders: dict[str, str] = {}
    DeveloperProviderName: str = ""
    OpenIdConnectProviderARNs: tuple[str, ...] = ()
    SamlProviderARNs: tuple[str, ...] = ()
    CognitoIdentityProviders: tuple[Client, ...] = ()
    IdentityPoolTags: dict[str, str] = {}
    Roles: dict[str, str] | None = None
    RoleMappings: dict[str, RoleMapping] | None = None
    PrincipalTagAttributeMaps: dict[str, PrincipalTagMap] | None = None

    @field_serializer("SupportedLoginProviders")
    def _mask(self, providers: dict[str, str]) -> dict[str, str]:
        return mask_login_providers(providers)

    @field_serializer("RoleMappings")
    def _mask_mappings(
        self, by_provider: dict[str, RoleMapping] | None
    ) -> dict[str, RoleMapping] | None:
        return mask_names(by_provider)

    @field_serializer("PrincipalTagAttributeMaps")
    def _mask_tag_maps(
        self, by_provider: dict[str, PrincipalTagMap] | None
    ) -> dict[str, PrincipalTagMap] | None:
        return mask_names(by_provider)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [("IdentityPoolName", self.IdentityPoolName)]

    @property
    def manages_roles(self) -> bool:
        """Whether Roles and RoleMappings are somebody's business here."""
        return self.Roles is not None

    @property
    def manages_principal_tags(self) -> bool:
        """Whether PrincipalTagAttributeMaps are somebody's business here."""
        return self.PrincipalTagAttributeMaps is not None

    @property
    def provider_names(self) -> tuple[str, ...]:
        """Every name that principal tags can be set for, in a stable order.

        An OpenID Connect provider has two, and AWS takes none that is too long: it would refuse to
        be asked for one.
        """
        names = {
            *self.SupportedLoginProviders,
            *self.OpenIdConnectProviderARNs,
            *map(issuer_of, self.OpenIdConnectProviderARNs),
            *self.SamlProviderARNs,
            *(client.ProviderName for client in self.CognitoIdentityProviders),
            *(self.PrincipalTagAttributeMaps or {}),
        }
        names.add(self.DeveloperProviderName)
        return tuple(sorted(name for name in names if 0 < len(name) <= MAX_PROVIDER_NAME))


def canonical_pool(api: Mapping[str, Any]) -> Pool:
    """Build the canonical pool from any mapping in the API's shape.

    Reads DescribeIdentityPool's answer, a ``spec:`` block, and an emulator's answer with ``null``
    or ``""`` alike.  ``Roles`` and ``RoleMappings`` absent means unmanaged; one of them present
    manages both.  Unknown keys (``IdentityPoolId``, ``ResponseMetadata``) are not pool fields.
    """
    # All at once: a call of pydantic for each rule would be half of what reading a pool costs.
    return Pool.model_validate(
        {
            "IdentityPoolName": api.get("IdentityPoolName") or "",
            "AllowUnauthenticatedIdentities": bool(api.get("AllowUnauthenticatedIdentities")),
            "AllowClassicFlow": bool(api.get("AllowClassicFlow")),
            "SupportedLoginProviders": _sorted(api.get("SupportedLoginProviders")),
            "DeveloperProviderName": api.get("DeveloperProviderName") or "",
            "OpenIdConnectProviderARNs": _set(api.get("OpenIdConnectProviderARNs")),
            "SamlProviderARNs": _set(api.get("SamlProviderARNs")),
            "CognitoIdentityProviders": _clients(api.get("CognitoIdentityProviders") or ()),
            TAGS_FIELD: _sorted(api.get(TAGS_FIELD)),
            **_roles(api),
            PRINCIPAL_TAGS_FIELD: _principal_tag_maps(api.get(PRINCIPAL_TAGS_FIELD)),
        }
    )


def canonical_role_mappings(api: Mapping[str, Any]) -> dict[str, RoleMapping]:
    """RoleMappings in the API's shape, as canonical values."""
    return {key: RoleMapping.model_validate(told) for key, told in _role_mappings(api).items()}


def canonical_principal_tags(api: Mapping[str, Any]) -> PrincipalTagMap:
    """One provider's principal tags; AWS's default mapping spelled out equals ``UseDefaults``."""
    return PrincipalTagMap.model_validate(_principal_tags(api))


def _sorted(mapping: Mapping[str, _V] | None) -> dict[str, _V]:
    return dict(sorted((mapping or {}).items()))


def _set(values: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(sorted(set(values or ())))


def _clients(values: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    clients = {}
    for value in values:
        name, client_id = value.get("ProviderName") or "", value.get("ClientId") or ""
        clients[f"{name}:{client_id}"] = {
            "ProviderName": name,
            "ClientId": client_id,
            "ServerSideTokenCheck": bool(value.get("ServerSideTokenCheck")),
        }
    return tuple(_sorted(clients).values())


def _roles(api: Mapping[str, Any]) -> dict[str, Any]:
    if all(api.get(field) is None for field in ROLES_FIELDS):
        return {}
    return {
        "Roles": {kind: arn for kind, arn in _sorted(api.get("Roles")).items() if arn},
        "RoleMappings": _role_mappings(api.get("RoleMappings")),
    }


def _role_mappings(api: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    return {key: _role_mapping(value) for key, value in _sorted(api).items() if value is not None}


def _role_mapping(api: Mapping[str, Any]) -> dict[str, Any]:
    rules = (api.get("RulesConfiguration") or {}).get("Rules") or ()
    return {
        "Type": api.get("Type") or "",
        "AmbiguousRoleResolution": api.get("AmbiguousRoleResolution") or "",
        "Rules": tuple({field: rule[field] for field in _RULE_FIELDS} for rule in rules),
    }


def _principal_tag_maps(api: Mapping[str, Any] | None) -> dict[str, dict[str, Any]] | None:
    if api is None:
        return None
    maps = {name: _principal_tags(value or {}) for name, value in _sorted(api).items()}
    return {name: tags for name, tags in maps.items() if any(tags.values())}


def _principal_tags(api: Mapping[str, Any]) -> dict[str, Any]:
    use_defaults = bool(api.get("UseDefaults"))
    tags = _sorted(api.get("PrincipalTags"))
    if use_defaults and tags == DEFAULT_PRINCIPAL_TAGS:
        tags = {}
    return {"UseDefaults": use_defaults, "PrincipalTags": tags}


def field_value(pool: Pool, field: str) -> JsonValue:
    """One field as it may be shown: JSON, secrets masked."""
    value: JsonValue = pool.model_dump(mode="json", include={field})[field]
    return value
