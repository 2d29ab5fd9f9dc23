"""Who is next: creates run ahead of what follows them, but not far, and come to their end first."""

from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.executor.turns import Turns
from tests.faults.commands import CREATE
from tests.faults.proxy import FaultProxy
from tests.faults.scenario import FULL
from tests.support.in_process import Driver
from tests.support.specs import document

SET_ROLES = "SetIdentityPoolRoles"
ROLES = {field: FULL[field] for field in FULL if field != "PrincipalTagAttributeMaps"}


def documents(count: int) -> list[dict[str, Any]]:
    return [document(f"pool-{n:02d}", ROLES) for n in range(count)]


@pytest.fixture
def writes(proxy: FaultProxy) -> Iterator[list[str]]:
    """The writes as they arrive."""
    arrived: list[str] = []

    def note(operation: str, _number: int) -> None:
        if operation in {CREATE, SET_ROLES}:
            arrived.append(operation)

    proxy.before = note
    yield arrived
    proxy.before = None


def test_a_worker_that_is_alone_finishes_one_pool_after_the_other(
    proxy: FaultProxy, writes: list[str]
) -> None:
    with Driver(proxy.url, parallelism=1) as driver:
        receipt = driver.apply(*documents(5))
    assert writes == [CREATE, SET_ROLES] * 5
    assert [pool.name for pool in receipt.pools] == [f"pool-{n:02d}" for n in range(5)]


@pytest.mark.parametrize("parallelism", [4, 8])
def test_creates_run_ahead_by_a_few_pools_for_each_worker(
    proxy: FaultProxy, writes: list[str], parallelism: int
) -> None:
    """So the last calls are short ones; and most pools get their roles while others are made."""
    with Driver(proxy.url, parallelism=parallelism) as driver:
        driver.apply(*documents(60))
    last_create = max(place for place, write in enumerate(writes) if write == CREATE)
    roles_after = writes[last_create:].count(SET_ROLES)
    assert parallelism < roles_after <= 3 * parallelism
    assert sorted(writes) == [CREATE] * 60 + [SET_ROLES] * 60


class Broken(RuntimeError):
    """A bug."""


def test_a_bug_in_one_turn_ends_the_run(proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not swallowed."""

    def fail(_turns: Turns) -> None:
        raise Broken

    monkeypatch.setattr(Turns, "_next", fail)
    with Driver(proxy.url, parallelism=1) as driver:
        plan = driver.plan(*documents(30))
        with pytest.raises(Broken):
            driver.execute(plan)
    assert CREATE not in proxy.counts()
