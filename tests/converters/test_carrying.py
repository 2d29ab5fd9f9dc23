"""What has no place in a spec is a warning, and nobody is asked for what stands in it."""

import json
from typing import Any

import pytest

from reconciler.converters.cloudformation import from_cloudformation
from reconciler.converters.conversion import Conversion, Supplied
from reconciler.converters.terraform import from_terraform
from tests.converters.cases import POOL_ID, yaml_values
from tests.converters.conftest import CORPUS
from tests.support.cli import Idpool

TEMPLATES = CORPUS / "cloudformation"
POOL = "aws_cognito_identity_pool"


def test_a_reference_in_what_is_not_carried_is_left_alone(idpool: Idpool) -> None:
    result = idpool.run("convert", "cloudformation", str(TEMPLATES / "events.yaml"))
    assert result.code == 0, result.text
    (document,) = yaml_values(result.out)
    assert document["spec"] == {"IdentityPoolName": "one", "AllowClassicFlow": True}
    assert (
        'warning: Resources.P.Properties.CognitoEvents: "CognitoEvents" has no place in a spec: it '
        "belongs to Cognito Sync, which takes no new customers [not-carried]"
    ) in result.err
    assert "Fn.Arn is known only" not in result.err
    assert "error" not in result.err


def template(properties: dict[str, Any]) -> Conversion:
    """A pool of such properties."""
    fields = {"IdentityPoolName": "one", "AllowUnauthenticatedIdentities": False, **properties}
    pool = {"Type": "AWS::Cognito::IdentityPool", "Properties": fields}
    return from_cloudformation("t", json.dumps({"Resources": {"P": pool}}), Supplied(), None)


@pytest.mark.parametrize("function", ["Fn::GetAtt", "Ref", "Fn::Sub", "Fn::If", "Fn::Cidr"])
@pytest.mark.parametrize("name", ["CognitoEvents", "CognitoStreams", "PushSync", "NewThing"])
def test_nothing_within_is_worked_out(name: str, function: str) -> None:
    value = {"Nested": [{function: ["Nowhere", "Arn"]}, {function: "${Nowhere}"}]}
    found = template({name: value})
    assert len(found.pools) == 1
    (finding,) = found.findings
    assert (finding.severity, finding.rule) == ("warning", "not-carried")
    assert finding.path == f"Resources.P.Properties.{name}"
    assert ("Cognito Sync" in finding.message) == (name != "NewThing")


def plan(unknown: dict[str, Any], **after: Any) -> Conversion:
    """A plan for a pool with such attributes."""
    change = {
        "actions": ["update"],
        "after": {"id": POOL_ID, "identity_pool_name": "one", **after},
        "after_unknown": unknown,
    }
    resource = {"address": f"{POOL}.a", "mode": "managed", "type": POOL, "change": change}
    text = json.dumps({"format_version": "1.2", "resource_changes": [resource]})
    return from_terraform("t", text, Supplied(), None)


def test_an_attribute_without_a_place_is_not_asked_for_either() -> None:
    found = plan({"new_thing": True, "other": {"deep": [True]}})
    assert len(found.pools) == 1
    assert [(each.severity, each.path) for each in found.findings] == [
        ("warning", f"{POOL}.a.new_thing"),
        ("warning", f"{POOL}.a.other"),
    ]
    assert not plan({"developer_provider_name": True}).pools


def test_principal_tags_of_an_issuers_host_are_its_providers(idpool: Idpool) -> None:
    path = str(TEMPLATES / "principal-tag-host.yaml")
    result = idpool.run("convert", "cloudformation", path, "--out", "specs")
    assert result.code == 0, result.text
    (document,) = yaml_values((idpool.folder / "specs/one.yaml").read_text())
    tags = {"UseDefaults": False, "PrincipalTags": {"UserEmail": "email"}}
    assert document["spec"]["PrincipalTagAttributeMaps"] == {
        "idp.example.com": {k: v for k, v in tags.items() if k == "PrincipalTags"}
    }
    assert idpool.run("validate", "specs").code == 0


def test_a_state_may_have_them_under_the_host_and_under_the_arn(idpool: Idpool) -> None:
    arn = "arn:aws:iam::123456789012:oidc-provider/idp.example.com"
    pool = {"id": POOL_ID, "identity_pool_name": "one", "openid_connect_provider_arns": [arn]}
    tags = [
        {"identity_pool_id": POOL_ID, "identity_provider_name": name, "principal_tags": {"a": "b"}}
        for name in ("idp.example.com", arn)
    ]
    resources = [
        {"mode": "managed", "type": kind, "name": f"n{n}", "instances": [{"attributes": each}]}
        for n, (kind, each) in enumerate(
            [(POOL, pool), *((f"{POOL}_provider_principal_tag", each) for each in tags)]
        )
    ]
    idpool.write("t.tfstate", json.dumps({"version": 4, "resources": resources}))
    result = idpool.run("convert", "terraform", "t.tfstate", "--out", "specs")
    assert result.code == 0, result.text
    (document,) = yaml_values((idpool.folder / "specs/one.yaml").read_text())
    assert set(document["spec"]["PrincipalTagAttributeMaps"]) == {"idp.example.com", arn}
    assert idpool.run("validate", "specs").code == 0
