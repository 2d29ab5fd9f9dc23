"""What idpool calls in AWS, the IAM permissions that each call needs, and what a policy allows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from reconciler.model.records import Record

ANY = "*"


class Use(Enum):
    """What a call is for; who does not use that need not be allowed it."""

    READ = "plan, apply, drift, simulate and test"
    TOMBSTONE = "whether a pool that is to be deleted holds identities"
    WRITE = "apply"
    DELETE = "deleting pools"
    LOCK = "locks"
    WHO = "drift --who"
    NAMES = "import --user-pool-names"
    PARAMETERS = "references: ssm"
    SECRETS = "references: secret"
    STACKS = "references: stack"
    STATES = "references: terraform"
    USER_POOLS = "references: userPool, userPoolClient"
    ROLES = "check --roles"
    NOTIFY = "drift --notify sns=..."
    ASSUME = "a target's roleArn"
    SESSION_TAGS = "a target's sessionTags"
    SANDBOX = "the sandbox alone: no policy allows it"


class Scope(Enum):
    """What a permission is for, which says what its resources are."""

    EVERYTHING = "the action takes no resource"
    POOL = "identity pools"
    PASSED_ROLE = "the roles that pools hand out"
    NAMED_ROLE = "the roles that pools name"
    MANAGED_POLICY = "managed policies of IAM"
    TARGET_ROLE = "the roles of targets"
    TAGGED_ROLE = "the roles of targets with sessionTags"
    LOCK = "lock objects"
    USER_POOL = "user pools"
    TOPIC = "SNS topics"
    PARAMETER = "SSM parameters"
    PARAMETER_KEY = "keys, through SSM"
    SECRET_VALUE = "secrets of Secrets Manager"  # noqa: S105 - what is meant, not one
    SECRET_KEY = "keys, through Secrets Manager"  # noqa: S105 - as above
    STACK = "CloudFormation stacks"
    STATE = "Terraform states"


@dataclass(frozen=True, slots=True)
class Permission:
    """An IAM action, such as ``iam:PassRole``, and what it has to be allowed on."""

    action: str
    scope: Scope
    use: Use


@dataclass(frozen=True, slots=True)
class AwsCall:
    """An API operation that idpool calls; ``service`` is the name that boto3 has for it.

    No ``permissions``: AWS answers it to everybody.
    """

    service: str
    operation: str
    permissions: tuple[Permission, ...]


class UnlistedCall(LookupError):
    """Code that calls what no policy of ours allows: a bug, found before the request is sent."""


def _call(service: str, operation: str, use: Use, *needs: tuple[str, Scope]) -> AwsCall:
    permissions = tuple(Permission(action, scope, use) for action, scope in needs)
    return AwsCall(service, operation, permissions)


def _cognito(operation: str, use: Use, scope: Scope, *more: tuple[str, Scope]) -> AwsCall:
    own = (f"cognito-identity:{operation}", scope)
    return _call("cognito-identity", operation, use, own, *more)


_TAG = ("cognito-identity:TagResource", Scope.POOL)
_UNTAG = ("cognito-identity:UntagResource", Scope.POOL)

CALLS = (
    _call("sts", "GetCallerIdentity", Use.READ),
    _cognito("ListIdentityPools", Use.READ, Scope.EVERYTHING),
    _cognito("DescribeIdentityPool", Use.READ, Scope.POOL),
    _cognito("GetIdentityPoolRoles", Use.READ, Scope.POOL),
    _cognito("GetPrincipalTagAttributeMap", Use.READ, Scope.POOL),
    _cognito("ListIdentities", Use.TOMBSTONE, Scope.POOL),
    _cognito("CreateIdentityPool", Use.WRITE, Scope.EVERYTHING, _TAG),
    _cognito("UpdateIdentityPool", Use.WRITE, Scope.POOL, _TAG, _UNTAG),
    _cognito(
        "SetIdentityPoolRoles", Use.WRITE, Scope.EVERYTHING, ("iam:PassRole", Scope.PASSED_ROLE)
    ),
    _cognito("SetPrincipalTagAttributeMap", Use.WRITE, Scope.EVERYTHING),
    _cognito("TagResource", Use.WRITE, Scope.POOL),
    _cognito("UntagResource", Use.WRITE, Scope.POOL),
    _cognito("DeleteIdentityPool", Use.DELETE, Scope.POOL),
    AwsCall(
        "s3",
        "GetObject",
        (
            Permission("s3:GetObject", Scope.LOCK, Use.LOCK),
            Permission("s3:GetObject", Scope.STATE, Use.STATES),
        ),
    ),
    _call("s3", "PutObject", Use.LOCK, ("s3:PutObject", Scope.LOCK)),
    _call("s3", "DeleteObject", Use.LOCK, ("s3:DeleteObject", Scope.LOCK)),
    _call("s3", "CreateBucket", Use.SANDBOX),
    _call("cloudtrail", "LookupEvents", Use.WHO, ("cloudtrail:LookupEvents", Scope.EVERYTHING)),
    _call(
        "cognito-idp",
        "DescribeUserPool",
        Use.NAMES,
        ("cognito-idp:DescribeUserPool", Scope.USER_POOL),
    ),
    _call(
        "ssm",
        "GetParameters",
        Use.PARAMETERS,
        ("ssm:GetParameters", Scope.PARAMETER),
        ("kms:Decrypt", Scope.PARAMETER_KEY),
    ),
    _call(
        "secretsmanager",
        "BatchGetSecretValue",
        Use.SECRETS,
        ("secretsmanager:BatchGetSecretValue", Scope.EVERYTHING),
        ("secretsmanager:GetSecretValue", Scope.SECRET_VALUE),
        ("kms:Decrypt", Scope.SECRET_KEY),
    ),
    _call(
        "cloudformation",
        "DescribeStacks",
        Use.STACKS,
        ("cloudformation:DescribeStacks", Scope.STACK),
    ),
    _call(
        "cognito-idp",
        "ListUserPools",
        Use.USER_POOLS,
        ("cognito-idp:ListUserPools", Scope.EVERYTHING),
    ),
    AwsCall(
        "cognito-idp",
        "ListUserPoolClients",
        (
            Permission("cognito-idp:ListUserPoolClients", Scope.USER_POOL, Use.USER_POOLS),
            Permission("cognito-idp:ListUserPoolClients", Scope.USER_POOL, Use.ROLES),
        ),
    ),
    _call("iam", "GetRole", Use.ROLES, ("iam:GetRole", Scope.NAMED_ROLE)),
    _call("iam", "ListRolePolicies", Use.ROLES, ("iam:ListRolePolicies", Scope.NAMED_ROLE)),
    _call("iam", "GetRolePolicy", Use.ROLES, ("iam:GetRolePolicy", Scope.NAMED_ROLE)),
    _call(
        "iam",
        "ListAttachedRolePolicies",
        Use.ROLES,
        ("iam:ListAttachedRolePolicies", Scope.NAMED_ROLE),
    ),
    _call("iam", "GetPolicy", Use.ROLES, ("iam:GetPolicy", Scope.MANAGED_POLICY)),
    _call("iam", "GetPolicyVersion", Use.ROLES, ("iam:GetPolicyVersion", Scope.MANAGED_POLICY)),
    _call(
        "cognito-idp",
        "DescribeUserPoolClient",
        Use.ROLES,
        ("cognito-idp:DescribeUserPoolClient", Scope.USER_POOL),
    ),
    _call("sns", "Publish", Use.NOTIFY, ("sns:Publish", Scope.TOPIC)),
    AwsCall(
        "sts",
        "AssumeRole",
        (
            Permission("sts:AssumeRole", Scope.TARGET_ROLE, Use.ASSUME),
            Permission("sts:TagSession", Scope.TAGGED_ROLE, Use.SESSION_TAGS),
        ),
    ),
)
_BY_NAME = {(call.service, call.operation): call for call in CALLS}


def call_of(service: str, operation: str) -> AwsCall:
    """The table's row for an operation.  Raises ``UnlistedCall``."""
    try:
        return _BY_NAME[service, operation]
    except KeyError:
        raise UnlistedCall(f"{service} {operation} is not in model/permissions.py") from None


def permissions_for(uses: Collection[Use]) -> tuple[Permission, ...]:
    """What these uses need, each permission once, in the table's order."""
    needed = (need for call in CALLS for need in call.permissions if need.use in uses)
    return tuple(dict.fromkeys(needed))


class ReadArn(NamedTuple):
    """An ARN in three parts: a name that stands for itself, between what may be patterns."""

    head: str
    name: str
    tail: str = ""


class PolicyScope(Record):
    """An account as a policy names it; ``*`` stands for one that nobody has named.

    ``passed_roles`` and ``lock_objects`` are ARNs; ``any_role``: every role of the account may be
    passed and read, whatever ``passed_roles`` says.  ``read``: what references read; ``suffix``
    ends the names of hosts.
    """

    account: str = ANY
    partition: str = "aws"
    regions: tuple[str, ...] = (ANY,)
    passed_roles: tuple[str, ...] = ()
    any_role: bool = False
    lock_objects: tuple[str, ...] = ()
    read: Mapping[Scope, tuple[ReadArn, ...]] = {}
    suffix: str = "amazonaws.com"


class Grant(Record):
    """Permissions, in each of these places; topics and target roles are in none of them.

    ``tagged_roles``: those whose sessions get tags.
    """

    permissions: tuple[Permission, ...]
    places: tuple[PolicyScope, ...] = ()
    topics: tuple[str, ...] = ()
    target_roles: tuple[str, ...] = ()
    tagged_roles: tuple[str, ...] = ()
