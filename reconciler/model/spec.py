"""The spec: one YAML document that describes one pool, in the API's own shape.

The JSON Schema that editors use is generated from these classes, so their texts are read by
people.  Limits are those of the botocore model of cognito-identity, unless a comment says other.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_serializer

from reconciler.model.base import ApiShape, Record
from reconciler.model.pool import Pool, canonical_pool
from reconciler.model.providers import MAX_PROVIDER_NAME
from reconciler.model.secrets import mask_login_providers
from reconciler.model.source import Source

SpecName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=63,
        pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        description="Lower-case letters, digits and inner hyphens, at most 63 characters.",
    ),
]
PoolId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=55,
        pattern=r"^[A-Za-z0-9_-]+:[0-9a-f-]+$",
        description="An identity pool id: region, colon, UUID.",
    ),
]
TargetName = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
]
# Engines differ in two characters: to some \s is the next line (U+0085), to some the byte order
# mark.  Nobody means either, and the schema must say what the model says, so both are named.
NO_SPACE = r"[^\s\u0085\ufeff]"
_SPACE = r"\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_IAM = r"^arn:aws[a-z-]*:iam::[0-9]{12}:"
RoleArn = Annotated[
    str,
    Field(
        min_length=20,
        max_length=2048,
        pattern=_IAM + rf"role/{NO_SPACE}+$",
        description="An IAM role's ARN.",
    ),
]
OidcArn = Annotated[
    str,
    Field(
        min_length=20,
        max_length=2048,
        pattern=_IAM + rf"oidc-provider/{NO_SPACE}+$",
        description="An IAM OpenID Connect provider's ARN.",
    ),
]
SamlArn = Annotated[
    str,
    Field(
        min_length=20,
        max_length=2048,
        pattern=_IAM + rf"saml-provider/{NO_SPACE}+$",
        description="An IAM SAML provider's ARN.",
    ),
]
ProviderName = Annotated[str, Field(min_length=1, max_length=MAX_PROVIDER_NAME)]
LoginProviderValue = Annotated[
    str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.;/-]+$")
]
TagKey = Annotated[str, Field(min_length=1, max_length=128)]
TagValue = Annotated[str, Field(max_length=256)]

PoolField = Literal[
    "IdentityPoolName",
    "AllowUnauthenticatedIdentities",
    "AllowClassicFlow",
    "SupportedLoginProviders",
    "DeveloperProviderName",
    "OpenIdConnectProviderARNs",
    "SamlProviderARNs",
    "CognitoIdentityProviders",
    "IdentityPoolTags",
    "Roles",
    "RoleMappings",
    "PrincipalTagAttributeMaps",
]


class ClientSpec(ApiShape):
    """A user pool client whose tokens the pool accepts."""

    ProviderName: Annotated[
        str,
        Field(
            min_length=1,
            max_length=128,
            pattern=r"^[A-Za-z0-9_.:/-]+$",
            description="cognito-idp.REGION.amazonaws.com/USER_POOL_ID, without https://.",
        ),
    ]
    ClientId: Annotated[
        str,
        Field(
            min_length=1,
            max_length=128,
            pattern=r"^[A-Za-z0-9_]+$",
            description="The app client's id.",
        ),
    ]
    ServerSideTokenCheck: Annotated[
        bool, Field(description="Ask the user pool whether the token was revoked.")
    ] = False


class RuleSpec(ApiShape):
    """One rule: users whose claim matches get the role.  The first match wins."""

    Claim: Annotated[
        str,
        Field(
            min_length=1,
            max_length=64,
            pattern=rf"^{NO_SPACE}+$",
            description="The claim to look at.",
        ),
    ]
    MatchType: Annotated[
        Literal["Equals", "Contains", "StartsWith", "NotEqual"],
        Field(description="How the claim is compared with Value."),
    ]
    Value: Annotated[str, Field(min_length=1, max_length=128, description="What to compare with.")]
    RoleARN: RoleArn


class RulesConfigurationSpec(ApiShape):
    """The ordered rules of a mapping."""

    # The service model says 400, AWS "The number of rules in the request exceeded 25."
    Rules: Annotated[
        list[RuleSpec],
        Field(min_length=1, max_length=25, description="At most 25: AWS raises no quota here."),
    ]


class RoleMappingSpec(ApiShape):
    """How one provider's users get a role: from their token, or by rules."""

    Type: Annotated[
        Literal["Token", "Rules"],
        Field(description="Token: cognito:preferred_role of the token. Rules: the rules below."),
    ]
    AmbiguousRoleResolution: Annotated[
        Literal["AuthenticatedRole", "Deny"] | None,
        Field(description="What happens when no rule matches, or the token names no role."),
    ] = None
    RulesConfiguration: Annotated[
        RulesConfigurationSpec | None,
        Field(description="The rules; required for Type Rules, forbidden for Type Token."),
    ] = None


class RolesSpec(ApiShape):
    """The default roles."""

    authenticated: Annotated[RoleArn | None, Field(description="For signed-in users.")] = None
    unauthenticated: Annotated[RoleArn | None, Field(description="For guests.")] = None


class PrincipalTagMapSpec(ApiShape):
    """Which claims of one provider become principal tags of its users' sessions."""

    UseDefaults: Annotated[bool, Field(description="Map username <- sub and client <- aud.")] = (
        False
    )
    PrincipalTags: Annotated[
        dict[
            Annotated[str, Field(min_length=1, max_length=128)],
            Annotated[str, Field(min_length=1, max_length=256)],
        ],
        Field(max_length=50, description="Tag key to claim name."),
    ] = {}


class PoolSpec(ApiShape):
    """The pool itself.  Names are the API's; what is left out has AWS's default."""

    IdentityPoolName: Annotated[
        str,
        Field(
            min_length=1,
            max_length=128,
            pattern=rf"^[A-Za-z0-9_{_SPACE}+=,.@-]+$",
            description="The pool's name. Changing it renames the pool in place.",
        ),
    ]
    AllowUnauthenticatedIdentities: Annotated[
        bool, Field(description="Whether guests get identities.")
    ] = False
    AllowClassicFlow: Annotated[
        bool, Field(description="Whether the basic (classic) authentication flow is on.")
    ] = False
    SupportedLoginProviders: Annotated[
        dict[ProviderName, LoginProviderValue],
        Field(max_length=10, description="Social login provider to app id."),
    ] = {}
    DeveloperProviderName: Annotated[
        str,
        Field(
            max_length=128,
            pattern=r"^[A-Za-z0-9_.-]*$",
            description="Can be set once and never changed or removed.",
        ),
    ] = ""
    OpenIdConnectProviderARNs: Annotated[
        list[OidcArn], Field(description="IAM OpenID Connect providers; a set.")
    ] = []
    SamlProviderARNs: Annotated[list[SamlArn], Field(description="IAM SAML providers; a set.")] = []
    CognitoIdentityProviders: Annotated[
        list[ClientSpec], Field(description="User pool clients; a set.")
    ] = []
    IdentityPoolTags: Annotated[
        dict[TagKey, TagValue],
        # AWS allows 50 a pool, and two are idpool's own: idpool:owner and idpool:name.
        Field(max_length=48, description="Tags. Two of the 50 that AWS allows are idpool's own."),
    ] = {}
    Roles: Annotated[
        RolesSpec | None,
        Field(description="Default roles. Left out together with RoleMappings: not managed."),
    ] = None
    RoleMappings: Annotated[
        dict[ProviderName, RoleMappingSpec] | None,
        Field(max_length=10, description="Provider to role mapping; managed with Roles."),
    ] = None
    PrincipalTagAttributeMaps: Annotated[
        dict[ProviderName, PrincipalTagMapSpec] | None,
        Field(description="Provider to principal tags. Left out: not managed."),
    ] = None

    @field_serializer("SupportedLoginProviders")
    def _mask(self, providers: dict[str, str]) -> dict[str, str]:
        return mask_login_providers(providers)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [("IdentityPoolName", self.IdentityPoolName)]


class Metadata(Record):
    """Whose spec it is, and where it goes."""

    name: Annotated[SpecName, Field(description="The spec's stable key within its owner.")]
    targets: Annotated[
        list[TargetName] | None,
        Field(min_length=1, description="Targets to apply to. Left out: every target."),
    ] = None
    adopt: Annotated[
        PoolId | dict[TargetName, PoolId] | None,
        Field(description="The id of an existing pool to take over, or one id for each target."),
    ] = None
    former_names: Annotated[
        list[SpecName],
        Field(
            max_length=20,
            description="Earlier metadata.name, looked for where the present one finds no pool.",
        ),
    ] = []


class Lifecycle(Record):
    """What idpool may and may not do with the pool."""

    ignore_changes: Annotated[
        list[PoolField],
        Field(description="Fields that somebody else writes. The live value always wins."),
    ] = []
    delete: Annotated[bool, Field(description="Tombstone: the pool must not exist.")] = False
    delete_identities: Annotated[
        bool, Field(description="Let a tombstone delete a pool that holds identities, too.")
    ] = False
    allow_same_name: Annotated[
        bool,
        Field(description="Another pool of this IdentityPoolName is no reason to refuse."),
    ] = False


class PoolDocument(Record):
    """A spec: one identity pool."""

    api_version: Annotated[Literal["idpool/v1"], Field(description="The format's version.")]
    kind: Annotated[Literal["IdentityPool"], Field(description="The kind of document.")]
    metadata: Metadata
    lifecycle: Lifecycle = Lifecycle()
    spec: PoolSpec


class Spec(Record):
    """A document with the place it was read from."""

    source: Source
    document: PoolDocument

    @property
    def name(self) -> str:
        """``metadata.name``: the stable key within the owner."""
        return self.document.metadata.name

    @property
    def lifecycle(self) -> Lifecycle:
        """What may be done with the pool."""
        return self.document.lifecycle

    @cached_property
    def pool(self) -> Pool:
        """The pool that the document describes, without tags of our own.

        Made once, for all targets: it is half of what planning an unchanged pool costs.
        """
        return canonical_pool(spec_as_api(self.document.spec))

    def __copy__(self) -> Self:
        """A copy makes its own pool: it may be given another document."""
        copied = super().__copy__()
        copied.__dict__.pop("pool", None)
        return copied

    def goes_to(self, target: str) -> bool:
        """Whether the spec is meant for the target of this name."""
        targets = self.document.metadata.targets
        return targets is None or target in targets

    def adopted_id(self, target: str) -> str | None:
        """The pool id that ``metadata.adopt`` names for the target, if any."""
        adopt = self.document.metadata.adopt
        return adopt.get(target) if isinstance(adopt, dict) else adopt


def spec_as_api(spec: PoolSpec) -> dict[str, Any]:
    """The ``spec:`` block as a mapping in the API's shape; what is unmanaged is not in it."""
    api = spec.model_dump(exclude_none=True)
    return {**api, "SupportedLoginProviders": spec.SupportedLoginProviders}
