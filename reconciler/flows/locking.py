"""Holding the locks of the targets that a plan changes.  Only the order; no decisions."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from reconciler.executor.lock import LockSettings, holding
from reconciler.executor.lock_errors import LockLost
from reconciler.executor.lock_object import LockObject
from reconciler.flows.targets import OpenTargets
from reconciler.model.lock import lock_place
from reconciler.model.plan import Plan
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
        self.streams.error(loss)


@contextmanager
def opened_lock(opened: OpenTargets, locks: str, target: str) -> Iterator[LockObject]:
    """The lock of a target; ``locks``: where the project has them.  Raises ``AwsProblem``."""
    channel = opened.connections[target].channel_for("s3")
    with closing(channel.client):
        lock = LockObject(channel, lock_place(locks, target))
        if opened.reach.sandbox is not None:
            lock.make_bucket()
        yield lock


@contextmanager
def locked(plan: Plan, opened: OpenTargets) -> Iterator[list[LockLost]]:
    """Hold the lock of each target that has something to do; gives the locks that were lost.

    Raises ``LockHeld`` and the other errors of ``executor.lock`` before the block is entered.
    """
    locks, reach = opened.inputs.project.lock, opened.reach
    if locks is None:
        yield []
        return
    settings = LockSettings(life_seconds=reach.lock_life, wait_seconds=reach.lock_wait)
    teller = _Teller(opened.streams, [])
    busy = (each.target.name for each in plan.targets if any(p.actions for p in each.pools))
    with ExitStack() as stack:
        # In one order for all runs: two that wait for each other's locks would wait for ever.
        for name in sorted(busy):
            lock = stack.enter_context(opened_lock(opened, locks, name))
            stack.enter_context(holding(lock, settings, teller))
        yield teller.losses
