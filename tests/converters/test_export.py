"""Nobody is locked in: what is exported says everything, and takes over the live pools."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.converters.cfn_template import logical_id
from tests.converters.cases import POOL_ID, PROVIDER, storefront, yaml_values
from tests.converters.readers import hcl_values, resources_of
from tests.strategies import names
from tests.support.cfn_lint import assert_lints_clean
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

OTHER_ID = "eu-west-1:99999999-4b5a-6978-8796-a5b4c3d2e1f0"


def write(idpool: Idpool, *documents: dict[str, Any]) -> None:
    """One file of specs."""
    idpool.write("specs/all.yaml", yaml_of(*documents))


def test_the_import_file_names_every_resource_by_its_primary_identifier(idpool: Idpool) -> None:
    write(idpool, document("storefront", storefront(), metadata={"adopt": POOL_ID}))
    arguments = ("--out", "t.yaml", "--import-file", "i.json")
    result = idpool.run("export", "cloudformation", "specs", *arguments)
    assert result.code == 0, result.text
    template = yaml_values((idpool.folder / "t.yaml").read_text())[0]
    imports = json.loads((idpool.folder / "i.json").read_text())
    by_name = {entry["LogicalResourceId"]: entry for entry in imports}
    assert {name: entry["ResourceType"] for name, entry in by_name.items()} == {
        name: resource["Type"] for name, resource in template["Resources"].items()
    }
    # A change set of type IMPORT takes only resources that say what happens when they leave.
    for resource in template["Resources"].values():
        assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"
    assert [entry["ResourceIdentifier"] for entry in imports] == [
        {"Id": POOL_ID},
        {"Id": POOL_ID},
        {"IdentityPoolId": POOL_ID, "IdentityProviderName": PROVIDER},
    ]
    assert "--change-set-type IMPORT" in result.err


def test_without_an_id_there_is_no_import_file(idpool: Idpool) -> None:
    write(idpool, document("a"))
    result = idpool.run("export", "cloudformation", "specs", "--import-file", "i.json")
    assert result.code == 0
    assert not (idpool.folder / "i.json").exists()
    assert "No id is known for: a. Give it with --id NAME=ID." in result.err


def test_an_id_of_the_command_comes_before_the_adopted_one(idpool: Idpool) -> None:
    write(idpool, document("a", metadata={"adopt": POOL_ID}), document("b"))
    result = idpool.run("export", "terraform", "specs", "--id", f"a={OTHER_ID}")
    blocks = hcl_values(result.out)["import"]
    assert blocks == [{"to": "${aws_cognito_identity_pool.a}", "id": OTHER_ID}]
    # Where none is known, the block is a comment to be filled in.
    assert '# import {\n#   to = aws_cognito_identity_pool.b\n#   id = "POOL_ID"\n# }' in result.out


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (f"b={POOL_ID}", "there is no spec 'b'"),
        ("a=shop", "--id a: this is no identity pool id"),
        ("a", "--id takes NAME=ID"),
    ],
)
def test_ids_that_cannot_be_meant_are_misuse(idpool: Idpool, word: str, message: str) -> None:
    write(idpool, document("a"))
    result = idpool.run("export", "terraform", "specs", "--id", word)
    assert (result.code, result.out) == (64, "")
    assert message in result.err


def test_a_target_has_its_own_pools_and_ids(idpool: Idpool) -> None:
    targets = {
        "test": {"account": "123456789012", "region": "eu-west-1"},
        "prod": {"account": "111122223333", "region": "eu-west-1"},
    }
    project = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "acme", "targets": targets}
    idpool.write("idpool.yaml", json.dumps(project))
    adopt = {"test": POOL_ID, "prod": OTHER_ID}
    write(
        idpool,
        document("both", metadata={"adopt": adopt}),
        document("one", metadata={"targets": ["test"]}),
    )
    prod = idpool.run("export", "terraform", "--target", "prod")
    assert prod.code == 0, prod.text
    assert list(resources_of(hcl_values(prod.out))) == ["aws_cognito_identity_pool.both"]
    assert hcl_values(prod.out)["import"][0]["id"] == OTHER_ID
    # Without a target nobody can say which of the two it is.
    every = idpool.run("export", "terraform")
    assert "import" not in hcl_values(every.out)
    assert "No id is known for: both, one." in every.err
    assert idpool.run("export", "terraform", "--target", "dev").code == 64


def test_tombstones_are_not_exported(idpool: Idpool) -> None:
    write(idpool, document("a"), document("b", lifecycle={"delete": True}))
    result = idpool.run("export", "terraform", "specs")
    assert list(resources_of(hcl_values(result.out))) == ["aws_cognito_identity_pool.a"]
    assert "b is not exported: it is a tombstone." in result.err
    write(idpool, document("b", lifecycle={"delete": True}))
    assert idpool.run("export", "terraform", "specs").code == 64


def test_what_others_write_terraform_ignores_too(idpool: Idpool) -> None:
    ignored = ["CognitoIdentityProviders", "IdentityPoolTags", "RoleMappings"]
    spec = {"IdentityPoolName": "a", "Roles": {}}
    write(idpool, document("a", spec, lifecycle={"ignoreChanges": ignored}))
    resources = resources_of(hcl_values(idpool.run("export", "terraform", "specs").out))
    assert resources["aws_cognito_identity_pool.a"]["lifecycle"] == [
        {
            "prevent_destroy": True,
            "ignore_changes": ["cognito_identity_providers", "tags"],
        }
    ]
    roles = resources["aws_cognito_identity_pool_roles_attachment.a"]
    assert roles["lifecycle"] == [{"ignore_changes": ["role_mapping"]}]
    told = idpool.run("export", "cloudformation", "specs").err
    assert "a: CloudFormation will write CognitoIdentityProviders, IdentityPoolTags" in told


def test_nothing_in_a_value_is_taken_for_terraforms_own(idpool: Idpool) -> None:
    claim = 'a"b\\c%{if}$%{x}\u2028'
    spec = {
        "SupportedLoginProviders": {"accounts.google.com": "a"},
        "PrincipalTagAttributeMaps": {"accounts.google.com": {"PrincipalTags": {"k%{": claim}}},
    }
    write(idpool, document("a", spec))
    result = idpool.run("export", "terraform", "specs")
    assert result.code == 0, result.text
    assert "k%%{" in result.out
    text = result.out.replace("k%%{", "k")
    tags = [b for a, b in resources_of(hcl_values(text)).items() if "principal_tag" in a]
    assert tags[0]["principal_tags"] == {"k": claim}


def test_a_configuration_is_formatted_as_terraform_fmt_does(idpool: Idpool) -> None:
    write(
        idpool, document("a", {"IdentityPoolName": "a", "IdentityPoolTags": {"a": "1", "bcd": "2"}})
    )
    assert idpool.run("export", "terraform", "specs").out == (
        "# a, from specs/all.yaml\n"
        'resource "aws_cognito_identity_pool" "a" {\n'
        '  identity_pool_name               = "a"\n'
        "  allow_unauthenticated_identities = false\n"
        "  allow_classic_flow               = false\n"
        "\n"
        "  tags = {\n"
        '    "a"   = "1"\n'
        '    "bcd" = "2"\n'
        "  }\n"
        "\n"
        "  lifecycle {\n"
        "    prevent_destroy = true\n"
        "  }\n"
        "}\n"
        "\n"
        "# import {\n"
        "#   to = aws_cognito_identity_pool.a\n"
        '#   id = "POOL_ID"\n'
        "# }\n"
    )


def test_files_are_overwritten_only_by_force(idpool: Idpool) -> None:
    write(idpool, document("a", metadata={"adopt": POOL_ID}))
    idpool.write("i.json", "mine")
    arguments = ("export", "cloudformation", "specs", "--out", "t.yaml", "--import-file", "i.json")
    result = idpool.run(*arguments)
    assert result.code == 1
    assert "there is a file already: i.json" in result.err
    assert not (idpool.folder / "t.yaml").exists()
    assert idpool.run(*arguments, "--force").code == 0
    assert (idpool.folder / "i.json").read_text() != "mine"


def test_principal_tags_that_nobody_has_are_said_to_be_left_out(idpool: Idpool) -> None:
    write(idpool, document("a", {"IdentityPoolName": "a", "PrincipalTagAttributeMaps": {}}))
    for kind in ("cloudformation", "terraform"):
        told = idpool.run("export", kind, "specs").err
        assert "a: PrincipalTagAttributeMaps without a tag is not exported" in told


@pytest.mark.slow
def test_every_example_of_the_repository_lints_clean(idpool: Idpool, repository_specs: str) -> None:
    for kind, out in (("cloudformation", "t.yaml"), ("terraform", "t.tf")):
        result = idpool.run("export", kind, repository_specs, "--out", out)
        assert result.code == 0, result.text
    assert_lints_clean(idpool.folder / "t.yaml")
    template = yaml_values((idpool.folder / "t.yaml").read_text())[0]
    resources = resources_of(hcl_values((idpool.folder / "t.tf").read_text()))
    assert (
        len(resources) == len(template["Resources"]) > len(list(Path(repository_specs).iterdir()))
    )


@given(st.lists(names(), min_size=2, max_size=2, unique=True))
def test_logical_ids_are_alphanumeric_and_never_meet(two: list[str]) -> None:
    first, second = map(logical_id, two)
    assert first.isalnum()
    assert first.isascii()
    assert first != second


@pytest.mark.parametrize("others", [[], ["a1", "a-1", "a--1", "1a", "p-1"]])
def test_a_logical_id_does_not_change_with_the_specs_around_it(
    idpool: Idpool, others: list[str]
) -> None:
    write(idpool, document("my-shop"), *(document(name) for name in others))
    result = idpool.run("export", "cloudformation", "specs")
    resources = yaml_values(result.out)[0]["Resources"]
    assert "MyShopPool" in resources
    assert len(resources) == 1 + len(others)
