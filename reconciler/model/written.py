"""Specs and project files as plain data that their JSON Schema allows: what the rules look at.

The models, which say the same in more words, are for whoever goes on to work with a spec: rules
run on every document, whole or in part, and most runs of ``validate`` need no model at all.
Optional fields are left out, never ``None``.
"""

from typing import Literal, NotRequired, TypedDict

from reconciler.model.base import JsonValue
from reconciler.model.findings import Severity


class ClientData(TypedDict):
    """A user pool client (``ClientSpec``)."""

    ProviderName: str
    ClientId: str
    ServerSideTokenCheck: NotRequired[bool]


class RuleData(TypedDict):
    """One rule of a mapping (``RuleSpec``)."""

    Claim: str
    MatchType: str
    Value: str
    RoleARN: str


class RulesConfigurationData(TypedDict):
    """The rules of a mapping (``RulesConfigurationSpec``)."""

    Rules: list[RuleData]


class RoleMappingData(TypedDict):
    """How one provider's users get a role (``RoleMappingSpec``)."""

    Type: Literal["Token", "Rules"]
    AmbiguousRoleResolution: NotRequired[str]
    RulesConfiguration: NotRequired[RulesConfigurationData]


class RolesData(TypedDict, total=False):
    """The default roles (``RolesSpec``)."""

    authenticated: str
    unauthenticated: str


class PoolData(TypedDict):
    """The pool itself (``PoolSpec``)."""

    IdentityPoolName: str
    AllowUnauthenticatedIdentities: NotRequired[bool]
    AllowClassicFlow: NotRequired[bool]
    SupportedLoginProviders: NotRequired[dict[str, str]]
    DeveloperProviderName: NotRequired[str]
    OpenIdConnectProviderARNs: NotRequired[list[str]]
    SamlProviderARNs: NotRequired[list[str]]
    CognitoIdentityProviders: NotRequired[list[ClientData]]
    IdentityPoolTags: NotRequired[dict[str, str]]
    Roles: NotRequired[RolesData]
    RoleMappings: NotRequired[dict[str, RoleMappingData]]
    PrincipalTagAttributeMaps: NotRequired[dict[str, object]]


class MetadataData(TypedDict):
    """Whose spec it is, and where it goes (``Metadata``)."""

    name: str
    targets: NotRequired[list[str]]
    adopt: NotRequired[str | dict[str, str]]
    formerNames: NotRequired[list[str]]


class LifecycleData(TypedDict, total=False):
    """What idpool may and may not do with the pool (``Lifecycle``)."""

    ignoreChanges: list[str]
    delete: bool | list[str]
    deleteIdentities: bool
    allowSameName: bool


class SpecData(TypedDict):
    """A spec (``PoolDocument``)."""

    apiVersion: str
    kind: str
    metadata: MetadataData
    lifecycle: NotRequired[LifecycleData]
    spec: PoolData
    perTarget: NotRequired[dict[str, dict[str, JsonValue]]]


class PoolTestMetadataData(TypedDict):
    """How a test is called (``PoolTestMetadata``)."""

    name: str
    targets: NotRequired[list[str]]


class ExpectedRoleData(TypedDict, total=False):
    """What somebody gets (``ExpectedRole``)."""

    role: str
    denied: bool
    tags: dict[str, str]


class PoolTestSpecData(TypedDict):
    """Who asks a pool, and what they are to get (``PoolTestSpec``)."""

    pool: str
    provider: NotRequired[str]
    claims: NotRequired[dict[str, JsonValue]]
    guest: NotRequired[bool]
    customRoleArn: NotRequired[str]
    expect: ExpectedRoleData


class PoolTestData(TypedDict):
    """A test of a pool (``PoolTestDocument``)."""

    apiVersion: str
    kind: str
    metadata: PoolTestMetadataData
    spec: PoolTestSpecData


class TargetData(TypedDict):
    """A target (``TargetSettings``)."""

    account: str
    region: str
    roleArn: NotRequired[str]
    externalId: NotRequired[str]
    sessionName: NotRequired[str]
    sessionTags: NotRequired[dict[str, str]]
    vars: NotRequired[dict[str, str]]
    defaults: NotRequired[dict[str, JsonValue]]


class TerraformData(TypedDict):
    """A state whose outputs specs may refer to (``TerraformState``)."""

    state: str
    region: str
    credentials: Literal["ambient", "target"]
    outputs: NotRequired[list[str]]


class ReadsData(TypedDict, total=False):
    """What references may read (``Reads``)."""

    ssm: list[str]
    secret: list[str]
    stack: list[str]
    userPool: list[str]
    terraform: dict[str, TerraformData]


class IgnoreData(TypedDict):
    """Drift that somebody knows of (``IgnoreEntry``)."""

    path: str
    reason: str
    until: str


class PolicyTestTargetData(TypedDict, total=False):
    """A target of a policy's test (``PolicyTestTarget``)."""

    name: str
    account: str
    region: str
    vars: dict[str, str]


class PolicyTestData(TypedDict):
    """A policy's test (``PolicyTestEntry``)."""

    pool: dict[str, JsonValue]
    target: NotRequired[PolicyTestTargetData]
    live: NotRequired[dict[str, JsonValue]]
    changes: NotRequired[list[str]]
    expect: Literal["pass", "fail"]


# By its call, because of the field ``assert``.
PolicyData = TypedDict(
    "PolicyData",
    {
        "id": str,
        "severity": Severity,
        "when": NotRequired[str],
        "assert": str,
        "message": str,
        "blocks": NotRequired[Literal["always"]],
        "tests": NotRequired[list[PolicyTestData]],
    },
)


class WaiverData(TypedDict):
    """A rule that is not held against some pools (``WaiverEntry``)."""

    rule: str
    spec: str
    target: NotRequired[str]
    reason: str
    until: str


class ProjectData(TypedDict):
    """A project file (``ProjectDocument``)."""

    apiVersion: str
    kind: str
    owner: str
    formerOwners: NotRequired[list[str]]
    specs: NotRequired[list[str]]
    vars: NotRequired[dict[str, str]]
    defaults: NotRequired[dict[str, JsonValue]]
    reads: NotRequired[ReadsData]
    targets: NotRequired[dict[str, TargetData]]
    ignoreTags: NotRequired[list[str]]
    ignore: NotRequired[list[IgnoreData]]
    lock: NotRequired[str]
    policies: NotRequired[list[PolicyData]]
    waivers: NotRequired[list[WaiverData]]
