"""Functions one by one: what they give, and what is said where they give nothing."""

import json
from typing import Any

import pytest

from reconciler.converters.cloudformation import from_cloudformation
from reconciler.converters.conversion import Conversion, Supplied
from reconciler.converters.terraform import from_terraform

HEAD = """
Parameters:
  Names: {Type: CommaDelimitedList, Default: "one, two"}
  Name: {Type: String, Default: shop}
Mappings: {M: {a: {list: [x, y], text: z}}}
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: r, Path: /p/}}
  Users: {Type: AWS::Cognito::UserPool}
  Web: {Type: AWS::Cognito::UserPoolClient}
  Pool:
    Type: AWS::Cognito::IdentityPool
    Properties:
      IdentityPoolName: shop
      IdentityPoolTags:
        tag: """


def tagged(expression: str, region: str = "cn-north-1", **values: str) -> Conversion:
    """A pool with a tag whose value is an expression, in an account in China or elsewhere."""
    parameters = {"AWS::AccountId": "123456789012", "AWS::Region": region}
    return from_cloudformation("t.yaml", HEAD + expression, Supplied(parameters, values), None)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Base64 shop", "c2hvcA=="),
        ("!Join [' ', !Ref Names]", "one two"),
        ("!Join ['-', [a, !Ref 'AWS::NoValue', b]]", "a-b"),
        ("!Join ['', !FindInMap [M, a, list]]", "xy"),
        ("!Select [1, !Ref Names]", "two"),
        ("!Sub 'a ${ Name }'", "a shop"),
        ("!Sub ['${Name} ${x}', {x: 1, Name: own}]", "own 1"),
        ("!Sub 'no references'", "no references"),
        ("!Ref Role", "r"),
        ("!Select [1, !Split ['=', 'a=b']]", "b"),
        ("!Select [5, !Split [':', !GetAtt Role.Arn]]", "role/p/r"),
        ("!Select [1, !Split [':', !GetAtt Role.Arn]]", "aws-cn"),
        ("!GetAtt [Role, !Join ['', [A, rn]]]", "arn:aws-cn:iam::123456789012:role/p/r"),
        (
            "!Select [0, !Split ['/', !GetAtt Users.ProviderName]]",
            "cognito-idp.cn-north-1.amazonaws.com.cn",
        ),
        ("!Ref Web", "client"),
        ("!Ref AWS::URLSuffix", "amazonaws.com.cn"),
        ("!Ref AWS::StackName", "given"),
        ("12345", "12345"),
        ("!!str 12345", "12345"),
    ],
)
def test_what_a_function_gives(expression: str, value: str) -> None:
    values = {"Users.UserPoolId": "cn-north-1_abc", "Web.ClientId": "client"}
    values |= {"AWS::StackName": "given"}
    found = tagged(expression, **values)
    assert found.findings == ()
    assert found.pools[0].pool.IdentityPoolTags == {"tag": value}


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
        ("xx-new-1", "aws", "amazonaws.com"),
    ],
)
def test_a_region_has_its_partition_and_suffix(region: str, partition: str, suffix: str) -> None:
    told = tagged("!Sub '${AWS::Partition} ${AWS::URLSuffix}'", region).pools[0].pool
    assert told.IdentityPoolTags == {"tag": f"{partition} {suffix}"}
    provider = tagged(
        "!GetAtt Users.ProviderName", region, **{"Users.UserPoolId": f"{region}_abc"}
    ).pools
    assert provider[0].pool.IdentityPoolTags == {
        "tag": f"cognito-idp.{region}.{suffix}/{region}_abc"
    }


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("!Base64 [a]", "here should be a text"),
        ("!Split [a, !Ref Nope]", "there is neither a resource nor a parameter 'Nope'"),
        ("!Select [0, !Split ['', a]]", "Fn::Split takes a text to split at"),
        ("!GetAtt [Role, !Ref Nope]", "there is neither a resource nor a parameter 'Nope'"),
        ("!GetAtt Nope.Arn", "there is no resource 'Nope'"),
        ("!FindInMap [M, b, text]", "the mapping has no such entry"),
        ("!FindInMap [M, !Ref Nope, text]", "there is neither a resource nor a parameter 'Nope'"),
        ("!ImportValue [a]", "here should be a text"),
        ("!Sub '${Nope} ${Other} ${!Literal}'", "there is neither a resource nor a parameter 'Oth"),
        ("{'Fn::ToJsonString': [!Ref Nope]}", "there is neither a resource nor a parameter 'Nope'"),
        ("!Join ['', [!Ref Nope]]", "there is neither a resource nor a parameter 'Nope'"),
        ("!Join ['', [{a: b}]]", "Fn::Join takes a text and texts"),
        ("!Ref AWS::StackId", "the parameter AWS::StackId has no value here"),
        ("[a]", "is a list, not a string"),
    ],
)
def test_what_is_said_where_a_function_gives_nothing(expression: str, said: str) -> None:
    found = tagged(expression)
    assert not found.pools
    assert any(said in finding.message for finding in found.findings), found.findings


def pool_with(**properties: Any) -> Conversion:
    """A pool of such properties."""
    fields = {"IdentityPoolName": "shop", **properties}
    resource = {"Type": "AWS::Cognito::IdentityPool", "Properties": fields}
    text = json.dumps({"Resources": {"Pool": resource}})
    return from_cloudformation("t.json", text, Supplied(), None)


def test_tags_may_be_a_mapping_or_none() -> None:
    assert pool_with(IdentityPoolTags={"a": 1}).pools[0].pool.IdentityPoolTags == {"a": "1"}
    assert pool_with(IdentityPoolTags=[]).pools[0].pool.IdentityPoolTags == {}
    without_value = pool_with(IdentityPoolTags=[{"Key": "a"}])
    assert without_value.pools[0].pool.IdentityPoolTags == {"a": ""}


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"SupportedLoginProviders": "{"}, "this should be a mapping, and is no JSON either"),
        ({"IdentityPoolTags": "a"}, "IdentityPoolTags"),
        ({"IdentityPoolTags": [{"Key": "a", "Value": "b"}] * 2}, '"a" is there twice'),
        ({"CognitoIdentityProviders": {"ProviderName": "a"}}, "CognitoIdentityProviders"),
        ({"CognitoIdentityProviders": ["a"]}, "CognitoIdentityProviders[0]"),
        ({"SupportedLoginProviders": ["a"]}, "SupportedLoginProviders"),
        ({"AllowClassicFlow": "maybe"}, "AllowClassicFlow"),
    ],
)
def test_values_of_a_wrong_kind_are_said_at_their_place(
    properties: dict[str, Any], said: str
) -> None:
    found = pool_with(**properties)
    assert not found.pools
    assert any(said in f"{each.path} {each.message}" for each in found.findings), found.findings


def test_principal_tags_of_one_provider_twice_are_an_error() -> None:
    tags = {
        "Type": "AWS::Cognito::IdentityPoolPrincipalTag",
        "Properties": {
            "IdentityPoolId": {"Ref": "Pool"},
            "IdentityProviderName": "accounts.google.com",
            "UseDefaults": True,
        },
    }
    logins = {"accounts.google.com": "a"}
    pool = {
        "Type": "AWS::Cognito::IdentityPool",
        "Properties": {"IdentityPoolName": "a", "SupportedLoginProviders": logins},
    }
    text = json.dumps({"Resources": {"Pool": pool, "One": tags, "Two": tags}})
    found = from_cloudformation("t.json", text, Supplied(), None)
    assert not found.pools
    assert found.findings[0].rule == "twice"
    assert found.findings[0].path == "Resources.Two.Properties"


POOL = "aws_cognito_identity_pool"
ROLES = "aws_cognito_identity_pool_roles_attachment"
POOL_ID = "eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


def shown(*resources: dict[str, Any]) -> Conversion:
    """``terraform show -json`` of such resources."""
    root = {"resources": [{"mode": "managed", **resource} for resource in resources]}
    text = json.dumps({"format_version": "1.0", "values": {"root_module": root}})
    return from_terraform("t.json", text, Supplied(), None)


def test_a_deposed_object_of_a_shown_state_is_left_out() -> None:
    pool = {"address": f"{POOL}.a", "type": POOL, "values": {"identity_pool_name": "a"}}
    found = shown(pool, {**pool, "deposed_key": "1a2b3c4d"})
    assert len(found.pools) == 1
    assert f"{POOL}.a has a deposed object, which is not converted." in found.notes


def test_a_deposed_object_of_a_plan_is_left_out() -> None:
    change = {"address": f"{POOL}.a", "type": POOL, "mode": "managed"}
    gone = {"deposed": "1a2b3c4d", "change": {"actions": ["delete"], "after": None}}
    plan = {"format_version": "1.2", "resource_changes": [{**change, **gone}]}
    found = from_terraform("t.json", json.dumps(plan), Supplied(), None)
    assert found.notes == (f"{POOL}.a has a deposed object, which is not converted.",)


def test_two_attachments_of_one_pool_are_an_error() -> None:
    pool_values = {"identity_pool_name": "a", "id": POOL_ID}
    pool = {"address": f"{POOL}.a", "type": POOL, "values": pool_values}
    values = {"identity_pool_id": POOL_ID, "roles": {}}
    roles = [{"address": f"{ROLES}.{n}", "type": ROLES, "values": values} for n in "ab"]
    found = shown(pool, *roles)
    assert not found.pools
    assert f"{POOL}.a has its roles from another resource already" in found.findings[0].message
