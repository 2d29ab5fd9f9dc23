"""What holds of any two states of a pool, looked at from either side."""

from dataclasses import replace
from itertools import product
from typing import Any, Final, cast

from hypothesis import event, given
from hypothesis import strategies as st

from reconciler.checks.access import access_changes
from reconciler.checks.simulation import SignIn, simulate
from reconciler.model.access import AccessChange
from reconciler.model.written import PoolData
from tests.checks.test_users import pool, rules_of
from tests.planner.support import FACEBOOK, OKTA, role, rules_mapping, token_mapping
from tests.strategies import examples

GOOGLE: Final = "accounts.google.com"
WORDS: Final = [None, "", "a", "b", "ab", "ba", "-a-"]
INVERSE: Final = {"widens": "narrows", "narrows": "widens"}


@st.composite
def pools(draw: st.DrawFn) -> PoolData:
    """A pool whose roles are managed."""
    roles = {"authenticated": "customer", "unauthenticated": "guest"}
    names = st.sampled_from(["editor", None])
    found = {kind: draw(st.one_of(st.just(name), names)) for kind, name in roles.items()}
    otherwise = st.sampled_from(["Deny", "AuthenticatedRole"])
    mapping = st.one_of(
        st.builds(
            lambda rules, otherwise: rules_mapping(*rules, otherwise=otherwise),
            rules_of("ab", most=3),
            otherwise,
        ),
        st.builds(token_mapping, otherwise),
    )
    logins = draw(st.sets(st.sampled_from([FACEBOOK, GOOGLE])))
    return pool(
        AllowUnauthenticatedIdentities=draw(st.booleans()),
        AllowClassicFlow=draw(st.booleans()),
        SupportedLoginProviders=dict.fromkeys(sorted(logins), "7346241598935555"),
        SamlProviderARNs=draw(st.sampled_from([[], [OKTA]])),
        Roles={kind: role(name) for kind, name in found.items() if name},
        RoleMappings=draw(st.dictionaries(st.sampled_from([FACEBOOK, OKTA]), mapping)),
    )


@st.composite
def changed(draw: st.DrawFn) -> tuple[PoolData, PoolData]:
    """A pool and another one, which differ by few fields."""
    live, other = draw(pools()), draw(pools())
    fields = draw(st.sets(st.sampled_from([*live]), min_size=1, max_size=2))
    new = {field: value for field, value in other.items() if field in fields}
    return live, cast("PoolData", {**live, **new})


def effects(changes: tuple[AccessChange, ...]) -> set[str]:
    return {each.effect for each in changes}


def who_gets_in(changes: tuple[AccessChange, ...]) -> list[tuple[str, str]]:
    """What is told of guests, the classic flow, and providers that come or go."""
    kinds = ("guests", "classic-flow", "provider")
    return sorted((each.kind, each.effect) for each in changes if each.kind in kinds)


@examples(300)
@given(both=changed())
def test_who_gets_in_by_a_plan_does_not_any_more_by_its_inverse(
    both: tuple[PoolData, PoolData],
) -> None:
    live, desired = both
    forth, back = access_changes(live, desired), access_changes(desired, live)
    assert who_gets_in(back) == sorted((k, INVERSE[e]) for k, e in who_gets_in(forth))


@examples(300)
@given(both=changed())
def test_what_narrows_is_the_inverse_of_what_widens(both: tuple[PoolData, PoolData]) -> None:
    """A role in place of another is more access either way: what roles may do is not known."""
    live, desired = both
    forth, back = effects(access_changes(live, desired)), effects(access_changes(desired, live))
    event(f"{sorted(forth)} and {sorted(back)}")
    assert "narrows" not in forth or "widens" in back
    if forth == {"narrows"}:
        assert back == {"widens"}
    assert (forth == {"moves nobody"}) is (back == {"moves nobody"})
    assert (not forth) is (not back)


@examples(200)
@given(both=changed())
def test_whoever_can_get_a_role_that_he_could_not_get_before_is_told_of_as_wider(
    both: tuple[PoolData, PoolData],
) -> None:
    """Held against all users of a few words, each asking for every role."""
    live, desired = both
    if "widens" in effects(access_changes(live, desired)):
        event("widens")
        return
    for who in users(live, desired):
        got = simulate(desired, who)
        if got.verdict == "role":
            asked = simulate(live, replace(who, custom_role=got.role))
            assert "role" in (simulate(live, who).verdict, asked.verdict), who
            assert got.role in (simulate(live, who).role, asked.role), who


@examples(200)
@given(both=changed())
def test_whoever_loses_a_role_is_told_of(both: tuple[PoolData, PoolData]) -> None:
    """Be it as one who loses access, or as one who has another role instead."""
    live, desired = both
    if effects(access_changes(live, desired)) & {"widens", "narrows"}:
        return
    for who in users(live, desired):
        assert simulate(live, who).outcome == simulate(desired, who).outcome, who


def users(*states: PoolData) -> list[SignIn]:
    roles = {
        mapped["RoleARN"]
        for each in states
        for mapping in (each.get("RoleMappings") or {}).values()
        for mapped in cast("Any", mapping).get("RulesConfiguration", {"Rules": []})["Rules"]
    }
    claims = [
        {claim: word for claim, word in (("one", one), ("two", two)) if word is not None}
        for one, two in product(WORDS, WORDS)
    ]
    found = [SignIn()]
    for provider, said, custom in product(
        [FACEBOOK, GOOGLE, OKTA], claims, ["", *sorted(roles), role("customer")]
    ):
        found.append(SignIn(provider, cast("Any", said), custom_role=custom))
    return found


@examples(100)
@given(state=pools())
def test_a_new_pool_only_widens_and_one_that_goes_only_narrows(state: PoolData) -> None:
    assert effects(access_changes(None, state)) <= {"widens"}
    assert effects(access_changes(state, None)) <= {"narrows"}
