"""Repeating calls: as the policy says, in the time that is left, and not past an interruption."""

import threading
from collections.abc import Iterator

import pytest

from reconciler.bounded_answers import BoundedResponse
from reconciler.live.retry import Budget
from reconciler.model.errors import AwsProblem
from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.support.in_process import Driver

LIST = "ListIdentityPools"


class Hurried(Budget):
    """A budget whose waits are written down, and take no time."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.said: list[str] = []
        super().__init__(say=self.said.append)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    with SandboxServer(SandboxSettings(file=None)) as sandbox, FaultProxy(sandbox.url) as running:
        yield running


def test_retry_after_is_the_least_wait(proxy: FaultProxy) -> None:
    """The second request comes no sooner than AWS asked for."""
    proxy.add(Fault(FaultKind.TOO_MANY_REQUESTS, LIST, 1, retry_after=1))
    with Driver(proxy.url) as driver:
        assert driver.connection.listing() == ()
    first, second = (r.time for r in proxy.requests if r.operation == LIST)
    assert second - first >= 1.0


def test_server_faults_are_given_up_after_eight_attempts(proxy: FaultProxy) -> None:
    """A service that stays down is said to be down."""
    proxy.add(Fault(FaultKind.INTERNAL_500, LIST))
    budget = Hurried()
    with (
        Driver(proxy.url, budget=budget) as driver,
        pytest.raises(AwsProblem, match="InternalErrorException"),
    ):
        driver.connection.listing()
    assert proxy.counts()[LIST] == 8
    assert len(budget.waits) == 7


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (3500, "note: waiting 3500 s before a call is repeated: AWS answers "
               "TooManyRequestsException\n"),
        (1, None),
    ],
)  # fmt: skip
def test_a_long_wait_is_told(proxy: FaultProxy, seconds: int, said: str | None) -> None:
    """Whoever sits there would take it for a program that hangs."""
    proxy.add(Fault(FaultKind.TOO_MANY_REQUESTS, LIST, 1, retry_after=seconds))
    budget = Hurried()
    with Driver(proxy.url, budget=budget) as driver:
        assert driver.connection.listing() == ()
    assert budget.waits[0] >= seconds
    assert budget.said == ([said] if said else [])


def test_no_wait_outlasts_the_budget(proxy: FaultProxy) -> None:
    """With nothing left, a failure is final at once."""
    proxy.add(Fault(FaultKind.TOO_MANY_REQUESTS, LIST))
    budget = Budget(0.0)
    with Driver(proxy.url, budget=budget) as driver, pytest.raises(AwsProblem):
        driver.connection.listing()
    assert proxy.counts()[LIST] == 1


def test_an_interruption_wakes_who_waits(proxy: FaultProxy) -> None:
    """Whoever sleeps between two attempts ends; nothing is sent again."""
    proxy.add(Fault(FaultKind.TOO_MANY_REQUESTS, LIST, retry_after=60))
    budget = Budget(600.0)
    ended: list[AwsProblem] = []

    def ask(driver: Driver) -> None:
        with pytest.raises(AwsProblem) as caught:
            driver.connection.listing()
        ended.append(caught.value)

    with Driver(proxy.url, budget=budget) as driver:
        asking = threading.Thread(target=ask, args=(driver,))
        asking.start()
        proxy.wait_arrived(LIST)
        budget.interrupt()
        asking.join(timeout=10)
    assert not asking.is_alive()
    assert len(ended) == 1
    assert proxy.counts()[LIST] <= 2


@pytest.mark.parametrize("drip", [FaultKind.DRIP, FaultKind.DRIP_BODY], ids=str)
def test_an_answer_that_drips_is_bounded_as_a_whole(
    proxy: FaultProxy, drip: FaultKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte every few seconds is no reason to wait for ever; and it is told."""
    monkeypatch.setattr(BoundedResponse, "seconds", 1.0)
    proxy.add(Fault(drip, LIST, 1))
    budget = Hurried()
    with Driver(proxy.url, budget=budget) as driver:
        assert driver.connection.listing() == ()
    assert proxy.counts()[LIST] == 2
    assert budget.said[0].endswith("AWS does not answer in time\n")


def test_an_answer_has_a_minute() -> None:
    """So long may the largest one take on a slow line."""
    assert BoundedResponse.seconds == 60.0


@pytest.mark.parametrize("cut", [FaultKind.CUT], ids=str)
def test_half_an_answer_is_read_again(proxy: FaultProxy, cut: FaultKind) -> None:
    """It is never taken for an account without pools."""
    proxy.add(Fault(cut, LIST, 1))
    with Driver(proxy.url) as driver:
        assert driver.connection.listing() == ()
    assert proxy.counts()[LIST] == 2
