"""Reading some pools of a target: those that matter most first, the others only where they must."""

from collections.abc import Sequence
from concurrent.futures import Executor
from itertools import chain
from typing import Protocol

from reconciler.live.aws import Connection
from reconciler.live.reader import Progress, read_pools, read_target
from reconciler.model.live import LeftCreate, ListedPool, LiveTarget


class Choice(Protocol):
    """Which pools somebody has to know."""

    def first(self, listed: Sequence[ListedPool]) -> list[ListedPool]:
        """Those to describe before all others."""

    def is_enough(self, live: LiveTarget) -> bool:
        """Whether nothing depends on the others, now that these are described."""


def read_chosen(
    connection: Connection,
    choice: Choice | None,
    workers: Executor,
    progress: Progress,
    left: Sequence[LeftCreate] = (),
) -> LiveTarget:
    """The chosen pools of the target, or all of them, as ``read_target`` has them.

    Without a choice these are all.  ``left`` are pools that earlier runs have made here: a listing
    may not show them yet, so they are described in any case.  Raises ``AwsProblem``.
    """
    known = [ListedPool(each.pool_id, each.name) for each in left if each.pool_id is not None]
    live = _read_chosen(connection, choice, workers, progress, known)
    return live.model_copy(update={"left": tuple(left)})


def _read_chosen(
    connection: Connection,
    choice: Choice | None,
    workers: Executor,
    progress: Progress,
    known: Sequence[ListedPool],
) -> LiveTarget:
    if choice is None:
        return read_target(connection, workers, progress, known)
    listed = [*chain.from_iterable(connection.listing.pages()), *known]
    listed = list({pool.pool_id: pool for pool in reversed(listed)}.values())
    first = [*choice.first(listed), *known]
    live = read_pools(connection, first, workers, progress)
    if choice.is_enough(live):
        return live
    done = {pool.pool_id for pool in first}
    rest = [pool for pool in listed if pool.pool_id not in done]
    others = read_pools(connection, rest, workers, progress)
    return others.model_copy(
        update={"pools": live.pools + others.pools, "unread": live.unread + others.unread}
    )
