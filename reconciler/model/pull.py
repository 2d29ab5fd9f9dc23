"""What a pull did, or would do: pool by pool, as plain data."""

from reconciler.model.base import Record
from reconciler.model.drift import FieldDrift
from reconciler.model.source import Source


class PoolPull(Record):
    """One spec whose pool is not as it says.

    ``fields``: how they differ, secrets masked; ``secrets``: the login providers whose secret is
    new in the spec; ``reason`` is why the spec was left as it is, and ``way_out`` what to do
    instead, both "" for one that is pulled.
    """

    name: str
    source: Source
    pool_id: str | None = None
    fields: tuple[FieldDrift, ...] = ()
    secrets: tuple[str, ...] = ()
    reason: str = ""
    way_out: str = ""

    @property
    def is_pulled(self) -> bool:
        """Whether its spec takes over what live has."""
        return not self.reason
