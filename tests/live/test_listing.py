"""The listing: never an old one."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from reconciler.model.errors import AwsProblem
from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.support.in_process import Driver
from tests.support.specs import document

LIST = "ListIdentityPools"


@dataclass
class Place:
    """A driver behind a proxy, and one that goes past it."""

    proxy: FaultProxy
    driver: Driver
    other: Driver

    def names(self) -> list[str]:
        """The names that a listing gives now."""
        return sorted(pool.name for pool in self.driver.connection.listing())


@pytest.fixture
def place() -> Iterator[Place]:
    with (
        SandboxServer(SandboxSettings(file=None)) as sandbox,
        FaultProxy(sandbox.url) as proxy,
        Driver(proxy.url, parallelism=16) as driver,
        Driver(sandbox.url) as other,
    ):
        yield Place(proxy, driver, other)


def test_each_listing_is_younger_than_its_question(place: Place) -> None:
    """Asked again, it reads again."""
    assert place.names() == []
    place.other.apply(document("new"))
    assert place.names() == ["new"]
    assert place.proxy.counts()[LIST] == 2


def test_a_listing_that_fails_fails_its_reader_and_not_the_next(place: Place) -> None:
    """The next one who asks tries anew."""
    place.proxy.add(Fault(FaultKind.ACCESS_DENIED, LIST, 1))
    with pytest.raises(AwsProblem, match="denied"):
        place.names()
    assert place.names() == []
