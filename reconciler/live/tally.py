"""Whether it is one pool that cannot be read, or all of them."""

import threading
from collections.abc import Callable
from typing import TypeVar

from reconciler.live.problems import DENIED
from reconciler.model.errors import AwsProblem, PoolProblem

_T = TypeVar("_T")

# So many failures without one success are no matter of single pools.
_MANY = 10


class Tally:
    """Counts reads of single pools in one target, for threads that read side by side."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._has_read = False
        self._denied = 0
        self._failed = 0
        self._last: PoolProblem | None = None

    def of(self, read: Callable[[], _T]) -> _T | PoolProblem:
        """What ``read`` gives, or the problem of the one pool that it is about.

        Raises ``AwsProblem`` for what is about the target as a whole.
        """
        try:
            answer = read()
        except PoolProblem as problem:
            self._count(problem)
            return problem
        with self._lock:
            self._has_read = True
        return answer

    def require_one(self) -> None:
        """When all is read: raises ``AwsProblem`` where it was many pools, and all in vain."""
        if self._last and not self._has_read and self._denied + self._failed >= _MANY:
            raise self._of_all(self._last)

    def _count(self, problem: PoolProblem) -> None:
        """A denial is quick, and may be meant for single pools; what fails for long is not."""
        with self._lock:
            self._last = problem
            self._denied += problem.code in DENIED
            self._failed += problem.code not in DENIED
            in_vain = self._failed >= _MANY and not self._has_read
        if in_vain:
            raise self._of_all(problem)

    def _of_all(self, problem: PoolProblem) -> AwsProblem:
        return AwsProblem(
            f"target {self._target}: of {_MANY} pools and more none could be read: "
            f"{problem.sentence}",
            code=problem.code,
            operation=problem.operation,
            target=self._target,
            hint=problem.hint,
        )
