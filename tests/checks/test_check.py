"""``idpool check``: what specs allow that they should not."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.support.cli import ACCOUNT, Idpool
from tests.support.specs import document, yaml_of

GUESTS = f"arn:aws:iam::{ACCOUNT}:role/guests"
USERS = f"arn:aws:iam::{ACCOUNT}:role/users"
PROJECT = """\
apiVersion: idpool/v1
kind: Project
owner: acme
specs: [specs]
targets:
  dev: {account: "123456789012", region: eu-west-1}
  prod: {account: "123456789012", region: eu-west-2}
"""


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    """The command in a project with two targets and a pool whose guests get the users' role."""
    idpool = Idpool(tmp_path)
    idpool.write("idpool.yaml", PROJECT)
    idpool.write("specs/shop.yaml", pool(Roles={"authenticated": USERS, "unauthenticated": USERS}))
    return idpool


def pool(**fields: Any) -> str:
    return yaml_of(document("shop", {"AllowUnauthenticatedIdentities": True, **fields}))


def test_an_error_of_a_check_is_told_in_its_place_and_ends_with_3(idpool: Idpool) -> None:
    result = idpool.run("check")
    assert result.code == 3
    assert "error: spec.Roles.unauthenticated: guests get the same role" in result.out
    assert "[guest-role-is-users-role]\n  fix: " in result.out
    assert result.err == ""


def test_validate_tells_it_and_says_why_the_spec_is_valid(idpool: Idpool) -> None:
    result = idpool.run("validate")
    assert result.code == 0
    assert "guest-role-is-users-role" in result.err
    assert result.out == (
        "1 spec valid. 1 error is a check's: AWS takes it, and a plan that would bring it about is "
        "refused.\n"
    )
    assert idpool.run("validate", "--strict").code == 1


def test_what_is_wrong_and_what_is_doubtful_is_told_at_once(idpool: Idpool) -> None:
    idpool.write("specs/wrong.yaml", yaml_of(document("wrong", {"AllowClassicFlow": "maybe"})))
    result = idpool.run("check")
    assert result.code == 1
    assert "wrong-type" in result.out
    assert "guest-role-is-users-role" in result.out


def test_what_holds_in_one_target_is_told_for_it_alone(idpool: Idpool) -> None:
    """A layer of one target gives guests a role of their own there."""
    spec = document("shop", {"AllowUnauthenticatedIdentities": True})
    spec["spec"]["Roles"] = {"authenticated": USERS, "unauthenticated": GUESTS}
    spec["perTarget"] = {"prod": {"Roles": {"unauthenticated": USERS}}}
    idpool.write("specs/shop.yaml", yaml_of(spec))
    assert "(in target prod)" in idpool.run("check").out
    assert "(in target" not in idpool.run("check", "--target", "prod").out
    assert idpool.run("check", "--target", "prod").code == 3
    assert idpool.run("check", "--target", "dev").code == 0


def test_a_pool_that_is_to_go_is_not_looked_at(idpool: Idpool) -> None:
    roles = {"Roles": {"authenticated": USERS, "unauthenticated": USERS}}
    spec = document("shop", {"AllowUnauthenticatedIdentities": True, **roles})
    idpool.write("specs/shop.yaml", yaml_of({**spec, "lifecycle": {"delete": True}}))
    assert idpool.run("check").code == 0


def test_what_is_known_is_checked_where_something_else_is_not_known_yet(idpool: Idpool) -> None:
    """Only AWS knows the client; the roles are known."""
    client = {
        "ProviderName": "${userPool.customers}",
        "ClientId": "${userPoolClient.customers/web}",
    }
    roles = {"authenticated": USERS, "unauthenticated": USERS}
    idpool.write("specs/shop.yaml", pool(Roles=roles, CognitoIdentityProviders=[client]))
    assert "guest-role-is-users-role" in idpool.run("check").out


def test_every_format_has_the_finding(idpool: Idpool) -> None:
    files = {"json": "f.json", "sarif": "f.sarif", "junit": "f.xml", "markdown": "f.md"}
    asked = [word for name, file in files.items() for word in ("--format", f"{name}={file}")]
    result = idpool.run("check", "--format", "github", *asked)
    assert result.code == 3
    assert result.out.startswith("::error file=specs/shop.yaml,line=")
    told = {name: (idpool.folder / file).read_text() for name, file in files.items()}
    (finding,) = json.loads(told["json"])["findings"]
    assert finding["rule"] == "guest-role-is-users-role"
    (run,) = json.loads(told["sarif"])["runs"]
    assert run["automationDetails"]["id"] == "idpool/check/"
    assert run["results"][0]["level"] == "error"
    suites = ET.fromstring(told["junit"])
    assert suites.attrib["failures"] == "1"
    failure = suites.find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.attrib["type"] == "guest-role-is-users-role"
    assert "guests get the same role" in told["markdown"]


def test_nothing_found_is_said(idpool: Idpool) -> None:
    idpool.write("specs/shop.yaml", pool(Roles={"unauthenticated": GUESTS}))
    result = idpool.run("check")
    assert (result.code, result.out) == (0, "No problems found.\n")
    assert idpool.run("check", "--quiet").out == ""
    assert ET.fromstring(idpool.run("check", "--format", "junit").out).attrib["tests"] == "0"
