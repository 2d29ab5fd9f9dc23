"""UpdateIdentityPool, in both of its reported behaviours."""

from pathlib import Path

import pytest

from tests.sandbox.conftest import Connect, Serve
from tests.sandbox.support import FULL, REQUIRED, content, refused, sent

OPTIONAL = sorted(set(FULL) - set(REQUIRED) - {"DeveloperProviderName"})
both = pytest.mark.parametrize("semantics", ["reset", "keep"])


@pytest.mark.parametrize("field", OPTIONAL)
def test_reset_sets_what_is_left_out_to_its_default(
    serve: Serve, connect: Connect, field: str
) -> None:
    """With `reset`, an update without a field loses that field and no other."""
    client = connect(serve(update_semantics="reset"))
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    rest = {name: value for name, value in FULL.items() if name != field}
    updated = client.update_identity_pool(IdentityPoolId=pool_id, **rest)
    assert sent(updated) == sent({"IdentityPoolId": pool_id, **rest})
    assert content(client.describe_identity_pool(IdentityPoolId=pool_id)) == content(updated)


@pytest.mark.parametrize("field", OPTIONAL)
def test_keep_leaves_what_is_left_out(serve: Serve, connect: Connect, field: str) -> None:
    """With `keep`, an update without a field changes nothing."""
    client = connect(serve(update_semantics="keep"))
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    rest = {name: value for name, value in FULL.items() if name != field}
    updated = client.update_identity_pool(IdentityPoolId=pool_id, **rest)
    assert sent(updated) == sent({"IdentityPoolId": pool_id, **FULL})


@both
def test_developer_name_left_out_is_kept(serve: Serve, connect: Connect, semantics: str) -> None:
    """An update without DeveloperProviderName keeps it."""
    client = connect(serve(update_semantics=semantics))
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    updated = client.update_identity_pool(IdentityPoolId=pool_id, **REQUIRED)
    assert updated["DeveloperProviderName"] == "login.shop"


@both
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
    described = client.describe_identity_pool(IdentityPoolId=pool_id)
    assert described["DeveloperProviderName"] == "login.shop"


@both
def test_rename_in_place(serve: Serve, connect: Connect, semantics: str) -> None:
    """A new name leaves the id and everything else as it was."""
    client = connect(serve(update_semantics=semantics))
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    renamed = {**FULL, "IdentityPoolName": "store"}
    client.update_identity_pool(IdentityPoolId=pool_id, **renamed)
    described = client.describe_identity_pool(IdentityPoolId=pool_id)
    assert sent(described) == sent({"IdentityPoolId": pool_id, **renamed})


@both
def test_sent_empty_is_emptied(serve: Serve, connect: Connect, semantics: str) -> None:
    """A list or map that is sent empty is empty afterwards."""
    client = connect(serve(update_semantics=semantics))
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    kept = ("AllowClassicFlow", "DeveloperProviderName", *REQUIRED)
    empty = {name: FULL[name] if name in kept else type(FULL[name])() for name in FULL}
    updated = client.update_identity_pool(IdentityPoolId=pool_id, **empty)
    assert set(content(updated)) == {"IdentityPoolId", *kept}


@both
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


@both
def test_refused_update_changes_nothing(
    serve: Serve, connect: Connect, semantics: str, tmp_path: Path
) -> None:
    """An update that is refused leaves the pool as it was."""
    client = connect(serve(update_semantics=semantics, file=tmp_path / "state.json"))
    created = client.create_identity_pool(**FULL)
    wrong = {**REQUIRED, "IdentityPoolName": "other", "IdentityPoolTags": {"aws:x": "y"}}
    with refused("InvalidParameterException"):
        client.update_identity_pool(IdentityPoolId=created["IdentityPoolId"], **wrong)
    described = client.describe_identity_pool(IdentityPoolId=created["IdentityPoolId"])
    assert content(described) == content(created)
