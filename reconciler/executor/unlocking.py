"""Removing a lock that a run has left behind."""

from reconciler.executor.lock import this_owner
from reconciler.executor.lock_errors import LockChanged, NotYours, StillRuns, held_by
from reconciler.executor.lock_object import Found, LockObject, problem_with, refusal
from reconciler.executor.processes import lives
from reconciler.live.calls import retrying
from reconciler.live.policy import FAILURES, Operation


def look(lock: LockObject) -> Found | None:
    """The lock as it is, ``None`` where there is none.  Raises ``AwsProblem``."""
    try:
        found: Found | None = retrying(Operation.READ, lock.channel.budget)(lock.read)
    except FAILURES as failure:
        raise problem_with(lock, failure, "GetObject") from failure
    return found


def removable(lock: LockObject, found: Found, *, force: bool) -> str:
    """Whose lock it is that may be removed, as a sentence.

    Without force it has expired, or is this user's on this host and its process has ended.  Raises
    ``NotYours`` and ``StillRuns`` for any other, and ``LockForeign`` for what is no lock.
    """
    target, holder = lock.channel.target, found.holder
    if holder is None:
        if not force:
            raise refusal(lock, found)
        return f"Target {target} is locked by something that is not idpool: {lock.place.uri}"
    if not (force or found.expired):
        if holder.owner != this_owner():
            raise NotYours(target, lock.place, holder)
        alive = lives(holder.pid, holder.space, holder.started)
        if alive is not False:
            raise StillRuns(target, lock.place, holder, seen=bool(alive))
    whose = f"locked by {held_by(holder)}: {lock.place.uri}"
    return f"Target {target} " + (f"was {whose}; expired" if found.expired else f"is {whose}")


def remove(lock: LockObject, found: Found) -> None:
    """Remove a lock as it was found.

    Raises ``LockChanged`` where it is another by now, ``AwsProblem`` where S3 does not let it.
    """
    try:
        gone = retrying(Operation.WRITE, lock.channel.budget)(lock.remove, found.etag)
    except FAILURES as failure:
        raise problem_with(lock, failure, "DeleteObject") from failure
    if not gone:
        raise LockChanged(lock.channel.target, lock.place)
