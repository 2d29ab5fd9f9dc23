"""TagResource, UntagResource, ListTagsForResource, and tags in creates and updates."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from botocore import xform_name

from reconciler.sandbox.settings import UpdateSemantics
from tests.sandbox.conftest import Connect, Serve
from tests.sandbox.support import ACCOUNT, FULL, NOBODY, REQUIRED, arn, refused, sent

FIFTY = {f"key{number}": "x" for number in range(50)}


@pytest.fixture
def resource(client: Any) -> str:
    """The ARN of a pool with the tags team and stage."""
    return arn(client.create_identity_pool(**FULL)["IdentityPoolId"])


def test_tags_of_a_create_are_listed(client: Any, resource: str) -> None:
    """Tags given in the create are those of the resource."""
    assert client.list_tags_for_resource(ResourceArn=resource)["Tags"] == FULL["IdentityPoolTags"]


def test_tag_adds_and_replaces(client: Any, resource: str) -> None:
    """TagResource adds keys, replaces the values of those there, and leaves the rest."""
    client.tag_resource(ResourceArn=resource, Tags={"stage": "test", "new": ""})
    expected = {"team": "shop", "stage": "test", "new": ""}
    assert client.list_tags_for_resource(ResourceArn=resource)["Tags"] == expected
    pool_id = resource.rpartition("/")[2]
    assert client.describe_identity_pool(IdentityPoolId=pool_id)["IdentityPoolTags"] == expected


def test_untag_removes(client: Any, resource: str) -> None:
    """UntagResource removes the keys it names; one that is not there is no error."""
    client.untag_resource(ResourceArn=resource, TagKeys=["stage", "nobody"])
    assert client.list_tags_for_resource(ResourceArn=resource)["Tags"] == {"team": "shop"}


def test_without_tags_the_map_is_empty(client: Any) -> None:
    """A pool without tags lists an empty map."""
    resource = arn(client.create_identity_pool(**REQUIRED)["IdentityPoolId"])
    assert client.list_tags_for_resource(ResourceArn=resource)["Tags"] == {}


def test_tagging_leaves_every_other_field(client: Any, resource: str) -> None:
    """TagResource and UntagResource change nothing but the tags."""
    pool_id = resource.rpartition("/")[2]
    before = client.describe_identity_pool(IdentityPoolId=pool_id)
    client.tag_resource(ResourceArn=resource, Tags={"new": "x"})
    client.untag_resource(ResourceArn=resource, TagKeys=["new"])
    after = client.describe_identity_pool(IdentityPoolId=pool_id)
    assert sent(after) == sent(before)


@pytest.mark.parametrize("account", ["999999999999", "111122223333"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_arn_of_another_place(client: Any, resource: str, account: str, region: str) -> None:
    """The ARN of another account or region, or of an unknown pool, is not found."""
    pool_id = resource.rpartition("/")[2]
    here = (account, region) == ("111122223333", "eu-west-1")
    other = arn(NOBODY if here else pool_id, region, account)
    with refused("ResourceNotFoundException", other):
        client.list_tags_for_resource(ResourceArn=other)
    with refused("ResourceNotFoundException", other):
        client.tag_resource(ResourceArn=other, Tags={"a": "b"})
    with refused("ResourceNotFoundException", other):
        client.untag_resource(ResourceArn=other, TagKeys=["a"])


@pytest.mark.parametrize(
    "wrong",
    [
        "arn:aws:iam::111122223333:role/shop",
        "arn:aws:cognito-identity:eu-west-1:111122223333:pool/x",
        "arn:aws:cognito-identity:eu-west-1:111122223333:identitypool/",
        f"arn:aws:cognito-idp:eu-west-1:{ACCOUNT}:userpool/eu-west-1_Ab129faBb",
    ],
)
def test_arn_of_something_else(client: Any, wrong: str) -> None:
    """The ARN of something else is AccessDeniedException."""
    with refused("AccessDeniedException", f"ListTagsForResource on resource: {wrong}"):
        client.list_tags_for_resource(ResourceArn=wrong)


def test_what_is_no_arn_is_not_authorized(client: Any, resource: str) -> None:
    """A tag call with a pool's id for its ARN is AccessDeniedException: nobody has rights on it."""
    pool_id = resource.rpartition("/")[2]
    for operation, arguments in (
        ("ListTagsForResource", {}),
        ("TagResource", {"Tags": {"a": "b"}}),
        ("UntagResource", {"TagKeys": ["a"]}),
    ):
        message = (
            f"is not authorized to perform: cognito-identity:{operation} on resource: {pool_id}"
        )
        call = getattr(client, xform_name(operation))
        with refused("AccessDeniedException", message):
            call(ResourceArn=pool_id, **arguments)


def test_fifty_tags(client: Any) -> None:
    """A pool takes 50 tags, by create, update or TagResource, and no more."""
    created = client.create_identity_pool(**REQUIRED, IdentityPoolTags=FIFTY)
    pool_id = created["IdentityPoolId"]
    with refused("InvalidParameterException", "50"):
        client.tag_resource(ResourceArn=arn(pool_id), Tags={"one-more": "x"})
    client.tag_resource(ResourceArn=arn(pool_id), Tags={"key0": "y"})
    too_many = {**FIFTY, "one-more": "x"}
    with refused("InvalidParameterException", "50"):
        client.create_identity_pool(**REQUIRED, IdentityPoolTags=too_many)
    with refused("InvalidParameterException", "50"):
        client.update_identity_pool(IdentityPoolId=pool_id, **REQUIRED, IdentityPoolTags=too_many)


def test_reserved_keys_are_refused(client: Any, resource: str) -> None:
    """A request that names an `aws:` key is InvalidParameterException."""
    reserved = {"aws:mine": "x"}
    pool_id = resource.rpartition("/")[2]
    with refused("InvalidParameterException", "aws:mine"):
        client.create_identity_pool(**REQUIRED, IdentityPoolTags=reserved)
    with refused("InvalidParameterException", "aws:mine"):
        client.update_identity_pool(IdentityPoolId=pool_id, **REQUIRED, IdentityPoolTags=reserved)
    with refused("InvalidParameterException", "aws:mine"):
        client.tag_resource(ResourceArn=resource, Tags=reserved)
    with refused("InvalidParameterException", "aws:mine"):
        client.untag_resource(ResourceArn=resource, TagKeys=["aws:mine"])


@pytest.mark.parametrize("semantics", get_args(UpdateSemantics))
def test_reserved_tags_survive(
    serve: Serve, connect: Connect, tmp_path: Path, semantics: str
) -> None:
    """Tags that AWS has set outlive updates and tagging, and do not count among the 50."""
    file = tmp_path / "state.json"
    client = connect(serve(file=file, update_semantics=semantics))
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    state = json.loads(file.read_text())
    stack = {"aws:cloudformation:stack-name": "shop"}
    state["pools"][0]["settings"]["IdentityPoolTags"].update(stack)
    file.write_text(json.dumps(state))

    client.update_identity_pool(IdentityPoolId=pool_id, **REQUIRED, IdentityPoolTags=FIFTY)
    assert client.list_tags_for_resource(ResourceArn=arn(pool_id))["Tags"] == {**FIFTY, **stack}
    client.update_identity_pool(IdentityPoolId=pool_id, **REQUIRED, IdentityPoolTags={})
    client.tag_resource(ResourceArn=arn(pool_id), Tags={"team": "x"})
    client.untag_resource(ResourceArn=arn(pool_id), TagKeys=["team"])
    assert client.list_tags_for_resource(ResourceArn=arn(pool_id))["Tags"] == stack
