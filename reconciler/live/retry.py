"""The one retry layer: how often something is repeated, how long is waited, and when it ends.

It knows neither AWS nor a platform: each says by ``Rules`` what its failures mean.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception

from reconciler.model.request import TIME_BUDGET_SECONDS

# What a person takes for a program that hangs.
_LONG_SECONDS = 5.0
_T = TypeVar("_T")


class Budget:
    """How long a run may go on repeating calls, counted from the moment the budget is made.

    Interrupting a run spends what is left: calls under way are finished, none is repeated.
    ``say`` is told of waits that somebody may wonder about, a line each.
    """

    def __init__(
        self,
        seconds: float = TIME_BUDGET_SECONDS,
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
class Rules:
    """What the failures of a service mean.

    Attributes:
        repeats: Whether the work may be done again after a failure.
        wait: Seconds before the next attempt, given the failure and how many there have been.
        most: Attempts after which that kind of failure is final, ``None`` for no such number.
        reason: What to say of a long wait, and whether the failure itself was long in coming.
    """

    repeats: Callable[[BaseException], bool]
    wait: Callable[[BaseException, int], float]
    most: Callable[[BaseException], int | None]
    reason: Callable[[BaseException], tuple[str, bool]]


def repeat(rules: Rules, budget: Budget, work: Callable[[], _T]) -> _T:
    """Do the work until it succeeds; re-raises the last failure when it is final.

    A failure is final by the rules, when the next wait would not fit into what is left of the
    budget, or when the run was interrupted meanwhile.
    """

    def wait(state: RetryCallState) -> float:
        return rules.wait(_failure(state), state.attempt_number)

    def is_last(state: RetryCallState) -> bool:
        most = rules.most(_failure(state))
        is_enough = most is not None and state.attempt_number >= most
        return is_enough or state.upcoming_sleep >= budget.left

    def pause(state: RetryCallState) -> None:
        """A run that is interrupted meanwhile makes no further attempt."""
        reason, was_long = rules.reason(_failure(state))
        budget.pause(state.upcoming_sleep, reason, was_long=was_long)
        if budget.interrupted:
            raise _failure(state)

    return Retrying(
        retry=retry_if_exception(rules.repeats),
        wait=wait,
        stop=is_last,
        before_sleep=pause,
        sleep=_slept_already,
        reraise=True,
    )(work)


def full_jitter(attempts: int, base: float, cap: float) -> float:
    """A random part of a doubling interval, in seconds."""
    return random.uniform(0, min(cap, base * 2.0**attempts))  # noqa: S311


def _slept_already(_seconds: float) -> None:
    """tenacity's own sleep does not know what to raise when it is interrupted."""


def _failure(state: RetryCallState) -> BaseException:
    failure = state.outcome.exception() if state.outcome else None
    return failure or RuntimeError("tenacity asks what to do after a success")
