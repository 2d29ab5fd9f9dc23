"""A grant as an IAM policy document.

Element names and the escapes of wildcards: IAM user guide, "IAM JSON policy elements reference".
"""

import json
import re
from collections.abc import Iterable, Iterator

from reconciler.model.base import JsonValue
from reconciler.model.permissions import ANY, Grant, Permission, PolicyScope, Scope, Use

# Of a managed policy, white space not counted (IAM user guide, "IAM and AWS STS quotas").
MOST_CHARACTERS = 6144

# iam:PassedToService of a pool's roles, as AWS's own AmazonOpenSearchServiceCognitoAccess has it.
_COGNITO = "cognito-identity.amazonaws.com"
# A statement for each use and scope.
SIDS = {
    (Use.READ, Scope.EVERYTHING): "ListPools",
    (Use.READ, Scope.POOL): "ReadPools",
    (Use.TOMBSTONE, Scope.POOL): "LookForIdentities",
    (Use.WRITE, Scope.EVERYTHING): "CreatePoolsAndSetRoles",
    (Use.WRITE, Scope.POOL): "UpdateAndTagPools",
    (Use.WRITE, Scope.PASSED_ROLE): "PassRolesToPools",
    (Use.DELETE, Scope.POOL): "DeletePools",
    (Use.LOCK, Scope.LOCK): "LockTargets",
    (Use.WHO, Scope.EVERYTHING): "LookUpWhoWrote",
    (Use.NAMES, Scope.USER_POOL): "NameUserPools",
    (Use.PARAMETERS, Scope.PARAMETER): "ReadParameters",
    (Use.PARAMETERS, Scope.PARAMETER_KEY): "DecryptParameters",
    (Use.SECRETS, Scope.EVERYTHING): "ReadSecretsTogether",
    (Use.SECRETS, Scope.SECRET_VALUE): "ReadSecrets",
    (Use.SECRETS, Scope.SECRET_KEY): "DecryptSecrets",
    (Use.STACKS, Scope.STACK): "ReadStackOutputs",
    (Use.STATES, Scope.STATE): "ReadTerraformStates",
    (Use.USER_POOLS, Scope.EVERYTHING): "ListUserPools",
    (Use.USER_POOLS, Scope.USER_POOL): "ListUserPoolClients",
    (Use.ROLES, Scope.NAMED_ROLE): "ReadRoles",
    (Use.ROLES, Scope.MANAGED_POLICY): "ReadManagedPolicies",
    (Use.ROLES, Scope.USER_POOL): "ReadUserPoolClients",
    (Use.NOTIFY, Scope.TOPIC): "PublishDrift",
    (Use.ASSUME, Scope.TARGET_ROLE): "AssumeTargetRoles",
    (Use.SESSION_TAGS, Scope.TAGGED_ROLE): "TagSessions",
}
_POOLS = {
    Scope.POOL: ("cognito-identity", "identitypool"),
    Scope.USER_POOL: ("cognito-idp", "userpool"),
}
# Whose calls may use a key.
_THROUGH = {Scope.PARAMETER_KEY: "ssm", Scope.SECRET_KEY: "secretsmanager"}
_READ = (Scope.PARAMETER, Scope.SECRET_VALUE, Scope.STACK, Scope.STATE)
_OF_NO_PLACE = (Scope.TOPIC, Scope.TARGET_ROLE, Scope.TAGGED_ROLE)
_SPECIAL = re.compile(r"[*?$]")


def iam_policy_json(grant: Grant) -> str:
    """The policy document, indented; the same for the same grant."""
    document = {"Version": "2012-10-17", "Statement": list(_statements(grant))}
    return json.dumps(document, indent=2) + "\n"


def counted_characters(policy: str) -> int:
    """How long IAM says that a policy is."""
    return len("".join(policy.split()))


def _statements(grant: Grant) -> Iterator[JsonValue]:
    placed = [p for p in grant.permissions if p.scope not in _OF_NO_PLACE]
    for place in grant.places:
        suffix = place.account if len(grant.places) > 1 else ""
        for key, actions in _grouped(placed).items():
            resources = _resources(key[1], place)
            if resources:
                yield _statement(SIDS[key] + suffix, actions, resources, _condition(key[1], place))
    named = {
        Scope.TOPIC: grant.topics,
        Scope.TARGET_ROLE: grant.target_roles,
        Scope.TAGGED_ROLE: grant.tagged_roles,
    }
    for key, actions in _grouped(p for p in grant.permissions if p.scope in _OF_NO_PLACE).items():
        if names := named[key[1]]:
            yield _statement(SIDS[key], actions, [_literal(name) for name in names], {})


def _grouped(permissions: Iterable[Permission]) -> dict[tuple[Use, Scope], list[str]]:
    groups: dict[tuple[Use, Scope], list[str]] = {}
    for each in permissions:
        groups.setdefault((each.use, each.scope), []).append(each.action)
    return groups


def _statement(sid: str, actions: list[str], resources: list[str], when: JsonValue) -> JsonValue:
    statement: dict[str, JsonValue] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": _one_or_many(actions),
        "Resource": _one_or_many(resources),
    }
    if when:
        statement["Condition"] = when
    return statement


def _resources(scope: Scope, place: PolicyScope) -> list[str]:
    match scope:
        case Scope.POOL | Scope.USER_POOL:
            service, pools = _POOLS[scope]
            head, tail = f"arn:{place.partition}:{service}", f"{place.account}:{pools}/*"
            return [f"{head}:{region}:{tail}" for region in place.regions]
        case Scope.PASSED_ROLE | Scope.NAMED_ROLE:
            every = f"arn:{place.partition}:iam::{place.account}:role/*"
            return [every] if place.any_role else [_literal(role) for role in place.passed_roles]
        case Scope.MANAGED_POLICY:  # the account's own, and AWS's
            head = f"arn:{place.partition}:iam::"
            return [f"{head}{owner}:policy/*" for owner in (place.account, "aws")]
        case Scope.LOCK:
            return [_literal(arn) for arn in place.lock_objects]
        case Scope.PARAMETER_KEY | Scope.SECRET_KEY:
            head = f"arn:{place.partition}:kms"
            return [f"{head}:{region}:{place.account}:key/*" for region in place.regions]
        case _:
            found = place.read.get(scope, ())
            named = [each.head + _literal(each.name) + each.tail for each in found]
            return named if scope in _READ else ["*"]


def _condition(scope: Scope, place: PolicyScope) -> JsonValue:
    """What narrows a statement further than its resources can."""
    if scope is Scope.EVERYTHING and ANY not in place.regions:
        return {"StringEquals": {"aws:RequestedRegion": _one_or_many(place.regions)}}
    if service := _THROUGH.get(scope):
        via = [f"{service}.{region}.{place.suffix}" for region in place.regions]
        test = "StringLike" if ANY in place.regions else "StringEquals"
        return {test: {"kms:ViaService": _one_or_many(via)}}
    if scope is Scope.PASSED_ROLE and place.partition == "aws":
        return {"StringEquals": {"iam:PassedToService": _COGNITO}}
    return {}


def _one_or_many(items: Iterable[str]) -> JsonValue:
    listed: list[JsonValue] = list(items)
    return listed[0] if len(listed) == 1 else listed


def _literal(arn: str) -> str:
    """An ARN that stands for itself: a ``*`` in a role's path must not stand for every role."""
    return _SPECIAL.sub(lambda found: f"${{{found[0]}}}", arn)
