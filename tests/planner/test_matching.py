"""Which live pool is a spec's (DESIGN, section 5)."""

from dataclasses import replace

import pytest

from reconciler.model.changes import DeleteTwin
from reconciler.model.live import LeftCreate, LivePool, LiveTarget
from reconciler.model.plan import Orphan
from reconciler.model.project import NAME_TAG, OWNER_TAG, OwnerTags
from reconciler.model.spec import Spec
from reconciler.planner.planning import plan_target, wants
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
        there = OTHER_ID.replace("eu-west-1", "us-east-1")
        wanted = adopting({"prod-eu": POOL_ID, "prod-us": there})
        pools = (strangers(POOL_ID), strangers(there))
        assert plan_of([wanted], *pools, target=EU).pools[0].pool_id == POOL_ID
        assert plan_of([wanted], *pools, target=US).pools[0].pool_id == there

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
        assert (refusal.rule, refusal.is_error) == ("two-pools", False)
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

    def test_two_of_them_are_refused_with_both_ids_and_what_they_hold(self) -> None:
        planned = plan_one(spec(), ours(identities=3), ours(pool_id=OTHER_ID, identities=0))
        refusal = refusal_of(planned)
        assert (refusal.rule, refusal.is_error) == ("two-pools", False)
        assert f"{POOL_ID} (holds 3 identities)" in refusal.reason
        assert f"{OTHER_ID} (holds no identities)" in refusal.reason
        assert "idpool adopt storefront --keep ID" in refusal.way_out
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
        assert f"{POOL_ID} (nobody's), {OTHER_ID} (nobody's)" in refusal.reason

    def test_a_refused_pool_is_not_touched_and_not_matched(self) -> None:
        planned = plan_one(spec(), strangers())
        assert (planned.pool_id, planned.live) == (None, None)

    def test_a_pool_with_our_owner_tag_and_no_name_is_a_strangers(self) -> None:
        refusal = refusal_of(plan_one(spec(), strangers(**{OWNER_TAG: OWNER})))
        assert refusal.rule == "name-taken"

    def test_a_pool_of_another_owner_is_refused_with_the_line_that_would_move_it(self) -> None:
        refusal = refusal_of(plan_one(spec(), of_owner("acme/payments")))
        assert refusal.rule == "name-taken"
        assert f"{POOL_ID} (owner 'acme/payments', spec 'storefront')" in refusal.reason
        assert 'formerOwners: ["acme/payments"]' in refusal.way_out

    def test_a_renamed_spec_is_refused_with_the_line_that_would_move_it(self) -> None:
        refusal = refusal_of(plan_one(spec("shop"), ours("storefront")))
        assert refusal.rule == "name-taken"
        assert f"{POOL_ID} (owner '{OWNER}', spec 'storefront')" in refusal.reason
        assert "formerNames: [storefront]" in refusal.way_out

    def test_without_all_specs_it_may_be_that_of_a_spec_that_was_not_named(self) -> None:
        refusal = refusal_of(plan_one(spec("shop"), ours("storefront"), all_specs=False))
        assert "formerNames" not in refusal.way_out

    @pytest.mark.parametrize(
        "taken", [strangers(), of_owner("acme/payments"), ours("gone")], ids=str
    )
    def test_a_spec_may_allow_it(self, taken: LivePool) -> None:
        allowing = spec(lifecycle={"allowSameName": True})
        assert plan_one(allowing, taken).verb == "create"

    def test_a_rename_to_a_name_that_is_taken_is_a_warning(self) -> None:
        planned = plan_one(spec(), ours(IdentityPoolName="old"), strangers(OTHER_ID))
        assert planned.verb == "update"
        (notice,) = planned.notices
        assert (notice.rule, OTHER_ID in notice.message) == ("name-taken", True)


class TestOneNameForTwoSpecs:
    """What is refused does not depend on which was made first."""

    @pytest.mark.parametrize("made", [(), ("shop",), ("storefront",)], ids=str)
    @pytest.mark.parametrize("allowing", [(), ("shop",), ("storefront",)], ids=str)
    def test_both_are_refused(self, made: tuple[str, ...], allowing: tuple[str, ...]) -> None:
        pools = [ours(name) for name in made]
        planned = plan_of(self.specs(allowing), *pools).pools
        refusals = [refusal_of(pool) for pool in planned]
        assert {refusal.rule for refusal in refusals} == {"name-given-twice"}
        assert all("shop, storefront" in refusal.reason for refusal in refusals)

    @pytest.mark.parametrize("made", [(), ("shop",)], ids=str)
    def test_unless_both_say_so(self, made: tuple[str, ...]) -> None:
        pools = [ours(name) for name in made]
        planned = plan_of(self.specs(("shop", "storefront")), *pools).pools
        assert [pool.refusals for pool in planned] == [(), ()]

    def test_two_that_are_there_already_stay_as_they_are(self) -> None:
        pools = (ours("shop"), ours("storefront", OTHER_ID))
        assert [pool.verb for pool in plan_of(self.specs(()), *pools).pools] == ["keep", "keep"]

    def test_a_tombstone_gives_no_name(self) -> None:
        created, _ = plan_of([spec("shop"), tombstone()]).pools
        assert created.verb == "create"

    @staticmethod
    def specs(allowing: tuple[str, ...]) -> list[Spec]:
        names = ("shop", "storefront")
        return [spec(n, lifecycle={"allowSameName": n in allowing}) for n in names]


FORMER = replace(PROJECT, former_owners=("acme/old", "acme/older"))


class TestFormerly:
    """Pools with the tags of before, where the present ones find nothing."""

    @pytest.mark.parametrize(
        ("pool", "names"),
        [
            (of_owner("acme/old"), []),
            (ours("shopfront"), ["shopfront"]),
            (of_owner("acme/older", "shopfront"), ["shopfront"]),
        ],
        ids=["owner", "name", "both"],
    )
    def test_such_a_pool_is_taken_over(self, pool: LivePool, names: list[str]) -> None:
        wanted = spec(metadata={"formerNames": names}, IdentityPoolName="another")
        planned = plan_one(wanted, pool, project=FORMER)
        assert (planned.pool_id, planned.verb, planned.changes_hands) == (POOL_ID, "update", True)
        assert planned.desired is not None
        assert planned.desired.IdentityPoolTags == our_tags()
        assert planned.notices[0].rule == "takes-over"
        assert f"owner '{pool.owner}'" in planned.notices[0].message
        assert f"spec '{pool.spec_name}'" in planned.notices[0].message

    def test_the_present_tags_come_first(self) -> None:
        planned = plan_one(spec(), of_owner("acme/old"), ours(pool_id=OTHER_ID), project=FORMER)
        assert (planned.pool_id, planned.verb, planned.notices) == (OTHER_ID, "keep", ())

    def test_two_candidates_are_refused(self) -> None:
        pools = (of_owner("acme/old"), of_owner("acme/older", pool_id=OTHER_ID))
        refusal = refusal_of(plan_one(spec(), *pools, project=FORMER))
        assert (refusal.rule, POOL_ID in refusal.reason) == ("two-pools", True)

    def test_another_name_of_a_former_owner_is_none_of_our_business(self) -> None:
        planned = plan_of([spec(IdentityPoolName="new")], of_owner("acme/old", "x"), project=FORMER)
        assert (planned.pools[0].verb, planned.orphans) == ("create", ())

    def test_a_tombstone_does_not_delete_it(self) -> None:
        refusal = refusal_of(plan_one(tombstone(), of_owner("acme/old"), project=FORMER))
        assert (refusal.rule, refusal.field) == ("never-ours", "lifecycle.delete")

    def test_a_name_of_before_needs_all_specs(self) -> None:
        """Another spec, which was not named, may have it."""
        wanted = spec(metadata={"formerNames": ["shopfront"]})
        refusal = refusal_of(plan_one(wanted, ours("shopfront"), all_specs=False))
        assert refusal.rule == "other-spec"

    def test_adopting_a_former_owners_pool_is_allowed(self) -> None:
        planned = plan_one(adopting(POOL_ID), of_owner("acme/old", "x"), project=FORMER)
        assert (planned.verb, planned.refusals) == ("update", ())


def left(*pool_ids: str | None, unanswered: int = 0) -> tuple[LeftCreate, ...]:
    """What journals tell of runs that died: the pools that they made, and creates unanswered."""
    names = [(f"j{n}.jsonl", pool_id) for n, pool_id in enumerate(pool_ids)]
    heard = [made_by(name, pool_id=pool_id) for name, pool_id in names]
    return (*heard, *([made_by("u.jsonl", unanswered=unanswered)] if unanswered else []))


def made_by(
    journal: str,
    pool_id: str | None = None,
    unanswered: int = 0,
    owner: str = OWNER,
    name: str = "storefront",
) -> LeftCreate:
    return LeftCreate(
        target="prod-eu",
        owner=owner,
        name=name,
        pool_id=pool_id,
        at="2026-11-27T00:00:00.000+00:00",
        unanswered=unanswered,
        journal=journal,
    )


TWIN = DeleteTwin(pool_id=OTHER_ID, tags=OwnerTags(OWNER, "storefront"), journal="j0.jsonl")
TWO = (ours(identities=0), ours(pool_id=OTHER_ID, identities=0))


class TestLeftTwin:
    """Two runs made one each, and one died before it could look."""

    def test_an_empty_one_that_a_dead_run_made_goes(self) -> None:
        pools = (ours(identities=3), ours(pool_id=OTHER_ID, identities=0))
        planned = plan_one(spec(), *pools, left=left(OTHER_ID))
        assert planned.pool_id == POOL_ID
        assert planned.actions == (TWIN,)
        (notice,) = planned.notices
        assert (notice.rule, OTHER_ID in notice.message) == ("twin", True)

    @pytest.mark.parametrize(
        "told",
        [left(POOL_ID, OTHER_ID), left(unanswered=2), left(OTHER_ID, unanswered=1)],
        ids=["both named", "both unanswered", "one of each"],
    )
    def test_of_two_dead_runs_pools_the_lowest_id_stays(self, told: tuple[LeftCreate, ...]) -> None:
        planned = plan_one(spec(), *reversed(TWO), left=told)
        assert planned.pool_id == POOL_ID
        assert [action.kind for action in planned.actions] == ["DeleteTwin"]

    def test_of_two_dead_runs_pools_the_one_that_is_finished_stays(self) -> None:
        unfinished = ours(identities=0, AllowClassicFlow=True)
        planned = plan_one(spec(), unfinished, TWO[1], left=left(unanswered=2))
        assert (planned.pool_id, len(planned.actions)) == (OTHER_ID, 1)

    @pytest.mark.parametrize("identities", [1, None])
    def test_one_that_may_hold_identities_stays(self, identities: int | None) -> None:
        pools = (ours(identities=1), ours(pool_id=OTHER_ID, identities=identities))
        refusal = refusal_of(plan_one(spec(), *pools, left=left(OTHER_ID, unanswered=2)))
        assert refusal.rule == "two-pools"

    @pytest.mark.parametrize(
        "told", [(), left(THIRD_ID), left(unanswered=1)], ids=["none", "another", "too few"]
    )
    def test_without_a_journal_that_says_so_none_goes(self, told: tuple[LeftCreate, ...]) -> None:
        assert refusal_of(plan_one(spec(), *TWO, left=told)).rule == "two-pools"

    def test_those_of_a_former_name_go_as_well(self) -> None:
        """The run died before the spec was renamed."""
        renamed = spec("shop", metadata={"formerNames": ["storefront"]})
        planned = plan_one(renamed, *TWO, left=left(unanswered=2))
        assert planned.pool_id == POOL_ID
        assert planned.actions[0].kind == "DeleteTwin"
        assert [notice.rule for notice in planned.notices] == ["takes-over", "twin"]

    def test_one_of_the_present_name_goes_where_one_of_before_was_made_meanwhile(self) -> None:
        """The run of the commit before could not know the name of this one."""
        renamed = spec("shop", metadata={"formerNames": ["storefront"]})
        pools = (ours("shop", identities=0), ours("storefront", OTHER_ID, identities=0))
        told = (made_by("j.jsonl", pool_id=POOL_ID, name="shop"),)
        planned = plan_one(renamed, *pools, left=told)
        assert (planned.pool_id, planned.actions[0].kind) == (OTHER_ID, "DeleteTwin")
        kept = plan_one(renamed, *pools)
        assert (kept.pool_id, kept.verb) == (POOL_ID, "keep")

    def test_the_journal_of_another_owner_says_nothing(self) -> None:
        told = (made_by("j.jsonl", pool_id=OTHER_ID, owner="somebody"),)
        assert refusal_of(plan_one(spec(), *TWO, left=told)).rule == "two-pools"

    def test_of_three_with_one_left_over_none_goes(self) -> None:
        pools = (*TWO, ours(pool_id=THIRD_ID, identities=0))
        assert refusal_of(plan_one(spec(), *pools, left=left(THIRD_ID))).rule == "two-pools"

    def test_a_tombstone_takes_none_of_them(self) -> None:
        planned = plan_one(tombstone(), *TWO, left=left(OTHER_ID))
        assert refusal_of(planned).rule == "two-pools"


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
        planned = plan_one(tombstone(), ours(identities=0))
        assert (planned.verb, planned.pool_id) == ("delete", POOL_ID)
        assert (planned.desired, planned.changes) == (None, ())

    def test_a_pool_that_was_never_ours_is_not_deleted(self) -> None:
        """A wrong id would cost somebody all identities, in one step."""
        planned = plan_one(tombstone(adopt=POOL_ID), strangers())
        refusal = refusal_of(planned)
        assert (refusal.rule, refusal.field) == ("never-ours", "lifecycle.delete")
        assert "'storefront', nobody's" in refusal.reason

    def test_the_pool_that_it_has_adopted_is_deleted(self) -> None:
        planned = plan_one(tombstone(adopt=POOL_ID), ours(identities=0))
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
        assert (refusal.rule, refusal.is_error) == ("two-pools", False)

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
