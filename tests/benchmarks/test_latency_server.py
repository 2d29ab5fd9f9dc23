"""The latency server answers as AWS does, as far as idpool asks, and counts what it is asked."""

import json
import re
import select
import socket
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from benchmarks.aws import Aws
from benchmarks.bare_client import ask
from benchmarks.latency_server import Server
from benchmarks.live_pools import live_pools
from benchmarks.specs import ACCOUNT, REGION, write_repository
from tests.support.cli import Idpool, aws_environment

FACEBOOK = "graph.facebook.com"
SETTINGS: dict[str, Any] = {
    "IdentityPoolName": "shop",
    "AllowUnauthenticatedIdentities": True,
    "AllowClassicFlow": False,
    "SupportedLoginProviders": {FACEBOOK: "7346241598935555"},
    "IdentityPoolTags": {"team": "shop"},
}
ROLES = {"authenticated": f"arn:aws:iam::{ACCOUNT}:role/shop"}
MAPPINGS = {FACEBOOK: {"Type": "Token", "AmbiguousRoleResolution": "Deny"}}
LIST = (
    b"post / http/1.1\r\nx-amz-target: awscognitoidentityservice.listidentities\r\n",
    b'{"IdentityPoolId": "eu-west-1:0"}',
)


def answered(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what every answer has."""
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def refusal(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**request)
    return str(raised.value.response["Error"]["Code"])


def test_a_pool_is_described_as_it_was_created_and_updated(cognito: Any) -> None:
    made = answered(cognito.create_identity_pool(**SETTINGS))
    pool_id = made["IdentityPoolId"]
    assert re.fullmatch(rf"{REGION}:[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}", pool_id)
    assert answered(cognito.describe_identity_pool(IdentityPoolId=pool_id)) == made
    assert made == {**SETTINGS, "IdentityPoolId": pool_id}

    wanted = {"IdentityPoolName": "store", "AllowUnauthenticatedIdentities": False}
    cognito.update_identity_pool(IdentityPoolId=pool_id, **wanted)
    described = answered(cognito.describe_identity_pool(IdentityPoolId=pool_id))
    assert described == {**wanted, "IdentityPoolId": pool_id}


def test_roles_and_mappings_come_back_and_are_none_before(cognito: Any) -> None:
    pool_id = cognito.create_identity_pool(**SETTINGS)["IdentityPoolId"]
    whose = {"IdentityPoolId": pool_id}
    assert answered(cognito.get_identity_pool_roles(**whose)) == whose

    cognito.set_identity_pool_roles(**whose, Roles=ROLES, RoleMappings=MAPPINGS)
    there = answered(cognito.get_identity_pool_roles(**whose))
    assert there == {**whose, "Roles": ROLES, "RoleMappings": MAPPINGS}


def test_principal_tags_are_not_found_until_they_are_set(cognito: Any) -> None:
    pool_id = cognito.create_identity_pool(**SETTINGS)["IdentityPoolId"]
    whose = {"IdentityPoolId": pool_id, "IdentityProviderName": FACEBOOK}
    read = cognito.get_principal_tag_attribute_map
    assert refusal(read, **whose) == "ResourceNotFoundException"

    tags = {"UseDefaults": False, "PrincipalTags": {"department": "custom:department"}}
    cognito.set_principal_tag_attribute_map(**whose, **tags)
    assert answered(read(**whose)) == {**whose, **tags}


def test_tags_are_added_removed_and_listed(cognito: Any) -> None:
    pool_id = cognito.create_identity_pool(**SETTINGS)["IdentityPoolId"]
    arn = f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/{pool_id}"
    cognito.tag_resource(ResourceArn=arn, Tags={"stage": "test"})
    cognito.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert cognito.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"stage": "test"}
    described = cognito.describe_identity_pool(IdentityPoolId=pool_id)
    assert described["IdentityPoolTags"] == {"stage": "test"}


def test_a_deleted_pool_is_gone_with_all_that_it_had(cognito: Any, aws: Aws) -> None:
    whose = {"IdentityPoolId": cognito.create_identity_pool(**SETTINGS)["IdentityPoolId"]}
    assert cognito.list_identities(**whose, MaxResults=1)["Identities"] == []
    cognito.delete_identity_pool(**whose)
    assert aws.pool_ids() == []
    for read in (
        cognito.describe_identity_pool,
        cognito.get_identity_pool_roles,
        cognito.delete_identity_pool,
    ):
        assert refusal(read, **whose) == "ResourceNotFoundException"


def test_pages_hold_every_pool_once(cognito: Any, aws: Aws) -> None:
    aws.fill([{"settings": {**SETTINGS, "IdentityPoolName": f"pool-{n}"}} for n in range(130)])
    pages: list[list[dict[str, str]]] = []
    token: dict[str, str] = {}
    while not pages or token:
        page = cognito.list_identity_pools(MaxResults=60, **token)
        pages.append(page["IdentityPools"])
        token = {"NextToken": page["NextToken"]} if "NextToken" in page else {}
    assert [len(page) for page in pages] == [60, 60, 10]
    listed = [pool for page in pages for pool in page]
    assert sorted(pool["IdentityPoolId"] for pool in listed) == aws.pool_ids()
    assert {pool["IdentityPoolName"] for pool in listed} == {f"pool-{n}" for n in range(130)}


def test_a_full_last_page_has_no_token(cognito: Any, aws: Aws) -> None:
    aws.fill([{"settings": SETTINGS}] * 60)
    assert "NextToken" not in cognito.list_identity_pools(MaxResults=60)


def test_sts_says_who_calls(sts: Any) -> None:
    assert sts.get_caller_identity()["Account"] == ACCOUNT


def test_what_it_does_not_know_is_an_error(cognito: Any) -> None:
    unknown = {"IdentityPoolId": f"{REGION}:00000000-0000-4000-8000-000000000000"}
    assert refusal(cognito.describe_identity_pool, **unknown) == "ResourceNotFoundException"
    # An operation of the service that idpool never calls.
    assert refusal(cognito.get_id, **unknown) == "UnknownOperationException"


def test_calls_are_counted_by_operation_until_they_are_taken(
    cognito: Any, sts: Any, aws: Aws
) -> None:
    sts.get_caller_identity()
    for _ in range(3):
        cognito.list_identity_pools(MaxResults=60)
    taken = aws.take()
    assert taken.calls == {"GetCallerIdentity": 1, "ListIdentityPools": 3}
    assert taken.total == 4
    assert aws.take().calls == {}


def test_aws_is_late_by_the_latency_and_the_bench_is_not() -> None:
    server = Server(latency=0.03)
    assert server.respond(*LIST)[1] == 0.03
    assert server.respond(b"post / http/1.1\r\n", b"Action=GetCallerIdentity")[1] == 0.03
    assert server.respond(b"post /admin/latency http/1.1\r\n", b"250")[1] == 0
    assert server.respond(*LIST)[1] == 0.25


def test_calls_wait_side_by_side_and_hold_nobody_up(aws: Aws) -> None:
    """Both are counted, so both have begun, while the answer of neither is there."""
    body = json.dumps({"MaxResults": 60})
    request = (
        "POST / HTTP/1.1\r\nHost: aws\r\nx-amz-target: AWSCognitoIdentityService.ListIdentityPools"
        f"\r\ncontent-length: {len(body)}\r\n\r\n{body}"
    )
    aws.latency(3_600_000)
    with (
        socket.create_connection(aws.address) as one,
        socket.create_connection(aws.address) as other,
    ):
        counted = 0
        for connection in (one, other):
            connection.sendall(request.encode())
        while counted < 2:
            counted += aws.take().total
        assert select.select([one, other], [], [], 0)[0] == []


def test_a_request_may_come_in_pieces(aws: Aws) -> None:
    request = (
        b"POST / HTTP/1.1\r\nX-Amz-Target: AWSCognitoIdentityService.ListIdentityPools\r\n"
        b'Content-Length: 17\r\n\r\n{"MaxResults": 1}'
    )
    with socket.create_connection(aws.address) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place in range(len(request)):
            connection.sendall(request[place : place + 1])
        assert connection.makefile("rb").readline().startswith(b"HTTP/1.1 200")
    assert aws.take().calls == {"ListIdentityPools": 1}


def test_the_bare_client_gets_every_answer_that_it_asks_for(aws: Aws) -> None:
    aws.fill([{"settings": SETTINGS}])
    request = {"IdentityPoolId": aws.pool_ids()[0]}
    ask(aws, request, "DescribeIdentityPool", workers=4, requests=100)
    # One more tells how long an answer is.
    assert aws.take().calls == {"DescribeIdentityPool": 101}


def test_a_plan_finds_the_computed_pools_unchanged(aws: Aws, tmp_path: Path) -> None:
    write_repository(tmp_path, 70)
    aws.fill(live_pools(tmp_path))
    result = Idpool(tmp_path, aws_environment(aws.url)).run("plan")
    assert "No changes. 70 pools" in result.out, result.text
    assert aws.take().calls == {
        "GetCallerIdentity": 1,
        "ListIdentityPools": 2,
        "DescribeIdentityPool": 70,
        "GetIdentityPoolRoles": 70,
    }


def test_an_apply_makes_what_was_computed(aws: Aws, tmp_path: Path) -> None:
    write_repository(tmp_path, 6)
    idpool = Idpool(tmp_path, aws_environment(aws.url))
    result = idpool.run("apply", "--yes")
    assert "Applied: 12 done." in result.out, result.text
    assert len(aws.pool_ids()) == 6
    assert "No changes. 6 pools" in idpool.run("plan").out
