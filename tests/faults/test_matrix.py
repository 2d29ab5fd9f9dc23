"""Every write operation x every fault x every occurrence: nothing lost, doubled or untold."""

import pytest

from reconciler.bounded_answers import BoundedResponse
from reconciler.live.retry import Budget
from reconciler.sandbox.server import SandboxServer
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.faults.scenario import (
    OPERATIONS,
    WANTED,
    assert_converged,
    assert_truthful,
    impatient,
    prepare,
)
from tests.support.slow import slow_but

OCCURRENCES = (1, 2, None)
_FINAL = {
    FaultKind.LIMIT_EXCEEDED,
    FaultKind.NOT_AUTHORIZED,
    FaultKind.ACCESS_DENIED,
    FaultKind.EXPIRED_TOKEN,
}
_CARRIED_OUT = {
    FaultKind.HANG_AFTER,
    FaultKind.RESET_AFTER,
    FaultKind.INTERNAL_AFTER,
    FaultKind.CUT,
    FaultKind.DRIP,
    FaultKind.DRIP_BODY,
}


@pytest.fixture(autouse=True)
def _answers_are_whole_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What drips is given up after a second."""
    monkeypatch.setattr(BoundedResponse, "seconds", 1.0)


@pytest.mark.parametrize(
    "occurrence",
    slow_but([1], OCCURRENCES, {1: "first", 2: "second", None: "every"}.__getitem__),
)
@pytest.mark.parametrize("kind", FaultKind)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_write_that_fails(
    sandbox: SandboxServer,
    proxy: FaultProxy,
    operation: str,
    kind: FaultKind,
    occurrence: int | None,
) -> None:
    """The receipt tells the truth, and a plain re-run reaches what the specs say."""
    ids = prepare(sandbox)
    # A second occurrence is only reached by a retry: the first must fail in a way that passes.
    if occurrence == 2:
        proxy.add(Fault(FaultKind.THROTTLING, operation, 1))
    proxy.add(Fault(kind, operation, occurrence, seconds=0.7))
    # What fails for ever ends with the budget; what passes must not, on however slow a machine.
    budget = Budget(2.0 if occurrence is None else 30.0)
    with impatient(proxy.url, budget=budget) as driver:
        plan = driver.plan(*WANTED)
        receipt = driver.execute(plan)
    proxy.settle()
    assert_truthful(plan, receipt, proxy)
    sent = proxy.counts().get(operation, 0)
    if kind in _FINAL:
        assert sent == (2 if occurrence == 2 else 1), "a final answer is not asked for again"
        assert receipt.count("failed") == 1
    elif occurrence is not None:
        if operation == "CreateIdentityPool" and kind in _CARRIED_OUT:
            assert sent == occurrence, "a pool that was made is not made again"
        assert all(entry.outcome == "done" for entry in receipt.actions), receipt

    proxy.clear()
    with impatient(proxy.url) as driver:
        again = driver.execute(driver.plan(*WANTED))
    assert all(entry.outcome == "done" for entry in again.actions), again
    assert_converged(sandbox, ids)


@pytest.mark.parametrize("kind", FaultKind)
def test_a_read_that_fails_is_read_again(
    sandbox: SandboxServer, proxy: FaultProxy, kind: FaultKind
) -> None:
    """One failing read of each operation harms nobody, unless AWS says no for good."""
    ids = prepare(sandbox)
    with impatient(proxy.url) as driver:
        plan = driver.plan(*WANTED)
        for operation in ("ListIdentityPools", "DescribeIdentityPool", "GetIdentityPoolRoles"):
            nth = proxy.counts()[operation] + 1
            proxy.add(Fault(kind, operation, nth, seconds=0.7))
        receipt = driver.execute(plan)
    if kind not in _FINAL:
        assert all(entry.outcome == "done" for entry in receipt.actions), receipt
    proxy.settle()
    proxy.clear()
    with impatient(proxy.url) as driver:
        driver.execute(driver.plan(*WANTED))
    assert_converged(sandbox, ids)
