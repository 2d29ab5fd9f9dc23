"""A pool that chooses roles by rules, and somebody who signs in."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import ACCOUNT, Idpool
from tests.support.specs import document, yaml_of

POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Shop"
FACEBOOK = "graph.facebook.com"
# Stands in every claim whose value nobody may see.
CANARY = "ann.canary@example.com"


def role(name: str) -> str:
    """The ARN of a role."""
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def rule(claim: str, match: str, said: str, name: str) -> dict[str, str]:
    """One rule of a mapping."""
    return {"Claim": claim, "MatchType": match, "Value": said, "RoleARN": role(name)}


MAPPING = {
    "Type": "Rules",
    "AmbiguousRoleResolution": "Deny",
    "RulesConfiguration": {
        "Rules": [
            rule("team", "Equals", "ops", "admin"),
            rule("team", "StartsWith", "shop-", "seller"),
        ]
    },
}
SHOP: dict[str, Any] = {
    "AllowUnauthenticatedIdentities": True,
    "SupportedLoginProviders": {FACEBOOK: "1"},
    "CognitoIdentityProviders": [{"ProviderName": POOL, "ClientId": "web"}],
    "Roles": {"authenticated": role("paths/user"), "unauthenticated": role("guest")},
    "RoleMappings": {f"{POOL}:web": MAPPING},
    "PrincipalTagAttributeMaps": {POOL: {"PrincipalTags": {"mail": "email"}}},
}
CLAIMS: dict[str, Any] = {
    "iss": f"https://{POOL}",
    "aud": "web",
    "sub": CANARY,
    "email": CANARY,
    "team": "ops",
}
TARGET = {"account": ACCOUNT, "region": "eu-west-1"}
TWO_TARGETS = {
    "apiVersion": "idpool/v1",
    "kind": "Project",
    "owner": "acme",
    "targets": {
        "eu": TARGET,
        "us": {**TARGET, "region": "us-east-1"},
    },
}


def jwt(claims: object) -> str:
    """A token that nobody has signed."""

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part(claims)}.x"


def a_test(name: str, expect: Mapping[str, Any], **spec: Any) -> dict[str, Any]:
    """A test of the shop's pool; of its users where nothing else is said."""
    who = spec if {"guest", "claims"} & spec.keys() else {"claims": CLAIMS, **spec}
    user = {"provider": POOL} if "claims" in who and "provider" not in who else {}
    return {
        "apiVersion": "idpool/v1",
        "kind": "IdentityPoolTest",
        "metadata": {"name": name},
        "spec": {"pool": "shop", **user, **who, "expect": dict(expect)},
    }


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    """The command, with no way to AWS, in a folder with the shop's spec and somebody's claims."""
    made = Idpool(tmp_path)
    made.write("specs/shop.yaml", yaml_of(document("shop", SHOP)))
    made.write("claims.json", json.dumps(CLAIMS))
    made.write("token", jwt(CLAIMS) + "\n")
    return made
