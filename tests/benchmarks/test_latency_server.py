"""The latency server in its own process: it answers a real client as AWS does, and counts."""

import select
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from benchmarks.aws import Aws, latency_server
from benchmarks.specs import ACCOUNT, REGION

SETTINGS = {"IdentityPoolName": "shop", "AllowUnauthenticatedIdentities": True}
ROLES = {"authenticated": f"arn:aws:iam::{ACCOUNT}:role/shop"}
AN_HOUR_MS = 3_600_000


@pytest.fixture
def aws() -> Iterator[Aws]:
    with latency_server() as running:
        yield running


def client(aws: Aws, service: str) -> Any:
    session = Session()
    session.set_credentials(ACCOUNT, "benchmark")
    return session.create_client(
        service,
        region_name=REGION,
        endpoint_url=aws.url,
        config=Config(retries={"total_max_attempts": 1, "mode": "standard"}),
    )


def answered(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what every answer has."""
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def test_what_was_written_is_read_and_every_call_counted(aws: Aws) -> None:
    cognito = client(aws, "cognito-identity")
    whose = {"IdentityPoolId": cognito.create_identity_pool(**SETTINGS)["IdentityPoolId"]}
    assert answered(cognito.describe_identity_pool(**whose)) == {**SETTINGS, **whose}
    cognito.update_identity_pool(**whose, **{**SETTINGS, "IdentityPoolName": "store"})
    assert cognito.describe_identity_pool(**whose)["IdentityPoolName"] == "store"

    assert answered(cognito.get_identity_pool_roles(**whose)) == whose
    cognito.set_identity_pool_roles(**whose, Roles=ROLES)
    assert answered(cognito.get_identity_pool_roles(**whose)) == {**whose, "Roles": ROLES}
    assert client(aws, "sts").get_caller_identity()["Account"] == ACCOUNT

    done = aws.set(empty=True)
    assert done.calls == {
        "CreateIdentityPool": 1,
        "DescribeIdentityPool": 2,
        "GetCallerIdentity": 1,
        "GetIdentityPoolRoles": 2,
        "SetIdentityPoolRoles": 1,
        "UpdateIdentityPool": 1,
    }
    assert (done.total, done.of_pools) == (8, 7)
    assert aws.set().calls == {}
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        cognito.describe_identity_pool(**whose)


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (60, [60]), (130, [60, 60, 10])])
def test_pages_hold_every_pool_once_and_are_one_listing(
    aws: Aws, count: int, sizes: list[int]
) -> None:
    cognito = client(aws, "cognito-identity")
    made = {cognito.create_identity_pool(**SETTINGS)["IdentityPoolId"] for _ in range(count)}
    pages = list(cognito.get_paginator("list_identity_pools").paginate(MaxResults=60))
    assert [len(page["IdentityPools"]) for page in pages] == sizes
    assert {pool["IdentityPoolId"] for page in pages for pool in page["IdentityPools"]} == made
    done = aws.set()
    assert (done.calls["ListIdentityPools"], done.listings) == (len(sizes), 1)


def test_calls_wait_side_by_side(aws: Aws) -> None:
    """Both are counted, so both have begun, while the answer of neither is there."""
    request = (
        b"POST / HTTP/1.1\r\nx-amz-target: AWSCognitoIdentityService.ListIdentityPools\r\n"
        b'content-length: 18\r\n\r\n{"MaxResults": 60}'
    )
    host, _, port = aws.url.removeprefix("http://").partition(":")
    aws.set(latency=AN_HOUR_MS)
    with (
        socket.create_connection((host, int(port))) as one,
        socket.create_connection((host, int(port))) as other,
    ):
        for connection in (one, other):
            connection.sendall(request)
        counted = 0
        while counted < 2:
            counted += aws.set().total
        assert select.select([one, other], [], [], 0)[0] == []
