"""The calls of a plan: what it has to know, and not one more."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.live.reader import read_pools, read_target
from reconciler.model.live import ListedPool
from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.e2e.conftest import Account, client_of
from tests.faults.commands import DESCRIBE, LIST, command
from tests.faults.proxy import FaultProxy
from tests.support.cli import ACCOUNT, Result
from tests.support.in_process import Driver
from tests.support.specs import document

ROLES = "GetIdentityPoolRoles"
WHO = "GetCallerIdentity"
PRINCIPAL_TAGS = "GetPrincipalTagAttributeMap"
ROLE = {"Roles": {"authenticated": f"arn:aws:iam::{ACCOUNT}:role/app"}}
FACEBOOK: dict[str, Any] = {"SupportedLoginProviders": {"graph.facebook.com": "7346241598935555"}}


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxSettings(file=None)) as server:
        yield server


@pytest.fixture
def proxy(sandbox: SandboxServer) -> Iterator[FaultProxy]:
    with FaultProxy(sandbox.url) as running:
        yield running


@pytest.fixture
def account(sandbox: SandboxServer) -> Iterator[Account]:
    client = client_of(sandbox)
    yield Account(client)
    client.close()


class Place:
    """An account with some pools in it, and `idpool plan` on some specs."""

    def __init__(self, folder: Path, proxy: FaultProxy, account: Account) -> None:
        self._folder = folder
        self._proxy = proxy
        self.account = account

    def ours(self, name: str, pool_name: str = "", **fields: Any) -> str:
        """A pool with our tags."""
        tags = {"idpool:owner": "default", "idpool:name": name}
        return self.account.create(pool_name or name, IdentityPoolTags=tags, **fields)

    def strangers(self, count: int) -> None:
        """Pools of somebody else."""
        for number in range(count):
            self.account.create(f"stranger-{number}")

    def plan(self, *documents: dict[str, Any], file: str = "specs/pools.yaml") -> Result:
        """Plan only these specs: those of a file, which leaves open whether there are more."""
        return command(self._folder, self._proxy.url, *documents).run("plan", file)

    def counts(self) -> dict[str, int]:
        """Calls by operation; whoever asks for nothing is left out."""
        return {name: count for name, count in self._proxy.counts().items() if count}


@pytest.fixture
def place(tmp_path: Path, proxy: FaultProxy, account: Account) -> Place:
    return Place(tmp_path, proxy, account)


@pytest.mark.parametrize("pools", [5, 125])
def test_a_plan_of_all_specs_describes_each_pool_once(place: Place, pools: int) -> None:
    """Pages, one description a pool, roles where a spec manages them; who answers, once."""
    names = [f"pool-{number}" for number in range(pools)]
    for name in names:
        place.ours(name)
    specs = [document(name, ROLE if number % 5 == 0 else {}) for number, name in enumerate(names)]
    result = place.plan(*specs, file="specs")
    assert f"{pools // 5} to change" in result.out or "update" in result.out
    assert place.counts() == {WHO: 1, LIST: -(-pools // 60), DESCRIBE: pools, ROLES: pools // 5}


def test_principal_tags_cost_a_call_a_provider_and_only_where_they_are_managed(
    place: Place,
) -> None:
    """An empty map manages them, too."""
    place.ours("one", **FACEBOOK)
    place.ours("two", **FACEBOOK)
    managed = document("one", {**FACEBOOK, "PrincipalTagAttributeMaps": {}})
    assert "No changes" in place.plan(managed, document("two", FACEBOOK), file="specs").out
    assert place.counts() == {WHO: 1, LIST: 1, DESCRIBE: 2, PRINCIPAL_TAGS: 1}


def test_strangers_are_not_described_for_a_spec_that_finds_its_pool_by_name(place: Place) -> None:
    """The name leads to the pool, its tags say that it is the spec's."""
    place.ours("shop")
    place.strangers(70)
    assert "No changes" in place.plan(document("shop")).out
    assert place.counts() == {WHO: 1, LIST: 2, DESCRIBE: 1}


def test_strangers_are_not_described_for_an_adopted_pool_that_has_our_tags(place: Place) -> None:
    """The id leads to the pool, whatever its name is in AWS."""
    pool_id = place.ours("shop", "renamed by hand")
    place.strangers(3)
    adopting = document("shop", metadata={"adopt": pool_id})
    assert "renamed by hand" in place.plan(adopting).out
    assert place.counts() == {WHO: 1, LIST: 1, DESCRIBE: 1}


def test_a_pool_that_was_renamed_in_aws_is_still_found_by_its_tags(place: Place) -> None:
    """Names leave doubt: then every pool is described, each once."""
    place.ours("shop", "renamed by hand")
    place.strangers(3)
    assert "renamed by hand" in place.plan(document("shop")).out
    assert place.counts() == {WHO: 1, LIST: 1, DESCRIBE: 4}


DOUBTS = {
    "nothing found": document("shop"),
    "a tombstone": document("ours", lifecycle={"delete": True}),
    "several specs, one of them new": document("new"),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_creating_and_deleting_take_all_pools(place: Place, doubt: str) -> None:
    """Whoever creates or deletes has to know whose all the others are."""
    place.ours("ours")
    place.strangers(3)
    others = [document("ours")] if doubt.startswith("several") else []
    place.plan(DOUBTS[doubt], *others)
    assert place.counts()[DESCRIBE] == 4


def test_adopting_for_the_first_time_takes_all_pools(place: Place) -> None:
    """Another pool may be the spec's already."""
    place.strangers(2)
    twin = place.ours("shop", "under another name")
    pool_id = place.account.create("shop")
    result = place.plan(document("shop", metadata={"adopt": pool_id}))
    assert twin in result.out
    assert place.counts()[DESCRIBE] == 4


def test_of_an_account_that_is_not_the_named_one_no_pool_is_read(
    place: Place, tmp_path: Path
) -> None:
    """The first page of the list was asked for beside who answers; nobody looks at it."""
    place.strangers(61)
    target = "targets: {prod: {account: '999999999999', region: eu-west-1}}"
    (tmp_path / "idpool.yaml").write_text(
        f"apiVersion: idpool/v1\nkind: Project\nowner: default\nspecs: [specs]\n{target}\n"
    )
    place.ours("shop")
    assert place.plan(document("shop"), file="specs").code == 3
    assert place.counts() == {WHO: 1, LIST: 1}


def test_the_list_is_asked_for_before_it_is_known_who_answers(
    place: Place, proxy: FaultProxy
) -> None:
    """So a plan waits for one answer less."""
    place.ours("shop")

    def hold_who_answers(operation: str, _number: int) -> None:
        if operation == WHO:
            proxy.wait_arrived(LIST, timeout=60)

    proxy.before = hold_who_answers
    assert place.plan(document("shop")).code == 0
    assert place.counts()[LIST] == 1


def test_the_page_that_was_asked_for_ahead_is_for_the_plan_alone(
    sandbox: SandboxServer, account: Account
) -> None:
    """Whoever looks before a write sees what has come since, and so does a second plan."""
    old = account.create("old")
    with Driver(sandbox.url, lists=True) as driver:
        new = account.create("new")
        listing = driver.connection.listing
        assert {pool.pool_id for pool in listing()} == {old, new}
        assert [pool.pool_id for page in listing.pages() for pool in page] == [old]
        assert {pool.pool_id for page in listing.pages() for pool in page} == {old, new}


def test_pools_are_described_while_the_list_is_still_being_read(
    place: Place, proxy: FaultProxy
) -> None:
    """The second page waits for a description, which nobody sends who reads the list first."""
    place.strangers(61)
    described = threading.Event()

    def hold_the_second_page(operation: str, number: int) -> None:
        if operation == DESCRIBE:
            described.set()
        if (operation, number) == (LIST, 2):
            assert described.wait(30)

    proxy.before = hold_the_second_page
    with Driver(proxy.url) as driver:
        assert len(read_target(driver.connection, driver.workers).pools) == 61
    assert described.is_set()
    assert proxy.counts()[DESCRIBE] == 61


def test_a_pool_that_is_listed_twice_is_described_once(proxy: FaultProxy, account: Account) -> None:
    """It moves to the next page where another is made meanwhile; it is not two pools."""
    listed = ListedPool(account.create("shop"), "shop")
    with Driver(proxy.url) as driver:
        live = read_pools(driver.connection, (listed, listed), driver.workers)
    assert [pool.pool_id for pool in live.pools] == [listed.pool_id]
    assert proxy.counts()[DESCRIBE] == 1
