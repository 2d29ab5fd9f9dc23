"""Changes that are not made: each with its reason and the way out."""

from typing import Any

import pytest

from reconciler.model.project import Project
from tests.planner.support import (
    EU,
    OWNER,
    POOL_ID,
    adopting,
    live,
    ours,
    plan_of,
    plan_one,
    refusal_of,
    spec,
    tombstone,
    whole_plan,
)

DEVELOPER = "DeveloperProviderName"
IGNORING = Project(owner=OWNER, targets=(EU,), ignore_tags=("cost:*",))


def many_tags(count: int, prefix: str = "key") -> dict[str, str]:
    return {f"{prefix}{number:02}": "x" for number in range(count)}


class TestDeveloperProvider:
    @pytest.mark.parametrize(
        ("wanted", "said"),
        [
            ({DEVELOPER: "login.other"}, "changed from 'login.shop' to 'login.other'"),
            ({DEVELOPER: ""}, "removed (it is 'login.shop')"),
            ({}, "removed (it is 'login.shop')"),
        ],
        ids=["changed", "emptied", "left out"],
    )
    def test_it_is_never_changed_or_removed(self, wanted: dict[str, Any], said: str) -> None:
        planned = plan_one(spec(**wanted), ours(DeveloperProviderName="login.shop"))
        refusal = refusal_of(planned)
        assert (refusal.rule, refusal.field) == ("developer-provider", DEVELOPER)
        assert said in refusal.reason
        assert "lose every identity id" in refusal.reason
        assert "write DeveloperProviderName: login.shop into the spec" in refusal.way_out
        assert not refusal.is_error

    def test_the_first_setting_is_allowed_and_marked_irreversible(self) -> None:
        planned = plan_one(spec(DeveloperProviderName="login.shop"), ours())
        assert planned.refusals == ()
        assert [(c.field, c.irreversible) for c in planned.changes] == [(DEVELOPER, True)]
        assert planned.verb == "update"

    def test_a_new_pool_may_have_any(self) -> None:
        assert plan_one(spec(DeveloperProviderName="login.shop")).verb == "create"

    def test_the_same_one_is_no_change(self) -> None:
        wanted = spec(DeveloperProviderName="login.shop")
        assert plan_one(wanted, ours(DeveloperProviderName="login.shop")).verb == "keep"

    @pytest.mark.parametrize("wanted", [{}, {DEVELOPER: "login.other"}])
    def test_ignored_it_is_left_alone(self, wanted: dict[str, Any]) -> None:
        ignoring = spec(lifecycle={"ignoreChanges": [DEVELOPER]}, **wanted)
        planned = plan_one(ignoring, ours(DeveloperProviderName="login.shop"))
        assert (planned.verb, planned.refusals) == ("keep", ())

    def test_the_other_changes_are_shown_and_not_made(self) -> None:
        planned = plan_one(spec(AllowClassicFlow=True), ours(DeveloperProviderName="login.shop"))
        assert [change.field for change in planned.changes] == ["AllowClassicFlow", DEVELOPER]
        assert planned.actions == ()

    def test_other_pools_are_still_planned(self) -> None:
        specs = [spec(), spec("shop", IdentityPoolName="shop")]
        planned = plan_of(specs, ours(DeveloperProviderName="login.shop"))
        assert [pool.verb for pool in planned.pools] == ["refuse", "create"]
        plan = whole_plan(planned)
        assert plan.has_changes
        assert [refusal.rule for refusal in plan.refusals] == ["developer-provider"]

    def test_it_comes_beside_the_refusal_of_the_match(self) -> None:
        """A pool of another owner shows everything that is in the way."""
        other = live(IdentityPoolTags={"idpool:owner": "x"}, DeveloperProviderName="login.shop")
        planned = plan_one(adopting(POOL_ID), other)
        assert [r.rule for r in planned.refusals] == ["other-owner", "developer-provider"]
        assert planned.actions == ()


class TestTooManyTags:
    @pytest.mark.parametrize(("kept", "verb"), [(38, "update"), (39, "refuse")])
    def test_kept_tags_count(self, kept: int, verb: str) -> None:
        """38 of others, 10 of the spec and two of ours are 50."""
        wanted = spec(IdentityPoolTags=many_tags(10))
        stored = ours(IdentityPoolTags=many_tags(kept, "cost:"))
        assert plan_one(wanted, stored, project=IGNORING).verb == verb

    def test_the_refusal_says_how_many_and_what_to_do(self) -> None:
        wanted = spec(IdentityPoolTags=many_tags(48))
        stored = ours(IdentityPoolTags=many_tags(1, "cost:"))
        refusal = refusal_of(plan_one(wanted, stored, project=IGNORING))
        assert (refusal.rule, refusal.field) == ("too-many-tags", "IdentityPoolTags")
        assert "51 tags" in refusal.reason
        assert "narrow ignoreTags or ignoreChanges" in refusal.way_out

    def test_adopting_a_pool_whose_ignored_tags_leave_no_room_for_ours(self) -> None:
        wanted = adopting(POOL_ID, lifecycle={"ignoreChanges": ["IdentityPoolTags"]})
        refusal = refusal_of(plan_one(wanted, live(IdentityPoolTags=many_tags(49))))
        assert refusal.rule == "too-many-tags"

    def test_awss_own_tags_do_not_count(self) -> None:
        wanted = spec(IdentityPoolTags=many_tags(48))
        assert plan_one(wanted, ours(IdentityPoolTags=many_tags(5, "aws:"))).verb == "update"


class TestTombstone:
    def test_a_pool_with_identities_is_not_deleted(self) -> None:
        refusal = refusal_of(plan_one(tombstone(), ours(identities=True)))
        assert (refusal.rule, refusal.field) == ("holds-identities", "lifecycle.delete")
        assert POOL_ID in refusal.reason
        assert "lifecycle.deleteIdentities: true" in refusal.way_out

    @pytest.mark.parametrize(
        ("identities", "agreed"), [(False, False), (False, True), (True, True)]
    )
    def test_an_empty_pool_or_an_agreed_loss_is(self, identities: bool, agreed: bool) -> None:
        planned = plan_one(tombstone(identities=agreed), ours(identities=identities))
        assert (planned.verb, planned.refusals) == ("delete", ())

    def test_what_the_tombstone_says_of_the_pool_does_not_matter(self) -> None:
        """Not even a developer provider that would not be changed is in the way."""
        planned = plan_one(tombstone(), ours(DeveloperProviderName="login.shop"))
        assert planned.verb == "delete"
