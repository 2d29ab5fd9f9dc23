"""What looks like a reference, and is none, is written so that it means itself."""

import json
from typing import Any

import pytest

from tests.e2e.conftest import Account
from tests.support.cli import ACCOUNT, Idpool

ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop"
RULE = {"Claim": "a", "MatchType": "Equals", "Value": "${x}", "RoleARN": ROLE}
RULES = {"RulesConfiguration": {"Rules": [RULE]}}
MAPPING = {"Type": "Rules", "AmbiguousRoleResolution": "Deny", **RULES}
LOGINS = {"graph.facebook.com": "1"}


@pytest.fixture
def pool_id(account: Account) -> str:
    """A pool with such a rule, and such a principal tag."""
    made = account.create("shop", SupportedLoginProviders=LOGINS)
    mapped = {"graph.facebook.com": MAPPING}
    account.client.set_identity_pool_roles(IdentityPoolId=made, Roles={}, RoleMappings=mapped)
    account.client.set_principal_tag_attribute_map(
        IdentityPoolId=made,
        IdentityProviderName="graph.facebook.com",
        UseDefaults=False,
        PrincipalTags={"a": "$${y} {"},
    )
    return made


@pytest.mark.usefixtures("pool_id")
def test_an_imported_pool_stays_as_it_is(idpool: Idpool) -> None:
    """And so does what is pulled, formatted and rendered."""
    imported = idpool.run("import", "--all")
    assert (imported.code, "ignored" in imported.err) == (0, False), imported.text
    text = (idpool.folder / "specs/shop.yaml").read_text()
    assert "Value: $${x}" in text
    planned = idpool.run("plan", "specs", "--format", "json")
    (pool,) = json.loads(planned.out)["targets"][0]["pools"]
    assert [change["field"] for change in pool["changes"]] == ["IdentityPoolTags"]
    assert idpool.run("apply", "specs", "--yes").code == 0
    assert idpool.run("fmt", "specs").code == 0
    rendered = idpool.run("render", "specs")
    idpool.write("specs/shop.yaml", rendered.out)
    again = idpool.run("plan", "specs", "--detailed-exitcode")
    assert again.code == 0, again.text


def test_what_is_pulled_means_itself(idpool: Idpool, account: Account, pool_id: str) -> None:
    assert idpool.run("import", "--all").code == 0
    assert idpool.run("apply", "specs", "--yes").code == 0
    rules = {"RulesConfiguration": {"Rules": [{**RULE, "Value": "${z}"}]}}
    account.client.set_identity_pool_roles(
        IdentityPoolId=pool_id,
        Roles={},
        RoleMappings={"graph.facebook.com": {**MAPPING, **rules}},
    )
    pulled = idpool.run("pull", "--spec", "specs")
    assert pulled.code == 0, pulled.text
    assert "Value: $${z}" in (idpool.folder / "specs/shop.yaml").read_text()
    assert idpool.run("plan", "specs", "--detailed-exitcode").code == 0


def template() -> dict[str, Any]:
    """A CloudFormation template of the pool."""
    pool = {"AllowUnauthenticatedIdentities": False, "SupportedLoginProviders": LOGINS}
    mapped = {**MAPPING, "IdentityProvider": "graph.facebook.com"}
    roles = {"IdentityPoolId": {"Ref": "Shop"}, "RoleMappings": {"facebook": mapped}}
    kind = "AWS::Cognito::IdentityPool"
    return {
        "Resources": {
            "Shop": {"Type": kind, "Properties": {"IdentityPoolName": "shop", **pool}},
            "Roles": {"Type": f"{kind}RoleAttachment", "Properties": roles},
        }
    }


def state() -> dict[str, Any]:
    """A Terraform state of the pool."""
    pool_id = "eu-west-1:00000000-0000-0000-0000-000000000000"
    pool = {"id": pool_id, "identity_pool_name": "shop", "supported_login_providers": LOGINS}
    rule = {"claim": "a", "match_type": "Equals", "value": "${x}", "role_arn": ROLE}
    mapped = {
        "identity_provider": "graph.facebook.com",
        "type": "Rules",
        "ambiguous_role_resolution": "Deny",
        "mapping_rule": [rule],
    }
    roles = {"identity_pool_id": pool_id, "roles": {}, "role_mapping": [mapped]}
    kinds = {"": pool, "_roles_attachment": roles}
    return {
        "version": 4,
        "resources": [
            {
                "mode": "managed",
                "type": f"aws_cognito_identity_pool{kind}",
                "name": "main",
                "instances": [{"attributes": attributes}],
            }
            for kind, attributes in kinds.items()
        ],
    }


@pytest.mark.parametrize(
    ("tool", "made"), [("cloudformation", template), ("terraform", state)], ids=["cfn", "tf"]
)
def test_what_is_converted_means_itself(idpool: Idpool, tool: str, made: Any) -> None:
    idpool.write("made.json", json.dumps(made()))
    done = idpool.run("convert", tool, "made.json", "--out", "specs")
    assert done.code == 0, done.text
    text = (idpool.folder / "specs/shop.yaml").read_text()
    assert "Value: $${x}" in text
    assert idpool.run("validate", "specs").code == 0
    assert '"${x}"' in idpool.run("export", "cloudformation", "specs", "--format", "json").out
