"""The values of a spec's ``spec:`` block, with the limits that AWS sets.

The JSON Schema that editors use is generated from these, so their texts are read by people.
Limits are those of the botocore model of cognito-identity, unless a comment says other.
"""

from typing import Annotated, Literal

from pydantic import Field

from reconciler.model.providers import MAX_PROVIDER_NAME
from reconciler.model.records import ApiShape

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
PoolName = Annotated[
    str, Field(min_length=1, max_length=128, pattern=rf"^[A-Za-z0-9_{_SPACE}+=,.@-]+$")
]
DeveloperName = Annotated[str, Field(max_length=128, pattern=r"^[A-Za-z0-9_.-]*$")]
ProviderName = Annotated[str, Field(min_length=1, max_length=MAX_PROVIDER_NAME)]
LoginProviderValue = Annotated[
    str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.;/-]+$")
]
TagKey = Annotated[str, Field(min_length=1, max_length=128)]
TagValue = Annotated[str, Field(max_length=256)]


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
