"""A saved plan is applied once."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from reconciler.cli.consuming import Marker, PlanInUse
from tests.e2e.conftest import Account
from tests.saved_plan.conftest import Save, apply_specs, assert_stale, write_spec
from tests.support.answering import answering
from tests.support.cli import Idpool, aws_environment


def test_a_second_time_is_refused_and_says_when_the_first_was(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """Exit 4; without a look at AWS, for nothing there could change the answer."""
    write_spec(idpool)
    path = save()
    assert idpool.run("apply", "plan.json").code == 0
    marker = path.with_name("plan.json.applied")
    consumed = json.loads(marker.read_text())
    when = consumed["consumedAt"].replace("T", " ").replace("Z", " UTC")
    with answering("AccessDeniedException", "no") as url:
        result = Idpool(idpool.folder, aws_environment(url)).run("apply", "plan.json")

    assert (result.code, result.out) == (4, "")
    assert result.err.startswith(f"error: plan.json was applied on {when}, and is good for once")
    assert stat.S_IMODE(marker.stat().st_mode) == 0o600
    assert idpool.run("show", "plan.json").err == f"It was applied on {when}.\n"
    assert len(account.pools()) == 1


def test_not_even_where_live_is_as_it_was_before(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """After a rollback the plan would fit again; nobody has asked for it again."""
    write_spec(idpool)
    apply_specs(idpool)
    write_spec(idpool, AllowClassicFlow=True)
    save()
    assert idpool.run("apply", "plan.json", "--receipt", "receipt.json").code == 0
    assert idpool.run("rollback", "receipt.json", "--apply", "--yes").code == 0
    result = idpool.run("apply", "plan.json")
    assert result.code == 4, result.text
    assert not account.describe(account.only_id()).get("AllowClassicFlow")


def test_what_was_applied_is_stale_without_its_marker(idpool: Idpool, save: Save) -> None:
    """A copy on another machine has none: live does not fit any more."""
    write_spec(idpool)
    path = save()
    assert idpool.run("apply", "plan.json").code == 0
    path.with_name("plan.json.applied").unlink()
    assert_stale(idpool.run("apply", "plan.json"), "there is a pool now")


def test_a_new_plan_in_the_same_file_is_a_new_plan(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """Saved there by idpool, or copied there."""
    write_spec(idpool)
    path = save()
    old = path.read_text()
    assert idpool.run("apply", "plan.json").code == 0
    used = path.with_name("plan.json.applied").read_text()
    write_spec(idpool, AllowClassicFlow=True)
    save()
    assert not path.with_name("plan.json.applied").exists()
    idpool.write("plan.json.applied", used)
    result = idpool.run("apply", "plan.json")
    assert result.code == 0, result.text
    assert account.describe(account.only_id())["AllowClassicFlow"] is True
    assert path.with_name("plan.json.applied").read_text() != used
    assert path.read_text() != old


def test_a_stale_plan_is_not_used_up(idpool: Idpool, account: Account, save: Save) -> None:
    """Nothing was sent; once live is back, it may be applied."""
    write_spec(idpool)
    save()
    stranger = account.create("shop")
    assert_stale(idpool.run("apply", "plan.json"))
    account.client.delete_identity_pool(IdentityPoolId=stranger)
    assert idpool.run("apply", "plan.json").code == 0


def test_a_run_that_sent_nothing_does_not_use_it_up(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """The journal could not be written, so nothing was sent."""
    write_spec(idpool)
    save()
    idpool.write("taken.jsonl", "")
    assert idpool.run("apply", "plan.json", "--journal", "taken.jsonl").code == 1
    assert account.pools() == {}
    assert idpool.run("apply", "plan.json").code == 0


def test_where_no_marker_can_be_made_it_says_so_and_goes_on(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """A file system that does not take it; this one does not take the length of the name."""
    write_spec(idpool)
    name = "p" * 245 + ".json"
    save().rename(idpool.folder / name)
    result = idpool.run("apply", name)
    assert result.code == 0, result.text
    assert f"warning: {name}.applied cannot be written (File name too long)" in result.err
    assert len(account.pools()) == 1


def test_a_marker_that_cannot_be_read_is_an_error(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """A run that was killed while it wrote it may have sent something."""
    write_spec(idpool)
    save()
    idpool.write("plan.json.applied", "")
    result = idpool.run("apply", "plan.json")
    assert result.code == 1
    assert result.err.startswith("error: plan.json.applied:1: ")
    assert account.pools() == {}


def test_two_runs_at_once_make_one_pool_of_each_spec(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """One of them has the plan and is done; the other one is stale, whenever it comes."""
    for name in ("a", "b", "c"):
        write_spec(idpool, name)
    save()
    both = [idpool.start("apply", "plan.json") for _ in range(2)]
    texts = [process.communicate(timeout=90) for process in both]
    assert sorted(process.returncode for process in both) == [0, 4], texts
    names = sorted(pool["IdentityPoolName"] for pool in account.pools().values())
    assert names == ["a", "b", "c"]


def test_of_many_claims_at_once_one_is_granted(save: Save, idpool: Idpool) -> None:
    """Also where the marker of an earlier plan lies there, which each of them would remove."""
    write_spec(idpool)
    path = save()
    for turn in range(100):
        Marker(path, f"sha256:{turn:064x}").claim()
        with ThreadPoolExecutor(8) as pool:
            granted = list(pool.map(_is_granted, [path] * 8))
        assert sorted(granted) == [False] * 7 + [True], turn
        Marker(path, "").forget()


def _is_granted(plan: Path) -> bool:
    try:
        Marker(plan, f"sha256:{0xF00D:064x}").claim()
    except PlanInUse:
        return False
    return True
