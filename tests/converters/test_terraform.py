"""What Terraform keeps becomes specs; what it does not know yet, or throws away, is listed."""

import json
import stat
from typing import Any

import pytest

from tests.converters.cases import POOL_ID, PROVIDER, yaml_values
from tests.converters.conftest import CORPUS
from tests.converters.readers import hcl_values
from tests.support.cli import Idpool, Result

STATES = CORPUS / "terraform"
POOL = "aws_cognito_identity_pool"
ROLES = "aws_cognito_identity_pool_roles_attachment"
TAGS = "aws_cognito_identity_pool_provider_principal_tag"
SECRET = "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw"


def convert(idpool: Idpool, name: str, *options: str) -> Result:
    """Convert a file of the corpus."""
    return idpool.run("convert", "terraform", str(STATES / name), *options)


def state_of(idpool: Idpool, *instances: dict[str, Any], kind: str = POOL) -> None:
    """Write ``t.tfstate`` with one resource of such instances."""
    resource = {"mode": "managed", "type": kind, "name": "main", "instances": list(instances)}
    idpool.write("t.tfstate", json.dumps({"version": 4, "resources": [resource]}))


def pool(name: str, number: int, **fields: Any) -> dict[str, Any]:
    """An instance of a pool."""
    pool_id = f"eu-west-1:{number:08d}-0000-0000-0000-000000000000"
    return {"attributes": {"identity_pool_name": name, "id": pool_id, **fields}}


def test_what_a_plan_does_not_know_is_listed_and_nothing_is_written(idpool: Idpool) -> None:
    result = convert(idpool, "storefront-plan-unknown.json", "--out", "specs")
    assert (result.code, result.out) == (1, "")
    assert not (idpool.folder / "specs").exists()
    for place in (
        f"{POOL}.main.cognito_identity_providers[0].client_id",
        f"{POOL}.main.cognito_identity_providers[0].provider_name",
        f"{ROLES}.main.roles.authenticated",
        f"{ROLES}.main.role_mapping[0].identity_provider",
        f"{TAGS}.main.identity_provider_name",
    ):
        assert f"error: {place}: it is known only after terraform apply" in result.err
        assert f"--set '{place}=VALUE'" in result.err
    # What AWS computes is nobody's to give.
    assert ".arn:" not in result.err
    assert ".id:" not in result.err


def test_the_name_of_a_value_may_hold_an_instance_key(idpool: Idpool) -> None:
    plan = json.loads((STATES / "storefront-plan-create.json").read_text())
    change = plan["resource_changes"][1]
    del change["change"]["after"]["developer_provider_name"]
    change["change"]["after_unknown"]["developer_provider_name"] = True
    idpool.write("p.json", json.dumps(plan))
    name = f'module.auth.{POOL}.this["us"].developer_provider_name'
    assert f"--set '{name}=VALUE'" in idpool.run("convert", "terraform", "p.json").err
    result = idpool.run("convert", "terraform", "p.json", "--set", f"{name}=login.us")
    assert result.code == 0, result.text
    assert yaml_values(result.out)[1]["spec"]["DeveloperProviderName"] == "login.us"


def test_a_plan_that_replaces_the_pool_is_warned_of(idpool: Idpool) -> None:
    result = convert(idpool, "storefront-plan-replace.json")
    assert result.code == 0
    assert (
        "the plan replaces this pool, and every identity id would be lost [replaced]" in result.err
    )
    assert f"{POOL}.gone is not converted: the plan deletes it." in result.err
    assert yaml_values(result.out)[0]["metadata"]["adopt"] == POOL_ID


def test_tainted_and_deposed_objects_are_said(idpool: Idpool) -> None:
    result = convert(idpool, "storefront-tainted.tfstate")
    assert f"{POOL}.main is tainted: Terraform would replace it." in result.err
    assert f"{POOL}.main has a deposed object, which is not converted." in result.err


def test_the_tags_of_the_provider_are_the_pools(idpool: Idpool) -> None:
    """``tags`` lacks what default_tags add; the live pool has them all."""
    state = json.loads((STATES / "storefront-default-tags.tfstate").read_text())
    assert state["resources"][0]["instances"][0]["attributes"]["tags"] == {"team": "shop"}
    spec = yaml_values(convert(idpool, "storefront-default-tags.tfstate").out)[0]["spec"]
    assert spec["IdentityPoolTags"] == {"team": "shop", "stage": "prod"}


def test_the_steps_have_the_addresses_as_terraform_takes_them(idpool: Idpool) -> None:
    result = convert(idpool, "storefront-for-each.tfstate")
    steps = result.err.partition("To hand over without a destroy:\n")[2]
    removed = steps[steps.index("       removed {") : steps.index("     Or run")]
    blocks = hcl_values(removed)["removed"]
    # A removed block takes no instance keys (Terraform language, "removed block").
    assert [block["from"] for block in blocks] == [
        f"${{{POOL}.pools}}",
        f"${{{ROLES}.pools}}",
        f"${{module.tags.module.inner.{TAGS}.pools}}",
    ]
    assert all(block["lifecycle"] == [{"destroy": False}] for block in blocks)
    assert f"terraform state rm '{POOL}.pools[\"shop front\"]'" in steps
    inner = f'module.tags["eu"].module.inner[0].{TAGS}.pools["{PROVIDER}"]'
    assert f"terraform state rm '{inner}'" in steps
    assert steps.index("state rm") < steps.index("idpool plan") < steps.index("idpool apply")


def test_a_resource_of_which_an_instance_stays_gets_no_removed_block(idpool: Idpool) -> None:
    good, bad = pool("good", 1), pool("bad name!", 2)
    state_of(idpool, {**good, "index_key": 0}, {**bad, "index_key": 1})
    result = idpool.run("convert", "terraform", "t.tfstate")
    assert result.code == 1
    assert [each["metadata"]["name"] for each in yaml_values(result.out)] == ["good"]
    assert "removed {" not in result.err
    assert f"terraform state rm '{POOL}.main[0]'" in result.err
    assert f"{POOL}.main[1].identity_pool_name: " in result.err


def test_what_belongs_to_a_pool_of_another_state_is_listed(idpool: Idpool) -> None:
    attributes = {"identity_pool_id": POOL_ID, "roles": {}, "role_mapping": [], "id": POOL_ID}
    resources = [
        {"mode": "managed", "type": POOL, "name": "a", "instances": [pool("a", 1)]},
        {"mode": "managed", "type": ROLES, "name": "b", "instances": [{"attributes": attributes}]},
    ]
    idpool.write("t.tfstate", json.dumps({"version": 4, "resources": resources}, indent=1))
    result = idpool.run("convert", "terraform", "t.tfstate")
    assert result.code == 0
    assert (
        f"warning: {ROLES}.b.identity_pool_id: the pool that this belongs to is not" in result.err
    )
    assert "Roles" not in yaml_values(result.out)[0]["spec"]


def test_findings_have_their_line_in_the_file(idpool: Idpool) -> None:
    state = json.dumps(
        {
            "version": 4,
            "resources": [
                {"mode": "managed", "type": POOL, "name": "a", "instances": [pool("bad name!", 1)]}
            ],
        },
        indent=2,
    )
    idpool.write("t.tfstate", state)
    line = next(n for n, text in enumerate(state.splitlines(), 1) if "bad name!" in text)
    column = state.splitlines()[line - 1].index('"bad name!"') + 1
    result = idpool.run("convert", "terraform", "t.tfstate")
    assert f"t.tfstate:{line}:{column}: error: {POOL}.a.identity_pool_name: " in result.err


def test_use_defaults_left_out_is_terraforms_default(idpool: Idpool) -> None:
    plan = json.loads((STATES / "storefront-plan.json").read_text())
    del plan["resource_changes"][2]["change"]["after"]["use_defaults"]
    idpool.write("p.json", json.dumps(plan))
    result = idpool.run("convert", "terraform", "p.json")
    maps = yaml_values(result.out)[0]["spec"]["PrincipalTagAttributeMaps"]
    assert maps[PROVIDER]["UseDefaults"] is True


def test_an_attribute_that_no_spec_has_is_said(idpool: Idpool) -> None:
    state_of(idpool, pool("a", 1, next_years_flag=True))
    result = idpool.run("convert", "terraform", "t.tfstate")
    assert result.code == 0
    assert f'{POOL}.main.next_years_flag: "next_years_flag" has no place in a spec' in result.err


def test_a_secret_of_a_state_is_written_to_a_private_file_and_shown_nowhere(
    idpool: Idpool,
) -> None:
    shown = convert(idpool, "twitter.tfstate")
    assert (shown.code, shown.out) == (1, "")
    written = convert(idpool, "twitter.tfstate", "--out", "specs")
    assert written.code == 0, written.text
    path = idpool.folder / "specs/bird.yaml"
    assert SECRET in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    exported = idpool.run("export", "terraform", "specs")
    assert (exported.code, exported.out) == (1, "")
    assert "not shown, because a secret is in it: bird" in exported.err
    to_file = idpool.run("export", "terraform", "specs", "--out", "pools.tf")
    assert to_file.code == 0
    path = idpool.folder / "pools.tf"
    assert SECRET in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SECRET not in shown.text + written.text + exported.text + to_file.text


def test_a_broken_secret_is_not_quoted_by_a_finding(idpool: Idpool) -> None:
    state_of(idpool, pool("a", 1, supported_login_providers={"api.twitter.com": f"a b;{SECRET}"}))
    result = idpool.run("convert", "terraform", "t.tfstate")
    assert result.code == 1
    assert "supported_login_providers" in result.err
    assert SECRET not in result.text


@pytest.mark.parametrize("name", ["storefront-state.tfstate", "storefront-show-modules.json"])
def test_stdin_is_read_for_a_hyphen(idpool: Idpool, name: str) -> None:
    text = (STATES / name).read_text()
    result = idpool.run("convert", "terraform", "-", stdin=text)
    assert result.out == convert(idpool, name).out
    assert result.code == 0
