"""An adaptive limiter: as fast as AWS lets one operation of one target be, and no faster.

A call that AWS throttles slows all calls of its operation down at once, instead of each of them
running into the limit by itself.  Calls that succeed speed them up again: soon to the rate at which
AWS throttled, and from there little by little.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from types import MappingProxyType

# Documented requests a second (Amazon Cognito developer guide, "Quotas", identity pools; CloudTrail
# API reference, LookupEvents).
DOCUMENTED_RATES: Mapping[str, float] = MappingProxyType(
    {
        "TagResource": 5.0,
        "UntagResource": 5.0,
        "ListTagsForResource": 10.0,
        "ListIdentities": 5.0,
        "LookupEvents": 2.0,
    }
)
_SLOWER = 0.75
# Shares of the rate that AWS has throttled at, gained per second below and above it.
_RECOVERY, _PROBING = 0.15, 0.05
_LEAST_RATE = 0.5
_WINDOW_SECONDS = 2.0
_LEAST_WINDOW_SECONDS = 0.25
# Calls that were under way together are throttled together: that is one event, not many.
_ONE_EVENT_SECONDS = 0.5


class Limiter:
    """Paces the calls of one operation.  ``rate`` is in calls a second, ``None``: unlimited."""

    def __init__(
        self,
        most: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._rate = most
        self._ceiling = most or 0.0
        self._clock = clock
        self._lock = threading.Lock()
        self._next_turn = 0.0
        self._raised_at = clock()
        self._slowed_at = float("-inf")
        self._successes: deque[float] = deque(maxlen=1000)

    @property
    def rate(self) -> float | None:
        """Calls a second that are let through now."""
        return self._rate

    def reserve(self) -> float:
        """Reserve this call's turn.  The seconds until then: the caller waits for them itself."""
        with self._lock:
            if self._rate is None:
                return 0.0
            now = self._clock()
            turn = max(now, self._next_turn)
            self._next_turn = turn + 1 / self._rate
            return turn - now

    def succeeded(self) -> None:
        """A call was answered: a little faster from now on."""
        with self._lock:
            now = self._clock()
            self._successes.append(now)
            if self._rate is not None:
                share = _RECOVERY if self._rate < self._ceiling else _PROBING
                faster = self._rate + share * self._ceiling * (now - self._raised_at)
                self._rate = min(faster, self._most) if self._most is not None else faster
            self._raised_at = now

    def throttled(self) -> None:
        """A call was throttled: slower than what has got through of late."""
        with self._lock:
            now = self._clock()
            if now - self._slowed_at < _ONE_EVENT_SECONDS:
                return
            self._ceiling = self._rate or self._recent(now)
            self._rate = max(_LEAST_RATE, self._ceiling * _SLOWER)
            self._slowed_at = self._raised_at = now
            self._next_turn = max(self._next_turn, now)

    def _recent(self, now: float) -> float:
        """Calls a second that got through of late; 1 where none did."""
        recent = [at for at in self._successes if now - at <= _WINDOW_SECONDS]
        if not recent:
            return 1.0
        return len(recent) / max(_LEAST_WINDOW_SECONDS, now - recent[0])


class Limits:
    """The limiters of one target, one for each operation."""

    def __init__(self) -> None:
        self._limiters: dict[str, Limiter] = {}
        self._lock = threading.Lock()

    def of(self, operation: str) -> Limiter:
        """The limiter of an API operation."""
        with self._lock:
            if operation not in self._limiters:
                self._limiters[operation] = Limiter(DOCUMENTED_RATES.get(operation))
            return self._limiters[operation]
