"""Which live pool is a spec's, seen from the command line."""

import pytest

from tests.e2e.conftest import Account
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of


def test_a_rename_keeps_the_pool_and_its_id(idpool: Idpool, account: Account) -> None:
    """IdentityPoolName changes in place; the id, which people's identities hang on, stays."""
    idpool.write("specs/a.yaml", yaml_of(document("shop")))
    assert idpool.run("apply", "specs", "--yes").code == 0
    before = account.only_id()
    idpool.write("specs/a.yaml", yaml_of(document("shop", {"IdentityPoolName": "new name"})))

    result = idpool.run("apply", "specs", "--yes")

    assert result.code == 0, result.text
    assert account.only_id() == before
    assert account.describe(before)["IdentityPoolName"] == "new name"
    assert idpool.run("plan", "specs", "--detailed-exitcode").code == 0


def test_a_pool_renamed_by_hand_is_still_found_by_its_tags(
    idpool: Idpool, account: Account
) -> None:
    """Names are not identity: the tags are."""
    idpool.write("specs/a.yaml", yaml_of(document("shop")))
    idpool.run("apply", "specs", "--yes")
    pool_id = account.only_id()
    account.client.update_identity_pool(
        **{**account.describe(pool_id), "IdentityPoolName": "by hand"}
    )

    result = idpool.run("apply", "specs", "--yes")

    assert result.code == 0, result.text
    assert account.only_id() == pool_id
    assert account.describe(pool_id)["IdentityPoolName"] == "shop"


def test_two_specs_may_share_one_pool_name(idpool: Idpool, account: Account) -> None:
    """AWS takes a name twice, and so do two specs that say so: each has a pool of its own."""
    both = [
        document(name, {"IdentityPoolName": "same"}, lifecycle={"allowSameName": True})
        for name in ("one", "two")
    ]
    idpool.write("specs/a.yaml", yaml_of(*both))

    result = idpool.run("apply", "specs", "--yes")

    assert result.code == 0, result.text
    assert len(account.pools()) == 2
    assert idpool.run("plan", "specs", "--detailed-exitcode").code == 0


def test_two_pools_with_the_tags_of_one_spec_are_refused_with_both_ids(
    idpool: Idpool, account: Account
) -> None:
    """Nobody can tell which one is meant, so neither is touched; other pools are applied."""
    tags = {"idpool:owner": "default", "idpool:name": "shop"}
    ids = [account.create("shop", IdentityPoolTags=tags) for _ in range(2)]
    before = account.pools()
    idpool.write("specs/a.yaml", yaml_of(document("shop"), document("other")))

    result = idpool.run("apply", "specs", "--yes")

    assert result.code == 3, result.text
    assert all(pool_id in result.text for pool_id in ids)
    after = account.pools()
    assert {pool_id: after[pool_id] for pool_id in ids} == before
    assert len(after) == 3


def test_a_strangers_pool_of_the_same_name_is_refused_with_the_way_out(
    idpool: Idpool, account: Account
) -> None:
    """A pool without our tags is never taken by its name."""
    stranger = account.create("shop")
    before = account.pools()
    idpool.write("specs/a.yaml", yaml_of(document("shop"), document("other")))

    result = idpool.run("apply", "specs", "--yes")

    assert result.code == 3, result.text
    assert stranger in result.out
    assert "metadata.adopt" in result.out
    assert account.pools().items() >= before.items()
    assert len(account.pools()) == 2


def test_an_adopted_pool_keeps_its_id_and_gets_our_tags(idpool: Idpool, account: Account) -> None:
    """Adopting adds the ownership tags and changes only what the plan shows."""
    stranger = account.create("shop", IdentityPoolTags={"team": "x"}, AllowClassicFlow=True)
    spec = {"IdentityPoolTags": {"team": "x"}, "AllowClassicFlow": True}
    idpool.write("specs/a.yaml", yaml_of(document("shop", spec, metadata={"adopt": stranger})))

    result = idpool.run("apply", "specs", "--yes")

    assert result.code == 0, result.text
    assert account.only_id() == stranger
    live = account.describe(stranger)
    ours = {"idpool:owner": "default", "idpool:name": "shop"}
    assert live["IdentityPoolTags"] == {"team": "x", **ours}
    assert live["AllowClassicFlow"] is True
    assert idpool.run("plan", "specs", "--detailed-exitcode").code == 0


def test_a_pool_deleted_by_hand_is_created_again(idpool: Idpool, account: Account) -> None:
    """A missing pool is a creation in the plan, not an error."""
    idpool.write("specs/a.yaml", yaml_of(document("shop")))
    idpool.run("apply", "specs", "--yes")
    first = account.only_id()
    account.client.delete_identity_pool(IdentityPoolId=first)

    plan = idpool.run("plan", "specs", "--detailed-exitcode")
    result = idpool.run("apply", "specs", "--yes")

    assert plan.code == 2
    assert "1 to create" in plan.out
    assert result.code == 0, result.text
    assert account.only_id() != first


def test_a_pool_of_another_owner_is_invisible(idpool: Idpool, account: Account) -> None:
    """It is no orphan of ours, though its spec has the same name."""
    tags = {"idpool:owner": "somebody/else", "idpool:name": "shop"}
    theirs = account.create("their shop", IdentityPoolTags=tags)
    before = account.describe(theirs)
    idpool.write("specs/a.yaml", yaml_of(document("shop")))

    result = idpool.run("apply", "specs", "--yes")

    assert result.code == 0, result.text
    assert theirs not in result.text
    assert account.describe(theirs) == before
    assert len(account.pools()) == 2


def test_an_orphan_is_reported_and_left_alone(idpool: Idpool, account: Account) -> None:
    """A removed spec does not remove its pool: only a tombstone does."""
    idpool.write("specs/a.yaml", yaml_of(document("shop"), document("old")))
    idpool.run("apply", "specs", "--yes")
    before = account.pools()
    idpool.write("specs/a.yaml", yaml_of(document("shop")))

    result = idpool.run("apply", "specs", "--yes")

    orphan = next(i for i, pool in before.items() if pool["IdentityPoolName"] == "old")
    assert result.code == 0, result.text
    assert orphan in result.out
    assert account.pools() == before


@pytest.mark.parametrize("identities", [False, True])
@pytest.mark.parametrize("allowed", [False, True])
def test_a_tombstone_deletes_only_what_it_may(
    idpool: Idpool, account: Account, *, identities: bool, allowed: bool
) -> None:
    """A pool that holds identities needs deleteIdentities, too; gone is gone."""
    guests = {"AllowUnauthenticatedIdentities": True}
    idpool.write("specs/a.yaml", yaml_of(document("shop", guests)))
    idpool.run("apply", "specs", "--yes")
    if identities:
        account.client.get_id(IdentityPoolId=account.only_id())
    lifecycle = {"delete": True, **({"deleteIdentities": True} if allowed else {})}
    idpool.write("specs/a.yaml", yaml_of(document("shop", guests, lifecycle=lifecycle)))

    result = idpool.run("apply", "specs", "--yes")
    again = idpool.run("apply", "specs", "--yes")

    survives = identities and not allowed
    assert result.code == (3 if survives else 0), result.text
    assert bool(account.pools()) is survives
    assert again.code == result.code


def test_130_pools_are_three_pages_and_all_of_them_are_read(
    idpool: Idpool, account: Account
) -> None:
    """Ours is found wherever it stands in the listing, among strangers."""
    names = [f"pool-{n:03}" for n in range(130)]
    idpool.write("specs/a.yaml", yaml_of(*(document(name) for name in names)))

    applied = idpool.run("apply", "specs", "--yes")
    again = idpool.run("plan", "specs", "--detailed-exitcode")

    assert applied.code == 0, applied.text
    assert len(account.pools()) == 130
    assert again.code == 0, again.text
    assert "130 pools" in again.out
