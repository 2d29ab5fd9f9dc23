"""Every request is checked against botocore's service model."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.sandbox.shapes import matcher, service_model, understood
from tests.sandbox.support import NOBODY, REQUIRED, USER_POOL, post, refused

CLAIM = r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+"


@pytest.mark.parametrize("missing", sorted(REQUIRED))
def test_required(client: Any, missing: str) -> None:
    """A required member that is left out or null is refused by its name."""
    path = missing[0].lower() + missing[1:]
    message = f"Value null at '{path}' failed to satisfy constraint: Member must not be null"
    with refused("ValidationException", f"1 validation error detected: {message}"):
        client.create_identity_pool(**{**REQUIRED, missing: None})


@pytest.mark.parametrize(
    ("request_part", "message"),
    [
        ({"IdentityPoolName": "x" * 129}, "'identityPoolName' failed to satisfy constraint: "
         "Member must have length less than or equal to 128"),
        ({"IdentityPoolName": ""}, "Member must have length greater than or equal to 1"),
        ({"IdentityPoolName": "a/b"}, r"regular expression pattern: [\w\s+=,.@-]+"),
        ({"IdentityPoolName": "caf\N{LATIN SMALL LETTER E WITH ACUTE}"}, "pattern"),
        ({"DeveloperProviderName": "a b"}, "'developerProviderName'"),
        ({"OpenIdConnectProviderARNs": ["short"]}, "'openIdConnectProviderARNs.1.member'"),
        ({"SamlProviderARNs": ["x" * 20, "x" * 2049]}, "'samlProviderARNs.2.member'"),
        ({"CognitoIdentityProviders": [{"ClientId": "a-b"}]},
         "'cognitoIdentityProviders.1.member.clientId'"),
        ({"SupportedLoginProviders": {"k" * 129: "x"}}, "Map keys must satisfy constraint: ["),
        ({"SupportedLoginProviders": {"k": "a b"}}, "Map value must satisfy constraint: ["),
        ({"SupportedLoginProviders": {str(n): "x" for n in range(11)}},
         "length less than or equal to 10"),
        ({"IdentityPoolTags": {"k": "x" * 257}}, "'identityPoolTags'"),
    ],
)  # fmt: skip
def test_constraints(client: Any, request_part: dict[str, Any], message: str) -> None:
    """Lengths, counts and patterns are those of the model, in lists, maps and structures."""
    with refused("ValidationException", message):
        client.create_identity_pool(**{**REQUIRED, **request_part})


def test_enums(client: Any) -> None:
    """A value that an enum of the model has not is refused."""
    mapping = {"Type": "token", "AmbiguousRoleResolution": "Deny"}
    with refused("ValidationException", "'roleMappings.x.member.type' failed to satisfy "
                 "constraint: Member must satisfy enum value set: [Token, Rules]"):  # fmt: skip
        client.set_identity_pool_roles(IdentityPoolId=NOBODY, Roles={}, RoleMappings={"x": mapping})


def test_all_errors_at_once(client: Any) -> None:
    """Every broken constraint of a request is in the one message."""
    with refused("ValidationException", "2 validation errors detected: "):
        client.create_identity_pool(IdentityPoolName="/", AllowUnauthenticatedIdentities=None)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"\xff",
        b"[" * 200_000,
        b'{"IdentityPoolName": 7, "AllowUnauthenticatedIdentities": false}',
        b'{"IdentityPoolName": "x", "AllowUnauthenticatedIdentities": "false"}',
        b'{"IdentityPoolName": "x", "AllowUnauthenticatedIdentities": 0}',
        b'{"IdentityPoolTags": {"k": 1}}',
        b'{"SamlProviderARNs": {}}',
    ],
    ids=range(9),
)
def test_wrong_types(sandbox: Any, body: bytes) -> None:
    """A body that is not a JSON object, or a value of another type, is SerializationException."""
    response, answer = post(sandbox.url, "CreateIdentityPool", body)
    assert (response.status, answer["__type"]) == (400, "SerializationException")


def test_true_is_no_number(client: Any) -> None:
    """A boolean where the model has an integer is refused."""
    with refused("SerializationException", "'maxResults'"):
        client.list_identity_pools(MaxResults=True)


def test_unknown_members_are_ignored(sandbox: Any) -> None:
    """A member that the model does not know is not stored."""
    provider = {"ProviderName": USER_POOL, "ClientId": "abc"}
    body = {**REQUIRED, "CognitoIdentityProviders": [{**provider, "Future": 1}], "Other": []}
    response, created = post(sandbox.url, "CreateIdentityPool", json.dumps(body).encode())
    assert response.status == 200
    own = {"IdentityPoolId", "CognitoIdentityProviders", "IdentityPoolTags"}
    assert set(created) == {*own, *REQUIRED}
    assert created["CognitoIdentityProviders"] == [{**provider, "ServerSideTokenCheck": False}]


@pytest.mark.parametrize(
    ("request_part", "told"),
    [
        ({"IdentityPoolName": "a/b"}, "'a/b' at 'identityPoolName'"),
        ({"IdentityPoolName": None}, "null at 'identityPoolName'"),
        ({"SamlProviderARNs": ["short"]}, "'short' at 'samlProviderARNs.1.member'"),
        ({"SupportedLoginProviders": {"api.twitter.com": "key;a secret", "k": "v"}},
         "'{api.twitter.com=key;a secret, k=v}' at 'supportedLoginProviders'"),
    ],
)  # fmt: skip
def test_values_are_quoted(client: Any, request_part: dict[str, Any], told: str) -> None:
    """The value is quoted as Java prints it, a whole map too, even if there is a secret in it."""
    message = f"1 validation error detected: Value {told} failed to satisfy constraint: "
    with refused("ValidationException", message):
        client.create_identity_pool(**{**REQUIRED, **request_part})


def test_of_a_map_all_constraints_are_said(client: Any) -> None:
    """For one bad value of a map, all that values of the map must satisfy is listed."""
    with refused(
        "ValidationException",
        "1 validation error detected: Value '{graph.facebook.com=}' at 'logins' failed to satisfy "
        "constraint: Map value must satisfy constraint: [Member must have length less than or "
        "equal to 50000, Member must have length greater than or equal to 1]",
    ):
        client.get_id(IdentityPoolId=NOBODY, Logins={"graph.facebook.com": ""})


@pytest.mark.parametrize(
    ("text", "matches"),
    [("cognito:groups", True), ("\N{GREEK SMALL LETTER ALPHA}1", True), ("a b", False)],
)
def test_unicode_categories(text: str, matches: bool) -> None:
    """Java's Unicode categories, which Python's patterns lack, are tested all the same."""
    assert matcher(CLAIM)(text) is matches


def patterns() -> Iterator[str]:
    """All patterns of the installed service model."""
    for shape in service_model()["shapes"].values():
        if "pattern" in shape:
            yield shape["pattern"]


def test_no_pattern_is_passed_over() -> None:
    """The installed botocore has no pattern that the sandbox would have to skip."""
    found = set(patterns())
    assert CLAIM in found
    assert [pattern for pattern in found if not understood(pattern)] == []
    assert not understood(r"[\p{L}a]+")
    assert matcher(r"[\p{L}a]+")("passed over")
