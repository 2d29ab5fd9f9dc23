"""How many calls an apply makes: three for each pool with roles, and a few for all of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.commands import CREATE, DESCRIBE, LIST
from tests.faults.proxy import FaultProxy
from tests.faults.scenario import FULL, USER_POOL
from tests.support.in_process import Driver
from tests.support.specs import document

ROLES = {field: FULL[field] for field in FULL if field != "PrincipalTagAttributeMaps"}
PROVIDERS = ("graph.facebook.com", USER_POOL)
ROUND = (10, 30)
# The look before the creates, and the last one.
LOOKS = 2


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listing is good, however slow the machine is: its age has tests of its own."""
    monkeypatch.setattr("reconciler.executor.newcomers.GOOD_FOR_SECONDS", 1e6)


@pytest.fixture
def driver(proxy: FaultProxy) -> Iterator[Driver]:
    """A driver behind the proxy, with threads that run side by side."""
    with Driver(proxy.url, parallelism=16) as running:
        yield running


def calls_of(proxy: FaultProxy, driver: Driver, *documents: dict[str, Any]) -> dict[str, int]:
    """The calls of an apply alone, without those of its plan."""
    plan = driver.plan(*documents)
    before = proxy.counts()
    receipt = driver.execute(plan)
    assert receipt.count("done") == len(list(receipt.actions))
    calls = {name: n - before.get(name, 0) for name, n in proxy.counts().items()}
    return {name: n for name, n in calls.items() if n}


@pytest.mark.parametrize("count", ROUND)
def test_creates_with_roles(proxy: FaultProxy, driver: Driver, count: int) -> None:
    """The looks before the creates and that after them are for all together."""
    documents = [document(f"pool-{n}", ROLES) for n in range(count)]
    calls = calls_of(proxy, driver, *documents)
    assert calls.pop(LIST) == LOOKS
    assert calls == {
        CREATE: count,
        "GetIdentityPoolRoles": count,
        "SetIdentityPoolRoles": count,
    }


@pytest.mark.parametrize("count", ROUND)
def test_creates_with_everything(proxy: FaultProxy, driver: Driver, count: int) -> None:
    """Two calls for each provider of principal tags: a fresh read, and the write."""
    documents = [document(f"pool-{n}", FULL) for n in range(count)]
    calls = calls_of(proxy, driver, *documents)
    assert calls.pop(LIST) == LOOKS
    assert calls["SetPrincipalTagAttributeMap"] == len(FULL["PrincipalTagAttributeMaps"]) * count
    assert calls["GetPrincipalTagAttributeMap"] == len(FULL["PrincipalTagAttributeMaps"]) * count
    assert sum(calls.values()) == 5 * count


@pytest.mark.parametrize("count", ROUND)
def test_updates_of_one_field(proxy: FaultProxy, driver: Driver, count: int) -> None:
    """All that the plan saw is read again, and the answer says what was stored."""
    driver.apply(*(document(f"pool-{n}", FULL) for n in range(count)))
    changed = {**FULL, "AllowUnauthenticatedIdentities": True}
    calls = calls_of(proxy, driver, *(document(f"pool-{n}", changed) for n in range(count)))
    assert calls == {
        DESCRIBE: count,
        "GetIdentityPoolRoles": count,
        "GetPrincipalTagAttributeMap": len(PROVIDERS) * count,
        "UpdateIdentityPool": count,
    }
