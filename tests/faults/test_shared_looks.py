"""The look before a create is shared with others: what appears later is seen, or found later."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from reconciler.executor.looks import AT_LEAST_SECONDS, SharedLook
from reconciler.model.errors import AwsProblem
from reconciler.model.live import ListedPool
from reconciler.sandbox import SandboxServer
from tests.e2e.conftest import Account, client_of
from tests.faults.commands import (
    CREATE,
    ONE_BY_ONE,
    RECORDED,
    SECONDS,
    command,
    outcomes,
    receipt,
)
from tests.faults.proxy import FaultProxy
from tests.faults.scenario import FULL
from tests.support.cli import Idpool
from tests.support.in_process import Driver
from tests.support.specs import document

TWO_LISTINGS = 2.0  # seconds of the clock of `Listings`
WANTED = [document("one", FULL), document("two", FULL)]


@pytest.fixture
def account(sandbox: SandboxServer) -> Iterator[Account]:
    """The account as another AWS client sees it."""
    client = client_of(sandbox)
    yield Account(client)
    client.close()


@pytest.fixture
def idpool(tmp_path: Path, proxy: FaultProxy) -> Idpool:
    """The command with two specs."""
    return command(tmp_path, proxy.url, *WANTED)


def test_a_pool_of_a_stranger_that_appears_after_the_first_look(
    proxy: FaultProxy, idpool: Idpool, account: Account
) -> None:
    """It was made between the look before the first create and the second create: it is seen."""
    strangers: list[str] = []

    def slip_in(operation: str, number: int) -> None:
        if (operation, number) == (CREATE, 1):
            made = account.client.create_identity_pool(
                IdentityPoolName="two", AllowUnauthenticatedIdentities=False
            )
            strangers.append(made["IdentityPoolId"])

    proxy.before = slip_in
    result = idpool.run(*RECORDED)
    assert result.code == 4, result.text
    assert proxy.counts()[CREATE] == 1
    assert outcomes(idpool)["one"] == ["done"] * 3
    assert set(outcomes(idpool)["two"]) == {"skipped"}
    assert strangers[0] in result.text
    assert sorted(p["IdentityPoolName"] for p in account.pools().values()) == ["one", "two"]


def test_a_pool_of_another_run_that_appears_after_the_first_look(
    proxy: FaultProxy, idpool: Idpool, account: Account, sandbox: SandboxServer
) -> None:
    """It is taken for what it is: made already."""

    def slip_in(operation: str, number: int) -> None:
        if (operation, number) == (CREATE, 1):
            with Driver(sandbox.url) as other:
                other.apply(WANTED[1])

    proxy.before = slip_in
    result = idpool.run(*RECORDED)
    assert result.code == 0, result.text
    assert proxy.counts()[CREATE] == 1
    assert "another run had made it" in result.out
    assert len(account.pools()) == 2


def test_a_pool_of_another_run_that_appears_too_late_for_any_look(
    proxy: FaultProxy, idpool: Idpool, account: Account, sandbox: SandboxServer
) -> None:
    """Both have made it: the look after the run finds that out, and one of the two goes."""

    def slip_in(operation: str, number: int) -> None:
        if (operation, number) == (CREATE, 2):
            with Driver(sandbox.url) as other:
                other.apply(WANTED[1])

    proxy.before = slip_in
    result = idpool.run(*ONE_BY_ONE, "--receipt", "receipt.json")
    assert result.code == 0, result.text
    assert proxy.counts()[CREATE] == 2
    assert sorted(p["IdentityPoolName"] for p in account.pools().values()) == ["one", "two"]
    told = {pool["name"]: pool["poolId"] for pool in receipt(idpool)["pools"]}
    assert set(told.values()) == set(account.pools())


class Listings:
    """Listings by a clock of their own; each takes some of it, the held one until it is let."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.read = 0
        self.now = 1000.0
        self.took = 1.0
        self.held_from = 2
        self.problem: AwsProblem | None = None
        self.reading = threading.Event()
        self.let = threading.Event()

    def __call__(self) -> tuple[ListedPool, ...]:
        self.read += 1
        if self.read >= self.held_from:
            self.reading.set()
            assert self.let.wait(SECONDS)
        self.now += self.took
        if self.problem is not None:
            raise self.problem
        return tuple(ListedPool(f"id-of-{name}", name) for name in self.names)

    def clock(self) -> float:
        return self.now


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(12) as pool:
        yield pool


def test_who_looks_alone_sees_what_is_new(threads: ThreadPoolExecutor) -> None:
    """However soon after the last one it is; and nothing is read for nobody."""
    listings = Listings("shop", "shop")
    listings.let.set()
    look = SharedLook(listings, threads, 4, listings.clock)
    assert look("shop") == ("id-of-shop", "id-of-shop")
    assert look("new") == ()
    listings.names = ("new",)
    assert look("new") == ("id-of-new",)
    assert listings.read == 3


def test_while_a_listing_is_read_creates_go_on_with_the_one_before(
    threads: ThreadPoolExecutor,
) -> None:
    listings = Listings("shop")
    look = SharedLook(listings, threads, 42, listings.clock)
    assert look("shop") == ("id-of-shop",)
    first = threads.submit(look, "shop")
    assert listings.reading.wait(SECONDS)
    listings.now += TWO_LISTINGS
    for _ in range(20):
        assert look("shop") == ("id-of-shop",)
        assert look("none") == ()
    assert listings.read == 2
    listings.let.set()
    assert first.result(SECONDS) == ("id-of-shop",)


@pytest.mark.parametrize(("askers", "read"), [(3, 2), (4, 3)])
def test_the_next_listing_is_begun_for_those_who_will_ask(
    threads: ThreadPoolExecutor, askers: int, read: int
) -> None:
    """Two have asked while it was read: a third may come, or nobody any more."""
    listings = Listings("shop")
    look = SharedLook(listings, threads, askers, listings.clock)
    assert look("shop") == ("id-of-shop",)
    first = threads.submit(look, "shop")
    assert listings.reading.wait(SECONDS)
    assert look("shop") == ("id-of-shop",)
    listings.let.set()
    assert first.result(SECONDS) == ("id-of-shop",)
    threads.shutdown()
    assert listings.read == read


@pytest.mark.parametrize(("took", "lasts"), [(1.0, TWO_LISTINGS), (0.001, AT_LEAST_SECONDS)])
def test_a_listing_that_is_too_old_is_not_gone_on_with(
    threads: ThreadPoolExecutor, took: float, lasts: float
) -> None:
    """Where the next one takes long, all wait for it, and share it."""
    listings = Listings()
    listings.took = took
    look = SharedLook(listings, threads, 9, listings.clock)
    assert look("new") == ()
    first = threads.submit(look, "new")
    assert listings.reading.wait(SECONDS)
    listings.now += lasts - 0.001
    assert look("new") == ()
    listings.now += 0.002
    listings.names = ("new",)
    waiting = [threads.submit(look, "new") for _ in range(5)]
    done, _ = wait(waiting, timeout=0.1)
    assert not done
    listings.let.set()
    assert [each.result(SECONDS) for each in (first, *waiting)] == [("id-of-new",)] * 6


def test_a_listing_that_fails_fails_for_those_who_wait_for_it(threads: ThreadPoolExecutor) -> None:
    """Who asks later reads again."""
    listings = Listings("shop")
    listings.held_from = 1
    listings.problem = AwsProblem("no network", code="Unreachable", target="default")
    look = SharedLook(listings, threads, 9, listings.clock)
    waiting = [threads.submit(look, "shop") for _ in range(5)]
    assert listings.reading.wait(SECONDS)
    listings.let.set()
    for each in waiting:
        with pytest.raises(AwsProblem):
            each.result(SECONDS)
    listings.problem = None
    assert look("shop") == ("id-of-shop",)


def test_a_look_ahead_is_for_the_first_who_asks(threads: ThreadPoolExecutor) -> None:
    """The next one who is alone looks for himself."""
    listings = Listings("shop")
    listings.let.set()
    look = SharedLook(listings, threads, 3, listings.clock)
    look.begin()
    assert look("shop") == ("id-of-shop",)
    assert listings.read == 1
    listings.names = ("new",)
    assert look("new") == ("id-of-new",)
    assert listings.read == 2


def test_a_look_ahead_that_is_too_old_is_none() -> None:
    listings = Listings("shop")
    listings.let.set()
    with ThreadPoolExecutor(1) as reader:
        look = SharedLook(listings, reader, 3, listings.clock)
        look.begin()
        reader.submit(lambda: None).result(SECONDS)  # it has ended, too
        listings.now += TWO_LISTINGS + 0.001
        listings.names = ("new",)
        assert look("new") == ("id-of-new",)
    assert listings.read == 2
