"""What the tests of the sandbox share besides fixtures."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "111122223333"
REGION = "eu-west-1"
USER_POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb"
CLIENT = "7lhlkkfbfb4q5kpp90urffao"
OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/example.com"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop"
NOBODY = f"{REGION}:00000000-0000-4000-8000-000000000000"

GUESTS: dict[str, Any] = {"IdentityPoolName": "shop", "AllowUnauthenticatedIdentities": True}
REQUIRED: dict[str, Any] = {"IdentityPoolName": "shop", "AllowUnauthenticatedIdentities": False}
FULL: dict[str, Any] = {
    "IdentityPoolName": "shop",
    "AllowUnauthenticatedIdentities": True,
    "AllowClassicFlow": True,
    "SupportedLoginProviders": {"graph.facebook.com": "1", "accounts.google.com": "2"},
    "DeveloperProviderName": "login.shop",
    "OpenIdConnectProviderARNs": [OIDC],
    "SamlProviderARNs": [SAML, f"{SAML}2", f"{SAML}3"],
    "CognitoIdentityProviders": [
        {"ProviderName": USER_POOL, "ClientId": CLIENT, "ServerSideTokenCheck": True}
    ],
    "IdentityPoolTags": {"team": "shop", "stage": "prod"},
}


@contextmanager
def refused(code: str, message: str = "", status: int = 400) -> Iterator[None]:
    """Expects the API to answer with this error code, message part and HTTP status."""
    with pytest.raises(ClientError) as caught:
        yield
    answer = caught.value.response
    assert answer["Error"]["Code"] == code
    assert message in answer["Error"]["Message"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status


def content(answer: Any) -> dict[str, Any]:
    """An answer without what botocore adds to it."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def sent(pool: dict[str, Any]) -> dict[str, Any]:
    """A pool's answer as a value to compare: lists that AWS returns in any order are sorted."""
    return {
        name: sorted(value, key=json.dumps) if isinstance(value, list) else value
        for name, value in content(pool).items()
    }


def described(pool: dict[str, Any]) -> dict[str, Any]:
    """What AWS answers about a pool of these settings, to compare with `sent`."""
    return sent({"IdentityPoolTags": {}, **pool})


def arn(pool_id: str, region: str = REGION, account: str = ACCOUNT) -> str:
    """The ARN of a pool."""
    return f"arn:aws:cognito-identity:{region}:{account}:identitypool/{pool_id}"


def post(url: str, operation: str, body: bytes) -> tuple[HTTPResponse, dict[str, Any]]:
    """One unsigned call without any SDK: the response and its JSON, {} for an empty body."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    headers = {
        "X-Amz-Target": f"AWSCognitoIdentityService.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
    }
    connection.request("POST", "/", body, headers)
    response = connection.getresponse()
    answer = json.loads(response.read() or b"{}")
    connection.close()
    return response, answer
