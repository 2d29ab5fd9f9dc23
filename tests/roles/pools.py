"""Pools, roles as they should be, and what checks say of them."""

import copy
from typing import Any

from reconciler.checks.role_checks import role_problems
from reconciler.checks.role_uses import Subject
from reconciler.model.roles import Missing, Role, RoleFacts, RolePolicy, Unread
from reconciler.text.problems import Problem
from tests.roles.conftest import COGNITO, POOL_ID, policy, role_arn, trust
from tests.support.cli import ACCOUNT, REGION

OTHER_POOL = f"{REGION}:99999999-4b5a-6978-8796-a5b4c3d2e1f0"
USERS = f"cognito-idp.{REGION}.amazonaws.com/{REGION}_Abc"
CLIENT = f"{USERS}:web1"
TAGS = {USERS: {"PrincipalTags": {"team": "custom:team"}}}
# All that can be asked for, were it for nobody to look up.
LEVELS = ("iam:AttachRolePolicy", "lambda:AddPermission", "s3:PutBucketPolicy")
READS = policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})


def rule(claim: str = "cognito:groups", role: str = "admin") -> dict[str, str]:
    return {"Claim": claim, "MatchType": "Equals", "Value": "a", "RoleARN": role_arn(role)}


def pool(*rules: dict[str, str], **fields: Any) -> dict[str, Any]:
    """A pool with a role for users and one for guests, and rules for a client of a user pool."""
    made: dict[str, Any] = {
        "IdentityPoolName": "shop",
        "AllowUnauthenticatedIdentities": True,
        "AllowClassicFlow": False,
        "CognitoIdentityProviders": [{"ProviderName": USERS, "ClientId": "web1"}],
        "Roles": {"authenticated": role_arn("user"), "unauthenticated": role_arn("guest")},
        "PrincipalTagAttributeMaps": {},
    }
    if rules:
        mapping = {"Type": "Rules", "RulesConfiguration": {"Rules": list(rules)}}
        made["RoleMappings"] = {CLIENT: mapping}
    return {**made, **fields}


def role(name: str, trusted: Any = None, *policies: Any, **more: Any) -> Role:
    """A role; without a trust policy it has the one that it needs."""
    fits = trust("unauthenticated" if name == "guest" else "authenticated")
    documents = tuple(RolePolicy(f"p{n}", each) for n, each in enumerate(policies))
    return Role(role_arn(name), fits if trusted is None else trusted, documents, **more)


def problems(
    of: dict[str, Any],
    *roles: Any,
    pool_id: str | None = POOL_ID,
    levels: tuple[str, ...] | None = LEVELS,
    clients: Any = None,
    region: str = REGION,
) -> list[Problem]:
    """What is found of a pool whose other roles are as they should be."""
    arns = {role_arn(name): role(name) for name in ("user", "guest", "admin")}
    named = {each.what if isinstance(each, Missing | Unread) else each.arn: each for each in roles}
    facts = RoleFacts(ACCOUNT, region, {**arns, **named}, clients or {})
    return list(role_problems(Subject(of, pool_id, facts, levels)))  # type: ignore[arg-type]


def found(*arguments: Any, **options: Any) -> list[str]:
    """The rules that say something."""
    return [problem.rule.value for problem in problems(*arguments, **options)]


def with_condition(document: dict[str, Any], **conditions: Any) -> dict[str, Any]:
    """A trust policy whose one statement has other conditions."""
    made = copy.deepcopy(document)
    made["Statement"][0]["Condition"] = {
        name.replace("_", ":"): each for name, each in conditions.items()
    }
    return made


def aud(value: Any = POOL_ID) -> dict[str, Any]:
    return {f"{COGNITO}:aud": value}


def amr(value: Any = "authenticated") -> dict[str, Any]:
    return {f"{COGNITO}:amr": value}


def tagged(**policies: Any) -> dict[str, Any]:
    """Statements that look at principal tags, in conditions and in variables."""
    return policy(
        *({"Effect": "Allow", "Action": "s3:GetObject", **each} for each in policies.values())
    )


USES_TEAM = tagged(a={"Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team}/*"})
