"""One lock per target, renewed while a run goes on, so that no two apply to it at once."""

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from botocore.exceptions import ClientError

from reconciler.executor.lock_errors import LockHeld, LockLost, held_by
from reconciler.executor.lock_object import (
    FoundLock,
    LockObject,
    problem_with,
    process_space,
    process_started,
    refusal,
    this_owner,
)
from reconciler.live.calls import Repeating
from reconciler.live.failures import FAILURES, Operation, error_code, target_problem
from reconciler.model.lock import Holder
from reconciler.model.request import LOCK_LIFE_SECONDS, LOCK_WAIT_SECONDS

# Parts of a lock's life: when it is renewed, and when it counts as lost.  What is left then is for
# the writes that are under way.
_RENEW = 1 / 3
_GIVE_UP = 5 / 6
# After a failed renewal the next one comes sooner.
_SOONER = 1 / 4
# A lock may vanish between the refused write and the look at it; this often is bad luck enough.
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Lease:
    """A lock that this run has.  ``sent_at``: from then on it lives, by this process's clock."""

    holder: Holder
    etag: str
    sent_at: float


@dataclass(frozen=True, slots=True)
class LockSettings:
    """How locks are taken.

    ``life_seconds``: how long a lock outlives a run that was killed; a run that lives renews it.
    ``renew_seconds``: after how long it does (``None``: a third of the life).
    ``look_seconds``: how often a run looks whether it still has its lock.
    ``wait_seconds``: how long to wait for another run's lock, looking every ``poll_seconds``.
    ``run``: one id for all locks of the run.
    """

    life_seconds: float = LOCK_LIFE_SECONDS
    renew_seconds: float | None = None
    look_seconds: float = 3.0
    wait_seconds: float = LOCK_WAIT_SECONDS
    poll_seconds: float = 2.0
    command: str = "idpool apply"
    run: str = field(default_factory=lambda: uuid.uuid4().hex)


class Witness(Protocol):
    """Who hears of a lock."""

    def say(self, text: str) -> None:
        """Hear what is good to know."""

    def lost(self, loss: LockLost) -> None:
        """Hear that the lock is gone; while the run goes on, from another thread."""


@dataclass(slots=True)
class Renewal:
    """A thread that renews a lock at a third of its life, and looks at it much more often.

    A lock that somebody removes by force is another's at once, long before the next renewal.  When
    the lock turns out to be lost, the run's budget is interrupted first, so that nothing more is
    sent, and then ``lost`` is told.
    """

    _lock: LockObject
    _lease: Lease
    _settings: LockSettings
    _tell: Callable[[LockLost], None]
    _ended: threading.Event = field(default_factory=threading.Event)
    _lost: LockLost | None = None
    _renew_at: float = field(init=False)
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._renew_at = time.monotonic() + self._pause
        self._thread = threading.Thread(target=self._run, name="idpool-lock", daemon=True)

    @property
    def _pause(self) -> float:
        return self._settings.renew_seconds or self._lease.holder.life.total_seconds() * _RENEW

    def start(self) -> None:
        """Renew from now on."""
        self._thread.start()

    def end(self) -> Lease | None:
        """Stop renewing, and look once more; the lock by now, ``None`` where it is lost."""
        self._ended.set()
        self._thread.join()
        if self._lost is None:
            try:
                Repeating(Operation.READ, self._lock.channel.budget)(self._read)
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
                    self._read()

    def _read(self) -> None:
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
        found = _seen(self._lock)
        # Where it is ours all the same, the answer to a renewal was lost.
        self._lease = replace(self._lease, etag=self._require_ours(found).etag)

    def _require_ours(self, found: FoundLock | None) -> FoundLock:
        if found is None:
            raise self._loss("somebody has removed it")
        if found.holder is None:
            raise self._loss("something that is not idpool has written over it")
        if not found.is_of(self._lease.holder):
            raise self._loss(f"it is held by {held_by(found.holder)}", found.holder)
        return found

    def _loss(self, why: str, holder: Holder | None = None) -> LockLost:
        ended, target = self._ended.is_set(), self._lock.channel.target
        return LockLost(target, self._lock.place, why, holder, ended=ended)

    def _renewed(self) -> Holder:
        now = datetime.now(UTC)
        held = self._lease.holder
        return held.model_copy(update={"renewed_at": now, "expires_at": now + held.life})

    def _left(self) -> float:
        ends = self._lease.sent_at + self._lease.holder.life.total_seconds() * _GIVE_UP
        return ends - time.monotonic()

    def _until_next(self) -> float:
        until_renewal = self._renew_at - time.monotonic()
        return max(0.0, min(self._settings.look_seconds, until_renewal, self._left()))


@contextmanager
def holding(lock: LockObject, settings: LockSettings, witness: Witness) -> Iterator[None]:
    """Hold the lock for the length of the block, whatever ends it, and look that it was held.

    Without the lock is the block entered only where the run was interrupted while it waited; then
    nothing is sent any more.  Raises ``LockHeld`` when another run has the lock and has it still
    when the wait is over, ``LockForeign`` when the object is not a lock, ``AwsProblem`` when S3
    cannot be asked.
    """
    lease = take(lock, settings, witness)
    if lease is None:
        yield
        return
    renewal = Renewal(lock, lease, settings, witness.lost)
    renewal.start()
    try:
        yield
    finally:
        left = renewal.end()
        if left is not None:
            _release(lock, left, witness)


def take(lock: LockObject, settings: LockSettings, witness: Witness) -> Lease | None:
    """Take the lock, waiting for it where that is wanted; ``None``: interrupted meanwhile."""
    budget = lock.channel.budget
    ends = time.monotonic() + settings.wait_seconds
    told = False
    while not budget.interrupted:
        try:
            return _take_now(lock, settings, witness)
        except LockHeld as held:
            left = ends - time.monotonic()
            if left <= 0:
                raise
            if not told:
                witness.say(f"Waiting: {held}")
            told = True
        budget.sleep(min(settings.poll_seconds, left))
    return None


def _take_now(lock: LockObject, settings: LockSettings, witness: Witness) -> Lease:
    """One try, repeated only where its answer was lost: the run id tells what became of it."""

    # Of the first try: its write may be the one that counts.
    sent_at = time.monotonic()

    def once() -> Lease:
        holder = _holder(settings)
        return Lease(holder=holder, etag=_written(lock, holder, witness), sent_at=sent_at)

    try:
        lease: Lease = Repeating(Operation.CREATE, lock.channel.budget)(once)
    except FAILURES as failure:
        raise problem_with(lock, failure, "PutObject") from failure
    return lease


def _written(lock: LockObject, holder: Holder, witness: Witness) -> str:
    """The ETag of this run's lock, newly written, taken over, or there since a lost answer."""
    for rounds_left in reversed(range(_ROUNDS)):
        etag = lock.create(holder)
        if etag is not None:
            return etag
        found = _seen(lock) if rounds_left else lock.read()
        if found is None:
            continue
        if found.is_of(holder):
            return found.etag
        if not found.expired:
            raise refusal(lock, found)
        etag = lock.replace(holder, found.etag)
        if etag is not None:
            witness.say(f"Took over a lock that had expired. Until then {refusal(lock, found)}")
            return etag
    raise target_problem("lock-unsettled", lock.channel.target, uri=lock.place.uri)


def _seen(lock: LockObject) -> FoundLock | None:
    """The lock, if there is one: without s3:ListBucket S3 denies what has just been removed."""
    try:
        return lock.read()
    except ClientError as failure:
        if error_code(failure) != "AccessDenied":
            raise
        return None


def _holder(settings: LockSettings) -> Holder:
    now = datetime.now(UTC)
    return Holder(
        owner=this_owner(),
        pid=os.getpid(),
        space=process_space(),
        started=process_started(os.getpid()),
        run=settings.run,
        command=settings.command,
        acquired_at=now,
        renewed_at=now,
        expires_at=now + timedelta(seconds=settings.life_seconds),
    )


def _release(lock: LockObject, lease: Lease, witness: Witness) -> None:
    """Remove this run's lock; that of another is left alone, and a failure left to the expiry."""
    step = Repeating(Operation.WRITE, lock.channel.budget)
    try:
        if step(lock.remove, lease.etag):
            return
        # A renewal whose answer was lost has given it another ETag.
        found = step(lock.read)
        if found is not None and found.is_of(lease.holder):
            step(lock.remove, found.etag)
    except FAILURES as failure:
        problem = problem_with(lock, failure, "DeleteObject")
        witness.say(f"The lock {lock.place.uri} could not be removed, and will expire: {problem}")
