"""S3 buckets that do not outlive their test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.cli import REGION


@contextmanager
def bucket(s3: Any, name: str) -> Iterator[None]:
    """A bucket, gone with all that is in it when the block ends, however it ends.

    moto keeps buckets as long as the process lives, whichever sandbox they were made in, and
    the next test of the same process may want the same name.
    """
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    try:
        yield
    finally:
        for each in s3.list_objects_v2(Bucket=name).get("Contents", []):
            s3.delete_object(Bucket=name, Key=each["Key"])
        s3.delete_bucket(Bucket=name)
