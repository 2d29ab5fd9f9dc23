"""Whose turn it is: which pool a worker goes on with."""

import threading
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Executor, Future

from reconciler.executor.pool_run import PoolRun

# So many created pools may wait for the rest of their actions, for each other worker.
_AHEAD = 2


class Turns:
    """Every pool to its end, on workers that are never idle while there is something to do.

    A create may take as long as a listing of many pages and then some (``executor/looks.py``).  The
    last to begin would keep everybody waiting, so creates run ahead of what follows them, and the
    short calls come last.  They do not run far ahead: few pools are without their roles at any
    moment, and where AWS throttles creates the other calls go on beside them.  A worker that is
    alone finishes one pool after the other.
    """

    def __init__(self, runs: Iterable[PoolRun], workers: Executor) -> None:
        self._not_begun = deque(runs)
        self._begun: deque[PoolRun] = deque()
        self._at_work = 0
        self._lock = threading.Lock()
        self._workers = workers
        self._turns = deque[Future[None]]()

    def run(self) -> None:
        """Return when all is done."""
        self._turns.extend([self._workers.submit(self._take_one) for _ in self._not_begun.copy()])
        try:
            while self._turns:
                self._turns.popleft().result()
        finally:
            for turn in self._turns:
                turn.cancel()

    def _take_one(self) -> None:
        run = self._next()
        run.go_on()
        with self._lock:
            self._at_work -= 1
            if run.is_over:
                return
            self._begun.append(run)
        # Before this turn is over: nobody may think that it was the last one.
        self._turns.append(self._workers.submit(self._take_one))

    def _next(self) -> PoolRun:
        with self._lock:
            far_ahead = len(self._begun) > _AHEAD * self._at_work
            self._at_work += 1
            return (self._begun if far_ahead or not self._not_begun else self._not_begun).popleft()
