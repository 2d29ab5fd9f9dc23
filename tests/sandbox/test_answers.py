"""What all answers have in common: order, absent fields, headers, error bodies."""

from typing import Any

from tests.sandbox.support import (
    CLIENT,
    NOBODY,
    REQUIRED,
    ROLE,
    SAML,
    USER_POOL,
    content,
    post,
    refused,
)


def test_lists_and_maps_come_in_another_order(client: Any) -> None:
    """What was sent in one order comes back in another, and always in the same."""
    sent: dict[str, Any] = {
        "SamlProviderARNs": [f"{SAML}{number}" for number in range(3)],
        "OpenIdConnectProviderARNs": [f"{SAML}{number}" for number in range(2)],
        "CognitoIdentityProviders": [
            {"ProviderName": USER_POOL, "ClientId": f"{CLIENT}{number}"} for number in range(3)
        ],
        "SupportedLoginProviders": {"a": "1", "b": "2", "c": "3"},
        "IdentityPoolTags": {"a": "1", "b": "2"},
    }
    created = client.create_identity_pool(**REQUIRED, **sent)
    described = client.describe_identity_pool(IdentityPoolId=created["IdentityPoolId"])
    for field, items in sent.items():
        assert list(created[field]) != list(items)
        assert list(described[field]) == list(created[field])
        assert len(created[field]) == len(items)


def test_role_maps_come_in_another_order(client: Any) -> None:
    """Roles come back in another order than they were sent."""
    pool_id = client.create_identity_pool(**REQUIRED)["IdentityPoolId"]
    roles = {"authenticated": ROLE, "unauthenticated": ROLE}
    client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles)
    answer = client.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]
    assert answer == roles
    assert list(answer) != list(roles)


def test_absent_fields_are_left_out(client: Any) -> None:
    """A pool of defaults answers its id, its name and AllowUnauthenticatedIdentities alone."""
    empty: dict[str, Any] = {
        "SamlProviderARNs": [],
        "IdentityPoolTags": {},
        "CognitoIdentityProviders": [],
    }
    for pool in ({}, empty):
        created = client.create_identity_pool(**REQUIRED, **pool)
        assert set(content(created)) == {"IdentityPoolId", *REQUIRED}


def test_classic_flow_only_if_it_was_set(client: Any) -> None:
    """AllowClassicFlow is answered once it has been set, false included."""
    assert "AllowClassicFlow" not in client.create_identity_pool(**REQUIRED)
    created = client.create_identity_pool(**REQUIRED, AllowClassicFlow=False)
    assert created["AllowClassicFlow"] is False


def test_error_body_and_headers(sandbox: Any) -> None:
    """An error has its code in `__type` and in x-amzn-ErrorType, and a message."""
    body = f'{{"IdentityPoolId": "{NOBODY}"}}'.encode()
    response, answer = post(sandbox.url, "DescribeIdentityPool", body)
    message = f"IdentityPool '{NOBODY}' not found."
    assert answer == {"__type": "ResourceNotFoundException", "message": message}
    assert response.status == 400
    assert response.headers["x-amzn-ErrorType"] == "ResourceNotFoundException"
    assert response.headers["Content-Type"] == "application/x-amz-json-1.1"


def test_every_answer_has_a_request_id(client: Any) -> None:
    """Each answer, good or bad, has a request id of its own."""
    ids = {
        client.list_identity_pools(MaxResults=1)["ResponseMetadata"]["RequestId"] for _ in range(3)
    }
    try:
        client.describe_identity_pool(IdentityPoolId=NOBODY)
    except client.exceptions.ResourceNotFoundException as error:
        ids.add(error.response["ResponseMetadata"]["RequestId"])
    assert len(ids) == 4


def test_unknown_operation(sandbox: Any) -> None:
    """An operation that the service has not is UnknownOperationException."""
    response, answer = post(sandbox.url, "CreateUserPool", b"{}")
    assert (response.status, answer["__type"]) == (400, "UnknownOperationException")


def test_operations_that_are_left_out(client: Any) -> None:
    """The operations that merge and unlink say that the sandbox has them not."""
    with refused("NotImplementedException", "UnlinkIdentity", status=501):
        client.unlink_identity(IdentityId=NOBODY, Logins={"a": "b"}, LoginsToRemove=["a"])


def test_a_page_may_read_every_answer(sandbox: Any) -> None:
    """Answers, good, bad and missing, let a page of any origin read them, as the preflight says."""
    for operation, body, status in [
        ("ListIdentityPools", b'{"MaxResults": 1}', 200),
        ("GetId", f'{{"IdentityPoolId": "{NOBODY}"}}'.encode(), 400),
        ("UnlinkIdentity", f'{{"IdentityId": "{NOBODY}", "Logins": {{}}, '
         '"LoginsToRemove": []}'.encode(), 501),
    ]:  # fmt: skip
        response, _ = post(sandbox.url, operation, body)
        assert response.status == status
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "x-amzn-ErrorType" in response.headers["Access-Control-Expose-Headers"]
