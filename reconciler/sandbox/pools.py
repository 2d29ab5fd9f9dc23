"""All pools of one sandbox, by account and region."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from reconciler.sandbox.pool import Pool

if TYPE_CHECKING:
    from reconciler.sandbox.events import Event

# Every change rewrites the state file, events and all.
MOST_EVENTS = 250


class Place(NamedTuple):
    """Where pools live: each account has its own in each region."""

    account: str
    region: str


class Pools:
    """The pools by place and id, and the last events of them, oldest first.

    `changed` tells whether any was put or removed.
    """

    def __init__(self, pools: Iterable[Pool] = (), events: "Iterable[Event]" = ()) -> None:
        self._events: deque[Event] = deque(events, MOST_EVENTS)
        self._places: dict[Place, dict[str, Pool]] = {}
        self._turns = count()
        for pool in pools:
            self.put(pool)
        self.changed = False

    def at(self, place: Place) -> Mapping[str, Pool]:
        """The pools of one account and region, by id."""
        return MappingProxyType(self._places.get(place, {}))

    def find(self, pool_id: str) -> Pool | None:
        """The pool of this id in whatever account: public calls are not signed by one."""
        return next((pool for pool in self if pool.id == pool_id), None)

    def of_identity(self, identity_id: str) -> Pool | None:
        """The pool that holds this identity, in whatever account."""
        return next((pool for pool in self if identity_id in pool.identities), None)

    def next_turn(self) -> int:
        """The number of the next answer about a pool; nothing that is kept."""
        return next(self._turns)

    def put(self, pool: Pool) -> None:
        """Adds the pool, or replaces the one of the same id."""
        self._places.setdefault(Place(pool.account, pool.region), {})[pool.id] = pool
        self.changed = True

    def remove(self, pool: Pool) -> None:
        """Forgets the pool and the identities in it."""
        del self._places[Place(pool.account, pool.region)][pool.id]
        self.changed = True

    @property
    def events(self) -> "Iterable[Event]":
        """The last events of all places."""
        return iter(self._events)

    def events_at(self, place: Place) -> "list[Event]":
        """The last events of one account and region."""
        return [event for event in self._events if event.place == place]

    def record(self, event: "Event") -> None:
        """Remembers an event; beyond the last so many, the oldest is forgotten."""
        self._events.append(event)
        self.changed = True

    def __iter__(self) -> Iterator[Pool]:
        for pools in self._places.values():
            yield from pools.values()
