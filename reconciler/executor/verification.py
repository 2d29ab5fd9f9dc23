"""Whether AWS stored what was sent: an accepted call is not yet a kept promise."""

from collections.abc import Mapping
from typing import Any

from reconciler.executor.freshness import fresh_settings, moved_fields, same, settings_only
from reconciler.live.connections import Connection
from reconciler.model.ignored import Ignored
from reconciler.model.pool import Pool, canonical_pool


class NotStored(Exception):
    """The call was accepted, and the pool has other values than were sent.

    ``fresh`` is the pool as it is now.
    """

    def __init__(self, pool_id: str, fresh: Pool, fields: str) -> None:
        super().__init__(f"AWS accepted the call and stored something else in: {fields}")
        self.pool_id = pool_id
        self.fresh = fresh


def verify_stored(
    connection: Connection,
    pool_id: str,
    answer: Mapping[str, Any],
    sent: Pool,
    ignored: Ignored,
) -> None:
    """Compare the answer of a create or update with what was sent.

    An answer may leave fields out that the pool has, so that a read has the last word.  Raises
    ``NotStored`` with the names of the fields, ``Stale`` when the pool is gone already.
    """
    wanted = settings_only(sent)
    stored = stored_pool(connection, pool_id, answer, wanted, ignored)
    if not same(stored, wanted, ignored):
        raise NotStored(pool_id, stored, moved_fields(stored, wanted, ignored))


def stored_pool(
    connection: Connection,
    pool_id: str,
    answer: Mapping[str, Any],
    wanted: Pool,
    ignored: Ignored,
) -> Pool:
    """The settings that AWS has stored: those of the answer, read again where they differ.

    Raises ``Stale`` when the pool is gone already.
    """
    answered = canonical_pool(answer)
    if same(answered, wanted, ignored):
        return answered
    return fresh_settings(connection, pool_id, wanted)
