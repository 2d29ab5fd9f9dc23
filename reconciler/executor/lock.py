"""One lock per target, so that two runs do not apply to one target at the same time.

A lock keeps runs from being stale and from undoing each other's work half way.  No invariant rests
on it: every write is preceded by a fresh read, with a lock and without.
"""

import getpass
import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from botocore.exceptions import ClientError

from reconciler.executor.lock_errors import LockHeld, LockLost
from reconciler.executor.lock_object import Found, LockObject, problem_with, refusal
from reconciler.executor.lock_renewal import Lease, Renewal
from reconciler.executor.processes import process_space, process_started
from reconciler.live.calls import retrying
from reconciler.live.policy import FAILURES, Operation, error_code
from reconciler.model.errors import AwsProblem
from reconciler.model.lock import Holder

# A lock may vanish between the refused write and the look at it; this often is bad luck enough.
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class LockSettings:
    """How locks are taken.

    ``life_seconds``: how long a lock outlives a run that was killed; a run that lives renews it.
    ``renew_seconds``: after how long it does (``None``: a third of the life).
    ``look_seconds``: how often a run looks whether it still has its lock.
    ``wait_seconds``: how long to wait for another run's lock, looking every ``poll_seconds``.
    ``run``: one id for all locks of the run.
    """

    life_seconds: float = 600.0
    renew_seconds: float | None = None
    look_seconds: float = 3.0
    wait_seconds: float = 0.0
    poll_seconds: float = 2.0
    command: str = "idpool apply"
    run: str = field(default_factory=lambda: uuid.uuid4().hex)


class Witness(Protocol):
    """Who hears of a lock."""

    def say(self, text: str) -> None:
        """Hear what is good to know."""

    def lost(self, loss: LockLost) -> None:
        """Hear that the lock is gone; while the run goes on, from another thread."""


def this_owner() -> str:
    """Who runs this process, as ``user@host``."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user that it has no name for
        user = f"uid-{os.getuid()}"
    return f"{user}@{socket.gethostname()}"


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
    renewal = Renewal(lock, lease, witness.lost, settings.look_seconds, settings.renew_seconds)
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
        lease: Lease = retrying(Operation.CREATE, lock.channel.budget)(once)
    except FAILURES as failure:
        raise problem_with(lock, failure, "PutObject") from failure
    return lease


def _written(lock: LockObject, holder: Holder, witness: Witness) -> str:
    """The ETag of this run's lock, newly written, taken over, or there since a lost answer."""
    for rounds_left in reversed(range(_ROUNDS)):
        etag = lock.create(holder)
        if etag is not None:
            return etag
        found = _seen(lock, last=rounds_left == 0)
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
    target = lock.channel.target
    raise AwsProblem(
        f"target {target}: the lock {lock.place.uri} comes and goes",
        code="LockUnsettled",
        target=target,
        hint="several runs want it at once: try again, with --lock-wait SECONDS",
    )


def _seen(lock: LockObject, *, last: bool) -> Found | None:
    try:
        return lock.read()
    except ClientError as failure:
        # Without s3:ListBucket S3 denies what has just been removed.
        if error_code(failure) == "AccessDenied" and not last:
            return None
        raise


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
    step = retrying(Operation.WRITE, lock.channel.budget)
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
