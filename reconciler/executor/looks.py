"""The look before a create, shared by creates that go on side by side.

Were each create to wait for a listing that begins after it has asked, creates would go at the pace
of listings, which come one after the other.  So while one create reads a listing, the others go on
with the one before, if it is not older than two listings take, or a fifth of a second.  What comes
within that time is found by the look after the run (``executor/twins.py``), as is what comes
between any look and its create.  Creates that come one by one read one listing each, and nothing
that was sent before is looked for here: a repetition reads a listing of its own.

The plan's listing is not the one before the first: this run may have waited for the lock of another
since, which has made what is not in it.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping

from reconciler.model.live import ListedPool

# So many times as long as it took, a listing will do while the next one is being read, and never
# less than these seconds: pools that are made side by side ask together, each time the ones before
# are finished.  Where the next one takes longer (it is throttled, or repeated), all wait for it.
LASTS = 2.0
AT_LEAST_SECONDS = 0.2

PoolIds = tuple[str, ...]


class SharedLook:
    """The pools of a name, from a listing of this moment or the one before."""

    def __init__(
        self,
        listing: Callable[[], Iterable[ListedPool]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listing = listing
        self._clock = clock
        self._turn = threading.Condition()
        self._is_reading = False
        self._by_name: Mapping[str, PoolIds] = {}
        self._good_until = float("-inf")

    def __call__(self, name: str) -> PoolIds:
        """The ids of all pools of this name.  Raises ``AwsProblem``."""
        with self._turn:
            while self._is_reading and self._clock() > self._good_until:
                self._turn.wait()
            if self._is_reading:
                return self._by_name.get(name, ())
            self._is_reading = True
        return self._read().get(name, ())

    def _read(self) -> Mapping[str, PoolIds]:
        found, began = None, self._clock()
        try:
            found = _by_name(self._listing())
        finally:
            with self._turn:
                self._is_reading = False
                if found is not None:
                    ended = self._clock()
                    self._by_name = found
                    self._good_until = ended + max(LASTS * (ended - began), AT_LEAST_SECONDS)
                self._turn.notify_all()
        return found


def _by_name(pools: Iterable[ListedPool]) -> Mapping[str, PoolIds]:
    found: dict[str, PoolIds] = {}
    for pool in pools:
        found[pool.name] = (*found.get(pool.name, ()), pool.pool_id)
    return found
