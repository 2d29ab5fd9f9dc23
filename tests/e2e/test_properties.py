"""What must hold for every spec and every live state, over real HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

import pytest
from hypothesis import given

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings, UpdateSemantics
from tests.strategies import pool_specs
from tests.support.in_process import Driver
from tests.support.specs import document


@dataclass
class World:
    """An account that is empty before each example."""

    driver: Driver

    def clear(self) -> None:
        """Remove every pool."""
        channel = self.driver.connection.cognito
        for pool in self.driver.connection.listing():
            channel.once("DeleteIdentityPool", IdentityPoolId=pool.pool_id)


# One behaviour stands for all in the quick tests.
_SEMANTICS = [
    pytest.param(each, marks=pytest.mark.slow if number else ())
    for number, each in enumerate(get_args(UpdateSemantics))
]


@pytest.fixture(scope="module", params=_SEMANTICS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """One sandbox for all examples of one behaviour."""
    chosen = SandboxSettings(file=None, update_semantics=request.param)
    with SandboxServer(chosen) as server, Driver(server.url) as driver:
        yield World(driver)


@given(spec=pool_specs())
def test_any_valid_spec_applied_then_planned_gives_no_changes(
    world: World, spec: dict[str, Any]
) -> None:
    """Convergence: twice applied is once applied."""
    world.clear()
    world.driver.apply(document(spec=spec))
    again = world.driver.plan(document(spec=spec))
    assert not again.has_changes, again
    assert not list(again.refusals)


@given(live=pool_specs(), wanted=pool_specs())
def test_any_live_state_reaches_any_spec_in_one_apply(
    world: World, live: dict[str, Any], wanted: dict[str, Any]
) -> None:
    """Only a developer provider cannot change, so that both have the same one."""
    world.clear()
    provider = live.get("DeveloperProviderName") or wanted.get("DeveloperProviderName", "")
    if live.get("DeveloperProviderName") or "DeveloperProviderName" in wanted:
        wanted = {**wanted, "DeveloperProviderName": provider}
    world.driver.apply(document(spec=live))
    (before,) = world.driver.connection.listing()

    world.driver.apply(document(spec=wanted))

    again = world.driver.plan(document(spec=wanted))
    (after,) = world.driver.connection.listing()
    assert not again.has_changes, again
    assert not list(again.refusals)
    assert after.pool_id == before.pool_id
