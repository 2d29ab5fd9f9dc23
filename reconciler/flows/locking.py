"""Holding the locks of the targets that a plan changes.  Only the order; no decisions."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from reconciler.executor.lock import LockSettings, holding
from reconciler.executor.lock_errors import LockLost
from reconciler.executor.lock_object import LockObject
from reconciler.flows.targets import Locking
from reconciler.live.aws import Connection
from reconciler.model.lock import lock_place
from reconciler.model.plan import Plan
from reconciler.reports.error_text import error_text
from reconciler.reports.escape import escape
from reconciler.terminal.streams import Streams


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells on stderr what becomes of the locks."""

    streams: Streams
    losses: list[LockLost]

    def say(self, text: str) -> None:

        self.streams.note(escape(text))

    def lost(self, loss: LockLost) -> None:

        self.losses.append(loss)
        self.streams.problem(error_text(loss))


@contextmanager
def opened_lock(locking: Locking, connection: Connection) -> Iterator[LockObject | None]:
    """The lock of a target; ``None`` in a project without locks.  Raises ``AwsProblem``."""
    if locking.lock is None:
        yield None
        return

    channel = connection.channel_for("s3")
    with closing(channel.client):
        lock = LockObject(channel, lock_place(locking.lock, connection.target.name))
        if locking.make_bucket:
            lock.make_bucket()
        yield lock


@contextmanager
def locked(
    plan: Plan, connections: dict[str, Connection], locking: Locking, streams: Streams
) -> Iterator[list[LockLost]]:
    """Hold the lock of each target that has something to do; gives the locks that were lost.

    Raises ``LockHeld`` and the other errors of ``executor.lock`` before the block is entered.
    """
    if locking.lock is None:
        yield []
        return

    settings = LockSettings(life_seconds=locking.life, wait_seconds=locking.wait)
    teller = _Teller(streams, [])
    with ExitStack() as stack:
        for name in _busy(plan):
            lock = stack.enter_context(opened_lock(locking, connections[name]))
            if lock is not None:
                stack.enter_context(holding(lock, settings, teller))
        yield teller.losses


def _busy(plan: Plan) -> list[str]:
    """In one order for all runs: two that wait for each other's locks would wait for ever."""
    busy = [target for target in plan.targets if any(pool.actions for pool in target.pools)]
    return sorted(target.target.name for target in busy)
