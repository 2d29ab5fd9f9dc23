"""A template or state that does not say AllowClassicFlow: AWS was never told, and allows it."""

import json

import pytest

from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

NEVER_SET = "# It was never set, and AWS allows the classic flow then."
ID = "eu-west-1:0f1e2d3c-0000-4000-8000-000000000000"


def template(**properties: object) -> str:
    pool = {"IdentityPoolName": "shop", "AllowUnauthenticatedIdentities": False, **properties}
    return json.dumps(
        {"Resources": {"Pool": {"Type": "AWS::Cognito::IdentityPool", "Properties": pool}}}
    )


def state(**attributes: object) -> str:
    resource = {
        "mode": "managed",
        "type": "aws_cognito_identity_pool",
        "name": "shop",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [
            {
                "schema_version": 0,
                "attributes": {"id": ID, "identity_pool_name": "shop", **attributes},
            }
        ],
    }
    return json.dumps({"version": 4, "terraform_version": "1.9.0", "resources": [resource]})


@pytest.mark.parametrize(
    ("tool", "text", "line", "is_told"),
    [
        ("cloudformation", template(), "AllowClassicFlow: true", True),
        ("cloudformation", template(AllowClassicFlow=True), "AllowClassicFlow: true", False),
        ("cloudformation", template(AllowClassicFlow=False), "", False),
        ("terraform", state(), "AllowClassicFlow: true", True),
        ("terraform", state(allow_classic_flow=None), "AllowClassicFlow: true", True),
        ("terraform", state(allow_classic_flow=True), "AllowClassicFlow: true", False),
        ("terraform", state(allow_classic_flow=False), "", False),
    ],
)
def test_what_a_conversion_says(
    idpool: Idpool, tool: str, text: str, line: str, is_told: bool
) -> None:
    (idpool.folder / "source.json").write_text(text)
    result = idpool.run("convert", tool, "source.json")
    assert result.code == 0, result.text
    assert (NEVER_SET in result.out) is is_told
    assert [each.strip() for each in result.out.splitlines() if "AllowClassicFlow:" in each] == (
        [line] if line else []
    )


@pytest.mark.parametrize("flag", [True, False, None], ids=str)
def test_an_export_says_what_a_create_would_leave_open(idpool: Idpool, flag: bool | None) -> None:
    """A template without it would make a pool that allows the classic flow."""
    fields = {} if flag is None else {"AllowClassicFlow": flag}
    idpool.write("specs/shop.yaml", yaml_of(document("shop", fields)))
    said = str(bool(flag)).lower()
    template = idpool.run("export", "cloudformation", "specs").out
    assert f"      AllowClassicFlow: {said}\n" in template
    configuration = idpool.run("export", "terraform", "specs").out
    assert f"allow_classic_flow = {said}" in " ".join(configuration.split())
    (idpool.folder / "template.yaml").write_text(template)
    back = idpool.run("convert", "cloudformation", "template.yaml")
    assert NEVER_SET not in back.out
    assert ("AllowClassicFlow: true" in back.out) is bool(flag)
