"""A sandbox with a bucket, a proxy in front of it, and locks of one target through the proxy."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config

from reconciler.executor.lock import LockSettings
from reconciler.executor.lock_errors import LockLost
from reconciler.executor.lock_object import LockObject, process_space, process_started
from reconciler.live.calls import Channel
from reconciler.live.retry import Budget
from reconciler.model.lock import LockPlace
from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.faults.proxy import FaultProxy
from tests.support import buckets
from tests.support.cli import ACCOUNT, REGION

BUCKET = "locks"
KEY = "team/idpool/default.lock"
URI = f"s3://{BUCKET}/{KEY}"
PUT = f"PUT /{BUCKET}/{KEY}"
GET = f"GET /{BUCKET}/{KEY}"
DELETE = f"DELETE /{BUCKET}/{KEY}"

MakeLock = Callable[[], LockObject]


class Bucket:
    """The bucket, as another S3 client sees it."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def put(self, content: bytes, key: str = KEY) -> None:
        """Write the lock's object, whatever is there."""
        self.client.put_object(Bucket=BUCKET, Key=key, Body=content)

    def get(self, key: str = KEY) -> dict[str, Any] | None:
        """What the lock says; ``None`` where there is none."""
        listed = self.client.list_objects_v2(Bucket=BUCKET, Prefix=key)
        if not listed.get("Contents"):
            return None
        with self.client.get_object(Bucket=BUCKET, Key=key)["Body"] as body:
            return json.loads(body.read())

    def remove(self) -> None:
        """Remove the lock's object."""
        self.client.delete_object(Bucket=BUCKET, Key=KEY)


def holder(owner: str = "ci@elsewhere", *, expired: bool = False, **changes: Any) -> bytes:
    """A lock of another run.  An expired one was never to last, so no test has to wait for it."""
    now = datetime.now(UTC)
    life = timedelta(hours=-1 if expired else 1)
    told = {
        "schemaVersion": 1,
        "owner": owner,
        "pid": 4711,
        "run": "0" * 32,
        "command": "idpool apply",
        "acquiredAt": now.isoformat(),
        "renewedAt": now.isoformat(),
        "expiresAt": (now + life).isoformat(),
    }
    return json.dumps({**told, **changes}).encode()


def here(pid: int) -> dict[str, Any]:
    """What a lock says of a process that runs, or waits to be reaped, on this host."""
    return {"pid": pid, "space": process_space(), "started": process_started(pid)}


class Heard:
    """A witness that writes down what it hears."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.losses: list[LockLost] = []
        self._lost = threading.Event()

    def say(self, text: str) -> None:
        """As ``Witness`` has it."""
        self.said.append(text)

    def lost(self, loss: LockLost) -> None:
        """As ``Witness`` has it."""
        self.losses.append(loss)
        self._lost.set()

    def loss(self) -> str:
        """The sentence of the loss, when it has come."""
        assert self._lost.wait(60)
        return str(self.losses[0])


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A sandbox in memory."""
    with SandboxServer(SandboxSettings(file=None)) as server:
        yield server


@pytest.fixture(scope="session")
def aws() -> boto3.Session:
    """One session for all clients: it keeps S3's service model, which is large."""
    return boto3.Session(
        aws_access_key_id=ACCOUNT, aws_secret_access_key="sandbox", region_name=REGION
    )


@pytest.fixture
def s3(aws: boto3.Session, sandbox: SandboxServer) -> Iterator[Any]:
    """An S3 client of the sandbox that is none of idpool's."""
    client = aws.client("s3", endpoint_url=sandbox.url)
    yield client
    client.close()


@pytest.fixture
def bucket(s3: Any) -> Iterator[Bucket]:
    """The bucket for the locks, empty."""
    with buckets.bucket(s3, BUCKET):
        yield Bucket(s3)


@pytest.fixture
def proxy(sandbox: SandboxServer) -> Iterator[FaultProxy]:
    """What stands between the locks and S3."""
    with FaultProxy(sandbox.url) as running:
        yield running


@pytest.fixture
def make_lock(aws: boto3.Session, proxy: FaultProxy) -> Iterator[MakeLock]:
    """Opens the lock's object as one run does; each call is a run with a budget of its own."""
    with ExitStack() as stack:

        def make() -> LockObject:
            once = Config(retries={"total_max_attempts": 1, "mode": "standard"})
            client = aws.client("s3", endpoint_url=proxy.url, config=once)
            stack.callback(client.close)
            place = LockPlace(bucket=BUCKET, key=KEY)
            return LockObject(Channel(client, "default", Budget()), place)

        yield make


@pytest.fixture
def lock(make_lock: MakeLock) -> LockObject:
    """The lock's object, as the run under test sees it."""
    return make_lock()


@pytest.fixture
def heard() -> Heard:
    """What the run under test has heard."""
    return Heard()


@pytest.fixture
def settings() -> LockSettings:
    """A lock that need not be renewed within a test, looked at without delay."""
    return LockSettings(poll_seconds=0.05)
