"""What can be wrong with a lock, as sentences."""

from botocore.exceptions import ClientError

from reconciler.live.policy import Failure, codes, error_code
from reconciler.live.problems import problem_of
from reconciler.model.errors import AwsProblem, IdpoolError
from reconciler.model.lock import Holder, LockPlace, Moment


class LockHeld(IdpoolError):
    """Another run has the lock."""

    def __init__(self, target: str, place: LockPlace, holder: Holder) -> None:
        super().__init__(f"target {target} is locked by {held_by(holder)}; the lock is {place.uri}")
        self.target = target
        self.place = place
        self.holder = holder
        self.hint = (
            "let that run end (--lock-wait SECONDS waits for it); if it is dead, its lock expires, "
            f"or run `idpool unlock {target}`"
        )


class NotYours(LockHeld):
    """A lock of somebody else, which has not expired, is not removed without force."""

    def __init__(self, target: str, place: LockPlace, holder: Holder) -> None:
        super().__init__(target, place, holder)
        self.hint = f"if that run is dead: `idpool unlock {target} --force`"


class StillRuns(LockHeld):
    """The lock of a run of this user on this host that lives, or may live (``seen`` false)."""

    def __init__(self, target: str, place: LockPlace, holder: Holder, *, seen: bool) -> None:
        super().__init__(target, place, holder)
        force = f"`idpool unlock {target} --force`"
        if seen:
            self.hint = (
                f"that process is running: let it end, or end it (Ctrl-C, or `kill {holder.pid}`); "
                f"{force} takes the lock from it, and it stops within seconds"
            )
        else:
            self.hint = (
                "whether that process still runs cannot be seen from here (it is of another "
                f"container or an earlier boot): if it is dead, its lock expires, or run {force}"
            )


class LockForeign(IdpoolError):
    """The lock's object is there, and idpool has not written it."""

    def __init__(self, target: str, place: LockPlace) -> None:
        super().__init__(
            f"target {target} is locked by something that is not idpool: {place.uri} is no lock "
            "that idpool can read"
        )
        self.target = target
        self.place = place
        self.hint = f"look at it, then run `idpool unlock {target} --force`"


class LockLost(IdpoolError):
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
            f"the lock of target {target} was lost: {why}; {then}; the lock is {place.uri}"
        )
        self.target = target
        self.place = place
        self.holder = holder
        self.hint = "run `idpool plan` to see what is left to do"


class LockChanged(IdpoolError):
    """The lock that was to be removed has been renewed, or is another's by now."""

    def __init__(self, target: str, place: LockPlace) -> None:
        super().__init__(
            f"the lock of target {target} was renewed or has changed hands meanwhile, and was left "
            f"alone; the lock is {place.uri}"
        )
        self.target = target
        self.place = place
        self.hint = f"a run is alive: look again with `idpool unlock {target}`"


def held_by(holder: Holder) -> str:
    """Who, since when, and until when, in the holder's words."""
    return (
        f"{holder.owner} (process {holder.pid}, {holder.command}) since "
        f"{moment(holder.acquired_at)}, until {moment(holder.expires_at)} unless renewed"
    )


def moment(at: Moment) -> str:
    """A moment for people, in its own time zone; idpool writes UTC."""
    return at.strftime("%Y-%m-%d %H:%M:%S %Z")


def lock_problem(failure: Failure, *, operation: str, target: str, place: LockPlace) -> AwsProblem:
    """The error to show where S3 does not let the lock be used."""
    code = error_code(failure)
    # Only S3's own answers: a call may fail in the AssumeRole that it needs first.
    if not isinstance(failure, ClientError) or failure.operation_name not in _NEEDS:
        return problem_of(failure, operation=operation, target=target)
    if code == "NoSuchBucket":
        what = f"there is no bucket {place.bucket}"
        hint = "create it, or mend `lock:` in idpool.yaml"
    elif code in codes("denied"):
        message = failure.response.get("Error", {}).get("Message") or "no message"
        what = f"AWS denied {failure.operation_name} on {place.uri}: {message}"
        hint = _NEEDS[failure.operation_name].format(bucket=place.bucket, key=place.key)
    else:
        return problem_of(failure, operation=operation, target=target)
    return AwsProblem(
        f"target {target}: the lock cannot be used: {what}",
        code=code,
        operation=operation,
        target=target,
        hint=hint,
    )


_ALLOW = "allow {action} on arn:aws:s3:::{{bucket}}/{{key}} to the role that runs idpool"
# S3 answers a conditional write or delete only to those who may read the object.
_NEEDS = {
    "PutObject": _ALLOW.format(action="s3:PutObject and s3:GetObject"),
    "DeleteObject": _ALLOW.format(action="s3:DeleteObject and s3:GetObject"),
    "GetObject": _ALLOW.format(action="s3:GetObject")
    + "; without s3:ListBucket S3 denies what is not there, too",
    "CreateBucket": _ALLOW.format(action="s3:CreateBucket"),
}
