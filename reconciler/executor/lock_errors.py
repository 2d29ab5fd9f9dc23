"""What can be wrong with a lock, as sentences."""

from reconciler.model.errors import IdpoolError
from reconciler.model.lock import Holder, LockPlace, Moment


class LockProblem(IdpoolError):
    """What is wrong with the lock of a target, and what to do about it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class LockHeld(LockProblem):
    """Another run has the lock; ``hint`` replaces the way out that is good for an apply."""

    def __init__(self, target: str, place: LockPlace, holder: Holder, hint: str = "") -> None:
        super().__init__(
            f"target {target} is locked by {held_by(holder)}; the lock is {place.uri}",
            hint
            or "let that run end (--lock-wait SECONDS waits for it); if it is dead, its lock "
            f"expires, or run `idpool unlock {target}`",
        )
        self.holder = holder


class LockForeign(LockProblem):
    """The lock's object is there, and idpool has not written it."""

    def __init__(self, target: str, place: LockPlace) -> None:
        super().__init__(
            f"target {target} is locked by something that is not idpool: {place.uri} is no lock "
            "that idpool can read",
            f"look at it, then run `idpool unlock {target} --force`",
        )


class LockLost(LockProblem):
    """The run's own lock is gone, so the run must not go on.

    ``holder`` is who has it now, where that is known; ``ended``: the run had ended by then.
    """

    def __init__(
        self, target: str, place: LockPlace, why: str, holder: Holder | None, *, ended: bool
    ) -> None:
        then = (
            "this was seen when the run had ended, and another may have written beside it"
            if ended
            else "the run was interrupted, and sends no further write"
        )
        super().__init__(
            f"the lock of target {target} was lost: {why}; {then}; the lock is {place.uri}",
            "run `idpool plan` to see what is left to do",
        )
        self.holder = holder


class LockChanged(LockProblem):
    """The lock that was to be removed has been renewed, or is another's by now."""

    def __init__(self, target: str, place: LockPlace) -> None:
        super().__init__(
            f"the lock of target {target} was renewed or has changed hands meanwhile, and was left "
            f"alone; the lock is {place.uri}",
            f"a run is alive: look again with `idpool unlock {target}`",
        )


def held_by(holder: Holder) -> str:
    """Who, since when, and until when, in the holder's words."""
    return (
        f"{holder.owner} (process {holder.pid}, {holder.command}) since "
        f"{moment(holder.acquired_at)}, until {moment(holder.expires_at)} unless renewed"
    )


def moment(at: Moment) -> str:
    """A moment for people, in its own time zone; idpool writes UTC."""
    return at.strftime("%Y-%m-%d %H:%M:%S %Z")
