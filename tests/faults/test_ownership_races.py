"""No fault is injected, and still a spec could get a second pool: by runs of two commits, by people
who wait at a prompt, by an owner that changed, by a listing that lags."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Account
from tests.faults.commands import (
    CREATE,
    DESCRIBE,
    LIST,
    SECONDS,
    command,
    ended,
    kill,
    said_on_stderr,
    writes,
)
from tests.faults.faults import Fault, FaultKind, StrangeAnswer
from tests.faults.lagging import LaggingListing
from tests.faults.proxy import FaultProxy
from tests.faults.scenario import FULL
from tests.support.cli import ACCOUNT, REGION, Idpool
from tests.support.person import Person
from tests.support.specs import document, yaml_of

APPLY = ("apply", "specs", "--yes")
SPEC = document("shop", FULL)
RENAMED = document("shop", {**FULL, "IdentityPoolName": "renamed"})
TAGS = {"idpool:owner": "default", "idpool:name": "shop"}


def project(owner: str = "default", **more: Any) -> str:
    """A project file."""
    return json.dumps({"apiVersion": "idpool/v1", "kind": "Project", "owner": owner, **more})


def checkout(folder: Path, proxy: FaultProxy, *documents: dict[str, Any]) -> Idpool:
    """The repository at one commit."""
    folder.mkdir()
    return command(folder, proxy.url, *documents)


def one_pool_of(account: Account) -> dict[str, Any]:
    """The pool of the spec; there is no other one."""
    (pool,) = account.pools().values()
    assert pool["IdentityPoolTags"].items() >= TAGS.items()
    return pool


class TestTwoCommits:
    """Two runs at once: the same metadata.name, and another IdentityPoolName."""

    def test_both_create_before_either_looks_again(
        self, tmp_path: Path, proxy: FaultProxy, account: Account
    ) -> None:
        barrier = threading.Barrier(2)

        def meet(operation: str, number: int) -> None:
            if operation == CREATE and number <= 2:
                barrier.wait(SECONDS)

        proxy.before = meet
        runs = [
            checkout(tmp_path / name, proxy, spec).start(*APPLY)
            for name, spec in (("old", SPEC), ("new", RENAMED))
        ]
        results = [ended(run) for run in runs]
        said = "\n".join(result.text for result in results)
        assert proxy.counts()[CREATE] == 2
        assert sorted(result.code for result in results) == [0, 4], said
        pool = one_pool_of(account)
        done = next(result for result in results if result.code == 0)
        assert pool["IdentityPoolId"] in done.out

    def test_one_comes_when_the_other_has_created(
        self, tmp_path: Path, proxy: FaultProxy, account: Account
    ) -> None:
        """Its plan is older: the look before its own create finds the pool by its tags."""
        late = checkout(tmp_path / "new", proxy, RENAMED)
        first = checkout(tmp_path / "old", proxy, SPEC)

        def overtake(operation: str, number: int) -> None:
            if (operation, number) == (LIST, 1):
                proxy.after = None
                assert first.run_process(*APPLY).code == 0

        proxy.after = overtake
        result = late.run(*APPLY)
        assert result.code == 4, result.text
        assert proxy.counts()[CREATE] == 1
        assert one_pool_of(account)["IdentityPoolName"] == "shop"
        assert one_pool_of(account)["IdentityPoolId"] in result.out

    @pytest.mark.usefixtures("bucket")
    def test_the_second_waits_for_the_lock(
        self, tmp_path: Path, proxy: FaultProxy, account: Account
    ) -> None:
        """And does not go on with the plan that it had before."""
        go_on = threading.Event()

        def hold(operation: str, _number: int) -> None:
            if operation == CREATE:
                go_on.wait(SECONDS)

        proxy.before = hold
        locks = project(lock="s3://locks/team")
        first, second = (
            checkout(tmp_path / name, proxy, spec)
            for name, spec in (("old", SPEC), ("new", RENAMED))
        )
        for each in (first, second):
            each.write("idpool.yaml", locks)
        running = first.start("apply", "--yes")
        proxy.wait_arrived(CREATE, timeout=SECONDS)
        waiting = second.start("apply", "--yes", "--lock-wait", "60")
        said_on_stderr(waiting, "Waiting: target default is locked by")
        # A wait that is shorter than a listing is good for needs no second plan.
        waited = threading.Timer(1.1, go_on.set)
        waited.start()
        assert ended(running).code == 0
        late = ended(waiting)
        waited.join()
        assert late.code == 4, late.text
        assert "the plan is stale: things have moved while it waited" in late.err
        assert proxy.counts()[CREATE] == 1
        assert one_pool_of(account)["IdentityPoolName"] == "shop"


def another_run_creates(tmp_path: Path, proxy: FaultProxy, _account: Account) -> None:
    """Under another name."""
    assert checkout(tmp_path / "other", proxy, RENAMED).run_process(*APPLY).code == 0


def another_run_adopts(tmp_path: Path, proxy: FaultProxy, account: Account) -> None:
    """A pool that was nobody's."""
    (older,) = account.pools()
    adopting = document("shop", {"IdentityPoolName": "older"}, metadata={"adopt": older})
    result = checkout(tmp_path / "other", proxy, adopting).run_process(*APPLY)
    assert result.code == 0, result.text


Happens = Callable[[Path, FaultProxy, Account], None]


@pytest.mark.parametrize("happens", [another_run_creates, another_run_adopts])
@pytest.mark.slow
class TestMeanwhile:
    """A run is about to create a pool, and another one gives the spec a pool before."""

    def test_a_person_sits_at_the_prompt(
        self, tmp_path: Path, proxy: FaultProxy, account: Account, happens: Happens
    ) -> None:
        account.create("older")
        person = Person(checkout(tmp_path / "mine", proxy, SPEC), "apply", "specs")
        person.reads("Apply this plan?")
        happens(tmp_path, proxy, account)
        # Longer than a listing is good for: the look before the create finds what came sooner.
        threading.Event().wait(1.1)
        proxy.reset()
        before = account.pools()
        result = person.says("yes")
        assert result.code == 4, result.text
        assert "the plan is stale: things have moved while it waited" in result.out
        assert account.pools() == before
        assert not writes(proxy.requests)

    def test_a_run_does_not_ask(
        self, tmp_path: Path, proxy: FaultProxy, account: Account, happens: Happens
    ) -> None:
        account.create("older")
        mine = checkout(tmp_path / "mine", proxy, SPEC)
        left: dict[str, Any] = {}

        def meanwhile(operation: str, number: int) -> None:
            if (operation, number) == (DESCRIBE, 1):
                proxy.after = None
                happens(tmp_path, proxy, account)
                left.update(account.pools())
                proxy.reset()

        proxy.after = meanwhile
        result = mine.run(*APPLY)
        assert result.code == 4, result.text
        assert account.pools() == left
        assert not writes(proxy.requests)


def test_more_pools_were_nobodys_than_are_looked_at_before(
    tmp_path: Path, proxy: FaultProxy, account: Account
) -> None:
    """Then the look after the run finds that one was adopted: ours is empty, and goes."""
    for number in range(61):
        account.create(f"older-{number}")
    mine = checkout(tmp_path / "mine", proxy, SPEC)
    adopted = min(account.pools())

    def meanwhile(operation: str, _number: int) -> None:
        if operation == CREATE:
            proxy.before = None
            arn = f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/{adopted}"
            account.client.tag_resource(ResourceArn=arn, Tags=TAGS)

    proxy.before = meanwhile
    result = mine.run(*APPLY)
    assert result.code == 4, result.text
    assert len(account.pools()) == 61
    assert f"another run has made or adopted {adopted} meanwhile" in result.out


def owner_changed(idpool: Idpool, _account: Account) -> str:
    """In the project file."""
    idpool.write("idpool.yaml", project("acme/new"))
    return "acme/old"


def project_file_gone(idpool: Idpool, _account: Account) -> str:
    """So the owner is `default`."""
    (idpool.folder / "idpool.yaml").unlink()
    return "acme/old"


def owner_tag_edited(_idpool: Idpool, account: Account) -> str:
    """By hand, in the console."""
    pool_id = account.only_id()
    arn = f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/{pool_id}"
    account.client.tag_resource(ResourceArn=arn, Tags={"idpool:owner": "by hand"})
    return "by hand"


class TestOwner:
    """A pool whose owner is another one: none is created beside it."""

    @pytest.fixture
    def mine(self, tmp_path: Path, proxy: FaultProxy) -> Idpool:
        """A repository that has applied its pool."""
        made = checkout(tmp_path / "mine", proxy, SPEC)
        made.write("idpool.yaml", project("acme/old"))
        assert made.run(*APPLY).code == 0
        return made

    @pytest.mark.parametrize("change", [owner_changed, project_file_gone, owner_tag_edited])
    def test_it_is_refused_with_the_line_that_would_move_it(
        self,
        mine: Idpool,
        proxy: FaultProxy,
        account: Account,
        change: Callable[[Idpool, Account], str],
    ) -> None:
        owner = change(mine, account)
        proxy.reset()
        before = account.pools()
        result = mine.run(*APPLY)
        assert result.code == 3, result.text
        assert f"{account.only_id()} (owner '{owner}', spec 'shop')" in result.out
        assert f'formerOwners: ["{owner}"]' in result.out
        assert account.pools() == before
        assert not writes(proxy.requests)

    def test_the_line_moves_it(self, mine: Idpool, account: Account) -> None:
        """The plan says so among its first lines."""
        kept = account.only_id()
        mine.write("idpool.yaml", project("acme/new", formerOwners=["acme/old"]))
        shown = mine.run("plan", "specs").out.splitlines()
        assert "takes over from owner 'acme/old'" in shown[5]  # below the summary and the target
        assert mine.run(*APPLY).code == 0
        assert account.only_id() == kept
        assert account.describe(kept)["IdentityPoolTags"]["idpool:owner"] == "acme/new"
        assert mine.run("plan", "specs", "--detailed-exitcode").code == 0

    def test_a_former_name_moves_it(self, mine: Idpool, account: Account) -> None:
        """Also with another IdentityPoolName: the tags say which it is."""
        kept = account.only_id()
        moved = document(
            "window", {**FULL, "IdentityPoolName": "w"}, metadata={"formerNames": ["shop"]}
        )
        mine.write("specs/pools.yaml", yaml_of(moved))
        assert mine.run(*APPLY).code == 0
        assert account.only_id() == kept
        assert account.describe(kept)["IdentityPoolTags"]["idpool:name"] == "window"

    @pytest.mark.slow
    def test_two_runs_of_which_one_knows_the_owner_of_before(
        self, tmp_path: Path, proxy: FaultProxy, account: Account
    ) -> None:
        """The commit that changes the owner, and the one before it, create at the same moment."""
        barrier = threading.Barrier(2)

        def meet(operation: str, number: int) -> None:
            if operation == CREATE and number <= 2:
                barrier.wait(SECONDS)

        proxy.before = meet
        old, new = (checkout(tmp_path / name, proxy, SPEC) for name in ("old", "new"))
        old.write("idpool.yaml", project("acme/old"))
        new.write("idpool.yaml", project("acme/new", formerOwners=["acme/old"]))
        runs = [each.start(*APPLY, "--settle", "1") for each in (old, new)]
        results = [ended(run) for run in runs]
        assert sorted(result.code for result in results) == [0, 4], results
        assert account.only_id() in next(result.out for result in results if result.code == 0)
        assert new.run(*APPLY).code == 0
        assert account.describe(account.only_id())["IdentityPoolTags"]["idpool:owner"] == "acme/new"

    @pytest.mark.slow
    def test_the_run_that_does_not_know_comes_when_the_other_has_finished(
        self, tmp_path: Path, proxy: FaultProxy, account: Account
    ) -> None:
        """Its create was on the way: it sees a pool of the same name, and takes its own back."""
        old, new = (checkout(tmp_path / name, proxy, SPEC) for name in ("old", "new"))
        old.write("idpool.yaml", project("acme/old"))
        new.write("idpool.yaml", project("acme/new", formerOwners=["acme/old"]))

        def overtake(operation: str, _number: int) -> None:
            if operation == CREATE:
                proxy.before = None
                assert new.run_process(*APPLY).code == 0

        proxy.before = overtake
        late = old.run(*APPLY, "--settle", "1")
        assert late.code == 4, late.text
        assert proxy.counts()[CREATE] == 2
        assert account.describe(account.only_id())["IdentityPoolTags"]["idpool:owner"] == "acme/new"


class TestTombstones:
    """Only a pool that is ours already is deleted, and its live name is shown."""

    def test_a_pool_that_was_never_ours(
        self, tmp_path: Path, proxy: FaultProxy, account: Account
    ) -> None:
        """`adopt: ID` and `delete: true` in one commit: the id may be wrong."""
        theirs = account.create("production")
        lifecycle = {"delete": True, "deleteIdentities": True}
        spec = document("legacy", metadata={"adopt": theirs}, lifecycle=lifecycle)
        result = checkout(tmp_path / "mine", proxy, spec).run(*APPLY)
        assert result.code == 3, result.text
        assert f"{theirs} ('production', nobody's) does not carry the tags" in result.out
        assert account.only_id() == theirs
        assert not writes(proxy.requests)

    @pytest.mark.parametrize(
        ("people", "told"),
        [(0, "holds no identities"), (1, "holds 1 identity"), (3, "holds 3 identities")],
    )
    def test_every_delete_shows_the_live_name_and_the_identities(
        self, tmp_path: Path, proxy: FaultProxy, account: Account, people: int, told: str
    ) -> None:
        live = account.create(
            "by hand", IdentityPoolTags=TAGS, SupportedLoginProviders={"graph.facebook.com": "1"}
        )
        for user in range(people):
            account.use(live, f"user {user}")
        lifecycle = {"delete": True, "deleteIdentities": True}
        mine = checkout(tmp_path / "mine", proxy, document("shop", lifecycle=lifecycle))
        shown = mine.run("plan", "specs")
        assert f'the live pool "by hand" {told}' in shown.out
        assert mine.run(*APPLY).code == 0
        assert account.pools() == {}


class TestUnseen:
    """What could not be read is not absent."""

    def test_an_id_that_is_listed_twice_and_not_described(
        self, tmp_path: Path, proxy: FaultProxy, account: Account
    ) -> None:
        """It is an unread pool, which may be the spec's: nothing is created beside it."""
        hidden = account.create("shop", IdentityPoolTags=TAGS)
        body = json.dumps({"__type": "ResourceNotFoundException", "message": "not found"})
        proxy.before = lambda operation, _: (
            StrangeAnswer(text=body, status=400) if operation == DESCRIBE else None
        )
        result = checkout(tmp_path / "mine", proxy, SPEC).run(*APPLY)
        assert result.code == 1, result.text
        assert f"{hidden} cannot be read: AWS lists it and does not find it" in result.out
        assert not writes(proxy.requests)

    def test_one_that_was_deleted_meanwhile_is_gone(
        self, tmp_path: Path, proxy: FaultProxy, account: Account
    ) -> None:
        """The second listing does not name it any more."""
        gone = account.create("gone")

        def delete(operation: str, number: int) -> None:
            if (operation, number) == (DESCRIBE, 1):
                account.client.delete_identity_pool(IdentityPoolId=gone)

        proxy.before = delete
        result = checkout(tmp_path / "mine", proxy, SPEC).run(*APPLY)
        assert result.code == 0, result.text
        assert one_pool_of(account)["IdentityPoolName"] == "shop"


@pytest.mark.slow
class TestAfterAKill:
    """The next run looks at the journals before it creates."""

    @pytest.mark.parametrize("is_answered", [True, False], ids=["an id", "an unanswered create"])
    def test_a_listing_does_not_show_what_it_made(
        self, tmp_path: Path, proxy: FaultProxy, account: Account, is_answered: bool
    ) -> None:
        """By its id it is found at once; without one it is waited for."""
        mine = checkout(tmp_path / "mine", proxy, SPEC)
        stop_at = "SetIdentityPoolRoles" if is_answered else CREATE
        fault = Fault(FaultKind.HANG_AFTER, CREATE)
        if is_answered:
            fault = Fault(FaultKind.HANG, stop_at)
        proxy.add(fault)
        first = mine.start(*APPLY)
        proxy.wait_arrived(stop_at, timeout=SECONDS)
        made = _made(account)
        kill(first)
        ended(first)
        proxy.clear()
        proxy.before = LaggingListing(account.client, 1)
        result = mine.run(*APPLY, "--settle", "2")
        proxy.before = None
        assert result.code == 0, result.text
        assert ("an earlier run may have made a pool" in result.err) is not is_answered
        assert account.only_id() == made
        assert mine.run(*APPLY).code == 0
        assert account.only_id() == made


def _made(account: Account) -> str:
    """The pool that a create has made, as soon as it is there."""
    while not account.pools():
        threading.Event().wait(0.05)
    return account.only_id()
