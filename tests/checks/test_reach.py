"""A rule is called unreachable exactly where no value of its claim reaches it."""

from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.checks.reach import shadowed
from reconciler.checks.simulation import SignIn, matches, simulate
from reconciler.model.written import PoolData, RuleData

SAML = "arn:aws:iam::123456789012:saml-provider/Okta"
MATCH_TYPES = ("Equals", "NotEqual", "StartsWith", "Contains")
# Values of rules have two letters at most, of "ab"; a claim may have one letter more, and be longer
# by one at each end, so that every way in which a claim can lie to the values is there.
CLAIMS = ["".join(letters) for length in range(5) for letters in product("abc", repeat=length)]
CASED_CLAIMS = ["".join(w) for length in range(5) for w in product("aAc", repeat=length)]


def ruled(alphabet: str) -> st.SearchStrategy[list[RuleData]]:
    one = st.builds(
        lambda match, value: RuleData(Claim="team", MatchType=match, Value=value, RoleARN=""),
        st.sampled_from(MATCH_TYPES),
        st.text(alphabet, min_size=1, max_size=2),
    )
    return st.lists(one, min_size=2, max_size=5).map(
        lambda rules: [RuleData(**{**each, "RoleARN": str(n)}) for n, each in enumerate(rules)]
    )


def pool_of(rules: list[RuleData]) -> PoolData:
    mapping = {
        "Type": "Rules",
        "AmbiguousRoleResolution": "Deny",
        "RulesConfiguration": {"Rules": rules},
    }
    return PoolData(
        IdentityPoolName="p",
        SamlProviderARNs=[SAML],
        Roles={},
        RoleMappings={SAML: mapping},  # type: ignore[dict-item]
    )


@given(ruled("ab"))
def test_it_is_what_simulation_of_every_claim_says(rules: list[RuleData]) -> None:
    pool = pool_of(rules)
    decisions = (simulate(pool, SignIn(SAML, {"team": value})) for value in CLAIMS)
    reached = {each.rule for each in decisions}
    assert {each.rule for each in shadowed(rules)} == set(range(len(rules))) - reached


@given(ruled("aA"))
def test_whether_case_counts_is_not_known_so_both_are_asked(rules: list[RuleData]) -> None:
    folded = [RuleData(**{**each, "Value": each["Value"].casefold()}) for each in rules]
    reached = {first(rules, value) for value in CASED_CLAIMS}
    reached |= {first(folded, value.casefold()) for value in CASED_CLAIMS}
    assert {each.rule for each in shadowed(rules)} == set(range(len(rules))) - reached


@given(ruled("ab"))
def test_the_rules_that_are_named_take_all_that_it_would(rules: list[RuleData]) -> None:
    for each in shadowed(rules):
        left = [value for value in CLAIMS if matches(rules[each.rule], value)]
        assert left
        assert all(any(matches(rules[n], value) for n in each.by) for value in left)
        assert max(each.by) < each.rule


@given(ruled("ab"), st.randoms(use_true_random=False))
def test_rules_of_other_claims_take_nothing_away(rules: list[RuleData], random: Random) -> None:
    other = RuleData(Claim="other", MatchType="NotEqual", Value="zz", RoleARN="x")
    at = random.randrange(len(rules) + 1)
    mixed = [*rules[:at], other, *rules[at:]]
    moved = [each.rule + (each.rule >= at) for each in shadowed(rules)]
    assert [each.rule for each in shadowed(mixed)] == moved


@pytest.mark.parametrize("claim", ["cognito:groups", "cognito:roles"])
def test_of_a_list_it_is_only_known_that_a_rule_is_there_twice(claim: str) -> None:
    def rule(match: str, value: str) -> RuleData:
        return RuleData(Claim=claim, MatchType=match, Value=value, RoleARN="r")

    rules = [rule("Contains", "a"), rule("Contains", "ab"), rule("Contains", "a")]
    assert [tuple(each) for each in shadowed(rules)] == [(2, (0,))]
    assert not list(shadowed([rule("NotEqual", "a"), rule("Equals", "a"), rule("Equals", "b")]))


def first(rules: list[RuleData], value: str) -> int | None:
    return next((n for n, each in enumerate(rules) if matches(each, value)), None)
