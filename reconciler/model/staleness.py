"""Staleness: what has moved between a saved plan and now."""

from typing import Literal

from reconciler.model.base import Record
from reconciler.model.changes import Change


class MovedSpec(Record):
    """A spec that does not say any more what it said when it was planned."""

    name: str
    file: str
    how: Literal["changed", "added", "removed"]


class MovedPool(Record):
    """A pool that would be planned otherwise now.

    ``live`` is what has changed in AWS: ``before`` is what the saved plan saw, ``after`` is now.
    ``facts`` are sentences about the rest.
    """

    target: str
    name: str
    pool_id: str | None
    live: tuple[Change, ...] = ()
    facts: tuple[str, ...] = ()


class Staleness(Record):
    """All that has moved; ``facts`` are sentences about targets, and about the plan as a whole."""

    specs: tuple[MovedSpec, ...] = ()
    pools: tuple[MovedPool, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def is_stale(self) -> bool:
        """Whether anything has moved."""
        return bool(self.specs or self.pools or self.facts)
