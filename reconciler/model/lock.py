"""The lock of a target: where it lies, and what it says about its holder."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from reconciler.model.records import Record

# Bounds within which every moment can be shown in every time zone, and differences be taken.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)

Moment = Annotated[AwareDatetime, Field(ge=_EARLIEST, le=_LATEST)]


class LockPlace(Record):
    """The S3 object that is the lock of one target."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """``s3://BUCKET/KEY``."""
        return f"s3://{self.bucket}/{self.key}"


class Holder(Record):
    """What a lock object holds: who has the lock, for what, and for how long.

    ``owner`` is ``user@host``; ``run`` is the random id of one run, and tells two runs of one
    owner apart.  ``pid`` counts in ``space``, and its process began at ``started`` ("": not known;
    see ``executor/processes.py``).  A running holder renews its lock, which moves ``renewed_at``
    and ``expires_at``; all moments are of the holder's clock.
    """

    schema_version: Literal[1] = 1
    owner: Annotated[str, Field(min_length=1, max_length=400)]
    pid: Annotated[int, Field(ge=0)]
    space: Annotated[str, Field(max_length=200)] = ""
    started: Annotated[str, Field(max_length=40)] = ""
    run: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    command: Annotated[str, Field(max_length=400)]
    acquired_at: Moment
    renewed_at: Moment
    expires_at: Moment

    @property
    def life(self) -> timedelta:
        """How long the lock lasts after it was last renewed."""
        return self.expires_at - self.renewed_at


def lock_place(lock: str, target: str) -> LockPlace:
    """The place of a target's lock below the project's ``lock: s3://bucket/key-prefix``."""
    bucket, _, prefix = lock.removeprefix("s3://").partition("/")
    return LockPlace(bucket=bucket, key=f"{prefix.rstrip('/')}/{target}.lock")
