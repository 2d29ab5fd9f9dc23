"""The picture of a pool: who comes in, what they are asked, what they get; and of a change."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.checks.graph import Goal, Lane, PoolGraph, Step, graph_of
from reconciler.checks.graph_changes import graph_between
from reconciler.checks.simulation import SignIn, matches, simulate

SAML = "arn:aws:iam::123456789012:saml-provider/Okta"
USER_POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb"
ADMIN, USER, GUEST = (
    f"arn:aws:iam::123456789012:role/{name}" for name in ("admin", "user", "guest")
)
MATCH_TYPES = ("Equals", "NotEqual", "StartsWith", "Contains")


def rule(value: str, role: str = ADMIN, match: str = "Equals", claim: str = "team") -> Any:
    return {"Claim": claim, "MatchType": match, "Value": value, "RoleARN": role}


def mapping(*rules: Any, otherwise: str = "Deny") -> Any:
    return {
        "Type": "Rules",
        "AmbiguousRoleResolution": otherwise,
        "RulesConfiguration": {"Rules": list(rules)},
    }


def pool(*rules: Any, **fields: Any) -> Any:
    return {
        "IdentityPoolName": "shop",
        "SamlProviderARNs": [SAML],
        "Roles": {"authenticated": USER},
        "RoleMappings": {SAML: mapping(*rules)},
        **fields,
    }


def drawn(graph: PoolGraph) -> list[str]:
    """The graph in words, a line each, with signs for what becomes of it."""
    return [line for lane in graph.lanes for line in lane_lines(lane)]


def lane_lines(lane: Lane) -> list[str]:
    signs = {"same": "", "added": "+", "removed": "-", "changed": "~"}
    lines = [f"{signs[s.state]}{s.kind} {s.name}".strip() for s in lane.sources]
    for step in lane.steps:
        goals = ", ".join(f"{signs[a.state]}{goal(a.goal)}" for a in step.arrows)
        number = f"{step.number} " if step.number else ""
        was = f" (was {step.was})" if step.was else ""
        dead = " (dead)" if step.is_dead else " (was dead)" if step.was_dead else ""
        says = step.says or f"{step.claim} {step.verb} {step.value}"
        lines.append(f"  {signs[step.state]}{number}{says}{was}{dead} -> {goals}")
    return lines


def goal(goal: Goal) -> str:
    return goal.role.rpartition("/")[2] or f"{goal.kind} {goal.why}".strip()


def test_rules_are_steps_in_their_order_and_the_last_is_what_no_rule_decides() -> None:
    rules = [rule("ops"), rule("guests", GUEST, "Contains")]
    assert drawn(graph_of(pool(*rules), "shop")) == [
        f"SAML {SAML}",
        "  1 team is ops -> admin",
        "  2 team contains guests -> guest",
        "  no rule matches -> denied",
    ]


def test_ambiguous_role_resolution_may_give_the_authenticated_role() -> None:
    mappings = {SAML: mapping(rule("ops"), otherwise="AuthenticatedRole")}
    assert drawn(graph_of(pool(RoleMappings=mappings), "shop"))[-1] == "  no rule matches -> user"
    assert drawn(graph_of(pool(RoleMappings=mappings, Roles={}), "shop"))[-1] == (
        "  no rule matches -> denied no authenticated role"
    )


def test_a_token_mapping_asks_the_token_first() -> None:
    key = f"{USER_POOL}:client"
    clients = [{"ProviderName": USER_POOL, "ClientId": "client"}]
    mappings = {key: {"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"}}
    graph = graph_of(
        pool(SamlProviderARNs=[], CognitoIdentityProviders=clients, RoleMappings=mappings), "shop"
    )
    assert drawn(graph) == [
        f"user pool {key}",
        "  the token names one role -> token",
        "  it names none, or several -> user",
    ]


def test_guests_come_first_and_the_classic_flow_last() -> None:
    open_pool = pool(
        RoleMappings={},
        AllowUnauthenticatedIdentities=True,
        AllowClassicFlow=True,
        Roles={"unauthenticated": GUEST, "authenticated": USER},
    )
    assert drawn(graph_of(open_pool, "shop")) == [
        "guests (no sign-in)",
        "  everybody -> guest",
        f"SAML {SAML}",
        "  everybody -> user",
        "classic flow: everybody",
        "  the app asks STS for a role -> any",
    ]


def test_providers_without_a_mapping_share_a_lane() -> None:
    logins = {"accounts.google.com": "a", "graph.facebook.com": "b"}
    graph = graph_of(
        pool(SupportedLoginProviders=logins, DeveloperProviderName="login.shop"), "shop"
    )
    assert drawn(graph)[-4:] == [
        "login accounts.google.com",
        "login graph.facebook.com",
        "developer provider login.shop",
        "  everybody -> user",
    ]


def test_roles_that_are_not_managed_are_not_guessed() -> None:
    unmanaged: Any = {"IdentityPoolName": "shop", "SamlProviderARNs": [SAML]}
    assert drawn(graph_of(unmanaged, "shop"))[-1] == "  everybody -> open"


def test_a_mapping_of_no_provider_of_the_pool_is_drawn_as_that() -> None:
    assert drawn(graph_of(pool(SamlProviderARNs=[]), "shop"))[0] == (
        f"mapping of no provider of the pool {SAML}"
    )


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (("StartsWith", "a"), ("Equals", "ab")),
        (("NotEqual", "a"), ("StartsWith", "b")),
        (("Contains", "b"), ("StartsWith", "abc")),
        (("Contains", "b"), ("Contains", "abc")),
        (("NotEqual", "a"), ("NotEqual", "a")),
    ],
)
def test_a_rule_whose_texts_an_earlier_one_takes_is_dead(
    earlier: tuple[str, str], later: tuple[str, str]
) -> None:
    rules = [rule(earlier[1], match=earlier[0]), rule(later[1], GUEST, later[0])]
    steps = graph_of(pool(*rules), "shop").lanes[0].steps
    assert [step.is_dead for step in steps] == [False, True, False]


def test_a_rule_on_another_claim_is_not_dead() -> None:
    rules = [rule("a"), rule("a", claim="other")]
    assert not any(step.is_dead for step in graph_of(pool(*rules), "shop").lanes[0].steps)


short = st.text("ab", min_size=1, max_size=2)
few_rules = st.lists(
    st.builds(rule, short, match=st.sampled_from(MATCH_TYPES)), min_size=1, max_size=4
)


@given(few_rules)
def test_nobody_comes_by_a_dead_rule(rules: list[Any]) -> None:
    """Every text of up to three letters is tried by simulation."""
    written = pool(*rules)
    dead = {s.number for s in graph_of(written, "shop").lanes[0].steps if s.is_dead}
    for text in ("".join(letters) for size in range(4) for letters in product("abc", repeat=size)):
        decision = simulate(written, SignIn(SAML, {"team": text}))
        assert decision.rule is None or decision.rule + 1 not in dead


roled_rules = st.lists(
    st.builds(rule, short, st.sampled_from([ADMIN, USER, GUEST]), st.sampled_from(MATCH_TYPES)),
    min_size=1,
    max_size=4,
)


@given(roled_rules, st.text("abc", max_size=3), st.sampled_from(["Deny", "AuthenticatedRole"]))
def test_who_follows_the_steps_gets_what_simulation_says(
    rules: list[Any], text: str, otherwise: str
) -> None:
    written = pool(RoleMappings={SAML: mapping(*rules, otherwise=otherwise)})
    (lane,) = graph_of(written, "shop").lanes
    *asked, last = lane.steps
    step = next((s for s in asked if matches(rules[s.number - 1], text)), last)
    decision = simulate(written, SignIn(SAML, {"team": text}))
    assert step.arrows[0].goal.role == decision.role
    assert (step.arrows[0].goal.kind == "denied") == (decision.verdict == "denied")


def test_a_changed_role_shows_where_the_rule_led_and_leads_to() -> None:
    graph = graph_between(pool(rule("ops", USER)), pool(rule("ops", ADMIN)), "shop")
    assert drawn(graph) == [
        f"SAML {SAML}",
        "  ~1 team is ops -> +admin, -user",
        "  no rule matches -> denied",
    ]


def test_an_inserted_rule_is_one_change() -> None:
    a, b, new = rule("a"), rule("b"), rule("n", GUEST)
    assert drawn(graph_between(pool(a, b), pool(a, new, b), "shop"))[1:] == [
        "  1 team is a -> admin",
        "  +2 team is n -> +guest",
        "  3 team is b -> admin",
        "  no rule matches -> denied",
    ]


def test_another_condition_is_another_rule_and_a_moved_one_says_from_where() -> None:
    a, b = rule("a"), rule("b", USER)
    assert drawn(graph_between(pool(a), pool(rule("c")), "shop"))[1:3] == [
        "  -1 team is a -> -admin",
        "  +1 team is c -> +admin",
    ]
    moved = drawn(graph_between(pool(a, b), pool(b, a), "shop"))
    assert sum("(was " in line for line in moved) == 1


def test_a_rule_that_becomes_dead_has_changed() -> None:
    a, b = rule("ab", GUEST), rule("a", match="StartsWith")
    steps = graph_between(pool(b, a), pool(b, a), "shop").lanes[0].steps
    assert [step.state for step in steps] == ["same"] * 3
    before = pool(rule("x", match="StartsWith"), a)
    lines = drawn(graph_between(before, pool(b, a), "shop"))
    assert "  ~2 team is ab (dead) -> guest" in lines


def test_a_rule_that_is_reached_now_has_changed() -> None:
    shadow, leads = rule("eng", USER, "StartsWith"), rule("engineers")
    lines = drawn(graph_between(pool(shadow, leads), pool(leads, shadow), "shop"))
    assert "  ~1 team is engineers (was dead) -> admin" in lines
    lines = drawn(graph_between(pool(shadow, leads), pool(leads), "shop"))
    assert "  ~1 team is engineers (was dead) -> admin" in lines


def test_lanes_come_and_go_where_they_stand() -> None:
    before = pool(AllowUnauthenticatedIdentities=True, Roles={"unauthenticated": GUEST})
    after = pool(AllowClassicFlow=True)
    lines = drawn(graph_between(before, after, "shop"))
    assert lines[:2] == ["-guests (no sign-in)", "  -everybody -> -guest"]
    assert lines[-2:] == ["+classic flow: everybody", "  +the app asks STS for a role -> +any"]


def test_a_provider_comes_into_the_lane_of_those_without_a_mapping() -> None:
    before, after = (
        pool(RoleMappings={}, SupportedLoginProviders=logins)
        for logins in ({"www.amazon.com": "a"}, {"graph.facebook.com": "b"})
    )
    assert drawn(graph_between(before, after, "shop")) == [
        "+login graph.facebook.com",
        f"SAML {SAML}",
        "-login www.amazon.com",
        "  everybody -> user",
    ]


def test_a_mapping_of_another_type_has_other_steps() -> None:
    token = {SAML: {"Type": "Token", "AmbiguousRoleResolution": "Deny"}}
    assert drawn(graph_between(pool(rule("a")), pool(RoleMappings=token), "shop"))[1:] == [
        "  +the token names one role -> +token",
        "  -1 team is a -> -admin",
        "  +it names none, or several -> +denied",
        "  -no rule matches -> -denied",
    ]


def test_a_pool_that_comes_or_goes_is_so_as_a_whole() -> None:
    assert graph_between(None, pool(rule("a")), "shop").states == {"added"}
    assert graph_between(pool(rule("a")), None, "shop").states == {"removed"}


@given(few_rules, few_rules)
def test_each_side_is_whole_in_the_picture_of_both(old: list[Any], new: list[Any]) -> None:
    """What is not removed is the new pool in its order; what is not added is all of the old one."""
    graph = graph_between(pool(*old), pool(*new), "shop")
    (lane,) = graph.lanes
    after = [_seen(step, "removed") for step in lane.steps if step.state != "removed"]
    assert after == [_seen(step) for step in graph_of(pool(*new), "shop").lanes[0].steps]
    before = [_seen(step, "added") for step in lane.steps if step.state != "added"]
    was = [_seen(step) for step in graph_of(pool(*old), "shop").lanes[0].steps]
    assert sorted(before) == sorted(was)
    assert graph.has_changes == (old != new)


def _seen(step: Step, without: str = "") -> tuple[str, ...]:
    goals = (arrow.goal.role for arrow in step.arrows if arrow.state != without)
    return (*step.condition, *goals)
