"""Calling AWS: each request once by botocore, repeated only by the policy and within a budget."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar

from botocore import xform_name
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from reconciler.live.failures import (
    FAILURES,
    Decision,
    FailureKind,
    Operation,
    decision_of,
    error_code,
    kind_of,
    problem_of,
)
from reconciler.live.retry import Budget, Rules, full_jitter, repeat
from reconciler.model.permissions import call_of

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
_P = ParamSpec("_P")
_T = TypeVar("_T")
_LOG = logging.getLogger(__name__)
_BASE_SECONDS = 0.2
_CAP_SECONDS = 20.0
# Failures that were waited for longer than that.
_LATE = (ConnectTimeoutError, ReadTimeoutError)
# Where AWS throttles, the limiter sets the pace; long waits on top would leave the rate unused.
_THROTTLED_CAP_SECONDS = 2.0
# What stays down is said soon: a person waits, and nothing is gained by the whole budget.
_MOST_ATTEMPTS: Mapping[FailureKind | None, int] = {
    FailureKind.UNREACHABLE: 4,
    FailureKind.AMBIGUOUS: 8,
}


class Limiter:
    """Paces the calls of one operation.  ``rate`` is in calls a second, ``None``: unlimited."""

    def __init__(
        self, most: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._rate = most
        self._ceiling = most or 0.0
        self._clock = clock
        self._lock = threading.Lock()
        self._next_slot = 0.0
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
            turn = max(now, self._next_slot)
            self._next_slot = turn + 1 / self._rate
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
            self._next_slot = max(self._next_slot, now)

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


@dataclass(frozen=True, slots=True)
class Channel:
    """One client of one target, with its limits and the run's budget.

    ``slots`` bounds how many calls of a run are under way.

    Operations are called by their API names.
    """

    client: Any
    target: str
    budget: Budget
    limits: Limits = field(default_factory=Limits)
    slots: AbstractContextManager[object] = field(default_factory=nullcontext)

    def once(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Wait for the turn of one request, and send it.  Raises as ``send`` does."""
        self.wait_for_slot(operation)
        return self.send(operation, **parameters)

    def wait_for_slot(self, operation: str) -> None:
        """Wait until one more call of the operation may be sent, or the run is interrupted.

        Whoever must not send after an interruption looks for one between this and ``send``.
        """
        seconds = self.limits.of(operation).reserve()
        if seconds > 0:
            self.budget.sleep(seconds)

    def send(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Send one request now: for those who had their turn.

        Raises botocore's failures, and ``UnlistedCall`` for what no policy of ours allows.
        """
        call_of(self.client.meta.service_model.service_name, operation)
        limiter = self.limits.of(operation)
        try:
            with self.slots:
                answer = self._answer(operation, parameters)
        except FAILURES as failure:
            _LOG.debug("%s in %s: %s", operation, self.target, type(failure).__name__)
            if kind_of(failure) is FailureKind.THROTTLED:
                limiter.throttled()
            raise
        _LOG.debug("%s in %s: answered", operation, self.target)
        limiter.succeeded()
        return answer

    def _answer(self, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = getattr(self.client, xform_name(operation))(**parameters)
        except (AttributeError, LookupError, RecursionError, TypeError) as odd:
            # botocore's parsers trust an answer's shape: a list for a map ends in one of these, and
            # brackets in brackets without end in Python's own limit.
            raise ResponseParserError(f"{operation}: the answer has another shape") from odd
        return answer

    def read(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Make a read call, repeated as the policy says.

        Raises ``AwsProblem`` when the policy or the budget ends it.
        """
        try:
            return Repeating(Operation.READ, self.budget)(self.once, operation, **parameters)
        except FAILURES as failure:
            raise problem_of(
                failure,
                operation=operation,
                target=self.target,
                pool_id=parameters.get("IdentityPoolId", ""),
            ) from failure


@dataclass(frozen=True, slots=True)
class Repeating:
    """Repeats work of one class of operations as the policy says; re-raises the last failure.

    tenacity is only asked once the first attempt has failed: to ask it costs a tenth of a call.
    """

    operation: Operation
    budget: Budget

    def __call__(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return work(*args, **kwargs)
        except FAILURES as failure:
            first = [failure]

        def again() -> _T:
            if first:
                raise first.pop()  # the first attempt has been made
            return work(*args, **kwargs)

        return repeat(_rules(self.operation), self.budget, again)


def _rules(operation: Operation) -> Rules:
    return Rules(
        repeats=lambda failure: (
            isinstance(failure, FAILURES)
            and decision_of(operation, failure) is not Decision.GIVE_UP
        ),
        wait=_seconds_before_next,
        most=lambda failure: _MOST_ATTEMPTS.get(_kind_of(failure)),
        reason=_reason,
    )


def _seconds_before_next(failure: BaseException, attempts: int) -> float:
    """A random part of a doubling interval; ``Retry-After`` is the least, where AWS sends one."""
    throttled = _kind_of(failure) is FailureKind.THROTTLED
    cap = _THROTTLED_CAP_SECONDS if throttled else _CAP_SECONDS
    return max(full_jitter(attempts, _BASE_SECONDS, cap), _retry_after(failure))


def _reason(failure: BaseException) -> tuple[str, bool]:
    if isinstance(failure, _LATE):
        return "AWS does not answer in time", True
    code = error_code(failure) if isinstance(failure, FAILURES) else "no answer"
    return f"AWS answers {code}", False


def _kind_of(failure: BaseException) -> FailureKind | None:
    return kind_of(failure) if isinstance(failure, FAILURES) else None


def _retry_after(failure: BaseException) -> float:
    if not isinstance(failure, ClientError):
        return 0.0
    headers = failure.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    value = headers.get("retry-after", "")
    return float(value) if value.isdecimal() else 0.0
