"""Sentences of AWS's failures: no secret that AWS quotes, and no password of a URL."""

from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
)

from reconciler.live.failures import problem_of

SECRET = "Hush0123456789abcdefghijklmnopqrstuvwxyzEND"
PARTS = [SECRET[start : start + 6] for start in range(len(SECRET) - 5)]


def refused(message: str, operation: str = "CreateIdentityPool") -> str:
    """The sentence for an answer of AWS."""
    error: Any = {"Error": {"Code": "ValidationException", "Message": message}}
    return str(problem_of(ClientError(error, operation), operation=operation, target="prod"))


def quoted(value: str, at: str = "supportedLoginProviders") -> str:
    return f"Value '{value}' at '{at}' failed to satisfy constraint: Member must be sane"


@pytest.mark.parametrize("before", [*range(0, 320, 7), 299, 300])
@pytest.mark.parametrize(
    "entry", [f"api.twitter.com=key;{SECRET}", f"key;{SECRET}=api.twitter.com"], ids=["", "swapped"]
)
def test_no_part_of_a_quoted_secret_is_left_wherever_the_message_is_cut(
    entry: str, before: int
) -> None:
    """AWS quotes the value of the constraint; a message on a screen is cut."""
    value = f"{{{'x' * before}, {entry}, graph.facebook.com=1}}"
    shown = refused(f"1 validation error detected: {quoted(value)}")
    assert not [part for part in PARTS if part in shown]
    assert "1 validation error detected" in shown


def test_several_errors_are_told_with_the_secret_alone_masked() -> None:
    """They are separated by the same sign as the two halves."""
    several = f"{quoted('a b', 'identityPoolName')}; {quoted(f'key;{SECRET}')}"
    assert refused(f"2 validation errors detected: {several}") == (
        "target prod: CreateIdentityPool failed: ValidationException: 2 validation errors "
        "detected: Value 'a b' at 'identityPoolName' failed to satisfy constraint: Member must be "
        "sane; Value 'key;****' at 'supportedLoginProviders' failed to satisfy constraint: Member "
        "must be sane"
    )


@pytest.mark.parametrize(
    "message", ["Rate exceeded", "User: arn:aws:iam::1:user/u is not authorized to perform: x"]
)
def test_what_quotes_nothing_is_told_as_it_is(message: str) -> None:
    assert message in refused(message)


URL = f"https://user:{SECRET}@aws.example:8443/path"


@pytest.mark.parametrize(
    "failure",
    [
        EndpointConnectionError(endpoint_url=URL),
        ProxyConnectionError(proxy_url=URL),
        HTTPClientError(endpoint_url=URL, error=f"cannot parse {URL}"),
        BotoCoreError(),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_a_url_is_shown_without_its_password(failure: BotoCoreError) -> None:
    shown = str(problem_of(failure, operation="ListIdentityPools", target="prod"))
    assert SECRET not in shown
    assert "user:" not in shown
    assert "aws.example" in shown or type(failure) is BotoCoreError
