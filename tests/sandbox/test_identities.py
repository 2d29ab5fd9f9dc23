"""GetId, ListIdentities, DescribeIdentity, DeleteIdentities, and moto's tokens."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import Connect
from tests.sandbox.support import (
    CLIENT,
    GUESTS,
    NOBODY,
    REGION,
    REQUIRED,
    ROLE,
    SAML,
    USER_POOL,
    content,
    refused,
)


@pytest.fixture
def pool_id(client: Any) -> str:
    """A pool for guests without identities."""
    return str(client.create_identity_pool(**GUESTS)["IdentityPoolId"])


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


def test_get_id_without_guests(client: Any) -> None:
    """GetId without a login is refused by a pool that has no guests."""
    pool_id = client.create_identity_pool(**REQUIRED)["IdentityPoolId"]
    message = "Unauthenticated access is not supported for this identity pool."
    with refused("NotAuthorizedException", message):
        client.get_id(IdentityPoolId=pool_id)
    with refused("NotAuthorizedException", message):
        client.get_id(IdentityPoolId=pool_id, Logins={})
    assert client.get_id(IdentityPoolId=pool_id, Logins={"graph.facebook.com": "token"})


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


def test_tokens_and_credentials_are_made_up(client: Any, pool_id: str) -> None:
    """Token and credential calls answer what moto makes up."""
    identity_id = client.get_id(IdentityPoolId=pool_id)["IdentityId"]
    credentials = client.get_credentials_for_identity(IdentityId=identity_id)
    assert credentials["IdentityId"] == identity_id
    assert credentials["Credentials"]["AccessKeyId"]
    assert client.get_open_id_token(IdentityId=identity_id)["Token"]
    developer = client.get_open_id_token_for_developer_identity(
        IdentityPoolId=pool_id, Logins={"login.shop": "user"}
    )
    assert developer["Token"]


@pytest.mark.parametrize("flow", [{}, {"AllowClassicFlow": True}, {"AllowClassicFlow": False}])
def test_classic_flow_in_its_three_states(client: Any, flow: dict[str, bool]) -> None:
    """GetOpenIdToken works where AllowClassicFlow is true or was never set, and not at false."""
    pool_id = client.create_identity_pool(**GUESTS, **flow)["IdentityPoolId"]
    identity_id = client.get_id(IdentityPoolId=pool_id)["IdentityId"]
    if flow.get("AllowClassicFlow", True):
        assert client.get_open_id_token(IdentityId=identity_id)["IdentityId"] == identity_id
        return
    message = "Basic (classic) flow is not enabled, please use enhanced flow."
    with refused("InvalidParameterException", message):
        client.get_open_id_token(IdentityId=identity_id)


def test_classic_flow_with_role_mappings(client: Any) -> None:
    """GetOpenIdToken is refused as long as the pool has role mappings; roles alone are fine."""
    user_pool = {"ProviderName": USER_POOL, "ClientId": CLIENT}
    pool = client.create_identity_pool(
        **GUESTS, AllowClassicFlow=True, CognitoIdentityProviders=[user_pool]
    )
    pool_id = pool["IdentityPoolId"]
    identity_id = client.get_id(IdentityPoolId=pool_id)["IdentityId"]
    token = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}
    roles = {"IdentityPoolId": pool_id, "Roles": {"unauthenticated": ROLE}}
    client.set_identity_pool_roles(**roles, RoleMappings={f"{USER_POOL}:{CLIENT}": token})
    message = "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow."
    with refused("InvalidParameterException", message):
        client.get_open_id_token(IdentityId=identity_id)
    client.set_identity_pool_roles(**roles)
    assert client.get_open_id_token(IdentityId=identity_id)["Token"]


def test_classic_flow_with_saml(client: Any) -> None:
    """GetOpenIdToken is refused to a SAML login; others of the same pool are fine."""
    pool = client.create_identity_pool(**GUESTS, AllowClassicFlow=True, SamlProviderARNs=[SAML])
    saml = client.get_id(IdentityPoolId=pool["IdentityPoolId"], Logins={SAML: "assertion"})
    message = "Basic (classic) flow is not supported with SAML, please use enhanced flow."
    with refused("InvalidParameterException", message):
        client.get_open_id_token(IdentityId=saml["IdentityId"], Logins={SAML: "assertion"})
    guest = client.get_id(IdentityPoolId=pool["IdentityPoolId"])
    assert client.get_open_id_token(IdentityId=guest["IdentityId"])["Token"]


def test_sync_is_closed(sandbox: Any, connect: Connect, pool_id: str) -> None:
    """Cognito Sync takes no new customers: SetCognitoEvents, and every other call of it."""
    sync = connect(sandbox, service="cognito-sync")
    message = "Amazon Cognito Sync is closed to new customers."
    with refused("NotAuthorizedException", message, status=403):
        sync.set_cognito_events(IdentityPoolId=pool_id, Events={})
    with refused("NotAuthorizedException", message, status=403):
        sync.get_identity_pool_configuration(IdentityPoolId=pool_id)
