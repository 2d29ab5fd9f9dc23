"""The look before a create: one listing for as long as it is good, and what is new is described."""

from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.executor.newcomers import GOOD_FOR_SECONDS, Newcomers
from reconciler.live.reader import read_target
from reconciler.model.errors import AwsProblem
from tests.e2e.conftest import Account
from tests.faults.commands import DESCRIBE, LIST
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.support.in_process import Driver


class Clock:
    """A clock that somebody else moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """The newcomers of an account in which somebody else makes pools."""

    def __init__(self, proxy: FaultProxy, account: Account, driver: Driver) -> None:
        self.proxy, self.account, self.driver, self.clock = proxy, account, driver, Clock()
        seen = read_target(driver.connection, driver.workers)
        self.newcomers = Newcomers(driver.connection, seen, self.clock)
        proxy.reset()

    def ids(self) -> set[str]:
        """The ids of the newcomers by now."""
        return {pool.pool_id for pool in self.newcomers.now()}

    def calls(self) -> dict[str, int]:
        """The calls since the last time."""
        counts = self.proxy.counts()
        self.proxy.reset()
        return counts


@pytest.fixture
def driver(proxy: FaultProxy) -> Iterator[Driver]:
    """A connection behind the proxy."""
    with Driver(proxy.url) as running:
        yield running


@pytest.fixture
def bench(proxy: FaultProxy, account: Account, driver: Driver) -> Bench:
    """With one pool that was there at the plan, and belongs to somebody."""
    account.create("old", IdentityPoolTags={"idpool:owner": "x", "idpool:name": "old"})
    return Bench(proxy, account, driver)


def test_one_listing_is_good_for_a_second(bench: Bench) -> None:
    """A create that comes later reads another one."""
    assert bench.ids() == set()
    bench.clock.now += GOOD_FOR_SECONDS
    new = bench.account.create("new")
    assert bench.ids() == set()
    assert bench.calls() == {LIST: 1}
    bench.clock.now += 0.001
    assert bench.ids() == {new}
    assert bench.calls() == {LIST: 1, DESCRIBE: 1}


def test_each_newcomer_is_described_once(bench: Bench) -> None:
    """What the plan knew is not described, nor what this run has made."""
    first, mine = bench.account.create("a"), bench.account.create("mine")
    bench.newcomers.made(mine)
    assert bench.ids() == {first}
    bench.clock.now += 2
    second = bench.account.create("b")
    assert bench.ids() == {first, second}
    assert bench.calls() == {LIST: 2, DESCRIBE: 2}


def test_a_listing_ages_while_newcomers_are_described(bench: Bench) -> None:
    """Until it is young enough when all are: what came meanwhile is described, too."""
    for number in range(3):
        bench.account.create(f"new-{number}")
    late: list[str] = []

    def slowly(operation: str, _number: int) -> None:
        if operation == DESCRIBE:
            bench.clock.now += 0.4
            if not late:
                late.append(bench.account.create("late"))

    bench.proxy.after = slowly
    found = bench.ids()
    assert late[0] in found
    assert len(found) == 4
    assert bench.calls() == {LIST: 2, DESCRIBE: 4}


@pytest.mark.parametrize(("count", "described"), [(60, 60), (61, 0)])
def test_those_that_were_nobodys_are_described_where_they_are_few(
    proxy: FaultProxy, account: Account, driver: Driver, count: int, described: int
) -> None:
    """Once for the run: somebody may have adopted one since."""
    for number in range(count):
        account.create(f"older-{number}")
    bench = Bench(proxy, account, driver)
    assert len(bench.ids()) == described
    bench.clock.now += 2
    assert len(bench.ids()) == described
    assert bench.calls().get(DESCRIBE, 0) == described


@pytest.mark.parametrize("kind", [FaultKind.ACCESS_DENIED, FaultKind.NOT_AUTHORIZED])
def test_a_newcomer_that_cannot_be_read_may_be_anybodys(bench: Bench, kind: FaultKind) -> None:
    """So nobody may create; and the next who asks looks again."""
    new = bench.account.create("new")
    bench.proxy.add(Fault(kind, DESCRIBE, 1))
    with pytest.raises(AwsProblem):
        bench.newcomers.now()
    assert bench.ids() == {new}


def test_the_final_listing_sees_who_was_adopted(proxy: FaultProxy, account: Account) -> None:
    """And those that came in, but not what this run has made."""
    older = account.create("older")
    with Driver(proxy.url) as driver:
        bench = Bench(proxy, account, driver)
        mine, other = account.create("mine"), account.create("other")
        look = bench.newcomers.final_listing({mine}, driver.workers)
    assert {pool.pool_id for pool in look.pools} == {older, other}
    assert (look.unseen, look.gone) == (frozenset(), frozenset())


def test_a_pool_of_ours_that_is_gone_is_not_one_that_is_not_listed(
    proxy: FaultProxy, account: Account
) -> None:
    """Somebody has deleted the one; of the other the listing knows nothing yet."""
    quick: dict[str, Any] = {"settle_seconds": 0.5}
    with Driver(proxy.url, **quick) as driver:
        bench = Bench(proxy, account, driver)
        gone, mine = account.create("gone"), account.create("mine")
        account.client.delete_identity_pool(IdentityPoolId=gone)
        look = bench.newcomers.final_listing({gone, mine}, driver.workers)
    assert (look.unseen, look.gone) == (frozenset(), frozenset({gone}))
