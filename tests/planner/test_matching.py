"""Which live pool is a spec's (DESIGN, section 5)."""

from dataclasses import replace

import pytest

from reconciler.model.live import LivePool, LiveTarget
from reconciler.model.plan import Orphan
from reconciler.model.project import NAME_TAG, OWNER_TAG
from reconciler.model.spec import Spec
from reconciler.planner import plan_target, wants
from tests.planner.support import (
    EU,
    OTHER_ID,
    OWNER,
    POOL_ID,
    PROJECT,
    THIRD_ID,
    US,
    adopting,
    answer,
    live,
    our_tags,
    ours,
    plan_of,
    plan_one,
    refusal_of,
    spec,
    tombstone,
)


def strangers(pool_id: str = POOL_ID, **tags: str) -> LivePool:
    return live(pool_id, IdentityPoolTags=tags)


def of_owner(owner: str, name: str = "storefront", pool_id: str = POOL_ID) -> LivePool:
    return live(pool_id, IdentityPoolTags=our_tags(name, owner))


def orphan_ids(*pools: LivePool, specs: tuple[str, ...] = ("storefront",)) -> list[str]:
    planned = plan_of([spec(name, IdentityPoolName=f"{name}-pool") for name in specs], *pools)
    return [orphan.pool_id for orphan in planned.orphans]


class TestAdopted:
    def test_the_named_pool_is_taken_over_by_tagging_it(self) -> None:
        planned = plan_one(adopting(POOL_ID), strangers())
        assert (planned.pool_id, planned.verb) == (POOL_ID, "update")
        assert [action.kind for action in planned.actions] == ["TagPool"]

    def test_the_named_pool_wins_whatever_its_name(self) -> None:
        """metadata.adopt is first; another pool of the same IdentityPoolName does not matter."""
        named = live(POOL_ID, IdentityPoolName="something else")
        planned = plan_one(adopting(POOL_ID), strangers(OTHER_ID), named)
        assert (planned.pool_id, planned.refusals) == (POOL_ID, ())
        assert [change.field for change in planned.changes] == [
            "IdentityPoolName",
            "IdentityPoolTags",
        ]

    def test_the_line_may_stay_in_the_spec_afterwards(self) -> None:
        planned = plan_one(adopting(POOL_ID), ours())
        assert (planned.pool_id, planned.verb, planned.changes) == (POOL_ID, "keep", ())

    def test_the_id_is_the_one_for_this_target(self) -> None:
        wanted = adopting({"prod-eu": POOL_ID, "prod-us": OTHER_ID})
        pools = (strangers(POOL_ID), strangers(OTHER_ID))
        assert plan_of([wanted], *pools, target=EU).pools[0].pool_id == POOL_ID
        assert plan_of([wanted], *pools, target=US).pools[0].pool_id == OTHER_ID

    def test_without_an_id_for_this_target_the_tags_decide(self) -> None:
        wanted = adopting({"prod-us": OTHER_ID})
        assert plan_one(wanted, ours()).pool_id == POOL_ID

    def test_a_missing_pool_is_refused_and_not_created(self) -> None:
        planned = plan_one(adopting(POOL_ID), strangers(OTHER_ID))
        refusal = refusal_of(planned)
        assert (refusal.rule, refusal.field) == ("adopted-missing", "metadata.adopt")
        assert POOL_ID in refusal.reason
        assert "prod-eu" in refusal.reason
        assert "remove metadata.adopt" in refusal.way_out
        assert planned.pool_id is None

    def test_a_pool_of_another_owner_is_refused(self) -> None:
        refusal = refusal_of(plan_one(adopting(POOL_ID), of_owner("acme/payments")))
        assert refusal.rule == "other-owner"
        assert "'acme/payments'" in refusal.reason
        assert OWNER_TAG in refusal.way_out

    def test_a_pool_of_another_spec_of_ours_is_refused(self) -> None:
        specs = [adopting(POOL_ID), spec("backoffice")]
        adopter, owner = plan_of(specs, ours("backoffice")).pools
        refusal = refusal_of(adopter)
        assert refusal.rule == "other-spec"
        assert "'backoffice'" in refusal.reason
        assert (owner.pool_id, owner.refusals) == (POOL_ID, ())

    def test_an_orphan_of_ours_is_adopted_again_under_the_new_name(self) -> None:
        """The way out of a renamed metadata.name: one tag changes, nothing else."""
        planned = plan_one(adopting(POOL_ID, "shop"), ours("storefront"))
        assert planned.refusals == ()
        (change,) = planned.changes
        (edit,) = change.edits
        assert (edit.path, edit.before, edit.after) == ((NAME_TAG,), "storefront", "shop")

    def test_an_orphan_is_free_only_when_all_specs_are_known(self) -> None:
        """A pool of a spec that was merely not named is not an orphan."""
        planned = plan_one(adopting(POOL_ID, "shop"), ours("storefront"), all_specs=False)
        refusal = refusal_of(planned)
        assert refusal.rule == "other-spec"
        assert "all specs" in refusal.way_out

    def test_our_pool_without_a_name_tag_is_adopted(self) -> None:
        planned = plan_one(adopting(POOL_ID), strangers(**{OWNER_TAG: OWNER}), all_specs=False)
        assert planned.refusals == ()

    def test_a_name_tag_without_an_owner_is_a_strangers(self) -> None:
        planned = plan_one(adopting(POOL_ID), strangers(**{NAME_TAG: "backoffice"}))
        assert planned.refusals == ()

    def test_beside_a_pool_that_is_tagged_already_it_is_an_error(self) -> None:
        planned = plan_one(adopting(POOL_ID), strangers(POOL_ID), ours(pool_id=OTHER_ID))
        refusal = refusal_of(planned)
        assert (refusal.rule, refusal.is_error) == ("two-pools", True)
        assert POOL_ID in refusal.reason
        assert OTHER_ID in refusal.reason

    def test_two_specs_that_adopt_one_pool_are_both_refused(self) -> None:
        specs = [adopting(POOL_ID, "shop"), adopting(POOL_ID, "window")]
        planned = plan_of(specs, strangers()).pools
        refusals = [refusal_of(pool) for pool in planned]
        assert {refusal.rule for refusal in refusals} == {"two-specs"}
        assert all("'shop'" in r.reason and "'window'" in r.reason for r in refusals)

    def test_a_spec_keeps_its_own_pool_though_another_wants_it(self) -> None:
        specs = [adopting(POOL_ID), adopting(POOL_ID, "window")]
        own, other = plan_of(specs, ours()).pools
        assert own.verb == "keep"
        assert refusal_of(other).rule == "other-spec"


class TestTagged:
    @pytest.mark.parametrize("pool_name", ["storefront", "renamed by hand"])
    def test_the_tags_decide_whatever_the_pools_name(self, pool_name: str) -> None:
        planned = plan_one(spec(), ours(IdentityPoolName=pool_name))
        assert (planned.pool_id, planned.refusals) == (POOL_ID, ())

    def test_a_strangers_pool_of_the_same_name_does_not_matter_then(self) -> None:
        planned = plan_one(spec(), strangers(OTHER_ID), ours())
        assert (planned.pool_id, planned.verb) == (POOL_ID, "keep")

    def test_foreign_tags_beside_ours_do_not_matter(self) -> None:
        assert plan_one(spec(), ours(IdentityPoolTags={"team": "x"})).pool_id == POOL_ID

    def test_two_of_them_are_an_error_that_lists_both_ids(self) -> None:
        planned = plan_one(spec(), ours(), ours(pool_id=OTHER_ID))
        refusal = refusal_of(planned)
        assert (refusal.rule, refusal.is_error) == ("two-pools", True)
        assert f"{POOL_ID}, {OTHER_ID}" in refusal.reason
        assert f"{NAME_TAG}=storefront" in refusal.way_out
        assert planned.pool_id is None

    def test_two_of_them_are_no_orphans(self) -> None:
        planned = plan_of([spec()], ours(), ours(pool_id=OTHER_ID))
        assert planned.orphans == ()


class TestSameName:
    def test_a_strangers_pool_is_refused_with_its_id_and_the_way_out(self) -> None:
        refusal = refusal_of(plan_one(spec(), strangers(team="x")))
        assert (refusal.rule, refusal.field) == ("name-taken", "IdentityPoolName")
        assert (POOL_ID in refusal.reason, "'storefront'" in refusal.reason) == (True, True)
        assert f'metadata.adopt: "{POOL_ID}"' in refusal.way_out
        assert "another IdentityPoolName" in refusal.way_out
        assert not refusal.is_error

    def test_all_strangers_of_that_name_are_listed(self) -> None:
        refusal = refusal_of(plan_one(spec(), strangers(), strangers(OTHER_ID)))
        assert f"{POOL_ID}, {OTHER_ID}" in refusal.reason

    def test_a_refused_pool_is_not_touched_and_not_matched(self) -> None:
        planned = plan_one(spec(), strangers())
        assert (planned.pool_id, planned.live) == (None, None)

    def test_a_pool_with_our_owner_tag_and_no_name_is_a_strangers(self) -> None:
        refusal = refusal_of(plan_one(spec(), strangers(**{OWNER_TAG: OWNER})))
        assert refusal.rule == "name-taken"

    def test_a_pool_of_another_owner_is_invisible(self) -> None:
        planned = plan_one(spec(), of_owner("acme/payments"))
        assert (planned.verb, planned.refusals) == ("create", ())

    def test_a_pool_of_another_spec_of_ours_is_not_in_the_way(self) -> None:
        """Names are not unique: two specs may share one IdentityPoolName."""
        created, kept = plan_of([spec("shop"), spec()], ours()).pools
        assert (created.verb, kept.verb) == ("create", "keep")

    def test_a_renamed_spec_is_refused_instead_of_leaving_its_pool_behind(self) -> None:
        refusal = refusal_of(plan_one(spec("shop"), ours("storefront")))
        assert (refusal.rule, refusal.field) == ("spec-renamed", "metadata.name")
        assert POOL_ID in refusal.reason
        assert "'storefront', which has no spec any more" in refusal.reason
        assert f'metadata.adopt: "{POOL_ID}"' in refusal.way_out
        assert "back to 'storefront'" in refusal.way_out

    def test_without_all_specs_it_is_not_called_renamed(self) -> None:
        refusal = refusal_of(plan_one(spec("shop"), ours("storefront"), all_specs=False))
        assert "which is not among the specs named here" in refusal.reason

    def test_several_old_names_are_listed_once_each(self) -> None:
        pools = (ours("one"), ours("two", OTHER_ID), ours("two", THIRD_ID))
        refusal = refusal_of(plan_one(spec("shop"), *pools))
        assert f"{NAME_TAG}='one', 'two', which" in refusal.reason

    def test_a_strangers_pool_comes_before_a_renamed_spec(self) -> None:
        refusal = refusal_of(plan_one(spec("shop"), ours("old"), strangers(OTHER_ID)))
        assert (refusal.rule, POOL_ID in refusal.reason) == ("name-taken", False)


class TestCreation:
    @pytest.mark.parametrize("pools", [(), (live(IdentityPoolName="another"),)])
    def test_without_any_match_it_is_created_with_both_tags(
        self, pools: tuple[LivePool, ...]
    ) -> None:
        planned = plan_one(spec(IdentityPoolTags={"team": "shop"}), *pools)
        assert (planned.verb, planned.pool_id, planned.live) == ("create", None, None)
        assert planned.desired is not None
        assert planned.desired.IdentityPoolTags == {**our_tags(), "team": "shop"}

    def test_a_pool_deleted_by_hand_is_created_again(self) -> None:
        assert plan_one(spec(), ours("another", IdentityPoolName="another")).verb == "create"

    def test_the_name_is_compared_as_it_is(self) -> None:
        assert plan_one(spec(), live(IdentityPoolName="Storefront")).verb == "create"


class TestTombstone:
    def test_its_tagged_pool_is_deleted(self) -> None:
        planned = plan_one(tombstone(), ours(identities=False))
        assert (planned.verb, planned.pool_id) == ("delete", POOL_ID)
        assert (planned.desired, planned.changes) == (None, ())

    def test_the_pool_it_adopts_is_deleted(self) -> None:
        planned = plan_one(tombstone(adopt=POOL_ID), strangers())
        assert (planned.verb, planned.pool_id) == ("delete", POOL_ID)

    @pytest.mark.parametrize("adopt", [{}, {"adopt": POOL_ID}])
    def test_without_a_pool_there_is_nothing_to_do(self, adopt: dict[str, str]) -> None:
        planned = plan_one(tombstone(**adopt))
        assert (planned.verb, planned.refusals, planned.pool_id) == ("keep", (), None)

    def test_a_strangers_pool_of_the_same_name_is_none_of_its_business(self) -> None:
        planned = plan_one(tombstone(), strangers())
        assert (planned.verb, planned.pool_id) == ("keep", None)

    def test_of_two_tagged_pools_none_is_deleted(self) -> None:
        refusal = refusal_of(plan_one(tombstone(), ours(), ours(pool_id=OTHER_ID)))
        assert (refusal.rule, refusal.is_error) == ("two-pools", True)

    def test_the_pool_of_another_owner_is_not_deleted(self) -> None:
        planned = plan_one(tombstone(adopt=POOL_ID), of_owner("acme/payments"))
        assert refusal_of(planned).rule == "other-owner"

    def test_the_pool_of_another_spec_is_not_deleted(self) -> None:
        specs = [tombstone("old", adopt=POOL_ID), spec()]
        deleted, kept = plan_of(specs, ours()).pools
        assert refusal_of(deleted).rule == "other-spec"
        assert kept.verb == "keep"

    def test_a_pool_that_another_spec_adopts_is_not_deleted(self) -> None:
        """Tombstone for the old name, adopt for the new one: the identities must survive."""
        deleted, adopter = plan_of([tombstone("old"), adopting(POOL_ID)], ours("old")).pools
        assert refusal_of(deleted).rule == "two-specs"
        assert refusal_of(adopter).rule == "other-spec"

    def test_an_adopted_id_that_is_gone_does_not_hide_a_tagged_pool(self) -> None:
        """The spec still has a pool, so "nothing to do" would be wrong."""
        planned = plan_one(tombstone(adopt=POOL_ID), ours(pool_id=OTHER_ID))
        assert refusal_of(planned).rule == "adopted-missing"


class TestOrphans:
    def test_our_pool_without_a_spec_is_reported_and_left_alone(self) -> None:
        planned = plan_of([], ours(IdentityPoolName="shop window"))
        assert planned.orphans == (
            Orphan(pool_id=POOL_ID, pool_name="shop window", spec_name="storefront"),
        )
        assert planned.pools == ()

    def test_our_pool_without_a_name_tag_is_one(self) -> None:
        assert orphan_ids(strangers(**{OWNER_TAG: OWNER})) == [POOL_ID]

    @pytest.mark.parametrize(
        "pool",
        [strangers(team="x"), of_owner("acme/payments", "gone"), strangers(**{NAME_TAG: "gone"})],
        ids=["untagged", "other owner", "name tag alone"],
    )
    def test_pools_of_others_never_are(self, pool: LivePool) -> None:
        assert orphan_ids(pool) == []

    def test_pools_of_specs_are_not(self) -> None:
        assert orphan_ids(ours(), ours("gone", OTHER_ID)) == [OTHER_ID]

    def test_the_pool_of_a_tombstone_is_not(self) -> None:
        assert plan_of([tombstone()], ours()).orphans == ()

    def test_an_adopted_one_is_not(self) -> None:
        assert plan_of([adopting(POOL_ID, "shop")], ours("gone")).orphans == ()

    def test_none_are_reported_without_all_specs(self) -> None:
        assert plan_of([], ours(), all_specs=False).orphans == ()

    def test_a_spec_that_left_the_target_leaves_an_orphan_there(self) -> None:
        planned = plan_of([spec(metadata={"targets": ["prod-us"]})], ours())
        assert [orphan.pool_id for orphan in planned.orphans] == [POOL_ID]


class TestTargets:
    def test_a_spec_goes_to_its_targets_only(self) -> None:
        wanted = spec(metadata={"targets": ["prod-us"]})
        assert plan_of([wanted], target=EU).pools == ()
        assert [pool.name for pool in plan_of([wanted], target=US).pools] == ["storefront"]

    def test_without_targets_it_goes_everywhere(self) -> None:
        assert [len(plan_of([spec()], target=target).pools) for target in (EU, US)] == [1, 1]

    def test_a_spec_of_another_target_does_not_claim_a_pool_here(self) -> None:
        """Its pool here is free to be adopted."""
        specs = [spec(metadata={"targets": ["prod-us"]}), adopting(POOL_ID, "shop")]
        (planned,) = plan_of(specs, ours()).pools
        assert (planned.name, planned.refusals) == ("shop", ())

    def test_the_pools_come_in_the_order_of_the_specs(self) -> None:
        planned = plan_of([spec("b"), spec("a"), spec("c")])
        assert [pool.name for pool in planned.pools] == ["b", "a", "c"]

    def test_the_wrong_account_stops_the_whole_target(self) -> None:
        elsewhere = LiveTarget(
            target=replace(EU, account="999999999999"),
            expected_account="111122223333",
            pools=(ours(), ours("gone", OTHER_ID)),
        )
        planned = plan_target([spec()], elsewhere, PROJECT)
        (refusal,) = planned.refusals
        assert refusal.rule == "wrong-account"
        assert "999999999999" in refusal.reason
        assert "prod-eu is account 111122223333" in refusal.reason
        assert (planned.pools, planned.orphans) == ((), ())
        assert wants([spec()], elsewhere, PROJECT) == ()

    def test_where_no_account_is_named_any_may_answer(self) -> None:
        ambient = LiveTarget(target=EU, expected_account=None)
        assert plan_target([spec()], ambient, PROJECT).refusals == ()


class TestWants:
    def test_only_what_is_managed_is_read(self) -> None:
        (want,) = wants([spec()], answer(ours()), PROJECT)
        assert (want.pool_id, want.roles, want.identities) == (POOL_ID, False, False)
        assert want.principal_tag_providers is None

    @pytest.mark.parametrize("wanted", [spec(Roles={}), spec(RoleMappings={})])
    def test_roles_are_read_when_either_half_is_managed(self, wanted: Spec) -> None:
        (want,) = wants([wanted], answer(ours()), PROJECT)
        assert want.roles

    def test_principal_tags_are_read_of_every_provider_on_either_side(self) -> None:
        wanted = spec(
            PrincipalTagAttributeMaps={"example.com": {}},
            SupportedLoginProviders={"graph.facebook.com": "1"},
        )
        pool = ours(DeveloperProviderName="login.shop")
        (want,) = wants([wanted], answer(pool), PROJECT)
        assert want.principal_tag_providers == ("graph.facebook.com", "login.shop")

    def test_of_a_tombstone_only_the_identities_are_asked_for(self) -> None:
        (want,) = wants([tombstone()], answer(ours()), PROJECT)
        assert (want.roles, want.identities) == (False, True)

    def test_nothing_is_read_of_pools_that_are_nobodys(self) -> None:
        assert wants([spec("shop")], answer(strangers(), of_owner("x")), PROJECT) == ()
