"""What all answers have in common: order, absent fields, headers, error bodies."""

import json
from typing import Any

import pytest

from tests.sandbox.support import (
    CLIENT,
    NOBODY,
    OIDC,
    REQUIRED,
    ROLE,
    SAML,
    USER_POOL,
    content,
    post,
    refused,
)


def names_of(items: Any) -> list[str]:
    """The items of a list or map as answered, in their order, as one text each."""
    return [item["ClientId"] if isinstance(item, dict) else item for item in items]


def test_lists_and_maps_come_in_another_order(client: Any) -> None:
    """What was sent in one order never comes back in it; three or more items vary by answer."""
    sent: dict[str, Any] = {
        "SamlProviderARNs": [f"{SAML}{number}" for number in range(3)],
        "OpenIdConnectProviderARNs": [f"{OIDC}{number}" for number in range(2)],
        "CognitoIdentityProviders": [
            {"ProviderName": USER_POOL, "ClientId": f"{CLIENT}{number}"} for number in range(3)
        ],
        "SupportedLoginProviders": {"a": "1", "b": "2", "c": "3"},
        "IdentityPoolTags": {"a": "1", "b": "2"},
    }
    created = client.create_identity_pool(**REQUIRED, **sent)
    pool_id = created["IdentityPoolId"]
    answers = [created, *(client.describe_identity_pool(IdentityPoolId=pool_id) for _ in range(3))]
    for field, items in sent.items():
        orders = [json.dumps(names_of(answer[field])) for answer in answers]
        assert json.dumps(names_of(items)) not in orders
        assert {json.dumps(sorted(json.loads(order))) for order in orders} == {
            json.dumps(sorted(names_of(items)))
        }
        assert (len(set(orders)) > 1) is (len(items) > 2)


def test_role_maps_come_in_another_order(client: Any) -> None:
    """Roles come back in another order than they were sent."""
    pool_id = client.create_identity_pool(**REQUIRED)["IdentityPoolId"]
    roles = {"authenticated": ROLE, "unauthenticated": ROLE}
    client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles)
    answer = client.get_identity_pool_roles(IdentityPoolId=pool_id)["Roles"]
    assert answer == roles
    assert list(answer) != list(roles)


def test_absent_fields_are_left_out(client: Any) -> None:
    """What was never set, or sent empty, is absent, not null; but IdentityPoolTags are there."""
    empty: dict[str, Any] = {
        "SamlProviderARNs": [],
        "IdentityPoolTags": {},
        "CognitoIdentityProviders": [],
    }
    for pool in ({}, empty):
        created = content(client.create_identity_pool(**REQUIRED, **pool))
        pool_id = created["IdentityPoolId"]
        assert created == {"IdentityPoolId": pool_id, **REQUIRED, "IdentityPoolTags": {}}
        assert content(client.describe_identity_pool(IdentityPoolId=pool_id)) == created


def test_token_check_is_answered_if_it_was_not_sent(client: Any) -> None:
    """A client without ServerSideTokenCheck is answered with false."""
    user_pool = {"ProviderName": USER_POOL, "ClientId": CLIENT}
    created = client.create_identity_pool(**REQUIRED, CognitoIdentityProviders=[user_pool])
    read = client.describe_identity_pool(IdentityPoolId=created["IdentityPoolId"])
    for answer in (created, read):
        assert answer["CognitoIdentityProviders"] == [{**user_pool, "ServerSideTokenCheck": False}]


@pytest.mark.parametrize("value", [None, False, True])
def test_classic_flow_only_if_it_was_set(client: Any, value: bool | None) -> None:
    """AllowClassicFlow has three states: as it was set, and not answered if it never was."""
    flow = {} if value is None else {"AllowClassicFlow": value}
    created = client.create_identity_pool(**REQUIRED, **flow)
    read = client.describe_identity_pool(IdentityPoolId=created["IdentityPoolId"])
    for answer in (created, read):
        assert ("AllowClassicFlow" in answer, answer.get("AllowClassicFlow")) == (
            value is not None,
            value,
        )


def test_answers_without_output_are_empty(sandbox: Any) -> None:
    """A delete answers HTTP 200 and no byte, as do the other calls that answer nothing."""
    _, created = post(sandbox.url, "CreateIdentityPool", json.dumps(REQUIRED).encode())
    for operation in ("SetIdentityPoolRoles", "DeleteIdentityPool"):
        request = {"IdentityPoolId": created["IdentityPoolId"], "Roles": {}}
        response, _ = post(sandbox.url, operation, json.dumps(request).encode())
        assert (response.status, response.headers["Content-Length"]) == (200, "0")


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
