"""Who gets which role: one case for each rule that AWS documents, and for what it leaves open."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.checks.session_tags import TagValue
from reconciler.checks.simulation import (
    Decision,
    Denial,
    SignIn,
    names_of_providers,
    no_classic_flow,
    simulate,
)
from reconciler.model.written import PoolData
from tests.strategies import MANY, MOST, examples

ROLE = "arn:aws:iam::111122223333:role"
USER, GUEST, ADMIN, EDITOR = (f"{ROLE}/{name}" for name in ("user", "guest", "admin", "editor"))
FACEBOOK = "graph.facebook.com"
POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Shop"
OTHER_POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other"
WEB, APP = f"{POOL}:web", f"{POOL}:app"
OIDC = "arn:aws:iam::111122223333:oidc-provider/token.example.com"
SAML = "arn:aws:iam::111122223333:saml-provider/Okta"
DEVELOPER = "login.shop"
ROLES = {"authenticated": USER, "unauthenticated": GUEST}


def pool(**changes: Any) -> PoolData:
    """A pool with every kind of provider, two clients of one user pool, and both default roles."""
    whole = {
        "IdentityPoolName": "shop",
        "AllowUnauthenticatedIdentities": True,
        "SupportedLoginProviders": {FACEBOOK: "1"},
        "DeveloperProviderName": DEVELOPER,
        "OpenIdConnectProviderARNs": [OIDC],
        "SamlProviderARNs": [SAML],
        "CognitoIdentityProviders": [
            {"ProviderName": POOL, "ClientId": "web"},
            {"ProviderName": POOL, "ClientId": "app"},
        ],
        "Roles": ROLES,
        "RoleMappings": {},
        "PrincipalTagAttributeMaps": {},
        **changes,
    }
    return cast("PoolData", {key: value for key, value in whole.items() if value is not None})


def rule(claim: str, match: str, value: str, role: str = ADMIN) -> dict[str, str]:
    """One rule of a mapping."""
    return {"Claim": claim, "MatchType": match, "Value": value, "RoleARN": role}


def by_rules(*rules: Mapping[str, str], ambiguous: str = "Deny") -> dict[str, Any]:
    """A mapping of Type Rules."""
    return {
        "Type": "Rules",
        "AmbiguousRoleResolution": ambiguous,
        "RulesConfiguration": {"Rules": list(rules)},
    }


def by_token(ambiguous: str = "Deny") -> dict[str, Any]:
    """A mapping of Type Token."""
    return {"Type": "Token", "AmbiguousRoleResolution": ambiguous}


def of_facebook(
    *rules: Mapping[str, str],
    claims: Mapping[str, Any] | None = None,
    custom: str = "",
    ambiguous: str = "Deny",
    **changes: Any,
) -> Decision:
    """What somebody of Facebook gets, whose role rules choose."""
    mapped = pool(RoleMappings={FACEBOOK: by_rules(*rules, ambiguous=ambiguous)}, **changes)
    return simulate(mapped, SignIn(FACEBOOK, claims, custom))


def of_token(claims: Mapping[str, Any], custom: str = "", ambiguous: str = "Deny") -> Decision:
    """What somebody of the user pool gets, whose token chooses."""
    mapped = pool(RoleMappings={WEB: by_token(ambiguous)})
    return simulate(mapped, SignIn(WEB, claims, custom))


def is_denied(decision: Decision, kind: Denial, why: str) -> bool:
    """Whether it says no, of this kind and with these words."""
    assert why in decision.why
    return (decision.verdict, decision.role, decision.denial) == ("denied", "", kind)


def is_open(decision: Decision, why: str) -> bool:
    """Whether AWS leaves it open, as these words say."""
    assert why in decision.why
    return (decision.verdict, decision.role) == ("not known", "")


# Guests


def test_guests_get_the_role_for_guests() -> None:
    """With AllowUnauthenticatedIdentities and Roles.unauthenticated."""
    assert simulate(pool(), SignIn()).role == GUEST


def test_no_guests_without_their_setting() -> None:
    """AllowUnauthenticatedIdentities left out is false."""
    for allowed in (None, False):
        closed = pool(AllowUnauthenticatedIdentities=allowed)
        assert is_denied(simulate(closed, SignIn()), "sign-in", "lets no guests in")


def test_no_guests_without_their_role() -> None:
    """Roles that are managed and have none for guests give none."""
    alone = pool(Roles={"authenticated": USER})
    assert is_denied(simulate(alone, SignIn()), "no role", "Roles.unauthenticated is not set")


def test_role_mappings_are_not_for_guests() -> None:
    """Whatever the mappings say."""
    mapped = pool(RoleMappings={FACEBOOK: by_rules(rule("a", "NotEqual", "b"))})
    assert simulate(mapped, SignIn()).role == GUEST


# Providers


@pytest.mark.parametrize(
    "provider",
    [FACEBOOK, WEB, OIDC, "token.example.com", "https://token.example.com", SAML, DEVELOPER],
)
def test_without_a_mapping_users_get_the_role_for_users(provider: str) -> None:
    """Of each kind of provider, by each of its names."""
    decision = simulate(pool(), SignIn(provider))
    assert (decision.role, decision.mapping, decision.rule) == (USER, None, None)


@pytest.mark.parametrize(
    "provider",
    [
        "accounts.google.com",
        OTHER_POOL,
        f"{POOL}:other",
        SAML + "2",
        "issuer.example.com",
        "login.other",
    ],
)
def test_a_provider_that_the_pool_does_not_have(provider: str) -> None:
    """It is denied, with its name."""
    assert is_denied(simulate(pool(), SignIn(provider)), "sign-in", provider)


def test_every_name_of_a_provider_is_one() -> None:
    """What the pool offers can be signed in with."""
    names = names_of_providers(pool())
    assert names == (WEB, APP, FACEBOOK, OIDC, SAML, DEVELOPER)
    assert all(simulate(pool(), SignIn(name)).role == USER for name in names)


def test_users_need_the_role_for_users() -> None:
    """Roles that are managed and have none for users give none."""
    alone = pool(Roles={"unauthenticated": GUEST})
    assert is_denied(simulate(alone, SignIn(FACEBOOK)), "no role", "Roles.authenticated is not set")


def test_roles_that_nobody_manages_are_not_known() -> None:
    """One of the two fields is enough to manage both."""
    unmanaged = pool(Roles=None, RoleMappings=None)
    for who in (SignIn(), SignIn(FACEBOOK)):
        assert is_open(simulate(unmanaged, who), "not managed here")
    assert is_denied(simulate(pool(Roles=None), SignIn(FACEBOOK)), "no role", "not set")


def test_the_audience_says_which_client() -> None:
    """Each client has a mapping of its own."""
    mapped = pool(
        RoleMappings={
            WEB: by_rules(ambiguous="AuthenticatedRole"),
            APP: by_rules(rule("x", "Equals", "y")),
        }
    )
    web = simulate(mapped, SignIn(POOL, {"aud": "web"}))
    assert (web.role, web.mapping) == (USER, WEB)
    app = simulate(mapped, SignIn(POOL, {"aud": "app", "x": "y"}))
    assert (app.role, app.mapping, app.rule) == (ADMIN, APP, 0)


def test_a_token_for_another_client() -> None:
    """Be it one that the pool does not have, or another one than was named."""
    for provider, audience in ((POOL, "other"), (WEB, "app")):
        decision = simulate(pool(), SignIn(provider, {"aud": audience}))
        assert is_denied(decision, "sign-in", "for another client (aud)")


def test_several_clients_and_no_audience() -> None:
    """Which of them is meant is not known; of one it is."""
    assert is_open(simulate(pool(), SignIn(POOL, {"sub": "ann"})), "no aud says which")
    one = pool(CognitoIdentityProviders=[{"ProviderName": POOL, "ClientId": "web"}])
    assert simulate(one, SignIn(POOL, {"sub": "ann"})).role == USER


def test_an_access_token_is_no_id_token() -> None:
    """It has no aud, and AWS takes none without."""
    decision = simulate(pool(), SignIn(WEB, {"token_use": "access", "sub": "ann"}))
    assert is_denied(decision, "sign-in", "access token")


@pytest.mark.parametrize(("provider", "issuer"), [(WEB, POOL), (OIDC, "token.example.com")])
def test_the_issuer_is_the_providers(provider: str, issuer: str) -> None:
    """With https:// or without; a token of another one is denied."""
    for said in (issuer, f"https://{issuer}", f"https://{issuer}/"):
        assert simulate(pool(), SignIn(provider, {"iss": said})).role == USER
    decision = simulate(pool(), SignIn(provider, {"iss": "https://evil.example.com"}))
    assert is_denied(decision, "sign-in", "of another issuer (iss)")


def test_a_developer_provider_is_no_key_of_role_mappings() -> None:
    """A mapping of its name, which AWS refuses, chooses nothing."""
    mapped = pool(RoleMappings={DEVELOPER: by_rules(rule("a", "NotEqual", "b"))})
    assert simulate(mapped, SignIn(DEVELOPER, {"a": "c"})).role == USER


# Type Token

BOTH: dict[str, Any] = {"cognito:roles": [ADMIN, EDITOR]}


@pytest.mark.parametrize(
    ("claims", "custom", "role", "why"),
    [
        (BOTH, EDITOR, EDITOR, "the role that is asked for"),
        ({**BOTH, "cognito:preferred_role": ADMIN}, EDITOR, EDITOR, "the role that is asked for"),
        ({**BOTH, "cognito:preferred_role": EDITOR}, "", EDITOR, "cognito:preferred_role"),
        ({"cognito:preferred_role": EDITOR}, "", EDITOR, "cognito:preferred_role"),
        ({"cognito:roles": [ADMIN]}, "", ADMIN, "the only one"),
        ({"cognito:roles": [ADMIN, ADMIN]}, "", ADMIN, "the only one"),
    ],
)
def test_the_token_chooses(claims: dict[str, Any], custom: str, role: str, why: str) -> None:
    """CustomRoleArn before the preferred role, this before the only one."""
    decision = of_token(claims, custom)
    assert (decision.role, decision.mapping, decision.rule) == (role, WEB, None)
    assert why in decision.why


@pytest.mark.parametrize("claims", [{}, BOTH])
def test_a_token_that_does_not_choose(claims: dict[str, Any]) -> None:
    """No role, or several and none preferred: AmbiguousRoleResolution."""
    assert is_denied(of_token(claims), "no match", "AmbiguousRoleResolution is Deny")
    assert of_token(claims, ambiguous="AuthenticatedRole").role == USER


@pytest.mark.parametrize("claims", [{}, BOTH, {"cognito:preferred_role": USER}])
def test_a_custom_role_has_to_be_in_the_token(claims: dict[str, Any]) -> None:
    """Else it is denied, whatever AmbiguousRoleResolution says."""
    for ambiguous in ("Deny", "AuthenticatedRole"):
        decision = of_token(claims, USER, ambiguous)
        assert is_denied(decision, "role asked for", "not in cognito:roles")


@pytest.mark.parametrize(
    "claims",
    [
        {"cognito:roles": ADMIN},
        {"cognito:roles": [ADMIN, 1]},
        {"cognito:preferred_role": [ADMIN]},
    ],
)
def test_a_token_of_another_shape(claims: dict[str, Any]) -> None:
    """User pools write a list of texts and a text; how AWS reads others is not known."""
    assert is_open(of_token(claims), "how AWS reads")


@pytest.mark.parametrize("provider", [FACEBOOK, OIDC, SAML])
def test_token_is_documented_for_user_pools(provider: str) -> None:
    """What it does for others is not."""
    mapped = pool(RoleMappings={provider: by_token()})
    assert is_open(simulate(mapped, SignIn(provider, BOTH)), "for user pools alone")


# Type Rules


@pytest.mark.parametrize(
    ("match", "value", "fits", "fails"),
    [
        ("Equals", "admin", ["admin"], ["admins", "", "an admin"]),
        ("NotEqual", "admin", ["admins", "", "user"], ["admin"]),
        ("StartsWith", "admin", ["admin", "admins"], ["an admin", "adm", ""]),
        ("Contains", "admin", ["admin", "an admin here"], ["adm in", ""]),
    ],
)
def test_the_four_kinds_of_matches(
    match: str, value: str, fits: Sequence[str], fails: Sequence[str]
) -> None:
    """As the API reference names them."""
    found = rule("team", match, value)
    for claim in fits:
        decision = of_facebook(found, claims={"team": claim})
        assert (decision.role, decision.mapping, decision.rule) == (ADMIN, FACEBOOK, 0)
    for claim in fails:
        assert is_denied(of_facebook(found, claims={"team": claim}), "no match", "no rule matches")


def test_the_first_rule_that_matches() -> None:
    """Rules are evaluated in order."""
    rules = [rule("a", "Equals", "1", EDITOR), rule("b", "Equals", "1", ADMIN)]
    assert of_facebook(*rules, claims={"a": "1", "b": "1"}).role == EDITOR
    assert of_facebook(*reversed(rules), claims={"a": "1", "b": "1"}).role == ADMIN
    second = of_facebook(*rules, claims={"a": "2", "b": "1"})
    assert (second.role, second.rule, second.why) == (ADMIN, 1, "rule 2 matches")


@pytest.mark.parametrize("match", ["Equals", "NotEqual", "StartsWith", "Contains"])
def test_a_claim_that_is_not_there(match: str) -> None:
    """No rule about it matches, NotEqual included."""
    assert is_denied(of_facebook(rule("a", match, "b"), claims={"c": "d"}), "no match", "no rule")


def test_no_rule_matches() -> None:
    """AmbiguousRoleResolution: the role for users, or none."""
    no_rule = rule("a", "Equals", "b")
    assert is_denied(of_facebook(no_rule, claims={}), "no match", "Resolution is Deny")
    decision = of_facebook(no_rule, claims={}, ambiguous="AuthenticatedRole")
    assert (decision.role, decision.rule) == (USER, None)
    alone = of_facebook(no_rule, claims={}, ambiguous="AuthenticatedRole", Roles={})
    assert is_denied(alone, "no role", "Roles.authenticated is not set")


def test_a_custom_role_overrides_the_order() -> None:
    """Of rules that match any may be chosen, and of those that do not none."""
    rules = [
        rule("a", "Equals", "1", EDITOR),
        rule("b", "Equals", "1", ADMIN),
        rule("b", "Equals", "2", USER),
    ]
    decision = of_facebook(*rules, claims={"a": "1", "b": "1"}, custom=ADMIN)
    assert (decision.role, decision.rule) == (ADMIN, 1)
    refused = of_facebook(*rules, claims={"a": "1", "b": "1"}, custom=USER)
    assert is_denied(refused, "role asked for", "CustomRoleArn")


def test_the_mapping_is_named_whatever_comes_of_it() -> None:
    """Where a reader finds why: also for a denial, and for what is not known."""
    rules = [rule("a", "Equals", "b")]
    people: list[tuple[dict[str, str] | None, str]] = [
        ({"a": "b"}, ""),
        ({}, ""),
        ({"a": "b"}, USER),
        (None, ""),
    ]
    found = [of_facebook(*rules, claims=claims, custom=custom) for claims, custom in people]
    assert {each.mapping for each in found} == {FACEBOOK}
    assert [each.verdict for each in found] == ["role", "denied", "denied", "not known"]


def test_a_custom_role_where_no_rule_matches() -> None:
    """Deny is Deny; the role for users may be asked for, and what happens to another is open."""
    found = rule("a", "Equals", "1")
    denied = of_facebook(found, claims={}, custom=ADMIN)
    assert is_denied(denied, "no match", "no rule matches")
    assert of_facebook(found, claims={}, custom=USER, ambiguous="AuthenticatedRole").role == USER
    other = of_facebook(found, claims={}, custom=ADMIN, ambiguous="AuthenticatedRole")
    assert is_open(other, "CustomRoleArn")


def test_a_custom_role_without_a_mapping() -> None:
    """The role that they get anyway may be asked for; of another one AWS says nothing."""
    for who, role in ((SignIn(), GUEST), (SignIn(FACEBOOK), USER)):
        same = simulate(pool(), SignIn(who.provider, {}, role))
        assert same.role == role
        assert is_open(simulate(pool(), SignIn(who.provider, {}, ADMIN)), "CustomRoleArn")


# What AWS leaves open


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (["admin"], "which is a list"),
        (True, "which is no text"),
        (1, "which is no text"),
        (None, "which is no text"),
        ("Admin", "whether case counts"),
    ],
)
def test_claims_that_may_match(value: Any, why: str) -> None:
    """What is no text, and what differs in case alone."""
    assert is_open(of_facebook(rule("team", "Equals", "admin"), claims={"team": value}), why)


def test_a_claim_whose_name_differs_in_case() -> None:
    """It may be taken; but where its value does not match, that makes no difference."""
    found = rule("custom:team", "Equals", "admin")
    open_ = of_facebook(found, claims={"custom:Team": "admin"})
    assert is_open(open_, "takes the claim custom:Team for custom:team")
    assert is_denied(of_facebook(found, claims={"custom:Team": "x"}), "no match", "no rule")


def test_claims_that_nobody_knows() -> None:
    """Of an opaque token: without a mapping they do not matter."""
    rules = of_facebook(rule("a", "Equals", "b"), claims=None)
    assert is_open(rules, "claims of the token are not")
    assert simulate(pool(), SignIn(FACEBOOK, None)).role == USER
    mapped = pool(RoleMappings={WEB: by_token()})
    assert is_open(simulate(mapped, SignIn(WEB, None)), "claims of the token are not")


def test_what_is_open_and_makes_no_difference() -> None:
    """All that may come of it gives one role; no doubt is left then."""
    rules = [rule("a", "Equals", "1"), rule("b", "Equals", "1")]
    decision = of_facebook(*rules, claims={"a": ["1"], "b": "1"})
    assert (decision.role, decision.rule) == (ADMIN, None)
    assert "all rules that may match" in decision.why
    after = of_facebook(rules[1], rules[0], claims={"a": ["1"], "b": "1"})
    assert (after.role, after.rule) == (ADMIN, 0)


def test_a_mapping_without_a_resolution() -> None:
    """AWS asks for one, so what holds without is not known."""
    mapping = by_rules(rule("a", "Equals", "b"))
    del mapping["AmbiguousRoleResolution"]
    mapped = pool(RoleMappings={FACEBOOK: mapping})
    assert is_open(simulate(mapped, SignIn(FACEBOOK, {})), "no AmbiguousRoleResolution")


# Principal tags


def tags_of(provider: str, maps: Any, claims: Mapping[str, Any] | None) -> Decision:
    """What a provider's user gets of these maps."""
    return simulate(pool(PrincipalTagAttributeMaps=maps), SignIn(provider, claims))


def test_tags_are_made_of_claims() -> None:
    """A claim that is not there makes none."""
    maps = {POOL: {"PrincipalTags": {"dep": "custom:dep", "other": "custom:other"}}}
    found = tags_of(WEB, maps, {"custom:dep": "toys", "aud": "web"})
    assert found.tags == {"dep": TagValue("toys")}


def test_the_default_tags() -> None:
    """``client`` is aud, ``username`` is sub."""
    found = tags_of(WEB, {POOL: {"UseDefaults": True}}, {"sub": "ann", "aud": "web"})
    assert found.tags == {"username": TagValue("ann"), "client": TagValue("web")}


def test_no_tags_without_a_map() -> None:
    """For another provider, for guests, and for who gets no role."""
    maps = {POOL: {"UseDefaults": True}}
    assert tags_of(FACEBOOK, maps, {"sub": "ann"}).tags == {}
    assert tags_of("", maps, {}).tags == {}
    assert tags_of(f"{POOL}:other", maps, {"sub": "ann"}).tags == {}


def test_tags_of_an_oidc_provider_by_either_name() -> None:
    """Its ARN and its issuer; which of two maps AWS takes is not known."""
    one, other = {"PrincipalTags": {"a": "x"}}, {"PrincipalTags": {"a": "y"}}
    for name in (OIDC, "token.example.com"):
        assert tags_of(OIDC, {name: one}, {"x": "1"}).tags == {"a": TagValue("1")}
    both = tags_of(OIDC, {OIDC: one, "token.example.com": other}, {"x": "1"})
    assert (both.role, both.tags) == (USER, {})
    assert "different maps" in both.no_tags


def test_tags_that_are_not_known() -> None:
    """Of claims that nobody knows or that are no text, and of maps that nobody manages."""
    maps = {FACEBOOK: {"PrincipalTags": {"groups": "g"}}}
    assert "not known" in tags_of(FACEBOOK, maps, None).tags["groups"].why_not
    assert "no text" in tags_of(FACEBOOK, maps, {"g": ["a"]}).tags["groups"].why_not
    unmanaged = tags_of(FACEBOOK, None, {"g": "a"})
    assert (unmanaged.role, "not managed here" in unmanaged.no_tags) == (USER, True)
    mixed = {FACEBOOK: {"UseDefaults": True, "PrincipalTags": {"groups": "g"}}}
    assert "UseDefaults and" in tags_of(FACEBOOK, mixed, {"g": "a"}).no_tags


# The classic flow


@pytest.mark.parametrize(
    ("allowed", "mappings", "provider", "why"),
    [
        (True, {}, FACEBOOK, None),
        (True, {}, "", None),
        (None, {}, FACEBOOK, "AllowClassicFlow"),
        (False, {}, FACEBOOK, "AllowClassicFlow"),
        (True, {WEB: by_token()}, FACEBOOK, "RoleMappings"),
        (True, {}, SAML, "SAML"),
    ],
)
def test_where_the_classic_flow_is_closed(
    allowed: bool | None, mappings: Any, provider: str, why: str | None
) -> None:
    """Where it is open an app takes whatever role trusts the pool."""
    found = no_classic_flow(pool(AllowClassicFlow=allowed, RoleMappings=mappings), provider)
    assert found == why


# Properties

_TYPES = ("Equals", "NotEqual", "StartsWith", "Contains")
_WORDS = st.sampled_from(["", "a", "b", "ab", "ba", "aba"])
_CLAIMS = st.sampled_from(["x", "y"])
_EQUALS = st.builds(rule, _CLAIMS, st.just("Equals"), _WORDS, st.sampled_from([ADMIN, EDITOR]))
_USERS = st.dictionaries(_CLAIMS, _WORDS)


def _are_disjoint(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Two rules of one claim that no text matches both."""
    return one["Claim"] == other["Claim"] and one["Value"] != other["Value"]


@examples(500)
@given(st.lists(_EQUALS, max_size=6), _USERS, st.data())
def test_the_order_of_disjoint_rules(
    rules: list[dict[str, str]], claims: dict[str, str], data: st.DataObject
) -> None:
    """Two neighbours that cannot match both may change places: nobody gets another role."""
    before = of_facebook(*rules, claims=claims)
    pairs = [n for n in range(len(rules) - 1) if _are_disjoint(rules[n], rules[n + 1])]
    if pairs:
        number = data.draw(st.sampled_from(pairs))
        rules[number : number + 2] = reversed(rules[number : number + 2])
    assert of_facebook(*rules, claims=claims).outcome == before.outcome


@examples(500)
@given(st.lists(_EQUALS, max_size=6), _USERS)
def test_rules_are_as_their_definition(rules: list[dict[str, str]], claims: dict[str, str]) -> None:
    """The first of those whose claim is there and equal."""
    wanted = next((r["RoleARN"] for r in rules if claims.get(r["Claim"]) == r["Value"]), "denied")
    assert of_facebook(*rules, claims=claims).outcome == wanted


def _shadowed(random: Random) -> tuple[dict[str, str], dict[str, str]]:
    """A rule, and one after it that nobody can come to, by what the four match types say."""
    value, more = ("".join(random.choices("ab", k=random.randint(1, 3))) for _ in range(2))
    pairs = [
        (("Equals", value), ("Equals", value)),
        (("StartsWith", value), ("StartsWith", value + more)),
        (("StartsWith", value), ("Equals", value + more)),
        (("Contains", value), ("Equals", more + value + more)),
        (("Contains", value), ("StartsWith", more + value)),
        (("Contains", value), ("Contains", value + more)),
        (("NotEqual", value), ("Equals", value + more)),
        (("NotEqual", value), ("StartsWith", value + more)),
    ]
    first, second = random.choice(pairs)
    return rule("x", *first), rule("x", *second, USER)


def test_nobody_comes_to_a_rule_that_earlier_ones_shadow() -> None:
    """100,000 random claims, a fifth in `make test`; rules of anything stand before and between."""
    random = Random(16)
    chosen, lists = 0, 2000 * MOST // MANY
    for _ in range(lists):
        first, never = _shadowed(random)
        others = [
            rule(random.choice("xy"), random.choice(_TYPES), random.choice("ab"), EDITOR)
            for _ in range(random.randint(0, 3))
        ]
        places = sorted(random.choices(range(len(others) + 1), k=2))
        rules = [*others]
        rules.insert(places[0], first)
        rules.insert(places[1] + 1, never)
        number = places[1] + 1
        mapped = pool(RoleMappings={FACEBOOK: by_rules(*rules)})
        for _ in range(50):
            values = ("".join(random.choices("ab", k=random.randint(0, 6))) for _ in "xy")
            claims = {name: value for name, value in zip("xy", values, strict=True) if value}
            found = simulate(mapped, SignIn(FACEBOOK, claims))
            assert found.rule != number, (rules, claims)
            assert found.role != USER
            chosen += bool(found.role)
    assert chosen > lists * 25  # half of them get a role: the rules are not empty words
