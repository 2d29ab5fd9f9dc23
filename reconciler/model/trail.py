"""What CloudTrail is asked about pools, and what it tells of them."""

from collections.abc import Iterable, Mapping

from reconciler.model.base import Record
from reconciler.model.drift import Write
from reconciler.model.project import NAME_TAG, OWNER_TAG


class TrailEvent(Record):
    """One write call to a pool: its id, and the tags where the call carries them."""

    pool_id: str
    tags: Mapping[str, str] = {}
    write: Write


class Asked(Record):
    """One pool, and the calls that can have made its drift.

    ``pool_id`` is ``None`` for a pool that is gone.
    """

    owner: str
    name: str
    pool_id: str | None
    calls: tuple[str, ...]

    def matching(self, events: Iterable[TrailEvent]) -> list[TrailEvent]:
        """The events of the pool, in the order given."""
        events = list(events)
        ids = {self.pool_id} if self.pool_id else {e.pool_id for e in events if self._is_ours(e)}
        return [e for e in events if e.pool_id in ids and e.write.call in self.calls]

    def is_answered_by(self, events: Iterable[TrailEvent]) -> bool:
        """Whether there is somebody to name: for a pool that is gone, who deleted it."""
        found = self.matching(events)
        if self.pool_id is not None:
            return bool(found)
        return any(event.write.call == self.calls[0] for event in found)

    def _is_ours(self, event: TrailEvent) -> bool:
        tags = event.tags
        return tags.get(OWNER_TAG) == self.owner and tags.get(NAME_TAG) == self.name
