"""GetPrincipalTagAttributeMap and SetPrincipalTagAttributeMap."""

from typing import Any

import pytest

from tests.sandbox.support import FULL, OIDC, USER_POOL, content, refused


@pytest.fixture
def provider(client: Any) -> dict[str, str]:
    """A pool and a provider of it, as arguments."""
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    return {"IdentityPoolId": pool_id, "IdentityProviderName": USER_POOL}


def test_never_set_is_not_found(client: Any, provider: dict[str, str]) -> None:
    """The map of a provider that was never set is ResourceNotFoundException."""
    with refused("ResourceNotFoundException"):
        client.get_principal_tag_attribute_map(**provider)


def test_set_replaces_the_map(client: Any, provider: dict[str, str]) -> None:
    """A set replaces the whole map of one provider; what it leaves out is false or empty."""
    tags = {"department": "custom:department", "team": "custom:team"}
    first = client.set_principal_tag_attribute_map(**provider, UseDefaults=True, PrincipalTags=tags)
    assert content(first) == {**provider, "UseDefaults": True, "PrincipalTags": tags}
    client.set_principal_tag_attribute_map(**provider, PrincipalTags={"team": "sub"})
    answer = content(client.get_principal_tag_attribute_map(**provider))
    assert answer == {**provider, "UseDefaults": False, "PrincipalTags": {"team": "sub"}}


def test_removal_leaves_an_empty_map(client: Any, provider: dict[str, str]) -> None:
    """There is no delete: a map set to nothing is found, with UseDefaults alone."""
    client.set_principal_tag_attribute_map(**provider, PrincipalTags={"team": "sub"})
    client.set_principal_tag_attribute_map(**provider, UseDefaults=False, PrincipalTags={})
    answer = content(client.get_principal_tag_attribute_map(**provider))
    assert answer == {**provider, "UseDefaults": False}


def test_providers_are_apart(client: Any, provider: dict[str, str]) -> None:
    """Setting the map of one provider leaves that of another."""
    other = {**provider, "IdentityProviderName": "graph.facebook.com"}
    client.set_principal_tag_attribute_map(**provider, PrincipalTags={"a": "b"})
    client.set_principal_tag_attribute_map(**other, PrincipalTags={"c": "d"})
    answer = client.get_principal_tag_attribute_map(**provider)
    assert answer["PrincipalTags"] == {"a": "b"}


def test_oidc_provider_by_arn_and_by_host(client: Any, provider: dict[str, str]) -> None:
    """An OIDC provider's ARN and its issuer's host are both taken, each as a key of its own."""
    by_arn = {**provider, "IdentityProviderName": OIDC}
    by_host = {**provider, "IdentityProviderName": OIDC.partition("/")[2]}
    client.set_principal_tag_attribute_map(**by_arn, PrincipalTags={"a": "b"})
    client.set_principal_tag_attribute_map(**by_host, PrincipalTags={"c": "d"})
    assert client.get_principal_tag_attribute_map(**by_arn)["PrincipalTags"] == {"a": "b"}
    assert client.get_principal_tag_attribute_map(**by_host)["PrincipalTags"] == {"c": "d"}


def test_provider_name_of_129_characters(client: Any, provider: dict[str, str]) -> None:
    """A provider name has 128 characters at most, so a longer OIDC ARN can have no map."""
    longest = OIDC + "x" * (128 - len(OIDC))
    client.set_principal_tag_attribute_map(**{**provider, "IdentityProviderName": longest})
    too_long = {**provider, "IdentityProviderName": f"{longest}x"}
    message = (
        f"1 validation error detected: Value '{longest}x' at 'identityProviderName' failed to "
        "satisfy constraint: Member must have length less than or equal to 128"
    )
    for call in (client.get_principal_tag_attribute_map, client.set_principal_tag_attribute_map):
        with refused("ValidationException", message):
            call(**too_long)


@pytest.mark.parametrize(
    ("tags", "what"),
    [
        ({str(number): "x" for number in range(51)}, "length less than or equal to 50"),
        ({"k" * 129: "x"}, "Map keys must satisfy constraint: [Member must have length less"),
        ({"k": "x" * 257}, "Map value must satisfy constraint: [Member must have length less"),
    ],
)
def test_sizes(client: Any, provider: dict[str, str], tags: dict[str, str], what: str) -> None:
    """At most 50 tags, of 128 characters, from claims of 256."""
    with refused("ValidationException", what):
        client.set_principal_tag_attribute_map(**provider, PrincipalTags=tags)
