"""``idpool test``: everybody gets the role that the tests say, or it is told who does not."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from reconciler.sandbox.server import SandboxServer
from tests.access.conftest import (
    CANARY,
    CLAIMS,
    FACEBOOK,
    POOL,
    SHOP,
    TARGET,
    TWO_TARGETS,
    a_test,
    role,
)
from tests.e2e.conftest import sandbox
from tests.support.cli import Idpool, aws_environment
from tests.support.specs import document, yaml_of

__all__ = ["sandbox"]

SPEC, TESTS = "specs/shop.yaml", "specs/tests.yaml"


def write(idpool: Idpool, *tests: dict[str, Any]) -> None:
    """Write tests beside the spec."""
    idpool.write(TESTS, yaml_of(*tests))


@pytest.mark.parametrize(
    "test",
    [
        a_test("ann", {"role": "admin"}),
        a_test("ann", {"role": role("admin")}),
        a_test("ann", {"role": "${role.admin}", "tags": {"mail": CANARY}}),
        a_test("ann", {"role": "admin"}, provider=f"https://{POOL}"),
        a_test("ann", {"role": "admin"}, provider=f"{POOL}:web"),
        a_test("ann", {"role": "admin"}, customRoleArn="${role.admin}"),
        a_test("ann", {"denied": True}, customRoleArn="${role.seller}"),
        a_test("bob", {"role": "user"}, provider=FACEBOOK, claims={}),
        a_test("bob", {"role": "paths/user", "tags": {}}, provider=FACEBOOK, claims={}),
        a_test("bob", {"denied": True}, claims={"aud": "other"}),
        a_test("guest", {"role": "guest"}, guest=True),
    ],
)
def test_who_gets_what_the_test_says(test: dict[str, Any], idpool: Idpool) -> None:
    """Roles by ARN, by reference, by name with their path or without; or none."""
    idpool.write("idpool.yaml", yaml_of({**TWO_TARGETS, "targets": {"eu": TARGET}}))
    write(idpool, test)
    done = idpool.run("test", "specs")
    assert (done.code, done.out, done.err) == (0, "1 test: 1 passed.\n", "")


@pytest.mark.parametrize(
    ("test", "at", "rule", "message"),
    [
        (
            a_test("ann", {"role": "seller"}),
            '"seller"',
            "test-failed",
            f"ann gets {role('admin')}, not seller: rule 1 matches ({SPEC}:29:13)",
        ),
        (a_test("ann", {"role": "dmin"}), '"dmin"', "test-failed", "not dmin"),
        (
            a_test("ann", {"denied": True}),
            "true",
            "test-failed",
            f"ann is not denied, but gets {role('admin')}: rule 1 matches",
        ),
        (
            a_test("bob", {"role": "admin"}, claims={"team": "x", "aud": "web"}),
            '"admin"',
            "test-failed",
            "bob gets no role, not admin: no rule matches, and AmbiguousRoleResolution is Deny",
        ),
        (
            a_test("bob", {"role": "admin"}, claims={"team": [CANARY], "aud": "web"}),
            '"admin"',
            "test-not-known",
            "which role bob gets is not known: rule 1: how AWS compares the claim team, which is",
        ),
        (
            a_test("bob", {"denied": True}, claims={"team": "OPS", "aud": "web"}),
            "true",
            "test-not-known",
            "whether case counts",
        ),
        (
            a_test("ann", {"role": "admin", "tags": {"mail": "x", "dept": "y"}}),
            '"tags"',
            "test-failed",
            "ann has other principal tags than expected: dept and mail",
        ),
        (
            a_test("ann", {"role": "admin", "tags": {}}, claims={**CLAIMS, "email": [CANARY]}),
            '"tags"',
            "test-not-known",
            "the principal tags of ann are not known: mail: how AWS writes the claim email",
        ),
    ],
)
def test_who_does_not(
    test: dict[str, Any], at: str, rule: str, message: str, idpool: Idpool
) -> None:
    """What they get in place of it, why, and where both are written; no value of a claim."""
    write(idpool, test)
    done = idpool.run("test", "specs")
    assert done.code == 1
    lines = (idpool.folder / TESTS).read_text(encoding="utf-8").splitlines()
    head, fix, *_, summary = done.out.splitlines()
    _, line, column, *_ = head.split(":")
    assert lines[int(line) - 1][int(column) - 1 :].startswith(at)
    assert message in head
    assert f"[{rule}]" in head
    assert fix.startswith("  fix: ")
    assert summary.startswith("1 test: 1 ")
    assert "canary" not in done.text


def test_a_role_of_a_token_is_shown_if_it_is_one(idpool: Idpool) -> None:
    """What a token claims in its place is personal data like every other claim."""
    token = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}
    shop = {**SHOP, "RoleMappings": {f"{POOL}:web": token}}
    idpool.write(SPEC, yaml_of(document("shop", shop)))
    for said, shown in ((role("other"), role("other")), (CANARY, "no role's ARN")):
        claims = {**CLAIMS, "cognito:preferred_role": said}
        write(idpool, a_test("ann", {"role": "admin"}, claims=claims))
        done = idpool.run("test", "specs")
        assert shown in done.out
        assert "canary" not in done.out


def test_each_target(idpool: Idpool) -> None:
    """A test runs where it and its pool go; what fails in some targets says in which."""
    differs = document("shop", SHOP) | {
        "perTarget": {"us": {"AllowUnauthenticatedIdentities": False}}
    }
    idpool.write(SPEC, yaml_of(differs))
    idpool.write("idpool.yaml", yaml_of(TWO_TARGETS))
    eu_alone = a_test("eu-alone", {"role": "guest"}, guest=True)
    eu_alone["metadata"]["targets"] = ["eu"]
    write(idpool, a_test("guest", {"role": "guest"}, guest=True), eu_alone)
    done = idpool.run("test", "specs")
    assert done.code == 1
    assert "guest gets no role, not guest: the pool lets no guests in" in done.out
    assert "(in target us)" in done.out
    assert done.out.endswith("\n2 tests in 2 targets: 2 passed, 1 failed.\n")
    done = idpool.run("test", "specs", "--target", "us")
    assert done.out.endswith("\n1 test: 1 failed. 1 test for other targets.\n")
    assert idpool.run("test", "specs", "--target", "eu").code == 0


def test_tombstones_have_no_pool(idpool: Idpool) -> None:
    """Their tests are run where the pool is kept."""
    gone = document("shop", SHOP, lifecycle={"delete": ["us"]})
    idpool.write(SPEC, yaml_of(gone))
    idpool.write("idpool.yaml", yaml_of(TWO_TARGETS))
    write(idpool, a_test("guest", {"role": "guest"}, guest=True))
    assert idpool.run("test", "specs").out == "1 test: 1 passed.\n"
    assert idpool.run("test", "specs", "--target", "us").out.startswith("No test was run.")


def test_no_test_at_all(idpool: Idpool) -> None:
    """A pipeline that names the wrong folder is told so, and does not pass."""
    done = idpool.run("test", "specs")
    assert done.code == 64
    assert "there is no test here" in done.err


def test_live(idpool: Idpool, sandbox: SandboxServer) -> None:
    """The pool is asked as AWS has it; one that is not there has no roles to give."""
    write(idpool, a_test("ann", {"role": "admin"}), a_test("guest", {"role": "guest"}, guest=True))
    aws = Idpool(idpool.folder, aws_environment(sandbox.url))
    done = aws.run("test", "specs", "--live")
    assert done.code == 1
    assert "ann has no pool to ask: the pool is not there yet [test-not-run]" in done.out
    assert done.out.endswith("\n2 tests: 2 not run.\n")
    assert aws.run("apply", "specs", "--yes").code == 0
    idpool.write(SPEC, yaml_of(document("shop", {**SHOP, "AllowUnauthenticatedIdentities": False})))
    assert aws.run("test", "specs").code == 1
    done = aws.run("test", "specs", "--live")
    assert (done.code, done.out) == (0, "2 tests: 2 passed.\n")


def test_references_that_aws_has_the_values_of(idpool: Idpool) -> None:
    """Of the tests, too, though no spec has them; one that stands for nothing is told."""
    idpool.write("idpool.yaml", yaml_of({**TWO_TARGETS, "reads": {"ssm": ["/*"]}}))
    seed = {
        "account": TARGET["account"],
        "region": TARGET["region"],
        "ssm": {"/role": role("guest")},
    }
    file = {"apiVersion": "idpool/v1", "kind": "SandboxSeed", "seeds": [seed]}
    idpool.write("seeds.yaml", json.dumps(file))
    assert idpool.run("sandbox", "seed", "seeds.yaml", "s.json").code == 0
    guest = a_test("guest", {"role": "${ssm./role}"}, guest=True)
    none = a_test("none", {"role": "${ssm./none}"}, guest=True)
    write(idpool, guest, none)
    done = idpool.run("test", "specs", "--sandbox", "s.json", "--target", "eu")
    assert done.code == 1
    assert "none: ${ssm./none}: " in done.out
    assert done.out.endswith("\n2 tests: 1 passed, 1 not run.\n")


def test_every_format(idpool: Idpool) -> None:
    """Each says the same, and no value of a claim."""
    write(
        idpool,
        a_test("ann", {"role": "seller"}),
        a_test("bob", {"role": "user"}, provider=FACEBOOK, claims={"sub": CANARY}),
    )
    forms = ("json", "junit", "sarif", "github", "text")
    words = [f"--format={form}=out.{form}" for form in forms]
    done = idpool.run("test", "specs", "--verbose", *words)
    assert done.code == 1
    assert f"passed  bob in default: {role('paths/user')}  {TESTS}:" in done.out
    said = {form: (idpool.folder / f"out.{form}").read_text("utf-8") for form in forms}
    assert not [form for form, text in said.items() if "canary" in text]
    assert said["text"] == done.out

    ann, bob = json.loads(said["json"])["tests"]
    place = ann["place"]
    assert (ann["outcome"], bob["outcome"], bob["place"]) == ("failed", "passed", None)
    assert (ann["role"], bob["role"]) == (role("admin"), role("paths/user"))
    assert f"ann gets {role('admin')}, not seller" in ann["message"]

    root = ET.fromstring(said["junit"])
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    failed, passed = root.iter("testcase")
    (failure,) = failed
    assert (failure.tag, failure.get("type")) == ("failure", "test-failed")
    assert place in str(failure.text)
    assert (passed.get("name"), [each.tag for each in passed]) == ("bob", ["system-out"])

    (run,) = json.loads(said["sarif"])["runs"]
    (result,) = run["results"]
    region = result["locations"][0]["physicalLocation"]
    line, column = region["region"]["startLine"], region["region"]["startColumn"]
    assert f"{region['artifactLocation']['uri']}:{line}:{column}" == place
    assert run["automationDetails"]["id"] == "idpool/test/"
    assert said["github"].startswith(f"::error file={TESTS},line={line},col={column},")


def test_invalid_specs_are_told_in_their_formats(idpool: Idpool) -> None:
    """No test is run, and the findings stand beside the files all the same."""
    write(idpool, a_test("ann", {"role": "seller"}, pool="other"))
    done = idpool.run("test", "specs", "--format", "sarif=out.sarif")
    assert done.code == 1
    assert "no spec here is called" in done.err
    assert "test-pool" in (idpool.folder / "out.sarif").read_text("utf-8")
