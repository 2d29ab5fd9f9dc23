"""CloudTrail's LookupEvents: what is remembered of writes, and how it is asked for."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox.server import SandboxServer
from tests.sandbox.conftest import Connect, Serve
from tests.sandbox.support import ACCOUNT, REQUIRED, arn, refused


@pytest.fixture
def cloudtrail(sandbox: SandboxServer, connect: Connect) -> Any:
    """A client of CloudTrail."""
    return connect(sandbox, service="cloudtrail")


def records(cloudtrail: Any, **request: Any) -> list[dict[str, Any]]:
    """The records of the events found, newest first."""
    events = cloudtrail.lookup_events(**request)["Events"]
    return [json.loads(event["CloudTrailEvent"]) for event in events]


def by(key: str, value: str) -> list[dict[str, str]]:
    """A lookup attribute."""
    return [{"AttributeKey": key, "AttributeValue": value}]


def test_writes_are_remembered_newest_first(client: Any, cloudtrail: Any) -> None:
    """Each write is an event, newest first; reads and refused calls are none."""
    pool_id = client.create_identity_pool(**REQUIRED)["IdentityPoolId"]
    client.describe_identity_pool(IdentityPoolId=pool_id)
    client.tag_resource(ResourceArn=arn(pool_id), Tags={"a": "b"})
    with refused("ValidationException"):
        client.update_identity_pool(IdentityPoolId=pool_id)
    client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={})
    client.delete_identity_pool(IdentityPoolId=pool_id)
    names = [record["eventName"] for record in records(cloudtrail)]
    wanted = ["DeleteIdentityPool", "SetIdentityPoolRoles", "TagResource", "CreateIdentityPool"]
    assert names == wanted


def test_an_event_names_pool_caller_and_address(client: Any, cloudtrail: Any) -> None:
    """The pool's id is in the request or, for a create, in the answer."""
    pool_id = client.create_identity_pool(**REQUIRED, IdentityPoolTags={"a": "b"})["IdentityPoolId"]
    client.update_identity_pool(IdentityPoolId=pool_id, **REQUIRED)
    update, create = records(cloudtrail)
    assert create["responseElements"]["identityPoolId"] == pool_id
    assert create["requestParameters"]["identityPoolTags"] == {"a": "b"}
    assert update["requestParameters"]["identityPoolId"] == pool_id
    assert update["eventSource"] == "cognito-identity.amazonaws.com"
    assert update["userIdentity"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/moto"
    assert update["sourceIPAddress"] == "127.0.0.1"


def test_an_assumed_role_is_named(
    sandbox: SandboxServer, connect: Connect, aws: Any, cloudtrail: Any
) -> None:
    """With role and session, in the account of the role."""
    keys = connect(sandbox, service="sts").assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/admin", RoleSessionName="jane"
    )["Credentials"]
    session = aws.client(
        "cognito-identity",
        region_name="eu-west-1",
        endpoint_url=sandbox.url,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    session.create_identity_pool(**REQUIRED)
    session.close()
    (record,) = records(cloudtrail)
    identity = record["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/jane"
    assert identity["sessionContext"]["sessionIssuer"]["userName"] == "admin"


def test_an_iam_user_is_named(
    sandbox: SandboxServer, connect: Connect, aws: Any, cloudtrail: Any
) -> None:
    """By the access key that moto's IAM has made."""
    iam = connect(sandbox, service="iam")
    iam.create_user(UserName="alice")
    keys = iam.create_access_key(UserName="alice")["AccessKey"]
    alice = aws.client(
        "cognito-identity",
        region_name="eu-west-1",
        endpoint_url=sandbox.url,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
    )
    alice.create_identity_pool(**REQUIRED)
    alice.close()
    (record,) = records(cloudtrail)
    assert record["userIdentity"]["userName"] == "alice"


def test_secrets_are_not_recorded(client: Any, sandbox: SandboxServer, connect: Connect) -> None:
    """Of the parameters only those that tell which pool it is."""
    client.create_identity_pool(
        **REQUIRED, SupportedLoginProviders={"api.twitter.com": "key;secret"}
    )
    found = connect(sandbox, service="cloudtrail").lookup_events()
    assert "secret" not in json.dumps(found, default=str)


def test_events_are_paged(client: Any, cloudtrail: Any) -> None:
    """50 at most; a token goes on where its page ended, whatever has come since."""
    for number in range(60):
        client.create_identity_pool(**{**REQUIRED, "IdentityPoolName": str(number)})
    first = cloudtrail.lookup_events()
    client.create_identity_pool(**REQUIRED)
    second = cloudtrail.lookup_events(NextToken=first["NextToken"])
    ids = [event["EventId"] for event in (*first["Events"], *second["Events"])]
    assert (len(first["Events"]), len(second["Events"])) == (50, 10)
    assert len(set(ids)) == 60
    assert "NextToken" not in second


@pytest.mark.parametrize(
    ("key", "value", "count"),
    [
        ("EventName", "CreateIdentityPool", 1),
        ("EventSource", "cognito-identity.amazonaws.com", 2),
        ("ReadOnly", "false", 2),
        ("ReadOnly", "true", 0),
        ("Username", "moto", 2),
        ("AccessKeyId", ACCOUNT, 2),
        ("ResourceName", "shop", 0),
    ],
)
def test_one_attribute_chooses(
    client: Any, cloudtrail: Any, key: str, value: str, count: int
) -> None:
    """Events of identity pools name no resource."""
    pool_id = client.create_identity_pool(**REQUIRED)["IdentityPoolId"]
    client.delete_identity_pool(IdentityPoolId=pool_id)
    assert len(records(cloudtrail, LookupAttributes=by(key, value))) == count


def test_a_time_range_chooses(client: Any, cloudtrail: Any) -> None:
    """Both ends belong to it."""
    client.create_identity_pool(**REQUIRED)
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    assert len(records(cloudtrail, StartTime=now - hour, EndTime=now + hour)) == 1
    assert records(cloudtrail, StartTime=now + hour) == []
    assert records(cloudtrail, EndTime=now - hour) == []


def test_a_wrong_lookup_is_refused(cloudtrail: Any) -> None:
    """Each with the error of its own that the model has."""
    now = datetime.now(UTC)
    two = [*by("EventName", "a"), *by("EventName", "b")]
    for attributes in (two, by("Nothing", "a"), [{"AttributeKey": "EventName"}]):
        with refused("InvalidLookupAttributesException"):
            cloudtrail.lookup_events(LookupAttributes=attributes)
    for size in (0, 51):
        with refused("InvalidMaxResultsException"):
            cloudtrail.lookup_events(MaxResults=size)
    with refused("InvalidNextTokenException"):
        cloudtrail.lookup_events(NextToken="made up")
    with refused("InvalidTimeRangeException"):
        cloudtrail.lookup_events(StartTime=now, EndTime=now - timedelta(hours=1))


def test_events_of_another_place_are_not_found(
    client: Any, sandbox: SandboxServer, connect: Connect
) -> None:
    """Each account and region has its own."""
    client.create_identity_pool(**REQUIRED)
    elsewhere = connect(sandbox, region="us-east-1", service="cloudtrail")
    other = connect(sandbox, account="444455556666", service="cloudtrail")
    assert records(elsewhere) == records(other) == []


def test_events_are_kept_in_the_file(serve: Serve, connect: Connect, tmp_path: Path) -> None:
    """A sandbox that starts again remembers them; the last 250."""
    file = tmp_path / "state.json"
    client = connect(serve(file=file))
    pool_id = client.create_identity_pool(**REQUIRED)["IdentityPoolId"]
    for number in range(250):
        client.tag_resource(ResourceArn=arn(pool_id), Tags={"n": str(number)})
    again = connect(serve(file=file), service="cloudtrail")
    assert records(again)[0]["requestParameters"]["tags"] == {"n": "249"}
    assert len(json.loads(file.read_text())["events"]) == 250
    assert records(again, LookupAttributes=by("EventName", "CreateIdentityPool")) == []


def test_lookups_have_their_rate(serve: Serve, connect: Connect) -> None:
    """Two a second, then ThrottlingException; off unless asked for."""
    limited = connect(serve(rate_limits=True), service="cloudtrail")
    with refused("ThrottlingException"):
        for _ in range(50):
            limited.lookup_events()


def test_other_calls_of_cloudtrail_are_motos(cloudtrail: Any) -> None:
    """Only LookupEvents is answered here."""
    assert cloudtrail.describe_trails()["trailList"] == []
