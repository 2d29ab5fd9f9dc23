"""The canonical pool: the one form in which desired and live are compared, and the table of fields.

Canonical means that two pools which AWS treats alike are equal here; see ``pool_values``.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

import pydantic
from pydantic import field_serializer

from reconciler.model.base import JsonValue
from reconciler.model.pool_fields import PRINCIPAL_TAGS_FIELD, TAGS_FIELD, Call, Field, FieldKind
from reconciler.model.pool_values import (
    Client,
    PrincipalTagMap,
    RoleMapping,
    as_api,
    canonical,
    same_value,
)
from reconciler.model.project import Ignored
from reconciler.model.providers import MAX_PROVIDER_NAME, issuer_of
from reconciler.model.records import ApiShape
from reconciler.model.secrets import mask_login_providers, mask_names
from reconciler.model.spec_values import (
    ClientSpec,
    DeveloperName,
    LoginProviderValue,
    OidcArn,
    PoolName,
    PrincipalTagMapSpec,
    ProviderName,
    RoleMappingSpec,
    RolesSpec,
    SamlArn,
    TagKey,
    TagValue,
)


class Pool(ApiShape):
    """One pool in canonical form, and at once the table of a pool's fields: one row each.

    A row's type and default are the canonical ones, ``Field`` says the rest; all that knows fields
    is derived from it or goes by its ``Kind``.  The order is the API's.

    ``Roles``, ``RoleMappings`` and ``PrincipalTagAttributeMaps`` are ``None`` where nobody manages
    or reads them; ``AllowClassicFlow`` where AWS was never told, which allows the classic flow.
    Serialising a pool masks its secrets.
    """

    IdentityPoolName: Annotated[
        str,
        Field(
            FieldKind.TEXT,
            spec=PoolName,
            says="The pool's name. Changing it renames the pool in place.",
            terraform="identity_pool_name",
            has_default=False,
        ),
    ]
    AllowUnauthenticatedIdentities: Annotated[
        bool,
        Field(
            FieldKind.FLAG,
            spec=bool,
            says="Whether guests get identities.",
            terraform="allow_unauthenticated_identities",
        ),
    ] = False
    AllowClassicFlow: Annotated[
        bool | None,
        Field(
            FieldKind.CLASSIC_FLOW,
            spec=bool,
            says="Whether the basic (classic) authentication flow is on.",
            terraform="allow_classic_flow",
        ),
    ] = None
    SupportedLoginProviders: Annotated[
        dict[str, str],
        Field(
            FieldKind.LOGINS,
            spec=Annotated[dict[ProviderName, LoginProviderValue], pydantic.Field(max_length=10)],
            says="Social login provider to app id.",
            terraform="supported_login_providers",
            has_providers=True,
        ),
    ] = {}
    DeveloperProviderName: Annotated[
        str,
        Field(
            FieldKind.TEXT,
            spec=DeveloperName,
            says="Can be set once and never changed or removed.",
            terraform="developer_provider_name",
            has_default=False,
            irreversible="AWS never lets a developer provider be changed or removed",
            has_providers=True,
        ),
    ] = ""
    OpenIdConnectProviderARNs: Annotated[
        tuple[str, ...],
        Field(
            FieldKind.SET,
            spec=list[OidcArn],
            says="IAM OpenID Connect providers; a set.",
            terraform="openid_connect_provider_arns",
            has_providers=True,
        ),
    ] = ()
    SamlProviderARNs: Annotated[
        tuple[str, ...],
        Field(
            FieldKind.SET,
            spec=list[SamlArn],
            says="IAM SAML providers; a set.",
            terraform="saml_provider_arns",
            has_providers=True,
        ),
    ] = ()
    CognitoIdentityProviders: Annotated[
        tuple[Client, ...],
        Field(
            FieldKind.CLIENTS,
            spec=list[ClientSpec],
            says="User pool clients; a set.",
            terraform="cognito_identity_providers",
            has_providers=True,
        ),
    ] = ()
    IdentityPoolTags: Annotated[
        dict[str, str],
        Field(
            FieldKind.TAGS,
            # AWS allows 50 a pool, and two are idpool's own: idpool:owner and idpool:name.
            spec=Annotated[dict[TagKey, TagValue], pydantic.Field(max_length=48)],
            says="Tags. Two of the 50 that AWS allows are idpool's own.",
            terraform="tags",
        ),
    ] = {}
    Roles: Annotated[
        dict[str, str] | None,
        Field(
            FieldKind.ROLES,
            spec=RolesSpec,
            says="Default roles. Left out together with RoleMappings: not managed.",
            terraform="roles",
            call=Call.ROLES,
        ),
    ] = None
    RoleMappings: Annotated[
        dict[str, RoleMapping] | None,
        Field(
            FieldKind.ROLE_MAPPINGS,
            spec=Annotated[dict[ProviderName, RoleMappingSpec], pydantic.Field(max_length=10)],
            says="Provider to role mapping; managed with Roles.",
            terraform="role_mapping",
            call=Call.ROLES,
        ),
    ] = None
    PrincipalTagAttributeMaps: Annotated[
        dict[str, PrincipalTagMap] | None,
        Field(
            FieldKind.PRINCIPAL_TAGS,
            spec=dict[ProviderName, PrincipalTagMapSpec],
            says="Provider to principal tags. Left out: not managed.",
            terraform="principal_tags",
            call=Call.PRINCIPAL_TAGS,
        ),
    ] = None

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

    def manages(self, field: str) -> bool:
        """Whether a field is somebody's business here."""
        return getattr(self, field) is not None or FIELDS[field].call is Call.POOL

    @property
    def provider_names(self) -> tuple[str, ...]:
        """Every name that principal tags can be set for, in a stable order.

        An OpenID Connect provider has two, and AWS takes none that is too long: it would refuse to
        be asked for one.
        """
        fields = (field for field, row in FIELDS.items() if row.has_providers)
        names = {name for field in fields for name in _provider_names(getattr(self, field))}
        names |= {*map(issuer_of, names), *(self.PrincipalTagAttributeMaps or {})}
        return tuple(sorted(name for name in names if 0 < len(name) <= MAX_PROVIDER_NAME))


FIELDS: Final[Mapping[str, Field]] = {
    name: next(said for said in info.metadata if isinstance(said, Field))
    for name, info in Pool.model_fields.items()
}
POOL_FIELDS: Final = tuple(FIELDS)
# CreateIdentityPool and UpdateIdentityPool carry these, and the tags.
SETTINGS_FIELDS: Final = tuple(
    name for name, row in FIELDS.items() if row.call is Call.POOL and row.kind is not FieldKind.TAGS
)
# Maps by the name of a provider.
BY_PROVIDER_FIELDS: Final = ("RoleMappings", PRINCIPAL_TAGS_FIELD)


def kind_of(field: str) -> FieldKind | None:
    """What a field holds, ``None`` for what is no field of a pool: anybody may edit a record."""
    row = FIELDS.get(field)
    return row.kind if row else None


def same(field: str, one: Pool, other: Pool) -> bool:
    """Whether AWS treats the field of two pools alike."""
    return same_value(FIELDS[field].kind, getattr(one, field), getattr(other, field))


def canonical_pool(api: Mapping[str, Any]) -> Pool:
    """Build the canonical pool from any mapping in the API's shape.

    Reads DescribeIdentityPool's answer, a ``spec:`` block, and an emulator's answer with ``null``
    or ``""`` alike.  ``Roles`` and ``RoleMappings`` absent means unmanaged; one of them present
    manages both.  Unknown keys (``IdentityPoolId``, ``ResponseMetadata``) are not pool fields.
    """
    managed = {row.call for name, row in FIELDS.items() if api.get(name) is not None}
    # All at once: a call of pydantic for each rule would be half of what reading a pool costs.
    return Pool.model_validate(
        {
            name: canonical(row.kind, api.get(name))
            for name, row in FIELDS.items()
            if row.call is Call.POOL or row.call in managed
        }
    )


def pool_as_api(pool: Pool) -> dict[str, Any]:
    """The pool in the API's shape, secrets in clear.

    What is unset, unmanaged or an empty text is not there; what is an empty list or map is.
    """
    shaped = {name: as_api(row.kind, getattr(pool, name)) for name, row in FIELDS.items()}
    return {name: value for name, value in shaped.items() if value is not None}


def field_value(pool: Pool, field: str) -> JsonValue:
    """One field as it may be shown: JSON, secrets masked."""
    value: JsonValue = pool.model_dump(mode="json", include={field})[field]
    return value


def _provider_names(value: Any) -> Iterable[str]:
    """The providers in a canonical value: a text, a set of ARNs, keys of logins, or of clients."""
    if isinstance(value, str):
        return (value,)
    return (each.ProviderName if isinstance(each, Client) else each for each in value)


def in_live_terms(wanted: Pool, live: Pool, ignored: Ignored) -> Pool:
    """``wanted`` with the live value of what is ignored, and of what says the same in other words.

    What is wanted and live then differ where AWS treats them differently, and nowhere else; what is
    sent for a field that does not change is what live has.  A field that ``wanted`` does not manage
    stays unmanaged.
    """
    kept: dict[str, Any] = {
        field: getattr(live, field)
        for field in POOL_FIELDS
        if field != TAGS_FIELD
        and wanted.manages(field)
        and (field in ignored.fields or same(field, live, wanted))
    }
    if wanted.IdentityPoolTags != live.IdentityPoolTags:
        kept[TAGS_FIELD] = _tags(wanted.IdentityPoolTags, live.IdentityPoolTags, ignored)
    return wanted.model_copy(update=kept)


def _tags(wanted: dict[str, str], live: dict[str, str], ignored: Ignored) -> dict[str, str]:
    differing = {key for key, _ in wanted.items() ^ live.items()}
    left = {key for key in differing if ignored.leaves_tag(key)}
    tags = {key: value for key, value in wanted.items() if key not in left}
    tags |= {key: live[key] for key in left if key in live}
    return dict(sorted(tags.items()))
