"""A sandbox, and a proxy in front of it that can be told what is to go wrong."""

from collections.abc import Iterator

import boto3
import pytest

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.e2e.conftest import Account, client_of
from tests.faults.proxy import FaultProxy
from tests.support import buckets
from tests.support.cli import ACCOUNT, REGION


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A sandbox of its own, in memory; its url leads past the proxy."""
    with SandboxServer(SandboxSettings(file=None)) as server:
        yield server


@pytest.fixture
def proxy(sandbox: SandboxServer) -> Iterator[FaultProxy]:
    """A proxy in front of `sandbox`, with no faults yet."""
    with FaultProxy(sandbox.url) as running:
        yield running


@pytest.fixture
def account(sandbox: SandboxServer) -> Iterator[Account]:
    """The account as another AWS client sees it."""
    client = client_of(sandbox)
    yield Account(client)
    client.close()


@pytest.fixture
def bucket(sandbox: SandboxServer) -> Iterator[None]:
    """A bucket for the locks."""
    session = boto3.Session(
        aws_access_key_id=ACCOUNT, aws_secret_access_key="sandbox", region_name=REGION
    )
    client = session.client("s3", endpoint_url=sandbox.url)
    with buckets.bucket(client, "locks"):
        yield
    client.close()
