"""A saved plan that was applied fits no more, and one that was not applied may be."""

from tests.e2e.conftest import Account
from tests.saved_plan.conftest import Save, assert_stale, write_spec
from tests.support.cli import Idpool


def test_what_was_applied_is_stale(idpool: Idpool, save: Save) -> None:
    """Live does not fit any more."""
    write_spec(idpool)
    save()
    assert idpool.run("apply", "plan.json").code == 0
    assert_stale(idpool.run("apply", "plan.json"), "there is a pool now")


def test_a_new_plan_in_the_same_file_is_a_new_plan(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """What was applied before from a file of this name is of no concern."""
    write_spec(idpool)
    save()
    assert idpool.run("apply", "plan.json").code == 0
    write_spec(idpool, AllowClassicFlow=True)
    save()
    result = idpool.run("apply", "plan.json")
    assert result.code == 0, result.text
    assert account.describe(account.only_id())["AllowClassicFlow"] is True


def test_a_stale_plan_may_be_applied_later(idpool: Idpool, account: Account, save: Save) -> None:
    """Nothing was sent; once live is back, it may be applied."""
    write_spec(idpool)
    save()
    stranger = account.create("shop")
    assert_stale(idpool.run("apply", "plan.json"))
    account.client.delete_identity_pool(IdentityPoolId=stranger)
    assert idpool.run("apply", "plan.json").code == 0


def test_a_run_that_sent_nothing_has_not_applied_it(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """The journal could not be written, so nothing was sent."""
    write_spec(idpool)
    save()
    idpool.write("taken.jsonl", "")
    assert idpool.run("apply", "plan.json", "--journal", "taken.jsonl").code == 1
    assert account.pools() == {}
    assert idpool.run("apply", "plan.json").code == 0


def test_two_runs_at_once_make_one_pool_of_each_spec(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """Which of them makes which is open; what the other one made is stale for each."""
    for name in ("a", "b", "c"):
        write_spec(idpool, name)
    save()
    both = [idpool.start("apply", "plan.json") for _ in range(2)]
    texts = [process.communicate(timeout=90) for process in both]
    assert {process.returncode for process in both} <= {0, 4}, texts
    names = sorted(pool["IdentityPoolName"] for pool in account.pools().values())
    assert names == ["a", "b", "c"]
