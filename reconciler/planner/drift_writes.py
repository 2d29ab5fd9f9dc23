"""Who wrote: which calls can have made a drift, and the writes that were found put in their place.

A pool that is gone has no id any more.  It is known again by the ownership tags of the calls that
made or updated it.
"""

from collections.abc import Iterable, Iterator, Mapping

from reconciler.model.drift import Drift, PoolDrift, TargetDrift
from reconciler.model.pool import FIELDS, TAGS_FIELD
from reconciler.model.pool_fields import Call
from reconciler.model.trail import Asked, TrailEvent

MOST_WRITES = 3
_BY_FIELD: Mapping[str, tuple[str, ...]] = {
    **{name: (row.call.value,) for name, row in FIELDS.items()},
    TAGS_FIELD: (Call.POOL.value, "TagResource", "UntagResource"),
}
_DELETION = "DeleteIdentityPool"
_OF_MISSING = (_DELETION, "CreateIdentityPool", "UpdateIdentityPool")


def asked_of(target: TargetDrift, owner: str) -> tuple[Asked, ...]:
    """What CloudTrail is to be asked about one target."""
    asked = (_asked(pool, owner) for pool in target.pools)
    return tuple(each for each in asked if each.calls)


def with_writes(drift: Drift, events: Mapping[str, Iterable[TrailEvent]]) -> Drift:
    """The drift with the last writes of each pool; ``events`` are by target, newest first."""
    targets = tuple(
        _with_writes(target, tuple(events.get(target.target.name, ())), drift.owner)
        for target in drift.targets
    )
    return drift.model_copy(update={"targets": targets})


def _asked(pool: PoolDrift, owner: str) -> Asked:
    if pool.kind == "missing":
        calls: tuple[str, ...] = _OF_MISSING
    else:
        every = (call for field in pool.fields for call in _BY_FIELD[field.field])
        calls = tuple(dict.fromkeys(every))
    return Asked(owner=owner, name=pool.name, pool_id=pool.pool_id, calls=calls)


def _with_writes(target: TargetDrift, events: tuple[TrailEvent, ...], owner: str) -> TargetDrift:
    pools = tuple(
        pool.model_copy(update={"writes": tuple(_writes(_asked(pool, owner), events))})
        for pool in target.pools
    )
    return target.model_copy(update={"pools": pools})


def _writes(asked: Asked, events: tuple[TrailEvent, ...]) -> Iterator[object]:
    calls = (_DELETION,) if asked.pool_id is None else asked.calls
    found = [event for event in asked.matching(events) if event.write.call in calls]
    return (event.write for event in found[:MOST_WRITES])
