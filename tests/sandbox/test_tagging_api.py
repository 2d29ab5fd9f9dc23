"""The Resource Groups Tagging API, on pools and on what other services have."""

from typing import Any

import pytest

from tests.sandbox.conftest import Connect
from tests.sandbox.support import NOBODY, REQUIRED, arn

KIND = "cognito-identity:identitypool"


@pytest.fixture
def api(sandbox: Any, connect: Connect) -> Any:
    """A client of the tagging API."""
    return connect(sandbox, service="resourcegroupstaggingapi")


def make(client: Any, **tags: str) -> str:
    """A pool with these tags: its ARN."""
    made = client.create_identity_pool(**REQUIRED, IdentityPoolTags=tags)
    return arn(made["IdentityPoolId"])


def found(api: Any, **filters: Any) -> dict[str, dict[str, str]]:
    """The tags of each resource that GetResources answers, by ARN."""
    return {
        each["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in each["Tags"]}
        for each in api.get_resources(**filters)["ResourceTagMappingList"]
    }


def test_tagged_pools_are_resources(client: Any, api: Any) -> None:
    """GetResources has the pools with tags, chosen by type, by tags and by ARN."""
    make(client)
    shop, till = make(client, team="shop", stage="prod"), make(client, team="till")
    both = {shop: {"team": "shop", "stage": "prod"}, till: {"team": "till"}}
    assert found(api) == both
    for kinds in ([KIND], ["cognito-identity"], ["s3", KIND]):
        assert found(api, ResourceTypeFilters=kinds) == both
    assert found(api, ResourceTypeFilters=["s3"]) == {}
    assert set(found(api, TagFilters=[{"Key": "team"}])) == {shop, till}
    assert set(found(api, TagFilters=[{"Key": "team", "Values": ["till", "x"]}])) == {till}
    two = [{"Key": "team"}, {"Key": "stage", "Values": ["prod"]}]
    assert set(found(api, TagFilters=two)) == {shop}
    assert set(found(api, ResourceARNList=[till, arn(NOBODY)])) == {till}


def test_pools_of_another_place_are_no_resources(
    sandbox: Any, client: Any, connect: Connect
) -> None:
    """Each account has its own resources in each region."""
    make(client, team="shop")
    for place in ({"account": "444455556666"}, {"region": "us-east-1"}):
        api = connect(sandbox, service="resourcegroupstaggingapi", **place)
        assert found(api) == {}


def test_other_services_are_beside_pools(sandbox: Any, connect: Connect) -> None:
    """What moto's services have is there as well, and is tagged by moto."""
    account = "555566667777"  # moto's services are shared by all sandboxes of a process
    pool = connect(sandbox, account=account).create_identity_pool(
        **REQUIRED, IdentityPoolTags={"team": "shop"}
    )
    sqs = connect(sandbox, account=account, service="sqs")
    queue = sqs.create_queue(QueueName="orders", tags={"team": "shop"})["QueueUrl"]
    api = connect(sandbox, account=account, service="resourcegroupstaggingapi")
    assert set(found(api)) == {
        arn(pool["IdentityPoolId"], account=account),
        f"arn:aws:sqs:eu-west-1:{account}:orders",
    }
    sqs.delete_queue(QueueUrl=queue)


def test_resources_come_in_pages(client: Any, api: Any) -> None:
    """Lists are paged; of 100 resources that are named, all are on one page."""
    made = {make(client, team="shop", stage="prod") for _ in range(60)}
    pages = list(api.get_paginator("get_resources").paginate(ResourcesPerPage=25))
    listed = [each["ResourceARN"] for page in pages for each in page["ResourceTagMappingList"]]
    assert len(listed) == 60
    assert set(listed) == made
    assert [len(page["ResourceTagMappingList"]) for page in pages] == [25, 25, 10]
    assert set(found(api, ResourceARNList=sorted(made))) == made


def test_pools_are_tagged(client: Any, api: Any) -> None:
    """TagResources and UntagResources change the pools' own tags."""
    one, two = make(client, team="shop"), make(client)
    answer = api.tag_resources(ResourceARNList=[one, two], Tags={"stage": "prod", "a": "b"})
    assert answer["FailedResourcesMap"] == {}
    tags = client.list_tags_for_resource
    assert tags(ResourceArn=one)["Tags"] == {"team": "shop", "stage": "prod", "a": "b"}
    answer = api.untag_resources(ResourceARNList=[one, two], TagKeys=["stage", "team"])
    assert answer["FailedResourcesMap"] == {}
    assert tags(ResourceArn=one)["Tags"] == tags(ResourceArn=two)["Tags"] == {"a": "b"}


def test_what_cannot_be_tagged_is_told(client: Any, api: Any) -> None:
    """A pool that is not there, or a reserved key, fails for itself; the other pools are tagged."""
    pool = make(client)
    answer = api.tag_resources(ResourceARNList=[arn(NOBODY), pool], Tags={"a": "b"})
    failed = answer["FailedResourcesMap"]
    assert set(failed) == {arn(NOBODY)}
    assert failed[arn(NOBODY)]["StatusCode"] == 400
    assert "not found" in failed[arn(NOBODY)]["ErrorMessage"]
    assert client.list_tags_for_resource(ResourceArn=pool)["Tags"] == {"a": "b"}
    answer = api.tag_resources(ResourceARNList=[pool], Tags={"aws:a": "b"})
    assert set(answer["FailedResourcesMap"]) == {pool}


def test_keys_and_values_are_listed(client: Any, api: Any) -> None:
    """GetTagKeys and GetTagValues name each key and value once."""
    for stage in ("prod", "test", "prod"):
        make(client, team="shop", stage=stage)
    assert sorted(api.get_tag_keys()["TagKeys"]) == ["stage", "team"]
    assert sorted(api.get_tag_values(Key="stage")["TagValues"]) == ["prod", "test"]


def test_tagging_is_a_write(sandbox: Any, client: Any, api: Any, connect: Connect) -> None:
    """CloudTrail has what the tagging API changed as TagResource and UntagResource."""
    pool = make(client)
    api.tag_resources(ResourceARNList=[pool, arn(NOBODY)], Tags={"a": "b"})
    api.untag_resources(ResourceARNList=[pool], TagKeys=["a"])
    events = connect(sandbox, service="cloudtrail").lookup_events()["Events"]
    assert [each["EventName"] for each in events] == [
        "UntagResource", "TagResource", "CreateIdentityPool",
    ]  # fmt: skip
