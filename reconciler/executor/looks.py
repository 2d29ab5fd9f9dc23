"""The look before a create, shared by creates that go on side by side.

Were each create to wait for a listing that begins after it has asked, creates would go at the pace
of listings, which come one after the other.  So while one is read, creates go on with the one
before, if it is not older than two listings take, or a fifth of a second.  What comes within that
time is found by the look after the run (``executor/twins.py``), as is what comes between any look
and its create.  Creates that come one by one read one listing each, and nothing that was sent
before is looked for here: a repetition reads a listing of its own.

Listings are read beside the workers, one after the other for as long as creates ask: a worker that
read them would make no calls of its own meanwhile.

The plan's listing is not the one before the first: this run may have waited for the lock of another
since, which has made what is not in it.  A run that waits for nobody may begin its first listing
ahead, while the plan is shown.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeAlias

from reconciler.live.connections import Connection
from reconciler.model.live import ListedPool
from reconciler.model.plan import Plan

# So many times as long as it took, a listing will do while the next one is being read, and never
# less than these seconds: pools that are made side by side ask together, each time the ones before
# are finished.  Where the next one takes longer (it is throttled, or repeated), all wait for it.
LASTS = 2.0
AT_LEAST_SECONDS = 0.2

PoolIds = tuple[str, ...]
_ByName = Mapping[str, PoolIds]
Looks: TypeAlias = "Mapping[str, SharedLook]"  # by the names of targets


@contextmanager
def looks_of(plan: Plan, connections: Mapping[str, Connection]) -> Iterator[Looks]:
    """The looks before the creates of a plan; at the end of the block nothing is read any more."""
    with ThreadPoolExecutor(max(1, len(plan.targets)), "look") as reader:
        yield {
            target.target.name: SharedLook(
                connections[target.target.name].listing,
                reader,
                sum(pool.verb == "create" for pool in target.pools),
            )
            for target in plan.targets
            if target.target.name in connections
        }


class SharedLook:
    """The pools of a name, from a listing of this moment or the one before.

    ``reader`` reads the listings, one at a time.  ``askers`` are those who will ask: when all have,
    no listing is begun for the next one.
    """

    def __init__(
        self,
        listing: Callable[[], Iterable[ListedPool]],
        reader: Executor,
        askers: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listing = listing
        self._reader = reader
        self._askers = askers
        self._clock = clock
        self._lock = threading.Lock()
        self._reading: Future[_ByName] | None = None
        self._is_ahead = False
        self._was_asked = False
        self._by_name: _ByName = {}
        self._good_until = float("-inf")

    def begin(self) -> None:
        """Begin the listing that is meant for the first who asks, if anybody will."""
        with self._lock:
            if self._askers > 0:
                self._is_ahead = True
                self._begin()

    def __call__(self, name: str) -> PoolIds:
        """The ids of all pools of this name.  Raises ``AwsProblem``."""
        with self._lock:
            self._askers -= 1
            is_own, self._is_ahead = self._is_ahead, False
            reading, is_good = self._reading, self._clock() <= self._good_until
            self._was_asked |= not is_own
            if is_good and (is_own or reading):
                return self._by_name.get(name, ())
            reading = reading or self._begin()
        return reading.result().get(name, ())

    def _begin(self) -> Future[_ByName]:
        self._was_asked = False
        self._reading = self._reader.submit(self._read)
        return self._reading

    def _read(self) -> _ByName:
        """Read a listing; and begin the next one, where others have asked meanwhile."""
        found, began = None, self._clock()
        try:
            found = _by_name(self._listing())
        finally:
            with self._lock:
                self._reading = None
                if found is not None:
                    self._keep(found, began)
        return found

    def _keep(self, found: _ByName, began: float) -> None:
        ended = self._clock()
        self._by_name = found
        self._good_until = ended + max(LASTS * (ended - began), AT_LEAST_SECONDS)
        if self._was_asked and self._askers > 0:
            self._begin()


def _by_name(pools: Iterable[ListedPool]) -> _ByName:
    found: dict[str, PoolIds] = {}
    for pool in pools:
        found[pool.name] = (*found.get(pool.name, ()), pool.pool_id)
    return found
