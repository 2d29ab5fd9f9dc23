"""Users that are made up: one a rule and its near miss, and names that tell nothing of anybody."""

from itertools import product
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from reconciler.checks.simulation import SignIn, matches, simulate
from reconciler.checks.users import NamedUser, generated_users, searched_users
from reconciler.model.written import PoolData, RuleData
from tests.planner.support import (
    CLIENT,
    FACEBOOK,
    GITHUB,
    OKTA,
    client,
    role,
    rule,
    rules_mapping,
    token_mapping,
)
from tests.strategies import examples

MATCH_TYPES = ("Equals", "NotEqual", "StartsWith", "Contains")


def pool(**fields: Any) -> PoolData:
    return cast("PoolData", {"IdentityPoolName": "shop", **fields})


def with_rules(*rules: Any, otherwise: str = "Deny", **fields: Any) -> PoolData:
    """A pool with Facebook's rules."""
    defaults = {
        "SupportedLoginProviders": {FACEBOOK: "7346241598935555"},
        "Roles": {"authenticated": role("customer")},
        "RoleMappings": {FACEBOOK: rules_mapping(*rules, otherwise=otherwise)},
    }
    return pool(**{**defaults, **fields})


def names(users: tuple[NamedUser, ...]) -> list[str]:
    return [user.name for user in users]


def test_a_pool_of_nobody_has_a_guest() -> None:
    assert generated_users(pool()) == (NamedUser("guest", SignIn(), is_generated=True),)


def test_every_provider_of_any_pool_has_a_plain_user_by_a_name_that_is_short() -> None:
    one = pool(SamlProviderARNs=[OKTA], CognitoIdentityProviders=[client()])
    other = pool(OpenIdConnectProviderARNs=[GITHUB], DeveloperProviderName="login.shop")
    users = generated_users(one, other)
    assert names(users) == [
        "guest",
        "user of eu-west-1_Ab129faBb:7lhlkkfbfb4q5kpp90urffao",
        "user of Okta",
        "user of token.actions.githubusercontent.com",
        "user of login.shop",
    ]
    assert [user.who.provider for user in users[1:3]] == [CLIENT, OKTA]


def test_a_rule_has_one_who_matches_it_and_one_who_nearly_does() -> None:
    users = generated_users(with_rules(rule("yes", to="admin"), rule("s", claim="a b", to="b")))
    assert names(users)[2:] == [
        "user of graph.facebook.com with isAdmin matching rule 1",
        "near miss of rule 1 of graph.facebook.com with isAdmin",
        'user of graph.facebook.com with "a b" matching rule 2',
        'near miss of rule 2 of graph.facebook.com with "a b"',
    ]


def test_a_mapping_of_tokens_has_users_without_a_role_with_one_and_with_several() -> None:
    tokens = pool(
        CognitoIdentityProviders=[client()],
        Roles={"authenticated": role("customer")},
        RoleMappings={CLIENT: token_mapping("AuthenticatedRole")},
    )
    who = "user of eu-west-1_Ab129faBb:7lhlkkfbfb4q5kpp90urffao"
    assert [
        (user.name, simulate(tokens, user.who).outcome) for user in generated_users(tokens)
    ] == [
        ("guest", "denied"),
        (f"{who} without a role in the token", role("customer")),
        (f"{who} with one role in the token", "the role in the token"),
        (f"{who} with two roles in the token", role("customer")),
    ]


def test_a_rule_that_earlier_ones_keep_from_everybody_is_asked_for() -> None:
    dead = with_rules(rule("a", match="StartsWith", to="user"), rule("ab", to="admin"))
    asks = generated_users(dead)[4]
    assert asks.name == (
        "user of graph.facebook.com with isAdmin matching rule 2, who asks for its role"
    )
    assert simulate(dead, asks.who).outcome == role("admin")


def test_a_rule_that_has_gone_keeps_its_users() -> None:
    new, old = with_rules(rule("yes")), with_rules(rule("no"), rule("yes"))
    users = names(generated_users(new, old))
    assert "user of graph.facebook.com with isAdmin matching former rule 1" in users
    assert not any("former rule 2" in user for user in users), "it is rule 1 now"


def test_no_name_has_the_value_of_a_claim_or_a_secret() -> None:
    hidden = with_rules(rule("private@example.com", claim="email", to="a"))
    hidden["SupportedLoginProviders"] |= {"key;s3cret": "api.twitter.com"}
    told = " ".join(names(generated_users(hidden)))
    assert "private" not in told
    assert "s3cret" not in told
    assert "key;****" in told


def test_case_leaves_no_doubt_of_a_near_miss() -> None:
    for match_type in MATCH_TYPES:
        each = with_rules(rule("Admin", match=match_type, to="admin"))
        found = [simulate(each, user.who) for user in generated_users(each)[2:]]
        assert [decision.outcome for decision in found] == [role("admin"), "denied"], match_type


def made(value: str, claim: str, match: str, to: str) -> RuleData:
    return cast("RuleData", rule(value, claim=claim, match=match, to=to))


def rules_of(alphabet: str, most: int = 4) -> st.SearchStrategy[list[RuleData]]:
    """Rules of two claims; every one has a role of its own."""
    one = st.tuples(
        st.sampled_from(["one", "two"]),
        st.sampled_from(MATCH_TYPES),
        st.text(alphabet, min_size=1, max_size=2),
    )
    return st.lists(one, min_size=1, max_size=most).map(
        lambda found: [
            made(value, claim, match, f"{number}-{claim}{match}{value}")
            for number, (claim, match, value) in enumerate(found)
        ]
    )


WORDS = [""] + ["".join(word) for n in (1, 2, 3, 4) for word in product("ab-", repeat=n)]


@examples(300)
@given(rules=rules_of("ab"))
def test_the_user_of_a_rule_gets_its_role_if_anybody_does_by_that_claim(
    rules: list[RuleData],
) -> None:
    """Held against all words of up to four letters, of which one is in no rule."""
    each = with_rules(*rules)
    for number, one in enumerate(rules):
        earlier = [e for e in rules[:number] if e["Claim"] == one["Claim"]]
        reachable = any(
            matches(one, word) and not any(matches(e, word) for e in earlier) for word in WORDS
        )
        called = f"matching rule {number + 1}"
        users = [user for user in generated_users(each) if called in user.name]
        if reachable:
            assert [simulate(each, user.who).rule for user in users] in ([number], [])
            assert number in {simulate(each, user.who).rule for user in generated_users(each)}
        else:
            assert all(user.who.custom_role == one["RoleARN"] for user in users)


@examples(200)
@given(rules=rules_of("ab"))
def test_a_near_miss_does_not_match(rules: list[RuleData]) -> None:
    for user in generated_users(with_rules(*rules)):
        if user.name.startswith("near miss of rule "):
            number = int(user.name.split()[4]) - 1
            (value,) = (user.who.claims or {}).values()
            assert not matches(rules[number], str(value))


@examples(150)
@given(data=st.data(), before=rules_of("ab"))
def test_a_search_finds_somebody_who_moves_if_anybody_does(
    data: st.DataObject, before: list[RuleData]
) -> None:
    """Held against all pairs of words of up to three letters."""
    after = data.draw(st.one_of(st.permutations(before), rules_of("ab")))
    live, desired = with_rules(*before), with_rules(*after)

    def moves(who: SignIn) -> bool:
        return simulate(live, who).outcome != simulate(desired, who).outcome

    found = any(moves(user.who) for user in searched_users(FACEBOOK, desired, live))
    short = [None, *(word for word in WORDS if len(word) < 4)]
    tokens = (
        {claim: word for claim, word in (("one", one), ("two", two)) if word is not None}
        for one in short
        for two in short
    )
    expected = any(moves(SignIn(FACEBOOK, claims)) for claims in tokens)
    assert found or not expected
