"""The S3 object that is a lock: written, replaced and removed only under a condition."""

import getpass
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from pydantic import ValidationError

from reconciler.executor.lock_errors import LockChanged, LockForeign, LockHeld, held_by
from reconciler.live.calls import Channel, Repeating
from reconciler.live.failures import FAILURES, Failure, Operation, codes, error_code, problem_of
from reconciler.model.errors import AwsProblem
from reconciler.model.lock import Holder, LockPlace

# Fields of /proc/PID/stat after the command's name, which may hold anything (proc_pid_stat(5)).
_STATE, _STARTED = 0, 19
_ENDED_STATES = frozenset("ZXx")
_MOST_BYTES = 16 * 1024
_CONDITION_FAILED = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"})
_NO_CONDITIONAL_DELETE = frozenset(
    {"NotImplemented", "MethodNotAllowed", "InvalidArgument", "InvalidRequest"}
)
_BUCKET_EXISTS = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})
_ALLOW = "allow {action} on arn:aws:s3:::{{bucket}}/{{key}} to the role that runs idpool"
# S3 answers a conditional write or delete only to those who may read the object.
_NEEDS = {
    "PutObject": _ALLOW.format(action="s3:PutObject and s3:GetObject"),
    "DeleteObject": _ALLOW.format(action="s3:DeleteObject and s3:GetObject"),
    "GetObject": _ALLOW.format(action="s3:GetObject")
    + "; without s3:ListBucket S3 denies what is not there, too",
    "CreateBucket": _ALLOW.format(action="s3:CreateBucket"),
}
# S3 gives both moments in whole seconds.
_ROUNDING = timedelta(seconds=1)


def process_space() -> str:
    """What process ids count in here: this boot's PID namespace; "" where there is no /proc."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    return ""


def process_started(pid: int) -> str:
    """When a process started, by the kernel's count; "" where it has ended or nobody can say."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[_STATE] in _ENDED_STATES else fields[_STARTED]


def lives(pid: int, space: str, started: str) -> bool | None:
    """Whether a process of this host lives; ``None``: it cannot be seen from here.

    ``space`` and ``started`` are what ``process_space`` and ``process_started`` gave there.
    """
    is_seen = bool(space) or sys.platform != "linux"  # without /proc: no containers, either
    if space != process_space() or not is_seen:
        return None
    if started:
        return process_started(pid) == started
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # it is somebody else's, or no id that can be
        return True
    return True


@dataclass(frozen=True, slots=True)
class FoundLock:
    """A lock as it lies in S3.

    ``holder`` is ``None`` where the content is not one of idpool's.  ``age`` is how long ago the
    object was written, both moments by S3's clock: clocks of runners may be wrong.
    """

    etag: str
    holder: Holder | None
    age: timedelta

    @property
    def expired(self) -> bool:
        """Whether its holder has let it live longer than it was to last."""
        return self.holder is not None and self.age > self.holder.life + _ROUNDING

    def is_of(self, holder: Holder) -> bool:
        """Whether the same run has written it."""
        return self.holder is not None and self.holder.run == holder.run


@dataclass(frozen=True, slots=True)
class LockObject:
    """The lock object of one target.

    Each call is one request and raises botocore's failures, but for a condition that does not
    hold: this is an answer.
    """

    channel: Channel
    place: LockPlace

    def create(self, holder: Holder) -> str | None:
        """Write the lock where none is; its ETag, ``None`` where there is one."""
        return self._put(holder, IfNoneMatch="*")

    def replace(self, holder: Holder, etag: str) -> str | None:
        """Write over the lock that was seen; the new ETag, ``None`` where it is another by now."""
        return self._put(holder, IfMatch=etag)

    def read(self) -> FoundLock | None:
        """The lock as it is; ``None`` where there is none."""
        try:
            answer = self.channel.once("GetObject", **self._where())
        except ClientError as failure:
            if error_code(failure) == "NoSuchKey":
                return None
            raise
        with closing(answer["Body"]) as body:
            content: bytes = body.read(_MOST_BYTES + 1)
        return FoundLock(etag=answer["ETag"], holder=_holder(content), age=_age(answer))

    def remove(self, etag: str) -> bool:
        """Remove the lock that was seen; whether it is gone by now."""
        try:
            self.channel.once("DeleteObject", **self._where(), IfMatch=etag)
        except ClientError as failure:
            if error_code(failure) in _NO_CONDITIONAL_DELETE:
                return self._read_and_remove(etag)
            if error_code(failure) not in _CONDITION_FAILED:
                raise
            return error_code(failure) == "NoSuchKey"
        return True

    def make_bucket(self) -> None:
        """Make the bucket where there is none: for the sandbox, which begins empty."""
        region = self.channel.client.meta.region_name
        place = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        parameters = {} if region == "us-east-1" else place
        try:
            self.channel.once("CreateBucket", Bucket=self.place.bucket, **parameters)
        except ClientError as failure:
            if error_code(failure) not in _BUCKET_EXISTS:
                raise

    def _put(self, holder: Holder, **condition: str) -> str | None:
        try:
            answer = self.channel.once(
                "PutObject",
                **self._where(),
                Body=holder.model_dump_json(indent=2).encode(),
                ContentType="application/json",
                **condition,
            )
        except ClientError as failure:
            if error_code(failure) in _CONDITION_FAILED:
                return None
            raise
        return str(answer["ETag"])

    def _read_and_remove(self, etag: str) -> bool:
        """For stores that know no conditional delete: as near to it as they let one come."""
        found = self.read()
        if found is None:
            return True
        if found.etag != etag:
            return False
        self.channel.once("DeleteObject", **self._where())
        return True

    def _where(self) -> dict[str, str]:
        return {"Bucket": self.place.bucket, "Key": self.place.key}


def refusal(lock: LockObject, found: FoundLock) -> LockHeld | LockForeign:
    """The error that says who has a lock that was found."""
    target = lock.channel.target
    if found.holder is None:
        return LockForeign(target, lock.place)
    return LockHeld(target, lock.place, found.holder)


def problem_with(lock: LockObject, failure: Failure, operation: str) -> AwsProblem:
    """The error to show where S3 does not let the lock be used."""
    target, place, code = lock.channel.target, lock.place, error_code(failure)
    other = problem_of(failure, operation=operation, target=target)
    # Only S3's own answers: a call may fail in the AssumeRole that it needs first.
    if not isinstance(failure, ClientError) or failure.operation_name not in _NEEDS:
        return other
    if code == "NoSuchBucket":
        what = f"there is no bucket {place.bucket}"
        hint = "create it, or mend `lock:` in idpool.yaml"
    elif code in codes("denied"):
        message = failure.response.get("Error", {}).get("Message") or "no message"
        what = f"AWS denied {failure.operation_name} on {place.uri}: {message}"
        hint = _NEEDS[failure.operation_name].format(bucket=place.bucket, key=place.key)
    else:
        return other
    return AwsProblem(
        f"target {target}: the lock cannot be used: {what}",
        code=code,
        operation=operation,
        target=target,
        hint=hint,
    )


def _holder(content: bytes) -> Holder | None:
    """What the object says.  Anybody who may write to the bucket can have written it."""
    if len(content) > _MOST_BYTES:
        return None
    try:
        return Holder.model_validate_json(content, strict=True)
    except ValidationError:
        return None


def _age(answer: Mapping[str, Any]) -> timedelta:
    written = answer["LastModified"]
    header = answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")
    try:
        age: timedelta = parsedate_to_datetime(header) - written
    except (TypeError, ValueError):  # a store that sends no date, or one without a time zone
        age = datetime.now(UTC) - written
    return age


def read_lock(lock: LockObject) -> FoundLock | None:
    """The lock as it is, ``None`` where there is none.  Raises ``AwsProblem``."""
    try:
        found: FoundLock | None = Repeating(Operation.READ, lock.channel.budget)(lock.read)
    except FAILURES as failure:
        raise problem_with(lock, failure, "GetObject") from failure
    return found


def removable(lock: LockObject, found: FoundLock, *, force: bool) -> str:
    """Whose lock it is that may be removed, as a sentence.

    Without force it has expired, or is this user's on this host and its process has ended.  Raises
    ``LockHeld`` for any other, and ``LockForeign`` for what is no lock.
    """
    target, holder = lock.channel.target, found.holder
    if holder is None:
        if not force:
            raise refusal(lock, found)
        return f"Target {target} is locked by something that is not idpool: {lock.place.uri}"
    hint = "" if force or found.expired else _why_it_may_live(holder, target)
    if hint:
        raise LockHeld(target, lock.place, holder, hint)
    whose = f"locked by {held_by(holder)}: {lock.place.uri}"
    return f"Target {target} " + (f"was {whose}; expired" if found.expired else f"is {whose}")


def _why_it_may_live(holder: Holder, target: str) -> str:
    """What to do about a run that may live; "" where it is this user's and has ended."""
    force = f"`idpool unlock {target} --force`"
    if holder.owner != this_owner():
        return f"if that run is dead: {force}"
    match lives(holder.pid, holder.space, holder.started):
        case True:
            return (
                f"that process is running: let it end, or end it (Ctrl-C, or `kill {holder.pid}`); "
                f"{force} takes the lock from it, and it stops within seconds"
            )
        case None:
            return (
                "whether that process still runs cannot be seen from here (it is of another "
                f"container or an earlier boot): if it is dead, its lock expires, or run {force}"
            )
        case False:
            return ""


def remove(lock: LockObject, found: FoundLock) -> None:
    """Remove a lock as it was found.

    Raises ``LockChanged`` where it is another by now, ``AwsProblem`` where S3 does not let it.
    """
    try:
        gone = Repeating(Operation.WRITE, lock.channel.budget)(lock.remove, found.etag)
    except FAILURES as failure:
        raise problem_with(lock, failure, "DeleteObject") from failure
    if not gone:
        raise LockChanged(lock.channel.target, lock.place)


def this_owner() -> str:
    """Who runs this process, as ``user@host``."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user that it has no name for
        user = f"uid-{os.getuid()}"
    return f"{user}@{socket.gethostname()}"
