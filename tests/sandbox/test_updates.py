"""UpdateIdentityPool: as measured, and at the two ends of what is said about it."""

from pathlib import Path
from typing import Any, get_args

import pytest

from reconciler.sandbox.settings import UpdateSemantics
from tests.sandbox.conftest import Connect, Serve
from tests.sandbox.support import FULL, REQUIRED, arn, content, described, refused, sent

OPTIONAL = sorted(set(FULL) - set(REQUIRED) - {"DeveloperProviderName"})
KEPT = {"AllowClassicFlow", "IdentityPoolTags"}
all_of_them = pytest.mark.parametrize("semantics", get_args(UpdateSemantics))


@pytest.mark.parametrize("field", sorted(set(OPTIONAL) - KEPT))
def test_providers_left_out_are_wiped(client: Any, field: str) -> None:
    """By default an update without a list of providers, or without logins, loses them."""
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    rest = {name: value for name, value in FULL.items() if name != field}
    updated = client.update_identity_pool(IdentityPoolId=pool_id, **rest)
    assert sent(updated) == described({"IdentityPoolId": pool_id, **rest})


@pytest.mark.parametrize("value", [True, False])
def test_classic_flow_left_out_is_kept(client: Any, value: bool) -> None:
    """By default an update without AllowClassicFlow keeps it, as it keeps it unset."""
    for flow in ({"AllowClassicFlow": value}, {}):
        pool_id = client.create_identity_pool(**REQUIRED, **flow)["IdentityPoolId"]
        updated = client.update_identity_pool(IdentityPoolId=pool_id, **REQUIRED)
        assert content(updated) == described({"IdentityPoolId": pool_id, **REQUIRED, **flow})


def test_tags_left_out_are_kept(client: Any) -> None:
    """By default an update without IdentityPoolTags keeps them; sent, they replace all."""
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    updated = client.update_identity_pool(IdentityPoolId=pool_id, **REQUIRED)
    assert updated["IdentityPoolTags"] == FULL["IdentityPoolTags"]
    tags = {"new": "x"}
    client.update_identity_pool(IdentityPoolId=pool_id, **REQUIRED, IdentityPoolTags=tags)
    assert client.list_tags_for_resource(ResourceArn=arn(pool_id))["Tags"] == tags


@all_of_them
def test_classic_flow_is_unset_until_set(serve: Serve, connect: Connect, semantics: str) -> None:
    """An unset AllowClassicFlow becomes false when false is sent, and no update makes up one."""
    client = connect(serve(update_semantics=semantics))
    pool_id = client.create_identity_pool(**REQUIRED)["IdentityPoolId"]
    assert "AllowClassicFlow" not in client.update_identity_pool(IdentityPoolId=pool_id, **REQUIRED)
    updated = client.update_identity_pool(
        IdentityPoolId=pool_id, **REQUIRED, AllowClassicFlow=False
    )
    assert updated["AllowClassicFlow"] is False


def test_reset_unsets_classic_flow(serve: Serve, connect: Connect) -> None:
    """With `reset`, AllowClassicFlow left out is unset again, and not false."""
    client = connect(serve(update_semantics="reset"))
    pool_id = client.create_identity_pool(**REQUIRED, AllowClassicFlow=False)["IdentityPoolId"]
    client.update_identity_pool(IdentityPoolId=pool_id, **REQUIRED)
    assert "AllowClassicFlow" not in client.describe_identity_pool(IdentityPoolId=pool_id)


@pytest.mark.parametrize("field", OPTIONAL)
def test_reset_sets_what_is_left_out_to_its_default(
    serve: Serve, connect: Connect, field: str
) -> None:
    """With `reset`, an update without a field loses that field and no other."""
    client = connect(serve(update_semantics="reset"))
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    rest = {name: value for name, value in FULL.items() if name != field}
    updated = client.update_identity_pool(IdentityPoolId=pool_id, **rest)
    assert sent(updated) == described({"IdentityPoolId": pool_id, **rest})
    assert sent(client.describe_identity_pool(IdentityPoolId=pool_id)) == sent(updated)


@pytest.mark.parametrize("field", OPTIONAL)
def test_keep_leaves_what_is_left_out(serve: Serve, connect: Connect, field: str) -> None:
    """With `keep`, an update without a field changes nothing."""
    client = connect(serve(update_semantics="keep"))
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    rest = {name: value for name, value in FULL.items() if name != field}
    updated = client.update_identity_pool(IdentityPoolId=pool_id, **rest)
    assert sent(updated) == sent({"IdentityPoolId": pool_id, **FULL})


@all_of_them
def test_developer_name_left_out_is_kept(serve: Serve, connect: Connect, semantics: str) -> None:
    """An update without DeveloperProviderName keeps it; a rename beside it is in place."""
    client = connect(serve(update_semantics=semantics))
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    renamed = {**REQUIRED, "IdentityPoolName": "store"}
    updated = client.update_identity_pool(IdentityPoolId=pool_id, **renamed)
    assert updated["DeveloperProviderName"] == "login.shop"
    assert (updated["IdentityPoolId"], updated["IdentityPoolName"]) == (pool_id, "store")


@all_of_them
def test_developer_name_is_set_once(serve: Serve, connect: Connect, semantics: str) -> None:
    """DeveloperProviderName can be set by an update, sent again, and never be changed."""
    client = connect(serve(update_semantics=semantics))
    pool_id = client.create_identity_pool(**REQUIRED)["IdentityPoolId"]
    for _ in range(2):
        client.update_identity_pool(
            IdentityPoolId=pool_id, DeveloperProviderName="login.shop", **REQUIRED
        )
    with refused("InvalidParameterException", "DeveloperProviderName"):
        client.update_identity_pool(
            IdentityPoolId=pool_id, DeveloperProviderName="login.other", **REQUIRED
        )
    read = client.describe_identity_pool(IdentityPoolId=pool_id)
    assert read["DeveloperProviderName"] == "login.shop"


@all_of_them
def test_rename_in_place(serve: Serve, connect: Connect, semantics: str) -> None:
    """A new name leaves the id and everything else as it was."""
    client = connect(serve(update_semantics=semantics))
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    renamed = {**FULL, "IdentityPoolName": "store"}
    client.update_identity_pool(IdentityPoolId=pool_id, **renamed)
    read = client.describe_identity_pool(IdentityPoolId=pool_id)
    assert sent(read) == sent({"IdentityPoolId": pool_id, **renamed})


@all_of_them
def test_sent_empty_is_emptied(serve: Serve, connect: Connect, semantics: str) -> None:
    """A list or map that is sent empty is empty afterwards."""
    client = connect(serve(update_semantics=semantics))
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    kept = ("AllowClassicFlow", "DeveloperProviderName", *REQUIRED)
    empty = {name: FULL[name] if name in kept else type(FULL[name])() for name in FULL}
    updated = client.update_identity_pool(IdentityPoolId=pool_id, **empty)
    assert set(content(updated)) == {"IdentityPoolId", "IdentityPoolTags", *kept}
    assert updated["IdentityPoolTags"] == {}


@all_of_them
def test_roles_and_principal_tags_survive(serve: Serve, connect: Connect, semantics: str) -> None:
    """An update touches neither roles nor principal tags."""
    client = connect(serve(update_semantics=semantics))
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    provider = {"IdentityPoolId": pool_id, "IdentityProviderName": "graph.facebook.com"}
    mappings = {"graph.facebook.com": {"Type": "Token", "AmbiguousRoleResolution": "Deny"}}
    client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={}, RoleMappings=mappings)
    client.set_principal_tag_attribute_map(**provider, PrincipalTags={"a": "b"})
    client.update_identity_pool(IdentityPoolId=pool_id, **REQUIRED)
    roles = client.get_identity_pool_roles(IdentityPoolId=pool_id)
    assert roles["RoleMappings"] == mappings
    assert client.get_principal_tag_attribute_map(**provider)["PrincipalTags"] == {"a": "b"}


@all_of_them
def test_refused_update_changes_nothing(
    serve: Serve, connect: Connect, semantics: str, tmp_path: Path
) -> None:
    """An update that is refused leaves the pool as it was."""
    client = connect(serve(update_semantics=semantics, file=tmp_path / "state.json"))
    created = client.create_identity_pool(**FULL)
    wrong = {**REQUIRED, "IdentityPoolName": "other", "IdentityPoolTags": {"aws:x": "y"}}
    with refused("InvalidParameterException"):
        client.update_identity_pool(IdentityPoolId=created["IdentityPoolId"], **wrong)
    read = client.describe_identity_pool(IdentityPoolId=created["IdentityPoolId"])
    assert sent(read) == sent(created)
