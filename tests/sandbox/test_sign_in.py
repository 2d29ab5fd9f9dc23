"""Signing in: whose identity a login is, and the tokens and credentials that it gets."""

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from reconciler.checks.simulation import SignIn, simulate
from reconciler.model.base import JsonValue
from tests.sandbox.conftest import Connect
from tests.sandbox.support import (
    ACCOUNT,
    CLIENT,
    NOBODY,
    OIDC,
    REGION,
    REQUIRED,
    ROLE,
    SAML,
    USER_POOL,
    content,
    refused,
)

FACEBOOK = {"graph.facebook.com": "token"}
GUEST_ROLE = f"{ROLE}-guest"
RULE_ROLE = f"{ROLE}-rule"
OTHER_ROLE = f"{ROLE}-other"
FOREIGN = "arn:aws:iam::444455556666:role/other"
COGNITO = "cognito-identity.amazonaws.com"
POOL: dict[str, Any] = {
    "IdentityPoolName": "shop",
    "AllowUnauthenticatedIdentities": True,
    "SupportedLoginProviders": {"graph.facebook.com": "1", "accounts.google.com": "2"},
    "DeveloperProviderName": "login.shop",
    "OpenIdConnectProviderARNs": [OIDC],
    "SamlProviderARNs": [SAML],
    "CognitoIdentityProviders": [{"ProviderName": USER_POOL, "ClientId": CLIENT}],
}
ROLES = {"authenticated": ROLE, "unauthenticated": GUEST_ROLE}
Make = Callable[..., str]


@pytest.fixture
def make(client: Any) -> Make:
    """Makes pools like POOL, with roles."""

    def made(roles: Any = ROLES, mappings: Any = None, **changes: Any) -> str:
        pool = {key: value for key, value in {**POOL, **changes}.items() if value is not None}
        pool_id = str(client.create_identity_pool(**pool)["IdentityPoolId"])
        client.set_identity_pool_roles(
            IdentityPoolId=pool_id, Roles=roles, RoleMappings=mappings or {}
        )
        return pool_id

    return made


def jwt(**claims: Any) -> str:
    """A token that nobody has signed."""

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part({'sub': 'ann', **claims})}.x"


def user_token(**claims: Any) -> str:
    """A token of the user pool, as its client gets it."""
    known = {"iss": f"https://{USER_POOL}", "aud": CLIENT, "exp": time.time() + 60}
    return jwt(**{**known, **claims})


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """Header, claims and signature."""
    header, claims, signature = (
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")
    )
    return json.loads(header), json.loads(claims), signature


# Identities


def test_a_login_has_one_identity(client: Any, make: Make) -> None:
    """The same user of the same provider is the same identity, whatever token says so."""
    pool_id = make()

    def identity(**logins: str) -> str:
        named = {{"pool": USER_POOL, "oidc": "example.com"}.get(k, k): v for k, v in logins.items()}
        return str(client.get_id(IdentityPoolId=pool_id, Logins=named)["IdentityId"])

    ann = identity(pool=user_token())
    assert identity(pool=user_token(jti="a second sign-in")) == ann
    assert identity(pool=user_token(sub="bob")) != ann
    assert identity(oidc=jwt(iss="https://example.com")) != ann
    opaque = identity(**FACEBOOK)
    assert identity(**FACEBOOK) == opaque
    assert identity(**{"graph.facebook.com": "another"}) != opaque
    assert len(client.list_identities(IdentityPoolId=pool_id, MaxResults=60)["Identities"]) == 5


def test_guests_are_always_new(client: Any, make: Make) -> None:
    """GetId without logins makes a new identity each time."""
    pool_id = make()
    first, second = (client.get_id(IdentityPoolId=pool_id)["IdentityId"] for _ in range(2))
    assert first != second


def test_logins_given_together_are_linked(client: Any, make: Make) -> None:
    """Several logins are one identity from then on; those of two identities are a conflict."""
    pool_id = make()
    both = {**FACEBOOK, USER_POOL: user_token()}
    identity_id = client.get_id(IdentityPoolId=pool_id, Logins=both)["IdentityId"]
    for provider, token in both.items():
        found = client.get_id(IdentityPoolId=pool_id, Logins={provider: token})
        assert found["IdentityId"] == identity_id
    described = client.describe_identity(IdentityId=identity_id)
    assert set(described["Logins"]) == {*FACEBOOK, USER_POOL}
    google = {"accounts.google.com": "other"}
    client.get_id(IdentityPoolId=pool_id, Logins=google)
    with refused("ResourceConflictException"):
        client.get_id(IdentityPoolId=pool_id, Logins={**FACEBOOK, **google})


def test_a_guest_becomes_a_user(client: Any, make: Make) -> None:
    """A login that a guest brings along is the guest's, who is a guest no longer."""
    identity_id = client.get_id(IdentityPoolId=make())["IdentityId"]
    client.get_credentials_for_identity(IdentityId=identity_id, Logins=FACEBOOK)
    with refused("NotAuthorizedException", f"Access to Identity '{identity_id}' is forbidden."):
        client.get_credentials_for_identity(IdentityId=identity_id)
    pool_id = make()
    guest = client.get_id(IdentityPoolId=pool_id)["IdentityId"]
    client.get_id(IdentityPoolId=pool_id, Logins=FACEBOOK)
    with refused("ResourceConflictException"):
        client.get_credentials_for_identity(IdentityId=guest, Logins=FACEBOOK)


def test_deleted_identities_keep_no_login(client: Any, make: Make) -> None:
    """The login of a deleted identity gets a new one."""
    pool_id = make()
    before = client.get_id(IdentityPoolId=pool_id, Logins=FACEBOOK)["IdentityId"]
    client.delete_identities(IdentityIdsToDelete=[before])
    assert client.get_id(IdentityPoolId=pool_id, Logins=FACEBOOK)["IdentityId"] != before


def test_guests_are_asked_for(client: Any, make: Make) -> None:
    """Without AllowUnauthenticatedIdentities there are no guests, nor are there those of before."""
    denied = "Unauthenticated access is not supported for this identity pool."
    pool_id = make()
    guest = client.get_id(IdentityPoolId=pool_id)["IdentityId"]
    logins = POOL["SupportedLoginProviders"]
    client.update_identity_pool(IdentityPoolId=pool_id, **REQUIRED, SupportedLoginProviders=logins)
    with refused("NotAuthorizedException", denied):
        client.get_id(IdentityPoolId=pool_id)
    with refused("NotAuthorizedException", denied):
        client.get_id(IdentityPoolId=pool_id, Logins={})
    with refused("NotAuthorizedException", denied):
        client.get_credentials_for_identity(IdentityId=guest)
    with refused("NotAuthorizedException", denied):
        client.get_open_id_token(IdentityId=guest)
    assert client.get_id(IdentityPoolId=pool_id, Logins=FACEBOOK)["IdentityId"] != guest


@pytest.mark.parametrize("provider", ["www.amazon.com", "login.shop", f"{SAML}-2", "example.org"])
def test_logins_are_of_configured_providers(client: Any, make: Make, provider: str) -> None:
    """A login that names no provider of the pool is refused, also for an identity."""
    pool_id = make()
    identity_id = client.get_id(IdentityPoolId=pool_id)["IdentityId"]
    with refused("NotAuthorizedException", "Logins don't match."):
        client.get_id(IdentityPoolId=pool_id, Logins={provider: "token"})
    with refused("NotAuthorizedException", "Logins don't match."):
        client.get_credentials_for_identity(IdentityId=identity_id, Logins={provider: "token"})


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_other"}, "Issuer"),
        ({"aud": "another client"}, "Token is not from a supported provider"),
        ({"aud": None}, "Token is not from a supported provider"),
        ({"exp": 1}, "Token expired"),
    ],
)
def test_tokens_are_of_their_provider(
    client: Any, make: Make, claims: dict[str, Any], says: str
) -> None:
    """A user pool's token names it, a client that the pool has, and a time that is not over."""
    with refused("NotAuthorizedException", says):
        client.get_id(IdentityPoolId=make(), Logins={USER_POOL: user_token(**claims)})


@pytest.mark.parametrize("text", ["a.b.c", "..", "a.!!!.c", "a.W10.c", "a.eyJzdWIiOjF9.c", "ä.ö.ü"])
def test_what_is_no_jwt_is_an_opaque_token(client: Any, make: Make, text: str) -> None:
    """A token that cannot be read names its user by itself, and is not kept."""
    logins = {"graph.facebook.com": text}
    pool_id = make()
    first = client.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    assert client.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"] == first


# Credentials


@pytest.mark.parametrize(("logins", "role"), [({}, "shop-guest"), (FACEBOOK, "shop")])
def test_credentials_hold_for_an_hour(
    sandbox: Any, client: Any, make: Make, logins: dict[str, str], role: str
) -> None:
    """Credentials hold for an hour, and act in the pool's role and account."""
    identity_id = client.get_id(IdentityPoolId=make(), Logins=logins)["IdentityId"]
    answer = client.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)
    assert answer["IdentityId"] == identity_id
    given = answer["Credentials"]
    left = given["Expiration"] - datetime.now(UTC)
    assert timedelta(minutes=55) < left <= timedelta(hours=1)
    session = boto3.session.Session(
        given["AccessKeyId"], given["SecretKey"], given["SessionToken"], REGION
    )
    sts = session.client("sts", endpoint_url=sandbox.url)
    identity = sts.get_caller_identity()
    sts.close()
    assert identity["Account"] == ACCOUNT
    expected = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/CognitoIdentityCredentials"
    assert identity["Arn"] == expected


def test_credentials_of_whose_pool_is_not_the_callers(
    sandbox: Any, connect: Connect, make: Make
) -> None:
    """The call is public: whoever sends it, from whatever region, gets the pool's credentials."""
    theirs = connect(sandbox, account="444455556666", region="us-east-1")
    identity_id = theirs.get_id(IdentityPoolId=make())["IdentityId"]
    assert identity_id.startswith(f"{REGION}:")
    given = theirs.get_credentials_for_identity(IdentityId=identity_id)["Credentials"]
    acting = connect(sandbox, account=given["AccessKeyId"], service="sts")
    assert acting.get_caller_identity()["Account"] == ACCOUNT


@pytest.mark.parametrize("logins", [{}, FACEBOOK])
def test_credentials_need_a_role(client: Any, make: Make, logins: dict[str, str]) -> None:
    """A pool without the role is InvalidIdentityPoolConfigurationException, and nothing changes."""
    pool_id = make(roles={})
    identity_id = client.get_id(IdentityPoolId=pool_id)["IdentityId"]
    with refused("InvalidIdentityPoolConfigurationException", "Check assigned IAM roles"):
        client.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)
    assert "Logins" not in client.describe_identity(IdentityId=identity_id)


def test_credentials_of_an_unknown_identity(client: Any, make: Make) -> None:
    """An identity that never was, or whose pool is gone, is ResourceNotFoundException."""
    pool_id = make()
    gone = client.get_id(IdentityPoolId=pool_id)["IdentityId"]
    client.delete_identity_pool(IdentityPoolId=pool_id)
    for unknown in (NOBODY, gone):
        with refused("ResourceNotFoundException", f"Identity '{unknown}' not found."):
            client.get_credentials_for_identity(IdentityId=unknown)
        with refused("ResourceNotFoundException", f"Identity '{unknown}' not found."):
            client.get_open_id_token(IdentityId=unknown)


def test_logins_are_of_the_identity(client: Any, make: Make) -> None:
    """Logins of which none is the identity's are refused."""
    pool_id = make()
    identity_id = client.get_id(IdentityPoolId=pool_id, Logins=FACEBOOK)["IdentityId"]
    with refused("NotAuthorizedException", "Logins don't match."):
        client.get_credentials_for_identity(
            IdentityId=identity_id, Logins={"graph.facebook.com": "somebody else"}
        )


def by_rules(*rules: tuple[str, str, str], ambiguous: str = "Deny") -> dict[str, Any]:
    """A mapping of Type Rules, each Equals: claim, value and role."""
    made = [
        {"Claim": claim, "MatchType": "Equals", "Value": value, "RoleARN": role}
        for claim, value, role in rules
    ]
    return {
        "Type": "Rules",
        "AmbiguousRoleResolution": ambiguous,
        "RulesConfiguration": {"Rules": made},
    }


def role_of(
    sandbox: Any, connect: Connect, client: Any, pool_id: str, logins: Any, custom: str = ""
) -> str:
    """The ARN of the role in which a new user of the pool acts."""
    identity_id = client.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    more = {"CustomRoleArn": custom} if custom else {}
    given = client.get_credentials_for_identity(IdentityId=identity_id, Logins=logins, **more)
    acting = connect(sandbox, account=given["Credentials"]["AccessKeyId"], service="sts")
    session = acting.get_caller_identity()["Arn"]
    return f"arn:aws:iam::{ACCOUNT}:role/{session.split('/')[1]}"


def test_rules_choose_the_role(sandbox: Any, client: Any, make: Make, connect: Connect) -> None:
    """The first rule that matches the token's claims; without a match, AmbiguousRoleResolution."""
    mapping = by_rules(("team", "admin", RULE_ROLE), ambiguous="AuthenticatedRole")
    pool_id = make(mappings={f"{USER_POOL}:{CLIENT}": mapping})
    for team, role in (("admin", RULE_ROLE), ("sales", ROLE)):
        logins = {USER_POOL: user_token(sub=team, team=team)}
        assert role_of(sandbox, connect, client, pool_id, logins) == role


def test_a_role_mapping_that_denies(client: Any, make: Make) -> None:
    """NotAuthorizedException, with the mapping's key, and the login is not linked."""
    key = f"{USER_POOL}:{CLIENT}"
    pool_id = make(mappings={key: by_rules(("team", "admin", RULE_ROLE))})
    identity_id = client.get_id(IdentityPoolId=pool_id)["IdentityId"]
    says = f"The ambiguous role mapping rules for: {key} denied this request."
    with refused("NotAuthorizedException", says):
        client.get_credentials_for_identity(
            IdentityId=identity_id, Logins={USER_POOL: user_token(team="sales")}
        )
    assert "Logins" not in client.describe_identity(IdentityId=identity_id)


def test_the_token_chooses_the_role(
    sandbox: Any, client: Any, make: Make, connect: Connect
) -> None:
    """Of its cognito:roles, the preferred one or the one that is asked for, and no other."""
    mapping = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}
    pool_id = make(mappings={f"{USER_POOL}:{CLIENT}": mapping})
    claims = {"cognito:roles": [ROLE, RULE_ROLE], "cognito:preferred_role": ROLE}
    logins = {USER_POOL: user_token(**claims)}
    assert role_of(sandbox, connect, client, pool_id, logins) == ROLE
    assert role_of(sandbox, connect, client, pool_id, logins, RULE_ROLE) == RULE_ROLE
    with refused("NotAuthorizedException", f"Access to Role '{GUEST_ROLE}' is forbidden."):
        role_of(sandbox, connect, client, pool_id, logins, GUEST_ROLE)


def test_a_custom_role_is_of_a_rule_that_matches(
    sandbox: Any, client: Any, make: Make, connect: Connect
) -> None:
    """CustomRoleArn may name a later rule's role, and none of a rule that does not match."""
    rules = [("a", "1", ROLE), ("a", "1", RULE_ROLE), ("a", "2", OTHER_ROLE)]
    pool_id = make(mappings={f"{USER_POOL}:{CLIENT}": by_rules(*rules)})
    logins = {USER_POOL: user_token(a="1")}
    assert role_of(sandbox, connect, client, pool_id, logins, RULE_ROLE) == RULE_ROLE
    for role in (FOREIGN, OTHER_ROLE):
        with refused("NotAuthorizedException", f"Access to Role '{role}' is forbidden."):
            role_of(sandbox, connect, client, pool_id, logins, role)


def test_what_aws_answers_is_not_known(client: Any, make: Make) -> None:
    """An opaque token where rules choose, a list of a claim, a role that is asked for without a
    mapping, and logins that give different roles are NotAuthorizedException, and it says why."""
    user_pool = f"{USER_POOL}:{CLIENT}"
    mapping = by_rules(("team", "admin", RULE_ROLE), ambiguous="AuthenticatedRole")
    pool_id = make(mappings={user_pool: mapping, "graph.facebook.com": mapping})
    user = {USER_POOL: user_token(team="admin")}
    cases: list[tuple[dict[str, str], dict[str, str], str]] = [
        (FACEBOOK, {}, "rule 1: the claims of the token are not known"),
        ({USER_POOL: user_token(sub="bob", team=["admin"])}, {}, "rule 1: how AWS compares"),
        ({SAML: "assertion"}, {"CustomRoleArn": RULE_ROLE}, "what AWS makes of a CustomRoleArn"),
        ({**user, SAML: "another"}, {}, "the logins are of several providers"),
    ]
    for logins, more, why in cases:
        identity_id = client.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
        says = f"The sandbox does not know what AWS answers here: {why}"
        with refused("NotAuthorizedException", says):
            client.get_credentials_for_identity(IdentityId=identity_id, Logins=logins, **more)


def test_the_sandbox_agrees_with_the_simulation(
    sandbox: Any, client: Any, make: Make, connect: Connect
) -> None:
    """Every combination of two claims and two mappings: the role is the one that is simulated."""
    rules = [("a", "1", RULE_ROLE), ("b", "1", GUEST_ROLE)]
    key = f"{USER_POOL}:{CLIENT}"
    values: list[JsonValue] = ["1", "2", ["1"], ""]
    for ambiguous in ("Deny", "AuthenticatedRole"):
        mappings = {key: by_rules(*rules, ambiguous=ambiguous)}
        pool_id = make(mappings=mappings)
        pool: Any = {**POOL, "Roles": ROLES, "RoleMappings": mappings}
        for number, (a, b) in enumerate(product(values, repeat=2)):
            claims: dict[str, JsonValue] = {"iss": USER_POOL, "aud": CLIENT, "a": a, "b": b}
            expected = simulate(pool, SignIn(USER_POOL, claims)).outcome
            logins = {USER_POOL: user_token(sub=f"user {number}", a=a, b=b)}
            try:
                found = role_of(sandbox, connect, client, pool_id, logins)
            except ClientError as error:
                is_open = "does not know" in str(error)
                found = "not known" if is_open else "denied"
            assert found == expected, claims


# Tokens


@pytest.mark.parametrize("logins", [{}, FACEBOOK])
def test_open_id_tokens(client: Any, make: Make, logins: dict[str, str]) -> None:
    """GetOpenIdToken answers a signed JWT for ten minutes, of the identity and its pool."""
    pool_id = make()
    identity_id = client.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    answer = content(client.get_open_id_token(IdentityId=identity_id, Logins=logins))
    assert answer["IdentityId"] == identity_id
    header, claims, signature = parts(answer["Token"])
    assert header == {"kid": "eu-west-11", "typ": "JWS", "alg": "RS512"}
    assert len(signature) == 256
    amr = ["authenticated", *logins] if logins else ["unauthenticated"]
    assert claims.pop("exp") - claims["iat"] == 600
    assert abs(claims.pop("iat") - time.time()) < 60
    assert claims == {
        "iss": "https://cognito-identity.amazonaws.com",
        "aud": pool_id,
        "sub": identity_id,
        "amr": amr,
    }


def test_the_classic_flow(sandbox: Any, client: Any, make: Make, connect: Connect) -> None:
    """STS gives credentials of a role for a token: the second half of the classic flow."""
    identity_id = client.get_id(IdentityPoolId=make())["IdentityId"]
    token = client.get_open_id_token(IdentityId=identity_id)["Token"]
    given = connect(sandbox, service="sts").assume_role_with_web_identity(
        RoleArn=GUEST_ROLE, RoleSessionName="guest", WebIdentityToken=token
    )["Credentials"]
    acting = connect(sandbox, account=given["AccessKeyId"], service="sts")
    assert acting.get_caller_identity()["Account"] == ACCOUNT


@pytest.mark.parametrize(("allowed", "works"), [(None, True), (True, True), (False, False)])
def test_classic_flow_in_its_three_states(
    client: Any, make: Make, allowed: bool | None, works: bool
) -> None:
    """GetOpenIdToken works where AllowClassicFlow is true or was never set, and not at false."""
    identity_id = client.get_id(IdentityPoolId=make(AllowClassicFlow=allowed))["IdentityId"]
    if works:
        assert client.get_open_id_token(IdentityId=identity_id)["Token"]
    else:
        says = "Basic (classic) flow is not enabled, please use enhanced flow."
        with refused("InvalidParameterException", says):
            client.get_open_id_token(IdentityId=identity_id)
    assert client.get_credentials_for_identity(IdentityId=identity_id)["Credentials"]


def test_classic_flow_with_role_mappings(client: Any, make: Make) -> None:
    """A pool gives no tokens as long as it has role mappings; roles alone are fine."""
    mapping = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}
    pool_id = make(mappings={"graph.facebook.com": mapping}, AllowClassicFlow=True)
    identity_id = client.get_id(IdentityPoolId=pool_id)["IdentityId"]
    says = "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow."
    with refused("InvalidParameterException", says):
        client.get_open_id_token(IdentityId=identity_id)
    client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=ROLES)
    assert client.get_open_id_token(IdentityId=identity_id)["Token"]


def test_classic_flow_with_saml(client: Any, make: Make) -> None:
    """A SAML login gets credentials, but no token; other logins of the pool get one."""
    logins = {SAML: "assertion"}
    pool_id = make()
    identity_id = client.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"]
    says = "Basic (classic) flow is not supported with SAML, please use enhanced flow."
    with refused("InvalidParameterException", says):
        client.get_open_id_token(IdentityId=identity_id, Logins=logins)
    client.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)
    ann = client.get_id(IdentityPoolId=pool_id, Logins=FACEBOOK)["IdentityId"]
    assert client.get_open_id_token(IdentityId=ann, Logins=FACEBOOK)["Token"]


# Developer providers


def developer(client: Any, pool_id: str, user: str = "ann", **more: Any) -> dict[str, Any]:
    """A developer's token of this user."""
    logins = {"login.shop": user, **more.pop("Logins", {})}
    answer = client.get_open_id_token_for_developer_identity(
        IdentityPoolId=pool_id, Logins=logins, **more
    )
    return content(answer)


def test_developer_users_keep_their_identity(client: Any, make: Make) -> None:
    """The same user of the developer provider is the same identity; tokens last 15 minutes."""
    pool_id = make()
    ann = developer(client, pool_id)
    assert developer(client, pool_id)["IdentityId"] == ann["IdentityId"]
    assert developer(client, pool_id, "bob")["IdentityId"] != ann["IdentityId"]
    claims = parts(ann["Token"])[1]
    assert (claims["aud"], claims["sub"]) == (pool_id, ann["IdentityId"])
    assert claims["exp"] - claims["iat"] == 900
    assert claims["amr"] == ["authenticated", "login.shop", f"login.shop:{pool_id}:ann"]
    longer = parts(developer(client, pool_id, TokenDuration=86400)["Token"])[1]
    assert longer["exp"] - longer["iat"] == 86400


@pytest.mark.parametrize(
    ("name", "logins"),
    [(None, {"login.shop": "ann"}), ("login.shop", {"login.other": "ann"}),
     ("login.shop", FACEBOOK)],
)  # fmt: skip
def test_developer_logins_are_of_the_developer_provider(
    client: Any, make: Make, name: str | None, logins: dict[str, str]
) -> None:
    """A login that the pool's DeveloperProviderName does not name is refused."""
    pool_id = make(DeveloperProviderName=name)
    with refused("InvalidParameterException", "does not support the specified developer provider"):
        client.get_open_id_token_for_developer_identity(IdentityPoolId=pool_id, Logins=logins)
    assert client.list_identities(IdentityPoolId=pool_id, MaxResults=60)["Identities"] == []


def test_developer_users_are_linked(client: Any, make: Make) -> None:
    """A developer's user is linked to an identity that the call names or whose login it brings."""
    pool_id = make()
    guest = client.get_id(IdentityPoolId=pool_id)["IdentityId"]
    assert developer(client, pool_id, IdentityId=guest)["IdentityId"] == guest
    other = client.get_id(IdentityPoolId=pool_id)["IdentityId"]
    with refused("DeveloperUserAlreadyRegisteredException"):
        developer(client, pool_id, IdentityId=other)
    with refused("ResourceNotFoundException", f"Identity '{NOBODY}' not found."):
        developer(client, pool_id, "new", IdentityId=NOBODY)
    facebook = client.get_id(IdentityPoolId=pool_id, Logins=FACEBOOK)["IdentityId"]
    with refused("NotAuthorizedException", "Logins don't match."):
        developer(client, pool_id, "bob", IdentityId=facebook)
    assert developer(client, pool_id, "bob", Logins=FACEBOOK)["IdentityId"] == facebook


def test_developer_tokens_get_credentials(client: Any, make: Make) -> None:
    """The token of a developer's user, and of no other, gets its identity credentials."""
    pool_id = make()
    ann, bob = developer(client, pool_id), developer(client, pool_id, "bob")
    client.get_credentials_for_identity(
        IdentityId=ann["IdentityId"], Logins={COGNITO: ann["Token"]}
    )
    for wrong in (bob["Token"], "no token", jwt(aud=pool_id)):
        with refused("NotAuthorizedException", "Invalid login token."):
            client.get_credentials_for_identity(
                IdentityId=ann["IdentityId"], Logins={COGNITO: wrong}
            )
    with refused("NotAuthorizedException", "Can't pass in a Cognito token."):
        client.get_id(IdentityPoolId=pool_id, Logins={COGNITO: ann["Token"]})


def test_developer_users_are_looked_up(client: Any, make: Make) -> None:
    """LookupDeveloperIdentity finds the identity of a user, and the users of an identity."""
    pool_id = make()
    ann = developer(client, pool_id)["IdentityId"]
    by_user = client.lookup_developer_identity(
        IdentityPoolId=pool_id, DeveloperUserIdentifier="ann"
    )
    by_id = client.lookup_developer_identity(IdentityPoolId=pool_id, IdentityId=ann)
    expected = {"IdentityId": ann, "DeveloperUserIdentifierList": ["ann"]}
    assert content(by_user) == content(by_id) == expected
    with refused("ResourceNotFoundException"):
        client.lookup_developer_identity(IdentityPoolId=pool_id, DeveloperUserIdentifier="bob")
    with refused("InvalidParameterException"):
        client.lookup_developer_identity(IdentityPoolId=pool_id)
    bob = developer(client, pool_id, "bob")["IdentityId"]
    with refused("ResourceConflictException"):
        client.lookup_developer_identity(
            IdentityPoolId=pool_id, DeveloperUserIdentifier="ann", IdentityId=bob
        )
