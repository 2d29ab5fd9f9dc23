"""ListIdentityPools does not show a new pool yet: still there is one pool a spec in the end."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Account
from tests.faults.commands import CREATE, command
from tests.faults.faults import Fault, FaultKind
from tests.faults.lagging import LaggingListing
from tests.faults.proxy import FaultProxy
from tests.faults.scenario import FULL
from tests.faults.test_two_runs import APPLY, Duel
from tests.support.cli import Idpool
from tests.support.specs import document

CALLS = 4


@pytest.fixture
def lagging(account: Account) -> LaggingListing:
    """What hides each pool from the next listings."""
    return LaggingListing(account.client, CALLS)


@pytest.fixture
def idpool(tmp_path: Path, proxy: FaultProxy) -> Idpool:
    """The command with one spec that has everything."""
    return command(tmp_path, proxy.url, document("one", FULL))


def test_two_runs_at_once(
    proxy: FaultProxy, idpool: Idpool, account: Account, lagging: LaggingListing
) -> None:
    """A run that does not see its own pool does not believe that there is no other one."""
    duel = Duel(proxy, idpool)
    held = proxy.before
    assert held is not None
    proxy.before = lambda operation, number: lagging(operation, number) or held(operation, number)
    duel.let_go(1, 2)
    results = duel.results()
    said = "\n".join(result.text for result in results)
    assert proxy.counts()[CREATE] == 2
    assert lagging.hidden == 2 * CALLS
    assert [result.code for result in results] == [0, 0], said
    assert account.only_id(), said
    assert account.roles(account.only_id())["Roles"]


def test_a_create_that_was_not_answered(
    proxy: FaultProxy, idpool: Idpool, account: Account, lagging: LaggingListing
) -> None:
    """It is looked for until it had the time to appear, and not made again."""
    proxy.before = lagging
    proxy.add(Fault(FaultKind.RESET_AFTER, CREATE, occurrence=1))
    result = idpool.run(*APPLY)
    assert result.code == 0, result.text
    assert "found by its tags: its answer was lost" in result.out
    assert proxy.counts()[CREATE] == 1
    assert lagging.hidden == CALLS
    assert account.only_id()


def test_one_run_waits_for_its_own_pool(
    proxy: FaultProxy, idpool: Idpool, account: Account, lagging: LaggingListing
) -> None:
    """It ends when the listing shows it, and not before."""
    proxy.before = lagging
    result = idpool.run(*APPLY)
    assert result.code == 0, result.text
    assert lagging.hidden == CALLS
    assert account.only_id()


def test_a_listing_that_lags_too_long(proxy: FaultProxy, idpool: Idpool, account: Account) -> None:
    """The wait is bounded: the pool is made, and whether there is another one is not known."""
    proxy.before = LaggingListing(account.client, 10_000)
    result = idpool.run(*APPLY, "--settle", "1")
    assert result.code == 4, result.text
    assert "whether another run has made it, too, is not known" in result.out
    assert account.only_id()
