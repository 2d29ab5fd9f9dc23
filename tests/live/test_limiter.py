"""The adaptive limiter, on a clock of its own."""

import heapq
from dataclasses import dataclass

import pytest

from reconciler.live.calls import DOCUMENTED_RATES, Limiter, Limits
from reconciler.sandbox.limits import Bucket


@dataclass
class Clock:
    """A clock that only sleeping moves."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limiter_on(clock: Clock, most: float | None = None) -> Limiter:
    return Limiter(most, clock=clock)


def test_nothing_waits_until_aws_throttles(clock: Clock) -> None:
    """An operation without a documented rate is not slowed down in advance."""
    limiter = limiter_on(clock)
    for _ in range(100):
        clock.sleep(limiter.reserve())
        limiter.succeeded()
    assert clock.now == 100.0
    assert limiter.rate is None


def test_a_documented_rate_is_never_exceeded(clock: Clock) -> None:
    """TagResource and UntagResource have 5 a second: the sixth call is a second late."""
    limiter = limiter_on(clock, most=5.0)
    for _ in range(6):
        clock.sleep(limiter.reserve())
        limiter.succeeded()
    assert clock.now == pytest.approx(101.0)
    assert limiter.rate == 5.0


def test_throttling_slows_down_and_success_speeds_up_again(clock: Clock) -> None:
    """Back to the rate that was reached within a few seconds, and past it only slowly."""
    limiter = limiter_on(clock)
    for _ in range(20):
        clock.now += 0.05
        limiter.succeeded()
    limiter.throttled()
    slowed = limiter.rate
    assert slowed is not None
    assert 10 < slowed < 20

    rates = []
    for _ in range(8):
        clock.now += 1.0
        limiter.succeeded()
        rates.append(limiter.rate or 0.0)
    assert rates == sorted(rates)
    assert 19 < rates[2] < 24
    assert rates[-1] < 30


def test_calls_that_are_throttled_together_count_once(clock: Clock) -> None:
    """Sixteen answers to one overload do not slow down sixteen times."""
    limiter = limiter_on(clock)
    for _ in range(20):
        clock.now += 0.05
        limiter.succeeded()
    limiter.throttled()
    slowed = limiter.rate
    for _ in range(15):
        limiter.throttled()
    assert limiter.rate == slowed


def test_a_service_that_throttles_everything_is_still_asked_now_and_then(clock: Clock) -> None:
    """The rate never falls to nothing."""
    limiter = limiter_on(clock)
    for _ in range(100):
        clock.now += 1.0
        limiter.throttled()
    assert limiter.rate == 0.5


@pytest.mark.parametrize("rate", [2.0, 10.0, 50.0])
def test_many_callers_use_most_of_a_rate_they_do_not_know(rate: float) -> None:
    """16 callers, 1,000 calls: wall time within 1.2 of calls by rate, and few calls refused."""
    clock = Clock(0.0)
    limiter = limiter_on(clock)
    bucket = Bucket(rate, tokens=rate, filled_at=0.0)
    events = [(0.0, caller, "ask") for caller in range(16)]
    done = refused = 0
    while done < 1000:
        at, caller, what = heapq.heappop(events)
        clock.now = at
        if what == "ask":
            clock.sleep(limiter.reserve())  # moves the clock to this caller's turn
            heapq.heappush(events, (clock.now, caller, "send"))
        elif bucket.take(at):
            limiter.succeeded()
            done += 1
            heapq.heappush(events, (at + 0.01, caller, "ask"))
        else:
            limiter.throttled()
            refused += 1
            heapq.heappush(events, (at + 0.3, caller, "ask"))
    assert clock.now <= 1.2 * done / rate
    assert refused <= 0.3 * done


def test_each_operation_has_a_limiter_of_its_own() -> None:
    """One throttled operation does not slow the others."""
    limits = Limits()
    assert limits.of("TagResource").rate == DOCUMENTED_RATES["TagResource"] == 5.0
    assert limits.of("UntagResource").rate == 5.0
    assert limits.of("DescribeIdentityPool").rate is None
    assert limits.of("TagResource") is limits.of("TagResource")
