"""Pools that have become a spec's since the plan: looked for by their tags, never by their name.

Another run may make a pool for the same spec under another IdentityPoolName, or adopt one that was
there all the time.  So what counts is an id that a listing shows and the plan did not know, and a
pool that was nobody's at the plan: these are described, and their tags are read.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

from reconciler.live.aws import Connection
from reconciler.live.reader import describe, require_gone
from reconciler.model.live import LivePool, LiveTarget

# A create is sent at most so long after the last page of a listing has come, and a plan that has
# waited for longer is made again.
GOOD_FOR_SECONDS = 1.0
# As many pools that were nobody's are described before the first create: a page of a listing.
_FEW = 60


@dataclass(frozen=True, slots=True)
class FinalListing:
    """What there is when a run has made all its pools.

    ``pools`` are those that the plan did not know or that were nobody's then; ``unseen`` the ids of
    this run's own pools that a listing has not shown in time, ``gone`` of those that were deleted.
    """

    pools: tuple[LivePool, ...] = ()
    unseen: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()


class Newcomers:
    """The newcomers of one target, for all creates of a run.

    ``seen`` is what the plan saw.  One listing serves all creates for as long as it is good; it is
    read by whoever needs it first, and the others wait.
    """

    def __init__(
        self, connection: Connection, seen: LiveTarget, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connection = connection
        self._seen = frozenset(pool.pool_id for pool in seen.pools)
        self._nobodys = [pool.pool_id for pool in seen.pools if pool.owner is None]
        self._clock = clock
        self._reading = threading.Lock()
        self._mine: set[str] = set()
        self._met: dict[str, LivePool] = {}
        self._good_until = float("-inf")
        self._is_begun = False

    def made(self, pool_id: str) -> None:
        """Hear of a pool that this very run has made."""
        self._mine.add(pool_id)

    def knew(self, pool_id: str) -> bool:
        """Whether the plan saw the pool: then no run has made it since."""
        return pool_id in self._seen

    def now(self) -> tuple[LivePool, ...]:
        """All newcomers, by a listing that is good for a create that is sent at once.

        Raises ``AwsProblem``, also where one that is listed cannot be described: it may be ours.
        """
        budget = self._connection.cognito.budget
        with self._reading:
            if not self._is_begun:
                self._meet(self._nobodys if len(self._nobodys) <= _FEW else ())
                self._is_begun = True
            # To describe many newcomers takes its time, and more may have come meanwhile.
            while self._clock() > self._good_until and not budget.interrupted:
                self._read()
            return tuple(pool for pool in self._met.values() if pool.pool_id not in self._mine)

    def afresh(self) -> tuple[LivePool, ...]:
        """As ``now``, by a listing that has not begun yet.  Raises ``AwsProblem``."""
        with self._reading:
            self._good_until = float("-inf")
        return self.now()

    def final_listing(self, made: Collection[str], workers: Executor) -> FinalListing:
        """Everything that may have become a spec's, by one more listing.

        A listing may lag behind creations.  One that does not show the pools of this run yet
        (``made``, their ids) would not show those of another run either, so it is repeated for a
        while.  Raises ``AwsProblem``.
        """
        listed: set[str] = set()
        for _ in self._connection.polls():
            listed = self._listed()
            if set(made) <= listed:
                break
        missing = sorted(set(made) - listed)
        there = {each for each in missing if describe(self._connection, each) is not None}
        new = [each for each in listed if each not in self._seen and each not in made]
        return FinalListing(
            pools=tuple(self._described([*new, *self._nobodys], workers.map)),
            unseen=frozenset(there),
            gone=frozenset(missing) - there,
        )

    def _read(self) -> None:
        listed = self._listed()
        good_until = self._clock() + GOOD_FOR_SECONDS
        self._meet(listed - self._seen - self._mine - self._met.keys())
        self._good_until = good_until

    def _listed(self) -> set[str]:
        return {pool.pool_id for pool in self._connection.listing()}

    def _meet(self, ids: Iterable[str]) -> None:
        self._met |= {pool.pool_id: pool for pool in self._described(sorted(ids), map)}

    def _described(self, ids: list[str], each_of: Callable[..., Iterable[Any]]) -> list[LivePool]:
        found = list(each_of(partial(describe, self._connection), ids))
        missing = [each for each, pool in zip(ids, found, strict=True) if pool is None]
        require_gone(self._connection, missing)
        return [pool for pool in found if pool is not None]
