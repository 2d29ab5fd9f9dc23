"""Bad pools, and pools that come near to being bad: what checks have to say of each."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from tests.support.cli import ACCOUNT

USER_POOL: Final = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb"
CLIENT: Final = f"{USER_POOL}:web"
GITHUB: Final = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
GITLAB: Final = f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com"
OWN_OIDC: Final = f"arn:aws:iam::{ACCOUNT}:oidc-provider/login.example.com"
POOL_AS_OIDC: Final = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{USER_POOL}"
SAML: Final = f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"
FACEBOOK: Final = "graph.facebook.com"
DENY: Final = "Deny"
GUESTS_ON: Final = {"AllowUnauthenticatedIdentities": True}


def role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


USERS: Final = {"authenticated": role("users")}
BOTH: Final = {**USERS, "unauthenticated": role("guests")}


def client(*, checked: bool = True, of: str = "web") -> dict[str, Any]:
    return {"ProviderName": USER_POOL, "ClientId": of, "ServerSideTokenCheck": checked}


def rule(claim: str, match: str, value: str, to: str = "some") -> dict[str, str]:
    return {"Claim": claim, "MatchType": match, "Value": value, "RoleARN": role(to)}


def mapping(*rules: dict[str, str], fallback: str = DENY) -> dict[str, Any]:
    return {
        "Type": "Rules",
        "AmbiguousRoleResolution": fallback,
        "RulesConfiguration": {"Rules": list(rules)},
    }


def token(fallback: str = DENY) -> dict[str, str]:
    return {"Type": "Token", "AmbiguousRoleResolution": fallback}


def of_saml(*rules: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"SamlProviderARNs": [SAML], "RoleMappings": {SAML: mapping(*rules)}, **more}


def of_users(*rules: dict[str, str], **more: Any) -> dict[str, Any]:
    mappings = {CLIENT: mapping(*rules)}
    return {"CognitoIdentityProviders": [client()], "RoleMappings": mappings, **more}


def tags(provider: str, claim: str) -> dict[str, Any]:
    return {provider: {"UseDefaults": False, "PrincipalTags": {"team": claim}}}


class Case(NamedTuple):
    """Of a rule, a pool that it finds, or, with nothing found, one that comes near to it.

    ``also``: what other rules find.
    """

    about: str
    spec: Mapping[str, Any]
    found: bool = True
    also: tuple[str, ...] = ()


def bad(about: str, *also: str, **spec: Any) -> Case:
    return Case(about, spec, also=also)


def near(about: str, *also: str, **spec: Any) -> Case:
    return Case(about, spec, found=False, also=also)


def bad_rules(*rules: dict[str, str]) -> Case:
    return bad("rule-unreachable", **of_saml(*rules))


def near_rules(*rules: dict[str, str]) -> Case:
    return near("rule-unreachable", **of_saml(*rules))


SAME: Final = {"authenticated": role("all"), "unauthenticated": role("all")}

CORPUS: Final[Mapping[str, Case]] = {
    # Guests
    "one role for all": bad("guest-role-is-users-role", **GUESTS_ON, Roles=SAME),
    "one role for all, with a mapping": bad(
        "guest-role-is-users-role",
        **GUESTS_ON,
        **of_saml(rule("team", "Equals", "ops"), Roles=SAME),
    ),
    "one role for each": near("guest-role-is-users-role", **GUESTS_ON, Roles=BOTH),
    "one role for all, and no guests": near(
        "guest-role-is-users-role", "guest-role-unused", Roles=SAME
    ),
    "a role of the same name elsewhere": near(
        "guest-role-is-users-role",
        **GUESTS_ON,
        Roles={**USERS, "unauthenticated": role("guests/users")},
    ),
    "a rule gives admins what guests have": bad(
        "guest-role-by-rule",
        **GUESTS_ON,
        **of_saml(rule("team", "Equals", "ops", "guests"), Roles=BOTH),
    ),
    "no rule gives what guests have": near(
        "guest-role-by-rule",
        **GUESTS_ON,
        **of_saml(rule("team", "Equals", "ops", "admin"), Roles=BOTH),
    ),
    "a rule gives what guests would have": near(
        "guest-role-by-rule",
        "guest-role-unused",
        **of_saml(rule("team", "Equals", "ops", "guests"), Roles=BOTH),
    ),
    # Classic flow
    "the classic flow, for users": bad("classic-flow", AllowClassicFlow=True, Roles=USERS),
    "the classic flow, without roles": bad("classic-flow", AllowClassicFlow=True),
    "no classic flow": near("classic-flow", AllowClassicFlow=False, Roles=USERS),
    "nothing said of the classic flow": near("classic-flow", Roles=USERS),
    "the classic flow, for guests": bad(
        "classic-flow-with-guests", **GUESTS_ON, AllowClassicFlow=True, Roles=BOTH
    ),
    "the classic flow, for guests who have no role": bad(
        "classic-flow-with-guests",
        "guest-role-missing",
        **GUESTS_ON,
        AllowClassicFlow=True,
        Roles={},
    ),
    "the classic flow, for guests, with mappings": bad(
        "classic-flow-with-guests",
        **GUESTS_ON,
        AllowClassicFlow=True,
        **of_saml(rule("team", "Equals", "ops"), Roles=BOTH),
    ),
    "guests, and no classic flow": near("classic-flow-with-guests", **GUESTS_ON, Roles=BOTH),
    # Providers
    "all of GitHub": bad("public-issuer", OpenIdConnectProviderARNs=[GITHUB], Roles=USERS),
    "all of GitLab": bad(
        "public-issuer", OpenIdConnectProviderARNs=[OWN_OIDC, GITLAB], Roles=USERS
    ),
    "some of GitHub": near(
        "public-issuer",
        OpenIdConnectProviderARNs=[GITHUB],
        RoleMappings={GITHUB: mapping(rule("repository_owner", "Equals", "acme"))},
        Roles=USERS,
    ),
    "all of one's own": near("public-issuer", OpenIdConnectProviderARNs=[OWN_OIDC], Roles=USERS),
    "GitHub, and no role": near(
        "public-issuer", "users-role-missing", OpenIdConnectProviderARNs=[GITHUB], Roles={}
    ),
    "no token check": bad(
        "token-check-off", CognitoIdentityProviders=[client(checked=False)], Roles=USERS
    ),
    "no word of the token check": bad(
        "token-check-off",
        CognitoIdentityProviders=[client(), {"ProviderName": USER_POOL, "ClientId": "app"}],
        Roles=USERS,
    ),
    "the token check": near("token-check-off", CognitoIdentityProviders=[client()], Roles=USERS),
    # Roles
    "no role to fall back to": bad(
        "fallback-role-missing",
        SamlProviderARNs=[SAML],
        RoleMappings={SAML: mapping(rule("a", "Equals", "b"), fallback="AuthenticatedRole")},
    ),
    "only a guests' role to fall back to": bad(
        "fallback-role-missing",
        **GUESTS_ON,
        CognitoIdentityProviders=[client()],
        RoleMappings={CLIENT: token("AuthenticatedRole")},
        Roles={"unauthenticated": role("guests")},
    ),
    "a role to fall back to": near(
        "fallback-role-missing",
        CognitoIdentityProviders=[client()],
        RoleMappings={CLIENT: token("AuthenticatedRole")},
        Roles=USERS,
    ),
    "nothing to fall back to, as is said": near(
        "fallback-role-missing", **of_saml(rule("a", "Equals", "b"), Roles={})
    ),
    "no role for the users": bad("users-role-missing", SamlProviderARNs=[SAML], Roles={}),
    "no role for the users of one client": bad(
        "users-role-missing",
        CognitoIdentityProviders=[client(), client(of="app")],
        RoleMappings={CLIENT: token()},
    ),
    "no role for a login provider's users": bad(
        "users-role-missing", SupportedLoginProviders={FACEBOOK: "app"}, Roles={}
    ),
    "a mapping for the users": near(
        "users-role-missing", **of_saml(rule("a", "Equals", "b"), Roles={})
    ),
    "roles that are not managed": near("users-role-missing", SamlProviderARNs=[SAML]),
    "roles that STS gives": near(
        "users-role-missing",
        "classic-flow",
        AllowClassicFlow=True,
        SamlProviderARNs=[SAML],
        Roles={},
    ),
    "a developer provider alone": near(
        "users-role-missing", DeveloperProviderName="login.example.com", Roles={}
    ),
    "roles of a SAML token": bad(
        "token-mapping-elsewhere",
        SamlProviderARNs=[SAML],
        RoleMappings={SAML: token()},
        Roles=USERS,
    ),
    "roles of a Facebook token": bad(
        "token-mapping-elsewhere",
        SupportedLoginProviders={FACEBOOK: "app"},
        RoleMappings={FACEBOOK: token("AuthenticatedRole")},
        Roles=USERS,
    ),
    "roles of an OpenID Connect token": bad(
        "token-mapping-elsewhere",
        OpenIdConnectProviderARNs=[OWN_OIDC],
        RoleMappings={OWN_OIDC: token()},
        Roles=USERS,
    ),
    "roles of a user pool's token": near(
        "token-mapping-elsewhere",
        CognitoIdentityProviders=[client()],
        RoleMappings={CLIENT: token()},
        Roles=USERS,
    ),
    "roles of a user pool's token, by its issuer": near(
        "token-mapping-elsewhere",
        OpenIdConnectProviderARNs=[POOL_AS_OIDC],
        RoleMappings={POOL_AS_OIDC: token()},
        Roles=USERS,
    ),
    # Rules that match nobody
    "the same value twice": bad_rules(rule("a", "Equals", "x"), rule("a", "Equals", "x", "other")),
    "all, but in two rules": bad_rules(
        rule("a", "NotEqual", "x"), rule("a", "Equals", "x"), rule("a", "StartsWith", "y")
    ),
    "two that are not equal": bad_rules(
        rule("a", "NotEqual", "x"), rule("a", "NotEqual", "y"), rule("a", "Contains", "x")
    ),
    "a longer beginning": bad_rules(rule("a", "StartsWith", "x"), rule("a", "StartsWith", "xy")),
    "a longer part": bad_rules(rule("a", "Contains", "x"), rule("a", "Contains", "axb")),
    "a beginning with the part in it": bad_rules(
        rule("a", "Contains", "dev"), rule("a", "StartsWith", "eu-dev-")
    ),
    "not equal takes another value": bad_rules(
        rule("a", "NotEqual", "x"), rule("a", "Equals", "y")
    ),
    "behind rules of another claim": bad_rules(
        rule("a", "StartsWith", "x"), rule("b", "Equals", "z"), rule("a", "Equals", "xy")
    ),
    "one group twice": bad(
        "rule-unreachable",
        "contains-on-list",
        "contains-on-list",
        **of_users(
            rule("cognito:groups", "Contains", "ops"),
            rule("cognito:groups", "Contains", "ops", "other"),
        ),
    ),
    "the value that is left over": near_rules(rule("a", "NotEqual", "x"), rule("a", "Equals", "x")),
    "another claim": near_rules(rule("a", "NotEqual", "x"), rule("b", "Equals", "y")),
    "a shorter beginning": near_rules(rule("a", "StartsWith", "xy"), rule("a", "StartsWith", "x")),
    "a part after a beginning": near_rules(
        rule("a", "StartsWith", "x"), rule("a", "Contains", "x")
    ),
    "case may count": near_rules(rule("a", "NotEqual", "X"), rule("a", "Equals", "x")),
    "claims that differ by case": near_rules(
        rule("a", "Equals", "x"), rule("A", "Equals", "x", "other")
    ),
    "a list that may be compared in another way": near(
        "rule-unreachable",
        "contains-part-of-another",
        "contains-on-list",
        **of_users(
            rule("cognito:groups", "Contains", "ops"),
            rule("cognito:groups", "Contains", "ops-lead", "lead"),
        ),
    ),
    # Lists
    "a group within another": bad(
        "contains-part-of-another",
        "contains-on-list",
        **of_users(
            rule("cognito:groups", "Contains", "admins-eu", "eu"),
            rule("cognito:groups", "Contains", "admin", "admin"),
        ),
    ),
    "a role within another": bad(
        "contains-part-of-another",
        "list-as-text",
        **of_users(
            rule("cognito:roles", "Equals", role("admin-readonly"), "reader"),
            rule("cognito:roles", "Contains", "role/admin", "admin"),
        ),
    ),
    "a group within another of the same role": near(
        "contains-part-of-another",
        "contains-on-list",
        "contains-on-list",
        **of_users(
            rule("cognito:groups", "Contains", "admins-eu"),
            rule("cognito:groups", "Contains", "admin"),
        ),
    ),
    "a claim that is no list": near(
        "contains-part-of-another",
        **of_saml(rule("team", "Contains", "admins", "eu"), rule("team", "Contains", "admin")),
    ),
    "part of a group's name": bad(
        "contains-on-list", **of_users(rule("cognito:groups", "Contains", "ops"))
    ),
    "part of a text": near("contains-on-list", **of_saml(rule("department", "Contains", "ops"))),
    "a list as if it were one text": bad(
        "list-as-text", **of_users(rule("cognito:groups", "Equals", "ops"))
    ),
    "a list that is not this": bad(
        "list-as-text", **of_users(rule("cognito:roles", "NotEqual", role("a")))
    ),
    "a text as what it is": near("list-as-text", **of_saml(rule("department", "Equals", "ops"))),
    # Claims
    "a department that users write": bad(
        "writable-claim", **of_users(rule("custom:department", "Equals", "ops"))
    ),
    "a nickname": bad("writable-claim", **of_users(rule("nickname", "StartsWith", "adm"))),
    "an address, by the issuer": bad(
        "writable-claim",
        OpenIdConnectProviderARNs=[POOL_AS_OIDC],
        RoleMappings={POOL_AS_OIDC: mapping(rule("email", "Equals", "a@example.com"))},
    ),
    "a claim that only AWS writes": near("writable-claim", **of_users(rule("sub", "Equals", "x"))),
    "a department of a company": near(
        "writable-claim", **of_saml(rule("custom:department", "Equals", "ops"))
    ),
    "a tag that users write": bad(
        "writable-tag",
        CognitoIdentityProviders=[client()],
        Roles=USERS,
        PrincipalTagAttributeMaps=tags(USER_POOL, "custom:team"),
    ),
    "a tag of a name": bad(
        "writable-tag",
        CognitoIdentityProviders=[client()],
        Roles=USERS,
        PrincipalTagAttributeMaps=tags(USER_POOL, "family_name"),
    ),
    "a tag that only AWS writes": near(
        "writable-tag",
        CognitoIdentityProviders=[client()],
        Roles=USERS,
        PrincipalTagAttributeMaps=tags(USER_POOL, "sub"),
    ),
    "a tag of a company": near(
        "writable-tag",
        SamlProviderARNs=[SAML],
        Roles=USERS,
        PrincipalTagAttributeMaps=tags(SAML, "custom:team"),
    ),
    "a domain, anywhere": bad(
        "email-in-part", **of_saml(rule("email", "Contains", "@example.com"))
    ),
    "the beginning of a domain": bad(
        "email-in-part", **of_saml(rule("email", "StartsWith", "root@example.com"))
    ),
    "a whole address": near("email-in-part", **of_saml(rule("email", "Equals", "a@example.com"))),
    "the name of an address": near(
        "email-in-part", **of_saml(rule("email", "StartsWith", "admin@"))
    ),
}
