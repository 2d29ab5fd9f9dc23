"""GetId, ListIdentities, DescribeIdentity, DeleteIdentities."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import Connect
from tests.sandbox.support import GUESTS, NOBODY, REGION, content, refused


@pytest.fixture
def pool_id(client: Any) -> str:
    """A pool without identities, for guests and for users of Facebook."""
    facebook = {"graph.facebook.com": "1"}
    pool = client.create_identity_pool(**GUESTS, SupportedLoginProviders=facebook)
    return str(pool["IdentityPoolId"])


def test_get_id_makes_an_identity(client: Any, pool_id: str) -> None:
    """GetId makes an identity of the pool's region, which is listed and described."""
    identity = client.get_id(IdentityPoolId=pool_id, Logins={"graph.facebook.com": "token"})
    identity_id = identity["IdentityId"]
    assert re.fullmatch(rf"{REGION}:[0-9a-f-]{{36}}", identity_id)
    described = content(client.describe_identity(IdentityId=identity_id))
    listed = content(client.list_identities(IdentityPoolId=pool_id, MaxResults=60))
    assert listed == {"IdentityPoolId": pool_id, "Identities": [described]}
    assert described["IdentityId"] == identity_id
    assert described["Logins"] == ["graph.facebook.com"]
    assert datetime.now(UTC) - described["CreationDate"] < timedelta(minutes=5)


def test_get_id_is_public(sandbox: Any, connect: Connect) -> None:
    """GetId is not signed by an account, so it finds the pools of all of them."""
    theirs = connect(sandbox, account="444455556666")
    pool_id = theirs.create_identity_pool(**GUESTS)["IdentityPoolId"]
    identity = connect(sandbox).get_id(IdentityPoolId=pool_id)
    listed = theirs.list_identities(IdentityPoolId=pool_id, MaxResults=60)["Identities"]
    assert [found["IdentityId"] for found in listed] == [identity["IdentityId"]]


def test_identities_are_paged(client: Any, pool_id: str) -> None:
    """Identities come in pages of MaxResults, which is required and at most 60."""
    made = {client.get_id(IdentityPoolId=pool_id)["IdentityId"] for _ in range(5)}
    listed: list[str] = []
    arguments: dict[str, Any] = {"IdentityPoolId": pool_id, "MaxResults": 2}
    for size in (2, 2, 1):
        page = client.list_identities(**arguments)
        assert len(page["Identities"]) == size
        listed += [identity["IdentityId"] for identity in page["Identities"]]
        arguments["NextToken"] = page.get("NextToken")
    assert arguments["NextToken"] is None
    assert set(listed) == made
    for wrong in ({}, {"MaxResults": 61}):
        with refused("ValidationException", "'maxResults'"):
            client.list_identities(IdentityPoolId=pool_id, **wrong)


def test_unknown_identity(client: Any) -> None:
    """DescribeIdentity of an unknown id is ResourceNotFoundException."""
    with refused("ResourceNotFoundException", f"Identity '{NOBODY}' not found."):
        client.describe_identity(IdentityId=NOBODY)


def test_delete_identities(client: Any, pool_id: str) -> None:
    """Deleted identities are gone; ids that are unknown come back as unprocessed."""
    first, second = (client.get_id(IdentityPoolId=pool_id)["IdentityId"] for _ in range(2))
    answer = client.delete_identities(IdentityIdsToDelete=[first, NOBODY])
    failed = [{"IdentityId": NOBODY, "ErrorCode": "AccessDenied"}]
    assert answer["UnprocessedIdentityIds"] == failed
    listed = client.list_identities(IdentityPoolId=pool_id, MaxResults=60)["Identities"]
    assert [identity["IdentityId"] for identity in listed] == [second]


def test_deleting_a_pool_deletes_its_identities(client: Any, pool_id: str) -> None:
    """DeleteIdentityPool takes a pool that holds identities, and they are lost."""
    identity_id = client.get_id(IdentityPoolId=pool_id)["IdentityId"]
    client.delete_identity_pool(IdentityPoolId=pool_id)
    with refused("ResourceNotFoundException"):
        client.describe_identity(IdentityId=identity_id)
