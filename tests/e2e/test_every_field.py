"""Each field alone: create with it, change it, drop it; everything else survives."""

from dataclasses import dataclass
from typing import Any

import pytest

from reconciler.model.pool import POOL_FIELDS, canonical_pool
from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings, UpdateSemantics
from tests.e2e.conftest import Account, client_of
from tests.support.in_process import Driver
from tests.support.specs import document

ACCOUNT = "123456789012"
USER_POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb"
OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/example.com"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop"


def _client(number: int, check: bool = False) -> dict[str, Any]:
    return {
        "ProviderName": USER_POOL,
        "ClientId": f"client{number}",
        "ServerSideTokenCheck": check,
    }


def _rules(*values: str) -> dict[str, Any]:
    rules = [
        {"Claim": "group", "MatchType": "Equals", "Value": value, "RoleARN": f"{ROLE}-{value}"}
        for value in values
    ]
    return {
        "Type": "Rules",
        "AmbiguousRoleResolution": "Deny",
        "RulesConfiguration": {"Rules": rules},
    }


# Everything set, so that whatever a change loses is seen to be lost.
FULL: dict[str, Any] = {
    "IdentityPoolName": "storefront",
    "AllowUnauthenticatedIdentities": True,
    "AllowClassicFlow": False,  # with guests, a check refuses it
    "SupportedLoginProviders": {"graph.facebook.com": "1", "api.twitter.com": "key;secret"},
    "DeveloperProviderName": "login.storefront",
    "OpenIdConnectProviderARNs": [OIDC, f"{OIDC}/two"],
    "SamlProviderARNs": [SAML, f"{SAML}2"],
    "CognitoIdentityProviders": [_client(1, check=True), _client(2)],
    "IdentityPoolTags": {"team": "shop", "stage": "prod"},
    "Roles": {"authenticated": f"{ROLE}-auth", "unauthenticated": f"{ROLE}-guest"},
    "RoleMappings": {
        f"{USER_POOL}:client1": {"Type": "Token", "AmbiguousRoleResolution": "Deny"},
        "graph.facebook.com": _rules("a", "b", "c"),
    },
    "PrincipalTagAttributeMaps": {
        USER_POOL: {"UseDefaults": False, "PrincipalTags": {"department": "custom:department"}},
        SAML: {"UseDefaults": True, "PrincipalTags": {}},
    },
}

_MAPS = FULL["RoleMappings"]
_TAGS = FULL["PrincipalTagAttributeMaps"]


@dataclass(frozen=True)
class Case:
    """One field with another value, and without; ``dropped`` ``None``: it cannot be dropped."""

    label: str
    field: str
    changed: Any
    dropped: Any = None


CASES = [
    Case("name", "IdentityPoolName", "renamed pool"),
    Case("guests", "AllowUnauthenticatedIdentities", False, False),
    Case("classic flow", "AllowClassicFlow", True, False),
    Case(
        "login provider",
        "SupportedLoginProviders",
        {"graph.facebook.com": "2", "api.twitter.com": "key;secret"},
        {"graph.facebook.com": "1"},
    ),
    Case(
        "secret half",
        "SupportedLoginProviders",
        {"graph.facebook.com": "1", "api.twitter.com": "key;other"},
        {"graph.facebook.com": "1"},
    ),
    Case("oidc provider", "OpenIdConnectProviderARNs", [OIDC, f"{OIDC}/three"], []),
    Case("saml provider", "SamlProviderARNs", [SAML, f"{SAML}3"], [SAML]),
    Case("client", "CognitoIdentityProviders", [_client(1, check=True), _client(3)], [_client(1)]),
    Case("token check", "CognitoIdentityProviders", [_client(1), _client(2)], [_client(1)]),
    Case("tag", "IdentityPoolTags", {"team": "other", "stage": "prod"}, {"stage": "prod"}),
    Case("all tags", "IdentityPoolTags", {"colour": "red"}, {}),
    Case("role", "Roles", {**FULL["Roles"], "authenticated": f"{ROLE}-x"}, {}),
    Case(
        "guest role",
        "Roles",
        {**FULL["Roles"], "unauthenticated": f"{ROLE}-x"},
        {"authenticated": f"{ROLE}-auth"},
    ),
    Case(
        "mapping resolution",
        "RoleMappings",
        {
            **_MAPS,
            f"{USER_POOL}:client1": {
                "Type": "Token",
                "AmbiguousRoleResolution": "AuthenticatedRole",
            },
        },
        {},
    ),
    Case(
        "mapping type",
        "RoleMappings",
        {**_MAPS, f"{USER_POOL}:client1": _rules("z")},
        {"graph.facebook.com": _rules("a", "b", "c")},
    ),
    Case(
        "rule order",
        "RoleMappings",
        {**_MAPS, "graph.facebook.com": _rules("c", "a", "b")},
        {**_MAPS, "graph.facebook.com": _rules("a")},
    ),
    Case(
        "principal tag",
        "PrincipalTagAttributeMaps",
        {
            **_TAGS,
            USER_POOL: {"UseDefaults": False, "PrincipalTags": {"department": "x", "y": "z"}},
        },
        {SAML: {"UseDefaults": True}},
    ),
    Case(
        "principal tag defaults",
        "PrincipalTagAttributeMaps",
        {**_TAGS, SAML: {"UseDefaults": False, "PrincipalTags": {"mail": "mail"}}},
        {},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_a_field_changed_or_dropped_alone_changes_nothing_else(
    case: Case, semantics: UpdateSemantics
) -> None:
    """Create with the field, change it alone, drop it alone: the id stays, the rest survives."""
    steps = [FULL, {**FULL, case.field: case.changed}]
    if case.dropped is not None:
        steps.append({**FULL, case.field: case.dropped})
    settings = SandboxSettings(file=None, update_semantics=semantics)
    with SandboxServer(settings) as server, Driver(server.url) as driver:
        client = client_of(server)
        account, ids = Account(client), set()
        for step in steps:
            driver.apply(document(spec=step))
            assert driver.plan(document(spec=step)).has_changes is False
            ids.add(account.only_id())
            _assert_live_is(account, account.only_id(), step)
        client.close()
    assert len(ids) == 1


def test_the_cases_cover_every_field() -> None:
    """Only the developer provider is missing: it can be set once, and has tests of its own."""
    assert {case.field for case in CASES} == set(POOL_FIELDS) - {"DeveloperProviderName"}


def _assert_live_is(account: Account, pool_id: str, spec: dict[str, Any]) -> None:
    """Compare field by field, with the answers of a client that is not idpool's."""
    client = account.client
    live = {**account.describe(pool_id), **account.roles(pool_id), "PrincipalTagAttributeMaps": {}}
    for provider in (USER_POOL, SAML, SAML + "2", OIDC, "graph.facebook.com"):
        try:
            answer = client.get_principal_tag_attribute_map(
                IdentityPoolId=pool_id, IdentityProviderName=provider
            )
        except client.exceptions.ResourceNotFoundException:
            continue
        live["PrincipalTagAttributeMaps"][provider] = answer
    wanted, found = canonical_pool(spec), canonical_pool(live)
    for field in POOL_FIELDS:
        if field == "IdentityPoolTags":
            ours = {"idpool:owner": "default", "idpool:name": "storefront"}
            assert found.IdentityPoolTags == {**wanted.IdentityPoolTags, **ours}
        else:
            assert getattr(found, field) == getattr(wanted, field), field
