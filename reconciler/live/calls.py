"""Calling AWS: each request once by botocore, repeated only by the policy and within a budget."""

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from botocore import xform_name
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_any
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from reconciler.live.limiter import Limits
from reconciler.live.policy import (
    FAILURES,
    Failure,
    Kind,
    Operation,
    Verdict,
    error_code,
    kind_of,
    verdict,
)
from reconciler.live.problems import problem_of
from reconciler.model.permissions import call_of

_P = ParamSpec("_P")
_T = TypeVar("_T")

_LOG = logging.getLogger(__name__)
_BASE_SECONDS = 0.2
_CAP_SECONDS = 20.0
# What a person takes for a program that hangs.
_LONG_SECONDS = 5.0
# Failures that were waited for longer than that.
_LATE = (ConnectTimeoutError, ReadTimeoutError)
# Where AWS throttles, the limiter sets the pace; long waits on top would leave the rate unused.
_THROTTLED_CAP_SECONDS = 2.0
# What stays down is said soon: a person waits, and nothing is gained by the whole budget.
_MOST_ATTEMPTS = {Kind.UNREACHABLE: 4, Kind.AMBIGUOUS: 8}


class Budget:
    """How long a run may go on repeating calls, counted from the moment the budget is made.

    Interrupting a run spends what is left: calls under way are finished, none is repeated.
    ``say`` is told of waits that somebody may wonder about, a line each.
    """

    def __init__(
        self,
        seconds: float = 3600.0,
        clock: Callable[[], float] = time.monotonic,
        say: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._clock = clock
        self._say = say
        self._ends = clock() + seconds
        self._interrupted = threading.Event()

    @property
    def left(self) -> float:
        """Seconds that are left, never below zero."""
        return 0.0 if self.interrupted else max(0.0, self._ends - self._clock())

    @property
    def interrupted(self) -> bool:
        """Whether somebody wants the run to end."""
        return self._interrupted.is_set()

    def interrupt(self) -> None:
        """End the run soon: whoever waits between two attempts wakes up."""
        self._interrupted.set()

    def sleep(self, seconds: float) -> None:
        """Wait, but not past an interruption."""
        self._interrupted.wait(seconds)

    def pause(self, seconds: float, reason: str, *, was_long: bool = False) -> None:
        """Wait before a call is repeated; told with its reason where this or the call is long."""
        if was_long or seconds >= _LONG_SECONDS:
            self._say(f"note: waiting {seconds:.0f} s before a call is repeated: {reason}\n")
        self.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Channel:
    """One client of one target, with the target's limits and the run's budget.

    Operations are called by their API names.
    """

    client: Any
    target: str
    budget: Budget
    limits: Limits = field(default_factory=Limits)

    def once(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Wait for the turn of one request, and send it.  Raises as ``send`` does."""
        self.turn(operation)
        return self.send(operation, **parameters)

    def turn(self, operation: str) -> None:
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
            answer = self._answer(operation, parameters)
        except FAILURES as failure:
            _LOG.debug("%s in %s: %s", operation, self.target, type(failure).__name__)
            if kind_of(failure) is Kind.THROTTLED:
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
            return retrying(Operation.READ, self.budget)(self.once, operation, **parameters)
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

        return _tenacity(self.operation, self.budget)(again)


def retrying(operation: Operation, budget: Budget) -> Repeating:
    """What repeats operations of one class within the budget."""
    return Repeating(operation, budget)


def _tenacity(operation: Operation, budget: Budget) -> Retrying:
    return Retrying(
        retry=retry_if_exception(
            lambda error: (
                isinstance(error, FAILURES) and verdict(operation, error) is not Verdict.GIVE_UP
            )
        ),
        wait=_FullJitter(),
        stop=stop_any(_BudgetSpent(budget), _StaysDown()),
        before_sleep=_Pause(budget),
        sleep=_slept_already,
        reraise=True,
    )


class _Pause:
    """Waits between two attempts.  A run that is interrupted meanwhile makes no further one."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def __call__(self, retry_state: RetryCallState) -> None:
        failure = _failure(retry_state)
        late = isinstance(failure, _LATE)
        code = error_code(failure) if failure is not None else "no answer"
        reason = "AWS does not answer in time" if late else f"AWS answers {code}"
        self._budget.pause(retry_state.upcoming_sleep, reason, was_long=late)
        if failure is not None and self._budget.interrupted:
            raise failure


def _slept_already(_seconds: float) -> None:
    """tenacity's own sleep does not know what to raise when it is interrupted."""


class _FullJitter(wait_base):
    """A random part of a doubling interval; ``Retry-After`` is the least, where AWS sends one."""

    def __call__(self, retry_state: RetryCallState) -> float:
        failure = _failure(retry_state)
        throttled = failure is not None and kind_of(failure) is Kind.THROTTLED
        cap = _THROTTLED_CAP_SECONDS if throttled else _CAP_SECONDS
        ceiling = min(cap, _BASE_SECONDS * 2.0**retry_state.attempt_number)
        return max(random.uniform(0, ceiling), _retry_after(failure))  # noqa: S311


class _BudgetSpent(stop_base):
    """Stop when the next wait would not fit into what is left."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def __call__(self, retry_state: RetryCallState) -> bool:
        return retry_state.upcoming_sleep >= self._budget.left


class _StaysDown(stop_base):
    """Stop early when nothing answers, or nothing but server faults."""

    def __call__(self, retry_state: RetryCallState) -> bool:
        failure = _failure(retry_state)
        most = _MOST_ATTEMPTS.get(kind_of(failure)) if failure is not None else None
        return most is not None and retry_state.attempt_number >= most


def _failure(state: RetryCallState) -> Failure | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, FAILURES) else None


def _retry_after(failure: Failure | None) -> float:
    if not isinstance(failure, ClientError):
        return 0.0
    headers = failure.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    value = headers.get("retry-after", "")
    return float(value) if value.isdecimal() else 0.0
