"""Creating, reading, listing and deleting pools."""

import re
from typing import Any

import pytest

from tests.sandbox.conftest import Connect, Serve
from tests.sandbox.support import (
    ACCOUNT,
    CLIENT,
    FULL,
    NOBODY,
    OIDC,
    REQUIRED,
    SAML,
    USER_POOL,
    arn,
    content,
    refused,
    sent,
)


def test_create_answers_the_pool(client: Any) -> None:
    """A create answers what was sent, with an id, and a describe answers the same."""
    created = client.create_identity_pool(**FULL)
    assert sent(created) == sent({**FULL, "IdentityPoolId": created["IdentityPoolId"]})
    read = client.describe_identity_pool(IdentityPoolId=created["IdentityPoolId"])
    assert sent(read) == sent(created)


def test_pool_id_is_region_and_uuid(client: Any) -> None:
    """A pool id is the region, a colon and a random uuid."""
    pool_id = client.create_identity_pool(**REQUIRED)["IdentityPoolId"]
    assert re.fullmatch(r"eu-west-1:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f-]{17}", pool_id)


def test_names_are_not_unique(client: Any) -> None:
    """Two creates of one name make two pools: there is no idempotency."""
    first = client.create_identity_pool(**REQUIRED)
    second = client.create_identity_pool(**REQUIRED)
    assert first["IdentityPoolId"] != second["IdentityPoolId"]
    assert len(client.list_identity_pools(MaxResults=60)["IdentityPools"]) == 2


def test_list_gives_id_and_name_only(client: Any) -> None:
    """A listed pool has its id and its name and nothing else."""
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    assert content(client.list_identity_pools(MaxResults=60)) == {
        "IdentityPools": [{"IdentityPoolId": pool_id, "IdentityPoolName": "shop"}]
    }


def test_list_pages_130_pools(client: Any) -> None:
    """130 pools come in pages of at most 60, each pool once."""
    made = {client.create_identity_pool(**REQUIRED)["IdentityPoolId"] for _ in range(130)}
    pages = list(client.get_paginator("list_identity_pools").paginate(MaxResults=60))
    listed = [pool["IdentityPoolId"] for page in pages for pool in page["IdentityPools"]]
    assert [len(page["IdentityPools"]) for page in pages] == [60, 60, 10]
    assert len(listed) == 130
    assert set(listed) == made


def test_list_survives_a_delete_between_pages(client: Any) -> None:
    """A pool deleted after its page was read does not push another one off the next page."""
    made = {client.create_identity_pool(**REQUIRED)["IdentityPoolId"] for _ in range(6)}
    first = client.list_identity_pools(MaxResults=3)
    for pool in first["IdentityPools"]:
        client.delete_identity_pool(IdentityPoolId=pool["IdentityPoolId"])
    second = client.list_identity_pools(MaxResults=3, NextToken=first["NextToken"])
    both = first["IdentityPools"] + second["IdentityPools"]
    assert {pool["IdentityPoolId"] for pool in both} == made
    assert "NextToken" not in second


def test_list_refuses_a_foreign_token(client: Any) -> None:
    """A NextToken that the list did not give out is InvalidParameterException."""
    with refused("InvalidParameterException", "NextToken"):
        client.list_identity_pools(MaxResults=60, NextToken="bm9wZQ==")
    with refused("InvalidParameterException", "NextToken"):
        client.list_identity_pools(MaxResults=60, NextToken="\N{SNOWMAN}")


def test_list_needs_max_results(client: Any) -> None:
    """ListIdentityPools without MaxResults, or with one beyond 1 to 60, is refused."""
    for wrong in ({}, {"MaxResults": 0}, {"MaxResults": 61}):
        with refused("ValidationException", "'maxResults'"):
            client.list_identity_pools(**wrong)


def test_a_new_pool_is_there_at_once(client: Any) -> None:
    """A describe, the roles, the tags and the list that follow a create know the pool."""
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    assert client.describe_identity_pool(IdentityPoolId=pool_id)["IdentityPoolName"] == "shop"
    assert content(client.get_identity_pool_roles(IdentityPoolId=pool_id)) == {
        "IdentityPoolId": pool_id
    }
    tags = client.list_tags_for_resource(ResourceArn=arn(pool_id))["Tags"]
    assert tags == FULL["IdentityPoolTags"]
    (listed,) = client.list_identity_pools(MaxResults=60)["IdentityPools"]
    assert listed["IdentityPoolId"] == pool_id


def test_deleted_pool_is_gone(client: Any) -> None:
    """A deleted pool is not found, not listed, and cannot be deleted again."""
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    client.delete_identity_pool(IdentityPoolId=pool_id)
    assert client.list_identity_pools(MaxResults=60)["IdentityPools"] == []
    for operation in (client.describe_identity_pool, client.delete_identity_pool):
        with refused("ResourceNotFoundException"):
            operation(IdentityPoolId=pool_id)


def test_unknown_pool_is_not_found(client: Any) -> None:
    """Every operation on an unknown pool is ResourceNotFoundException, HTTP 400."""
    provider = {"IdentityProviderName": "graph.facebook.com"}
    calls: dict[str, dict[str, Any]] = {
        "describe_identity_pool": {},
        "update_identity_pool": REQUIRED,
        "delete_identity_pool": {},
        "get_identity_pool_roles": {},
        "set_identity_pool_roles": {"Roles": {}},
        "get_principal_tag_attribute_map": provider,
        "set_principal_tag_attribute_map": provider,
        "list_identities": {"MaxResults": 1},
        "get_id": {},
    }
    for operation, arguments in calls.items():
        with refused("ResourceNotFoundException", f"IdentityPool '{NOBODY}' not found."):
            getattr(client, operation)(IdentityPoolId=NOBODY, **arguments)


def test_regions_are_apart(sandbox: Any, client: Any, connect: Connect) -> None:
    """A pool of one region is neither listed nor found in another."""
    pool_id = client.create_identity_pool(**REQUIRED)["IdentityPoolId"]
    elsewhere = connect(sandbox, region="us-east-1")
    assert elsewhere.list_identity_pools(MaxResults=60)["IdentityPools"] == []
    with refused("ResourceNotFoundException"):
        elsewhere.describe_identity_pool(IdentityPoolId=pool_id)


def test_pool_quota(serve: Serve, connect: Connect) -> None:
    """Beyond the quota of an account and region a create is LimitExceededException."""
    server = serve(pool_quota=2)
    client = connect(server)
    for _ in range(2):
        client.create_identity_pool(**REQUIRED)
    with refused("LimitExceededException"):
        client.create_identity_pool(**REQUIRED)
    connect(server, region="us-east-1").create_identity_pool(**REQUIRED)


def test_fifty_user_pool_clients(client: Any) -> None:
    """A pool takes 50 user pool clients and no more."""
    clients = [{"ProviderName": USER_POOL, "ClientId": f"{CLIENT}{n}"} for n in range(51)]
    client.create_identity_pool(**REQUIRED, CognitoIdentityProviders=clients[:50])
    with refused("LimitExceededException"):
        client.create_identity_pool(**REQUIRED, CognitoIdentityProviders=clients)


POOL_OF_NOBODY = USER_POOL.rpartition("/")[2]


@pytest.mark.parametrize(
    "name",
    [
        None,
        "graph.facebook.com",
        POOL_OF_NOBODY,
        "cognito-idp.eu-west-1.amazonaws.com",
        f"https://{USER_POOL}",
        f"{USER_POOL}:{CLIENT}",
        f"arn:aws:cognito-idp:eu-west-1:{ACCOUNT}:userpool/{POOL_OF_NOBODY}",
    ],
)
def test_provider_name_that_is_no_user_pools(client: Any, name: str | None) -> None:
    """A ProviderName that is no cognito-idp endpoint, or is missing, is refused."""
    wrong = [{"ProviderName": USER_POOL, "ClientId": CLIENT}, {"ClientId": CLIENT}]
    if name is not None:
        wrong[1]["ProviderName"] = name
    pool_id = client.create_identity_pool(**REQUIRED)["IdentityPoolId"]
    with refused("InvalidParameterException", "Invalid Cognito Identity Provider"):
        client.create_identity_pool(**REQUIRED, CognitoIdentityProviders=wrong)
    with refused("InvalidParameterException", "Invalid Cognito Identity Provider"):
        client.update_identity_pool(
            IdentityPoolId=pool_id, **REQUIRED, CognitoIdentityProviders=wrong
        )


def test_user_pools_are_not_looked_up(client: Any) -> None:
    """A user pool and a client that do not exist are taken."""
    nobody = {"ProviderName": f"{USER_POOL}x", "ClientId": "nobody", "ServerSideTokenCheck": False}
    created = client.create_identity_pool(**REQUIRED, CognitoIdentityProviders=[nobody])
    assert created["CognitoIdentityProviders"] == [nobody]


@pytest.mark.parametrize(
    ("region", "endpoint", "partition"),
    [
        ("us-gov-west-1", "cognito-idp.us-gov-west-1.amazonaws.com", "aws-us-gov"),
        ("cn-north-1", "cognito-idp.cn-north-1.amazonaws.com.cn", "aws-cn"),
    ],
)
def test_other_partitions(
    sandbox: Any, connect: Connect, region: str, endpoint: str, partition: str
) -> None:
    """GovCloud and China have their own suffixes and partitions in names and ARNs."""
    client = connect(sandbox, region=region)
    pool = {
        "CognitoIdentityProviders": [
            {"ProviderName": f"{endpoint}/{region}_Ab129faBb", "ClientId": CLIENT}
        ],
        "SamlProviderARNs": [SAML.replace("arn:aws:", f"arn:{partition}:")],
    }
    pool_id = client.create_identity_pool(**REQUIRED, **pool)["IdentityPoolId"]
    resource = f"arn:{partition}:cognito-identity:{region}:{ACCOUNT}:identitypool/{pool_id}"
    assert client.list_tags_for_resource(ResourceArn=resource)["Tags"] == {}
    role = f"arn:{partition}:iam::{ACCOUNT}:role/shop"
    client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": role})


@pytest.mark.parametrize(
    "wrong",
    [
        SAML.replace(ACCOUNT, "444455556666"),
        SAML.replace("arn:aws:", "arn:eu-west-1:"),
        OIDC,
        f"arn:aws:iam::{ACCOUNT}:saml-provider/",
    ],
)
def test_saml_arn_of_another_account(client: Any, wrong: str) -> None:
    """A SAML ARN of another account or partition, or of something else, is not valid here."""
    message = f"Identity provider {wrong} is not valid for account {ACCOUNT}"
    pool_id = client.create_identity_pool(**REQUIRED)["IdentityPoolId"]
    with refused("NotAuthorizedException", message):
        client.create_identity_pool(**REQUIRED, SamlProviderARNs=[SAML, wrong])
    with refused("NotAuthorizedException", message):
        client.update_identity_pool(IdentityPoolId=pool_id, **REQUIRED, SamlProviderARNs=[wrong])


def test_oidc_arn_of_another_account(client: Any) -> None:
    """An OIDC ARN of another account is taken."""
    theirs = OIDC.replace(ACCOUNT, "444455556666")
    created = client.create_identity_pool(**REQUIRED, OpenIdConnectProviderARNs=[theirs])
    assert created["OpenIdConnectProviderARNs"] == [theirs]
