"""Sandboxes on free ports, and real boto3 clients of them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Protocol

import boto3
import pytest
from botocore.config import Config
from mypy_boto3_cognito_identity import CognitoIdentityClient

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.sandbox.support import ACCOUNT, REGION

Serve = Callable[..., SandboxServer]


class Connect(Protocol):
    """Makes a client; the access key id is the account."""

    def __call__(
        self, server: SandboxServer, account: str = ..., region: str = ..., service: str = ...
    ) -> Any: ...


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts sandboxes, and stops them after the test."""
    with ExitStack() as running:

        def start(**settings: Any) -> SandboxServer:
            chosen = SandboxSettings(**{"file": None, **settings})
            return running.enter_context(SandboxServer(chosen))

        yield start


@pytest.fixture(scope="session")
def aws() -> boto3.session.Session:
    """One session for all clients: it keeps botocore's service models."""
    return boto3.session.Session(aws_access_key_id=ACCOUNT, aws_secret_access_key="secret")


@pytest.fixture
def connect(aws: boto3.session.Session) -> Iterator[Connect]:
    """Makes clients that send once and leave the checking to the server."""
    config = Config(
        parameter_validation=False,
        retries={"total_max_attempts": 1},
        max_pool_connections=64,
        connect_timeout=20,
        read_timeout=60,
    )
    with ExitStack() as open_clients:

        def make(
            server: SandboxServer,
            account: str = ACCOUNT,
            region: str = REGION,
            service: str = "cognito-identity",
        ) -> Any:
            client: Any = aws.client(
                service,  # type: ignore[call-overload]
                region_name=region,
                endpoint_url=server.url,
                aws_access_key_id=account,
                aws_secret_access_key="secret",
                config=config,
            )
            open_clients.callback(client.close)
            return client

        yield make


@pytest.fixture
def sandbox(serve: Serve) -> SandboxServer:
    """A sandbox of its own, in memory."""
    return serve()


@pytest.fixture
def client(sandbox: SandboxServer, connect: Connect) -> CognitoIdentityClient:
    """A client of `sandbox`."""
    made: CognitoIdentityClient = connect(sandbox)
    return made
