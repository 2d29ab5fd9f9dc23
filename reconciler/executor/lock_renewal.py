"""Keeping a lock while a run goes on, and ending the run when the lock is lost."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from reconciler.executor.lock_errors import LockLost, held_by
from reconciler.executor.lock_object import Found, LockObject
from reconciler.live.calls import retrying
from reconciler.live.policy import FAILURES, Operation, error_code
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
    """A thread that renews a lock at a third of its life, and looks at it much more often.

    A lock that somebody removes by force is another's at once, long before the next renewal.  When
    the lock turns out to be lost, the run's budget is interrupted first, so that nothing more is
    sent, and then ``lost`` is told.
    """

    def __init__(
        self,
        lock: LockObject,
        lease: Lease,
        lost: Callable[[LockLost], None],
        look_seconds: float,
        renew_seconds: float | None = None,
    ) -> None:
        self._lock = lock
        self._lease = lease
        self._tell = lost
        self._look_seconds = look_seconds
        self._pause = renew_seconds or lease.life_seconds * _RENEW
        self._renew_at = time.monotonic() + self._pause
        self._ended = threading.Event()
        self._lost: LockLost | None = None
        self._thread = threading.Thread(target=self._run, name="idpool-lock", daemon=True)

    def start(self) -> None:
        """Renew from now on."""
        self._thread.start()

    def end(self) -> Lease | None:
        """Stop renewing, and look once more; the lock by now, ``None`` where it is lost."""
        self._ended.set()
        self._thread.join()
        if self._lost is None:
            try:
                retrying(Operation.READ, self._lock.channel.budget)(self._look)
            except LockLost as lost:
                self._lost = lost
                self._tell(lost)
            except FAILURES:
                pass  # whoever removes the lock now will be told why that fails
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
        """Renew and look until the end.  Raises ``LockLost``."""
        while not self._ended.wait(self._until_next()):
            if self._left() <= 0:
                raise self._loss("it could not be renewed in time")
            # A failure tells nothing about the lock, which lives until it is time.
            with suppress(*FAILURES):
                if time.monotonic() >= self._renew_at:
                    self._renew_at = time.monotonic() + self._pause * _SOONER
                    self._renew()
                else:
                    self._look()

    def _look(self) -> None:
        """Look whether the lock is still ours.  Raises ``LockLost``, and botocore's failures."""
        try:
            found = self._lock.read()
        except ClientError as failure:
            if error_code(failure) != "AccessDenied":
                raise
            # Without s3:ListBucket S3 denies what is not there; a condition tells the difference.
            self._renew()
        else:
            self._require_ours(found)

    def _renew(self) -> None:
        sent_at = time.monotonic()
        holder = self._renewed()
        etag = self._lock.replace(holder, self._lease.etag)
        if etag is not None:
            self._lease = Lease(holder=holder, etag=etag, sent_at=sent_at)
            self._renew_at = sent_at + self._pause
            return
        try:
            found = self._lock.read()
        except ClientError as failure:
            if error_code(failure) != "AccessDenied":
                raise
            found = None
        # Where it is ours all the same, the answer to a renewal was lost.
        self._lease = replace(self._lease, etag=self._require_ours(found).etag)

    def _require_ours(self, found: Found | None) -> Found:
        if found is None:
            raise self._loss("somebody has removed it")
        if not found.is_of(self._lease.holder):
            raise self._taken(found)
        return found

    def _taken(self, found: Found) -> LockLost:
        if found.holder is None:
            return self._loss("something that is not idpool has written over it")
        return self._loss(f"it is held by {held_by(found.holder)}", found.holder)

    def _loss(self, why: str, holder: Holder | None = None) -> LockLost:
        ended, target = self._ended.is_set(), self._lock.channel.target
        return LockLost(target, self._lock.place, why, holder, ended=ended)

    def _renewed(self) -> Holder:
        now = datetime.now(UTC)
        held = self._lease.holder
        return held.model_copy(update={"renewed_at": now, "expires_at": now + held.life})

    def _left(self) -> float:
        ends = self._lease.sent_at + self._lease.life_seconds * _GIVE_UP
        return ends - time.monotonic()

    def _until_next(self) -> float:
        until_renewal = self._renew_at - time.monotonic()
        return max(0.0, min(self._look_seconds, until_renewal, self._left()))
