"""A thousand pools against ten requests a second: slow, and without one failure."""

import time

import pytest

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.faults.proxy import FaultProxy
from tests.support.in_process import Driver
from tests.support.specs import document

POOLS = 1000
RATE = 10.0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_pools_are_created_through_a_narrow_door() -> None:
    """Every pool right, no action failed, and few requests wasted on being told to slow down.

    The wall time as a ratio of calls by rate is printed, not asserted: machines differ.
    """
    documents = [document(f"pool-{n:04}") for n in range(POOLS)]
    with (
        SandboxServer(SandboxSettings(file=None)) as sandbox,
        FaultProxy(sandbox.url) as proxy,
        Driver(proxy.url, parallelism=32) as driver,
        Driver(sandbox.url) as witness,
    ):
        plan = driver.plan(*documents)
        proxy.rate = RATE
        begun = time.monotonic()
        receipt = driver.execute(plan)
        wall = time.monotonic() - begun
        refused = sum(request.fault is not None for request in proxy.requests)
        served = len(proxy.requests) - refused
        after = witness.plan(*documents)
    print(  # noqa: T201
        f"{served} calls served, {refused} refused, {wall:.0f} s: "
        f"{wall / (served / RATE):.2f} of calls / rate"
    )
    assert receipt.count("done") == POOLS
    assert not after.has_changes
    assert len({pool.pool_id for pool in receipt.pools}) == POOLS
    assert refused <= 0.5 * served
