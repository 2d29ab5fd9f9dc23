"""A plan says of each pool whom it lets in, as far as it does anything."""

from datetime import date
from typing import Any

from reconciler.checks.judging import judged
from reconciler.checks.rulebook import rulebook_of
from reconciler.checks.simulation import SignIn
from reconciler.checks.users import NamedUser
from reconciler.model.plan import PoolPlan
from reconciler.model.project import Project
from reconciler.model.spec import Spec
from tests.planner.support import FACEBOOK, ours, plan_of, role, rule, rules_mapping, spec

BOOK = rulebook_of(Project(owner="acme/identity"), date(2026, 6, 1))
GUESTS: dict[str, Any] = {
    "AllowUnauthenticatedIdentities": True,
    "Roles": {"unauthenticated": role("guest")},
}


def one(wanted: Spec, *live: Any, **more: Any) -> PoolPlan:
    (pool,) = judged(plan_of([wanted], *live), [wanted], BOOK, **more).pools
    return pool


def said(pool: PoolPlan) -> list[str]:
    return [each.says for each in pool.access]


def test_a_new_pool_and_one_that_changes_say_whom_they_let_in() -> None:
    wanted = spec(AllowClassicFlow=False, **GUESTS)
    assert said(one(wanted)) == ["guests get in, with role guest"]
    assert said(one(wanted, ours(Roles={}))) == ["guests get in, with role guest"]


def test_a_pool_that_stays_as_it_is_says_nothing() -> None:
    assert one(spec(AllowClassicFlow=False, **GUESTS), ours(**GUESTS)).access == ()


def test_a_pool_that_is_refused_says_nothing_since_nothing_is_done() -> None:
    refused = one(spec(AllowClassicFlow=True, **GUESTS), ours(Roles={}))
    assert [each.rule for each in refused.refusals] == ["classic-flow-with-guests"]
    assert refused.access == ()


def test_a_classic_flow_that_was_never_set_is_closed_by_false() -> None:
    live = ours(AllowClassicFlow=None, **GUESTS)
    assert said(one(spec(AllowClassicFlow=False, **GUESTS), live)) == ["the classic flow is off"]


def test_the_users_of_tests_are_those_of_the_spec() -> None:
    mapped: dict[str, Any] = {"SupportedLoginProviders": {FACEBOOK: "7346241598935555"}}
    rules = {FACEBOOK: rules_mapping(rule("yes", to="admin"))}
    bob = NamedUser("bob", SignIn(FACEBOOK, {"isAdmin": "yes"}), is_generated=False)
    pool = one(
        spec(AllowClassicFlow=False, RoleMappings=rules, **mapped),
        ours(Roles={}, **mapped),
        users={"storefront": [bob], "other": [bob, bob]},
    )
    assert said(pool) == ["1 of 1 test user changes role: bob: denied -> admin"]
