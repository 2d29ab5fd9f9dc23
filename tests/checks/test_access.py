"""Who gets in by a change of a pool: each change is told once, and in one sentence."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.checks.access import access_changes
from reconciler.checks.simulation import SignIn, simulate
from reconciler.checks.users import NamedUser
from reconciler.model.written import PoolData
from tests.checks.test_users import WORDS, pool, rules_of, with_rules
from tests.planner.support import (
    CLIENT,
    FACEBOOK,
    OKTA,
    USER_POOL,
    client,
    role,
    rule,
    rules_mapping,
    token_mapping,
)
from tests.strategies import examples

GOOGLE = "accounts.google.com"
BOTH = {"authenticated": role("customer"), "unauthenticated": role("guest")}
CUSTOMER = {"authenticated": role("customer")}
ADMINS = rule("yes", to="admin")
SALES = rule("sales", claim="department", to="sales")
FB_CLIENT = "eu-west-1_Ab129faBb:7lhlkkfbfb4q5kpp90urffao"


def guests(**fields: Any) -> PoolData:
    return pool(**{"AllowUnauthenticatedIdentities": True, "Roles": BOTH, **fields})


GUESTS = guests()


def facebook(**fields: Any) -> PoolData:
    defaults = {"SupportedLoginProviders": {FACEBOOK: "7346241598935555"}, "Roles": CUSTOMER}
    return pool(**{**defaults, **fields})


def said(
    live: PoolData | None, desired: PoolData | None, *users: NamedUser
) -> list[tuple[str, str]]:
    return [(each.effect, each.says) for each in access_changes(live, desired, users)]


def test_user(name: str, **claims: Any) -> NamedUser:
    return NamedUser(name, SignIn(FACEBOOK, claims), is_generated=False)


test_user.__test__ = False  # type: ignore[attr-defined]

CASES: dict[str, tuple[PoolData | None, PoolData | None, list[tuple[str, str]]]] = {
    "nothing": (GUESTS, GUESTS, []),
    "a rename and tags": (GUESTS, guests(IdentityPoolName="x", IdentityPoolTags={}), []),
    "guests let in with their role": (
        pool(Roles=CUSTOMER),
        GUESTS,
        [("widens", "guests get in, with role guest")],
    ),
    "guests let in without a role": (
        pool(Roles=CUSTOMER),
        guests(Roles=CUSTOMER),
        [("widens", "guests get in, and get no role")],
    ),
    "guests let in where nobody manages roles": (
        pool(),
        pool(AllowUnauthenticatedIdentities=True),
        [("widens", "guests get in")],
    ),
    "guests let in where live alone knows roles": (
        pool(Roles=BOTH),
        pool(AllowUnauthenticatedIdentities=True),
        [("widens", "guests get in, with role guest")],
    ),
    "guests shut out": (
        GUESTS,
        pool(Roles=CUSTOMER),
        [("narrows", "guests do not get in any more, who had role guest")],
    ),
    "another role of guests": (
        GUESTS,
        guests(Roles={"unauthenticated": role("editor")}),
        [("widens", "guests get role editor instead of guest")],
    ),
    "guests without a role any more": (
        GUESTS,
        guests(Roles={}),
        [("narrows", "guests get no role any more, and had guest")],
    ),
    "a role for guests whom nobody lets in": (
        facebook(),
        facebook(Roles=BOTH),
        [("moves nobody", "Roles.unauthenticated changes, and nobody gets another role")],
    ),
    "classic flow on": (
        pool(AllowClassicFlow=False),
        pool(AllowClassicFlow=True),
        [
            (
                "widens",
                "the classic flow is on: whoever gets in may ask for any role that trusts the pool",
            )
        ],
    ),
    "classic flow off": (
        pool(AllowClassicFlow=True),
        pool(),
        [("narrows", "the classic flow is off")],
    ),
    "providers added": (
        facebook(),
        facebook(SamlProviderARNs=[OKTA], DeveloperProviderName="login.shop"),
        [("widens", "users of Okta, login.shop get in, with role customer")],
    ),
    "a provider added with rules": (
        pool(Roles=CUSTOMER),
        with_rules(ADMINS, otherwise="AuthenticatedRole"),
        [("widens", "users of graph.facebook.com get in, with role customer or admin")],
    ),
    "a provider added with tokens": (
        pool(Roles=CUSTOMER),
        pool(
            CognitoIdentityProviders=[client()],
            Roles=CUSTOMER,
            RoleMappings={CLIENT: token_mapping()},
        ),
        [("widens", f"users of {FB_CLIENT} get in, with the role in the token")],
    ),
    "a provider removed": (
        with_rules(ADMINS),
        pool(Roles=CUSTOMER),
        [("narrows", "users of graph.facebook.com do not get in any more, who had role admin")],
    ),
    "another app": (
        facebook(),
        facebook(SupportedLoginProviders={FACEBOOK: "other"}),
        [
            (
                "widens",
                "users of graph.facebook.com get in by another app, and no more by the old one",
            )
        ],
    ),
    "another secret of the same app": (
        pool(SupportedLoginProviders={"api.twitter.com": "key;one"}),
        pool(SupportedLoginProviders={"api.twitter.com": "key;two"}),
        [],
    ),
    "tokens not checked any more": (
        pool(CognitoIdentityProviders=[client(check=True)]),
        pool(CognitoIdentityProviders=[client()]),
        [
            (
                "widens",
                f"users of {FB_CLIENT} get in while their token lasts, be they signed out or "
                "deleted",
            )
        ],
    ),
    "tokens checked": (
        pool(CognitoIdentityProviders=[client()]),
        pool(CognitoIdentityProviders=[client(check=True)]),
        [
            (
                "narrows",
                f"users of {FB_CLIENT} who are signed out or deleted do not get in any more",
            )
        ],
    ),
    "another default role": (
        facebook(),
        facebook(Roles={"authenticated": role("editor")}),
        [("widens", "users without a rule get role editor instead of customer")],
    ),
    "a default role added": (
        facebook(Roles={}),
        facebook(),
        [("widens", "users without a rule get role customer, and had none")],
    ),
    "a default role removed": (
        facebook(),
        facebook(Roles={}),
        [("narrows", "users without a rule get no role any more, and had customer")],
    ),
    "another default role that nobody gets": (
        with_rules(ADMINS),
        with_rules(ADMINS, Roles={"authenticated": role("editor")}),
        [("moves nobody", "Roles.authenticated changes, and nobody gets another role")],
    ),
    "a rule added": (
        facebook(),
        with_rules(ADMINS, otherwise="AuthenticatedRole"),
        [
            (
                "widens",
                "1 of 3 generated users changes role: user of graph.facebook.com with isAdmin "
                "matching rule 1: customer -> admin",
            )
        ],
    ),
    "a rule removed, and those without one are denied": (
        with_rules(ADMINS, SALES),
        with_rules(SALES),
        [
            (
                "narrows",
                "1 of 5 generated users changes role: user of graph.facebook.com with isAdmin "
                "matching former rule 1: admin -> denied",
            )
        ],
    ),
    "rules of one claim in another order": (
        with_rules(ADMINS, rule("no", to="user")),
        with_rules(rule("no", to="user"), ADMINS),
        [("moves nobody", "RoleMappings changes, and nobody gets another role")],
    ),
    "rules of two claims in another order": (
        with_rules(ADMINS, SALES),
        with_rules(SALES, ADMINS),
        [
            (
                "widens",
                "users with several claims change role: user of graph.facebook.com with "
                "department and isAdmin: admin -> sales",
            )
        ],
    ),
    "a rule that can never match is asked for all the same": (
        with_rules(ADMINS),
        with_rules(ADMINS, rule("yes", to="root")),
        [
            (
                "widens",
                "1 of 4 generated users changes role: user of graph.facebook.com with isAdmin "
                "matching rule 2, who asks for its role: denied -> root",
            )
        ],
    ),
    "a rule removed whose only users may be those of another one": (
        with_rules(rule("a", match="StartsWith", to="user"), rule("Ab", to="admin")),
        with_rules(rule("a", match="StartsWith", to="user")),
        [
            (
                "widens",
                "users of graph.facebook.com may change role: rule 1: whether case counts in the "
                "claim isAdmin is not known",
            )
        ],
    ),
    "a mapping of a provider that nobody has": (
        facebook(),
        facebook(RoleMappings={OKTA: rules_mapping(ADMINS)}),
        [("moves nobody", "RoleMappings changes, and nobody gets another role")],
    ),
    "tokens in place of rules": (
        facebook(),
        facebook(RoleMappings={FACEBOOK: token_mapping("AuthenticatedRole")}),
        [
            (
                "widens",
                "3 of 3 generated users change role: user of graph.facebook.com without a role in "
                "the token, user of graph.facebook.com with one role in the token, user of "
                "graph.facebook.com with two roles in the token: customer -> not known",
            )
        ],
    ),
    "principal tags": (
        facebook(PrincipalTagAttributeMaps={FACEBOOK: {"PrincipalTags": {"a": "b", "c": "d"}}}),
        facebook(PrincipalTagAttributeMaps={FACEBOOK: {"UseDefaults": True, "PrincipalTags": {}}}),
        [
            (
                "widens",
                "principal tags of users of graph.facebook.com: username added, client added, "
                "a removed, c removed",
            )
        ],
    ),
    "principal tags less": (
        pool(
            CognitoIdentityProviders=[client()],
            PrincipalTagAttributeMaps={USER_POOL: {"PrincipalTags": {"a": "b"}}},
        ),
        pool(CognitoIdentityProviders=[client()], PrincipalTagAttributeMaps={}),
        [("narrows", "principal tags of users of eu-west-1_Ab129faBb: a removed")],
    ),
    "all at once": (
        facebook(AllowClassicFlow=True),
        pool(
            SupportedLoginProviders={GOOGLE: "app"},
            AllowUnauthenticatedIdentities=True,
            Roles=BOTH,
            PrincipalTagAttributeMaps={GOOGLE: {"PrincipalTags": {"a": "b"}}},
        ),
        [
            ("widens", "guests get in, with role guest"),
            ("widens", "users of accounts.google.com get in, with role customer"),
            ("narrows", "the classic flow is off"),
            (
                "narrows",
                "users of graph.facebook.com do not get in any more, who had role customer",
            ),
        ],
    ),
    "a new pool": (
        None,
        with_rules(ADMINS, otherwise="AuthenticatedRole", AllowUnauthenticatedIdentities=True),
        [
            ("widens", "guests get in, and get no role"),
            ("widens", "users of graph.facebook.com get in, with role customer or admin"),
        ],
    ),
    "a new pool whose roles nobody manages": (
        None,
        pool(SamlProviderARNs=[OKTA]),
        [("widens", "users of Okta get in")],
    ),
    "a new pool for nobody": (None, pool(), []),
    "a new pool for nobody, with roles": (None, pool(Roles=BOTH), []),
    "a pool that goes": (GUESTS, None, [("narrows", "nobody gets in any more")]),
    "a pool of nobody that goes": (pool(), None, []),
    "roles of one name in two accounts": (
        facebook(),
        facebook(Roles={"authenticated": "arn:aws:iam::999999999999:role/customer"}),
        [
            (
                "widens",
                "users without a rule get role arn:aws:iam::999999999999:role/customer instead of "
                f"{role('customer')}",
            )
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_change_is_one_sentence(case: str) -> None:
    live, desired, expected = CASES[case]
    assert said(live, desired) == expected


def test_users_of_tests_are_named_and_the_others_are_not() -> None:
    users = (
        test_user("bob", isAdmin="yes"),
        test_user("eve the guest"),
        test_user("ann", department="sales"),
        NamedUser("visitor", SignIn(), is_generated=False),
    )
    (change,) = access_changes(with_rules(SALES), with_rules(ADMINS, SALES), users)
    assert change.says == "1 of 4 test users changes role: bob: denied -> admin"
    assert [(user.name, user.after) for user in change.users] == [("bob", role("admin"))]
    assert change.asked == 4


def test_everybody_who_moves_the_same_way_is_one_group_and_no_way_is_left_out() -> None:
    users = [test_user(f"admin {n}", isAdmin="yes") for n in range(5)]
    users.append(test_user("ann", department="sales"))
    old, new = with_rules(ADMINS, SALES), with_rules(rule("yes", to="root"), rule("x", to="x"))
    assert said(old, new, *users) == [
        (
            "widens",
            '5 of 6 test users change role: "admin 0", "admin 1", "admin 2" and 2 more: '
            "admin -> root",
        ),
        ("narrows", "1 of 6 test users changes role: ann: sales -> denied"),
    ]


def test_tests_that_ask_for_nobody_who_moves_hide_nobody() -> None:
    (change,) = access_changes(with_rules(), with_rules(ADMINS), [test_user("eve")])
    assert change.says.startswith("1 of 3 generated users changes role: ")


def test_another_default_role_names_the_users_of_tests() -> None:
    old, new = facebook(), facebook(Roles={"authenticated": role("editor")})
    assert said(old, new, test_user("bob"), test_user("ann")) == [
        (
            "widens",
            "users without a rule get role editor instead of customer; "
            "2 of 2 test users change role: bob, ann",
        )
    ]


def test_guests_and_providers_name_the_users_of_tests_to_programs() -> None:
    visitor = NamedUser("visitor", SignIn(), is_generated=False)
    desired = facebook(AllowUnauthenticatedIdentities=True, Roles=BOTH)
    changes = access_changes(None, desired, [visitor, test_user("bob")])
    assert [[user.name for user in each.users] for each in changes] == [["visitor"], ["bob"]]
    assert [each.asked for each in changes] == [2, 2]


def test_many_roles_are_all_named() -> None:
    rules = [rule(str(number)) for number in range(12)]
    (change,) = access_changes(None, with_rules(*rules))
    assert change.says.endswith("with role 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 or 11")


def test_more_rules_than_can_be_tried_may_move_somebody() -> None:
    """A pull request cannot keep a plan busy; AWS takes 25 rules."""
    rules = [rule("yes", claim=f"c{n}", to=f"{n}") for n in range(51)]
    assert said(with_rules(*rules), with_rules(*rules[::-1])) == [
        (
            "widens",
            "users of graph.facebook.com may change role: more than 50 rules are too many to try",
        )
    ]


def test_what_is_not_known_of_a_user_is_said_as_that() -> None:
    lists = test_user("bob", isAdmin=["yes"])
    assert said(with_rules(), with_rules(ADMINS), lists)[0] == (
        "widens",
        "1 of 1 test user changes role: bob: denied -> not known",
    )


@examples(100)
@given(rules=rules_of("ab", most=6))
def test_a_pool_beside_itself_says_nothing(rules: Any) -> None:
    assert access_changes(with_rules(*rules), with_rules(*rules)) == ()


@examples(100)
@given(
    data=st.data(),
    values=st.lists(st.text("abc", min_size=1, max_size=9), min_size=2, max_size=12, unique=True),
)
def test_disjoint_rules_in_another_order_move_nobody(
    data: st.DataObject, values: list[str]
) -> None:
    rules = [rule(value) for value in values]
    other = data.draw(st.permutations(rules))
    effects = [each.effect for each in access_changes(with_rules(*rules), with_rules(*other))]
    assert effects == (["moves nobody"] if other != rules else [])


@examples(100)
@given(data=st.data(), before=rules_of("ab", most=3))
def test_whoever_moves_nobody_moves_nobody(data: st.DataObject, before: Any) -> None:
    """Held against all pairs of short words: no token of theirs gets another role."""
    after = data.draw(st.one_of(st.permutations(before), rules_of("ab", most=3)))
    live, desired = with_rules(*before), with_rules(*after)
    if any(each.effect != "moves nobody" for each in access_changes(live, desired)):
        return
    words = [None, *(word for word in WORDS if len(word) < 4)]
    for one in words:
        for two in words:
            claims = {"one": one, "two": two}
            who = SignIn(FACEBOOK, cast("Any", {k: v for k, v in claims.items() if v is not None}))
            assert simulate(live, who).outcome == simulate(desired, who).outcome, claims
