"""Files that are taken for a template: it is said what they are, and how to get the template."""

import json

import pytest

from tests.converters.cases import yaml_values
from tests.converters.conftest import CORPUS
from tests.support.cli import Idpool, Result

TEMPLATES = CORPUS / "cloudformation"
PROCESSED = (
    "aws cloudformation get-template --stack-name STACK --template-stage Processed > template.json"
)
PACKAGED = (
    "fix: run serverless package, and convert the template that it makes: "
    ".serverless/cloudformation-template-update-stack.json"
)
POOL = "Type: AWS::Cognito::IdentityPool, Properties: {IdentityPoolName: a}"


def convert(idpool: Idpool, text: str, *options: str) -> Result:
    """Convert a text, which is refused with one finding."""
    idpool.write("t.yaml", text)
    result = idpool.run("convert", "cloudformation", "t.yaml", *options)
    assert (result.code, result.out) == (1, ""), result.text
    return result


def test_one_resource_is_told_from_a_template(idpool: Idpool) -> None:
    result = idpool.run("convert", "cloudformation", str(TEMPLATES / "fragment.yaml"))
    assert (result.code, result.out) == (1, "")
    what = "this is one resource (AWS::Cognito::IdentityPool), and no template: it has no Resources"
    assert what in result.err
    assert f"fix: convert the processed template: {PROCESSED}" in result.err
    assert result.err.count(": error: ") == 1


def test_an_include_is_told_from_a_template(idpool: Idpool) -> None:
    result = convert(idpool, f"Pool: {{{POOL}}}\nOther: {{Type: AWS::IAM::Role}}\n")
    assert "these are resources that a template includes, and no template" in result.err
    assert PROCESSED in result.err


def test_a_serverless_file_is_told_from_a_template_before_all_else(idpool: Idpool) -> None:
    result = idpool.run("convert", "cloudformation", str(TEMPLATES / "serverless.yml"))
    assert (result.code, result.out) == (1, "")
    place = f"{TEMPLATES / 'serverless.yml'}:7:27: error: "
    what = "this is a serverless.yml, which the Serverless Framework makes a template from"
    assert f"{place}{what}: it puts values in for ${{self:...}} " in result.err
    assert PACKAGED in result.err
    assert result.err.count(": error: ") == 1


def test_a_serverless_file_without_resources_of_its_own_is_named(idpool: Idpool) -> None:
    result = convert(idpool, "service: shop\nprovider: {name: aws}\nfunctions: {}\n")
    assert "t.yaml:1:1: error: this is a serverless.yml" in result.err


@pytest.mark.parametrize(
    ("variable", "shown"),
    [
        ("${self:custom.stage}", "${self:...}"),
        ("a-${opt:stage, 'dev'}", "${opt:...}"),
        ("${file(./x.yml):name}", "${file(...}"),
        ("${ssm(eu-west-1):/shop/name}", "${ssm(eu-west-1):...}"),
        ("${cf.eu-west-1:stack.Name}", "${cf.eu-west-1:...}"),
        ("!Sub '${sls:stage}-${AWS::Region}'", "${sls:...}"),
    ],
)
def test_a_variable_of_serverless_is_told_before_any_value_is_asked_for(
    variable: str, shown: str, idpool: Idpool
) -> None:
    text = (
        "Resources:\n  Pool:\n    Type: AWS::Cognito::IdentityPool\n    Properties:\n"
        f"      IdentityPoolName: {variable}\n      DeveloperProviderName: !Ref Client\n"
    )
    result = convert(idpool, text)
    assert "Resources.Pool.Properties.IdentityPoolName" in result.err
    assert f"the Serverless Framework puts a value in for {shown} [unresolved]" in result.err
    assert PACKAGED in result.err
    assert "--set" not in result.err


def test_no_secret_is_shown_with_a_variable(idpool: Idpool) -> None:
    text = (
        "Resources:\n  Pool:\n    Type: AWS::Cognito::IdentityPool\n    Properties:\n"
        "      SupportedLoginProviders: {api.twitter.com: 'key;hush${ssm(hush):x}'}\n"
    )
    result = convert(idpool, text)
    assert "puts a value in for a variable here" in result.err
    assert "hush" not in result.err


def test_what_other_resources_write_in_braces_is_no_variable(idpool: Idpool) -> None:
    """A shell in a script knows ${env:-x}, and CloudFormation ${AWS::Region}."""
    text = (
        "Resources:\n  Pool:\n    Type: AWS::Cognito::IdentityPool\n"
        "    Properties: {IdentityPoolName: !Sub 'x-${AWS::Region}', "
        "AllowUnauthenticatedIdentities: false}\n"
        "  Server: {Type: AWS::EC2::Instance, Properties: {UserData: 'echo ${env:-x}'}}\n"
    )
    idpool.write("t.yaml", text)
    result = idpool.run("convert", "cloudformation", "t.yaml", "--region", "eu-west-1")
    assert result.code == 0, result.text
    assert yaml_values(result.out)[0]["spec"]["IdentityPoolName"] == "x-eu-west-1"


@pytest.mark.parametrize("is_text", [True, False])
def test_the_answer_of_get_template_is_a_template(is_text: bool, idpool: Idpool) -> None:
    """So the way that the messages name is one."""
    properties = {"IdentityPoolName": "shop", "AllowUnauthenticatedIdentities": False}
    pool = {"Type": "AWS::Cognito::IdentityPool", "Properties": properties}
    body = {"Resources": {"Pool": pool}}
    answer = {
        "TemplateBody": f"# YAML\n{json.dumps(body)}" if is_text else body,
        "StagesAvailable": ["Original", "Processed"],
    }
    idpool.write("template.json", json.dumps(answer, indent=4))
    result = idpool.run("convert", "cloudformation", "template.json")
    assert result.code == 0, result.text
    assert yaml_values(result.out)[0]["spec"] == {
        "IdentityPoolName": "shop",
        "AllowClassicFlow": True,
    }


@pytest.mark.parametrize(
    "properties",
    [
        "{Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://a/b}}}",
        "{IdentityPoolName: a, Fn::Transform: {Name: AWS::Include}}",
    ],
)
def test_properties_that_are_included_have_a_way_out(properties: str, idpool: Idpool) -> None:
    kind = "AWS::Cognito::IdentityPool"
    result = convert(idpool, f"Resources: {{P: {{Type: {kind}, Properties: {properties}}}}}")
    assert "Fn::Transform is worked out while the stack is deployed" in result.err
    assert PROCESSED in result.err


def test_resources_that_are_included_have_a_way_out(idpool: Idpool) -> None:
    result = convert(idpool, "Resources: {Fn::Transform: {Name: AWS::Include}}")
    assert "Fn::Transform makes resources while the stack is deployed" in result.err
    assert "name another template" not in result.err
