"""GetPrincipalTagAttributeMap and SetPrincipalTagAttributeMap."""

from typing import Any

import pytest

from tests.sandbox.support import FULL, USER_POOL, content, refused


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
