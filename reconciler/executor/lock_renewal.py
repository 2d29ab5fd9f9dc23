"""Keeping a lock while a run goes on, and ending the run when the lock is lost."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from reconciler.executor.lock_errors import LockLost, held_by
from reconciler.executor.lock_object import Found, LockObject
from reconciler.live.policy import FAILURES
from reconciler.model.lock import Holder

# Parts of a lock's life: when it is renewed, and when it counts as lost.  What is left then is for
# the writes that are under way.
_RENEW = 1 / 3
_GIVE_UP = 5 / 6
# After a failed renewal the next one comes sooner.
_SOONER = 1 / 4


@dataclass(frozen=True, slots=True)
class Lease:
    """A lock that this run has.  ``sent_at``: from then on it lives, by this process's clock."""

    holder: Holder
    etag: str
    sent_at: float

    @property
    def life_seconds(self) -> float:
        """How long it lasts after it was last renewed."""
        return self.holder.life.total_seconds()


class Renewal:
    """A thread that renews a lock at a third of its life.

    When the lock turns out to be lost, the run's budget is interrupted first, so that nothing
    more is sent, and then ``lost`` is told.
    """

    def __init__(
        self,
        lock: LockObject,
        lease: Lease,
        lost: Callable[[LockLost], None],
        renew_seconds: float | None = None,
    ) -> None:
        self._lock = lock
        self._lease = lease
        self._tell = lost
        self._pause = renew_seconds or lease.life_seconds * _RENEW
        self._ended = threading.Event()
        self._lost: LockLost | None = None
        self._thread = threading.Thread(target=self._run, name="idpool-lock", daemon=True)

    def start(self) -> None:
        """Renew from now on."""
        self._thread.start()

    def end(self) -> Lease | None:
        """Stop renewing; the lock as it is by now, ``None`` where it is lost."""
        self._ended.set()
        self._thread.join()
        return None if self._lost else self._lease

    def _run(self) -> None:
        # Until this thread has ended as it should: what else ends it, a bug included, is a loss.
        self._lost = self._loss("its renewal broke off")
        try:
            self._keep()
            self._lost = None
        except LockLost as lost:
            self._lost = lost
        finally:
            if self._lost is not None:
                self._lock.channel.budget.interrupt()
                self._tell(self._lost)

    def _keep(self) -> None:
        """Renew until the end.  Raises ``LockLost``."""
        renewed = True
        while not self._ended.wait(self._until_next(renewed)):
            if self._left() <= 0:
                raise self._loss("it could not be renewed in time")
            try:
                renewed = self._renew()
            except FAILURES:
                renewed = False

    def _renew(self) -> bool:
        """Whether it is renewed; ``False``: to be tried again soon."""
        sent_at = time.monotonic()
        holder = self._renewed()
        etag = self._lock.replace(holder, self._lease.etag)
        if etag is not None:
            self._lease = Lease(holder=holder, etag=etag, sent_at=sent_at)
            return True
        found = self._lock.read()
        if found is None:
            raise self._loss("somebody has removed it")
        if not found.is_of(self._lease.holder):
            raise self._taken(found)
        # It is ours, from a renewal whose answer was lost.
        self._lease = replace(self._lease, etag=found.etag)
        return False

    def _taken(self, found: Found) -> LockLost:
        if found.holder is None:
            return self._loss("something that is not idpool has written over it")
        return self._loss(f"it is held by {held_by(found.holder)}", found.holder)

    def _loss(self, why: str, holder: Holder | None = None) -> LockLost:
        return LockLost(self._lock.channel.target, self._lock.place, why, holder)

    def _renewed(self) -> Holder:
        now = datetime.now(UTC)
        held = self._lease.holder
        return held.model_copy(update={"renewed_at": now, "expires_at": now + held.life})

    def _left(self) -> float:
        ends = self._lease.sent_at + self._lease.life_seconds * _GIVE_UP
        return ends - time.monotonic()

    def _until_next(self, renewed: bool) -> float:
        pause = self._pause if renewed else self._pause * _SOONER
        return max(0.0, min(pause, self._left()))
