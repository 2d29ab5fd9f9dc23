"""The one retry layer: the client libraries send each request once."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_any
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from reconciler.platforms.problems import Kind, PlatformProblem

_BASE_SECONDS = 0.5
_CAP_SECONDS = 10.0
_LEAST_WHEN_THROTTLED = 60.0  # where GitHub names no time (its REST guide, "Rate limits")
_MOST_PASSING = 6  # what stays down is said soon
_AGAIN = frozenset({Kind.PASSING, Kind.THROTTLED})
_T = TypeVar("_T")


class Patience:
    """How long a command may go on repeating itself, from the moment that this is made."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left, never below zero."""
        return max(0.0, self._ends - time.monotonic())

    def repeat(self, step: Callable[[], _T]) -> _T:
        """Do a step until it succeeds.

        What is repeated must begin with a look at what is there, or only look.  Raises the last
        ``PlatformProblem`` when it is final or the time is over.
        """
        return Retrying(
            retry=retry_if_exception(_may_pass),
            wait=_Wait(),
            stop=stop_any(_TimeIsOver(self), _StaysDown()),
            reraise=True,
        )(step)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, PlatformProblem) and error.kind in _AGAIN


class _Wait(wait_base):
    """As long as the platform says; else a random part of a doubling interval."""

    def __call__(self, retry_state: RetryCallState) -> float:
        problem = _problem(retry_state)
        ceiling = min(_CAP_SECONDS, _BASE_SECONDS * 2.0**retry_state.attempt_number)
        jitter = random.uniform(0, ceiling)  # noqa: S311
        if problem is None or problem.kind is not Kind.THROTTLED:
            return jitter
        told = _LEAST_WHEN_THROTTLED if problem.wait is None else problem.wait
        # Two jobs that were told the same time should not come back at the same moment.
        return told + min(jitter, 1.0)


class _TimeIsOver(stop_base):
    """Stop when the next wait would not fit into what is left."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience

    def __call__(self, retry_state: RetryCallState) -> bool:
        return retry_state.upcoming_sleep >= self._patience.left


class _StaysDown(stop_base):
    """Stop early when there is nothing but faults."""

    def __call__(self, retry_state: RetryCallState) -> bool:
        problem = _problem(retry_state)
        passing = problem is not None and problem.kind is Kind.PASSING
        return passing and retry_state.attempt_number >= _MOST_PASSING


def _problem(state: RetryCallState) -> PlatformProblem | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, PlatformProblem) else None
