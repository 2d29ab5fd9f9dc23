"""A latency server in its own process, and a real client of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.session import Session

from benchmarks.aws import Aws, latency_server
from benchmarks.specs import ACCOUNT, REGION


@pytest.fixture(scope="module")
def running() -> Iterator[Aws]:
    with latency_server(milliseconds=0) as aws:
        yield aws


@pytest.fixture
def aws(running: Aws) -> Aws:
    """Without latency, pools or calls."""
    running.latency(0)
    running.empty()
    running.take()
    return running


def client(aws: Aws, service: str) -> Any:
    session = Session()
    session.set_credentials(ACCOUNT, "benchmark")
    return session.create_client(
        service,
        region_name=REGION,
        endpoint_url=aws.url,
        config=Config(retries={"total_max_attempts": 1, "mode": "standard"}),
    )


@pytest.fixture
def cognito(aws: Aws) -> Iterator[Any]:
    made = client(aws, "cognito-identity")
    yield made
    made.close()


@pytest.fixture
def sts(aws: Aws) -> Iterator[Any]:
    made = client(aws, "sts")
    yield made
    made.close()
