"""What a template says by pseudo parameters stays a reference where the targets are known."""

import json
from typing import Any

import pytest

from tests.converters.cases import CLIENT, POOL_ID, yaml_values
from tests.support.cli import Idpool, Result

EU, US = "111122223333", "444455556666"
TARGETS = {
    "eu": {"account": EU, "region": "eu-west-1"},
    "us": {"account": US, "region": "us-east-1"},
}
TEMPLATE = """\
Mappings:
  Hosts: {eu-west-1: {login: login.eu.example.com}, us-east-1: {login: login.us.example.com}}
Conditions:
  IsChina: !Equals [!Ref AWS::Partition, aws-cn]
  IsTokyo: !Equals [ap-northeast-1, !Ref AWS::Region]
Resources:
  Customer: {Type: AWS::IAM::Role, Properties: {RoleName: customer, Path: /shop/}}
  Okta: {Type: AWS::IAM::SAMLProvider, Properties: {Name: Okta}}
  Pool:
    Type: AWS::Cognito::IdentityPool
    Properties:
      IdentityPoolName: !Sub "shop-${AWS::Region}"
      AllowUnauthenticatedIdentities: !If [IsTokyo, true, false]
      AllowClassicFlow: !If [IsChina, true, false]
      SamlProviderARNs:
        - !Ref Okta
      OpenIdConnectProviderARNs:
        - !Join ["", ["arn:", !Ref AWS::Partition, ":iam::", !Ref AWS::AccountId, ":oidc-provider/a.example.com"]]
      CognitoIdentityProviders:
        - ProviderName: !Sub "cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${AWS::Region}_Ab129faBb"
          ClientId: 7lhlkkfbfb4q5kpp90urffao
      IdentityPoolTags:
        - {Key: account, Value: !Ref AWS::AccountId}
        - {Key: of-arn, Value: !Select [4, !Split [":", !GetAtt Customer.Arn]]}
  Roles:
    Type: AWS::Cognito::IdentityPoolRoleAttachment
    Properties:
      IdentityPoolId: !Ref Pool
      Roles:
        authenticated: !GetAtt Customer.Arn
        unauthenticated: !Sub "arn:aws:iam::${AWS::AccountId}:role/guest-${AWS::Region}"
      RoleMappings:
        a:
          IdentityProvider: !Sub "cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${AWS::Region}_Ab129faBb:7lhlkkfbfb4q5kpp90urffao"
          Type: Rules
          AmbiguousRoleResolution: Deny
          RulesConfiguration:
            Rules:
              - {Claim: text, MatchType: Equals, Value: "${AWS::Region}", RoleARN: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/admin"}
"""  # noqa: E501 - as people write them
PROVIDER = "cognito-idp.${target.region}.${target.suffix}/${target.region}_Ab129faBb"


def in_project(idpool: Idpool, **targets: Any) -> None:
    """A project with these targets; without any, with an account in Europe and one in America."""
    project = {
        "apiVersion": "idpool/v1",
        "kind": "Project",
        "owner": "acme",
        "specs": ["specs"],
        "targets": targets or TARGETS,
    }
    idpool.write("idpool.yaml", json.dumps(project))


def convert(idpool: Idpool, template: str, *options: str) -> Result:
    """Convert a template, its specs going to stdout unless an option says other."""
    idpool.write("t.yaml", template)
    return idpool.run("convert", "cloudformation", "t.yaml", *options)


def spec_of(result: Result) -> dict[str, Any]:
    """The one document that was written."""
    assert result.code == 0, result.text
    (document,) = yaml_values(result.out)
    return dict(document)


def pool(**properties: Any) -> str:
    """A template with one pool."""
    return with_mappings({}, **properties)


def with_mappings(mappings: Any, **properties: Any) -> str:
    """A template with one pool, and role mappings where there are some."""
    there = {"IdentityPoolName": "shop", **properties}
    attached = {"IdentityPoolId": {"Ref": "P"}, "RoleMappings": mappings}
    resources = {"P": {"Type": "AWS::Cognito::IdentityPool", "Properties": there}}
    if mappings:
        kind = "AWS::Cognito::IdentityPoolRoleAttachment"
        resources["R"] = {"Type": kind, "Properties": attached}
    return json.dumps({"Resources": resources})


def tagged(value: Any) -> str:
    """A template with a pool that has one tag."""
    return pool(IdentityPoolTags={"k": value})


def test_pseudo_parameters_become_references(idpool: Idpool) -> None:
    in_project(idpool)
    found = convert(idpool, TEMPLATE)
    document = spec_of(found)
    assert document["metadata"] == {"name": "shop"}
    spec = document["spec"]
    assert spec["IdentityPoolName"] == "shop-${target.region}"
    assert not spec.get("AllowUnauthenticatedIdentities")
    assert not spec.get("AllowClassicFlow")
    assert spec["SamlProviderARNs"] == ["${samlProvider.Okta}"]
    assert spec["OpenIdConnectProviderARNs"] == ["${oidcProvider.a.example.com}"]
    assert spec["CognitoIdentityProviders"] == [{"ProviderName": PROVIDER, "ClientId": CLIENT}]
    assert spec["IdentityPoolTags"] == {
        "account": "${target.account}",
        "of-arn": "${target.account}",
    }
    assert spec["Roles"] == {
        "authenticated": "${role.shop/customer}",
        "unauthenticated": "${role.guest-${target.region}}",
    }
    ((key, mapping),) = spec["RoleMappings"].items()
    assert key == f"{PROVIDER}:{CLIENT}"
    (rule,) = mapping["RulesConfiguration"]["Rules"]
    assert (rule["Value"], rule["RoleARN"]) == ("$${AWS::Region}", "${role.admin}")


def test_the_spec_is_valid_and_planned_in_every_target(idpool: Idpool) -> None:
    in_project(idpool)
    assert convert(idpool, TEMPLATE, "--out", "specs").code == 0
    valid = idpool.run("validate")
    assert valid.code == 0, valid.text
    planned = idpool.run("plan", "--sandbox")
    assert planned.code == 0, planned.text
    for name in ("shop-eu-west-1", "shop-us-east-1"):
        assert f"IdentityPoolName: {name}" in planned.out
    assert f"arn:aws:iam::{EU}:role/guest-eu-west-1" in planned.out


def test_without_a_project_they_are_asked_for_as_ever(idpool: Idpool) -> None:
    assert "give it with --account ID" in convert(idpool, tagged({"Ref": "AWS::AccountId"})).err
    given = convert(idpool, tagged({"Ref": "AWS::Partition"}), "--region", "cn-north-1")
    assert spec_of(given)["spec"]["IdentityPoolTags"] == {"k": "aws-cn"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--account", US), US),
        (("--parameter", f"AWS::AccountId={US}"), US),
        (("--set", f"AWS::AccountId={US}"), US),
        ((), "${target.account}"),
    ],
)
def test_what_is_given_wins(idpool: Idpool, options: tuple[str, ...], said: str) -> None:
    in_project(idpool)
    found = convert(idpool, tagged({"Ref": "AWS::AccountId"}), *options)
    assert spec_of(found)["spec"]["IdentityPoolTags"] == {"k": said}
    assert "of no use" not in found.err


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ({"Fn::Base64": {"Ref": "AWS::Region"}}, "ZXUtd2VzdC0x"),
        ({"Fn::Select": [0, {"Fn::Split": ["-", {"Ref": "AWS::Region"}]}]}, "eu"),
        ({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "a"]}, "b"),
        ({"Fn::If": ["C", "yes", "no"]}, "yes"),
    ],
)
def test_what_is_worked_out_of_them_needs_the_same_value_everywhere(
    idpool: Idpool, template: Any, said: str
) -> None:
    whole = json.loads(tagged(template))
    whole["Mappings"] = {"M": {"eu-west-1": {"a": "b"}}}
    whole["Conditions"] = {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}
    text = json.dumps(whole)
    in_project(idpool)
    refused = convert(idpool, text)
    assert refused.code == 1
    assert "not the same in every target that this goes to" in refused.err
    assert "fix: give it with --region NAME, or name one of the targets with --tar" in refused.err
    assert said in json.dumps(spec_of(convert(idpool, text, "--target", "eu")))


def test_a_dollar_sign_before_one_would_read_as_an_escape(idpool: Idpool) -> None:
    in_project(idpool)
    rule = {
        "Claim": "a",
        "MatchType": "Equals",
        "Value": {"Fn::Sub": "$${AWS::Partition}"},
        "RoleARN": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/r"},
    }
    mapping = {
        "Type": "Rules",
        "AmbiguousRoleResolution": "Deny",
        "RulesConfiguration": {"Rules": [rule]},
    }
    logins = {"graph.facebook.com": "7346241598935555"}
    text = with_mappings({"graph.facebook.com": mapping}, SupportedLoginProviders=logins)
    spec = spec_of(convert(idpool, text))["spec"]
    (rule,) = spec["RoleMappings"]["graph.facebook.com"]["RulesConfiguration"]["Rules"]
    assert (rule["Value"], rule["RoleARN"]) == ("$aws", "${role.r}")


def test_without_a_project_file_the_target_is_not_looked_up(idpool: Idpool) -> None:
    text = pool(DeveloperProviderName="d", IdentityPoolName="a$${b")
    found = convert(idpool, text, "--target", "prod")
    assert "Traceback" not in found.text
    assert "IdentityPoolName" in found.err


def test_a_mapping_that_is_written_as_json_has_them_too(idpool: Idpool) -> None:
    in_project(idpool)
    logins = {"Fn::Sub": '{"graph.facebook.com": "${AWS::AccountId}000"}'}
    spec = spec_of(convert(idpool, pool(SupportedLoginProviders=logins)))["spec"]
    assert spec["SupportedLoginProviders"] == {"graph.facebook.com": "${target.account}000"}


def test_what_only_one_target_could_not_have_is_said(idpool: Idpool) -> None:
    in_project(idpool, **{**TARGETS, "long": {"account": US, "region": "us-gov-west-1"}})
    name = {"Fn::Sub": "${AWS::Region}" + "x" * 116}
    found = convert(idpool, pool(IdentityPoolName=name))
    assert found.code == 1
    assert "Resources.P.Properties.IdentityPoolName: " in found.err


def test_what_is_there_twice_is_called_by_its_reference(idpool: Idpool) -> None:
    in_project(idpool)
    provider = {"Fn::Sub": "x.${AWS::Region}.example.com"}
    mappings = {each: {"IdentityProvider": provider, "Type": "Token"} for each in "ab"}
    found = convert(idpool, with_mappings(mappings))
    assert '.RoleMappings.b: "x.${target.region}.example.com" is there twice' in found.err


@pytest.mark.parametrize("tags", [{"k": "a\ufdd0b"}, {"a\ufdd0b": "k"}])
def test_a_template_cannot_write_what_stands_for_them(idpool: Idpool, tags: Any) -> None:
    in_project(idpool)
    found = convert(idpool, pool(IdentityPoolTags=tags))
    assert found.code != 0
    assert "t.yaml:1:" in found.err
    assert "the sign U+FDD0 stands here" in found.err


def test_an_id_goes_to_the_target_that_it_is_of(idpool: Idpool) -> None:
    in_project(idpool)
    options = ("--set", f"P={POOL_ID}", "--target", "eu")
    found = convert(idpool, tagged({"Ref": "AWS::AccountId"}), *options)
    document = spec_of(found)
    assert document["metadata"]["adopt"] == {"eu": POOL_ID}
    assert document["spec"]["IdentityPoolTags"] == {"k": "${target.account}"}
