"""IdentityPoolTest documents: every error with its place and fix, and what valid ones mean."""

from pathlib import Path

import pytest

from reconciler.model.project import Project, Target
from reconciler.specs.loading import load_specs
from reconciler.specs.pool_tests import MeantTest, meant_in
from reconciler.specs.project import load_project
from reconciler.specs.references import Unread, Unresolved
from tests.specs.conftest import TWO_TARGETS, FindingsOf
from tests.support.cli import Idpool

USER_POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Shop"
OIDC = "arn:aws:iam::123456789012:oidc-provider/token.example.com"
SPEC = f"""\
apiVersion: idpool/v1
kind: IdentityPool
metadata: {{name: shop}}
spec:
  IdentityPoolName: shop
  SupportedLoginProviders: {{graph.facebook.com: "1"}}
  OpenIdConnectProviderARNs: ["{OIDC}"]
  CognitoIdentityProviders: [{{ProviderName: {USER_POOL}, ClientId: web}}]
"""
ONE_PROVIDER = """\
apiVersion: idpool/v1
kind: IdentityPool
metadata: {name: shop}
spec: {IdentityPoolName: shop, SupportedLoginProviders: {graph.facebook.com: "1"}}
"""
CLAIMS = "provider: graph.facebook.com, claims: {sub: ann}"


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    """The command, in an empty folder."""
    return Idpool(tmp_path)


def a_test(spec: str, metadata: str = "{name: ann}") -> str:
    """A document around the members of ``spec:``; its fourth line is that."""
    head = "apiVersion: idpool/v1\nkind: IdentityPoolTest\n"
    return f"{head}metadata: {metadata}\nspec: {{{spec}}}\n"


@pytest.mark.parametrize(
    "spec",
    [
        f"pool: shop, {CLAIMS}, expect: {{role: admin}}",
        f"pool: shop, {CLAIMS}, expect: {{role: admin, tags: {{a: b}}}}",
        "pool: shop, guest: true, expect: {denied: true}",
        "pool: shop, guest: true, expect: {role: 'arn:aws:iam::123456789012:role/a/b'}",
        "pool: shop, provider: token.example.com, claims: {}, expect: {role: '${role.a/b}'}",
        "pool: shop, provider: 'https://token.example.com', claims: {}, expect: {role: a}",
        f"pool: shop, provider: '{USER_POOL}', claims: {{n: 1, l: [x]}}, expect: {{role: a}}",
        f"pool: shop, provider: '{USER_POOL}:web', claims: {{}}, customRoleArn: '${{role.a}}', "
        "expect: {role: a}",
        "pool: shop, provider: '${ssm./p}', claims: {}, expect: {denied: true}",
    ],
)
def test_valid_documents(spec: str, tmp_path: Path) -> None:
    """They are no specs, and are kept beside them."""
    (tmp_path / "a.yaml").write_text(f"{SPEC}---\n{a_test(spec)}")
    (tmp_path / "idpool.yaml").write_text(
        "apiVersion: idpool/v1\nkind: Project\nowner: a\nreads: {ssm: ['/p']}\n"
        "targets: {eu: {account: '123456789012', region: eu-west-1}}\n"
    )
    loaded = load_specs([tmp_path], load_project(tmp_path / "idpool.yaml"))
    assert loaded.warnings == ()
    assert [each.name for each in loaded.documents] == ["shop"]
    (test,) = loaded.tests
    assert (test.name, test.pool, test.goes_to("eu")) == ("ann", "shop", True)
    assert test.places["spec", "pool"][0] == 13


@pytest.mark.parametrize(
    ("spec", "at", "rule", "message", "fix"),
    [
        (f"pool: shp, {CLAIMS}, expect: {{role: a}}", "shp", "test-pool", '"shp"', '"shop"?'),
        (f"pool: xyz, {CLAIMS}, expect: {{role: a}}", "xyz", "test-pool", '"xyz"', "a spec"),
        (f"pool: 5, {CLAIMS}, expect: {{role: a}}", "5,", "wrong-type", "", "quote"),
        (f"{CLAIMS}, expect: {{role: a}}", "spec", "missing-field", '"pool"', ""),
        (f"pool: shop, {CLAIMS}", "spec", "missing-field", '"expect"', ""),
        (f"pool: shop, {CLAIMS}, expects: {{role: a}}", "expects", "unknown-field", "", "expect"),
        ("pool: shop, provider: a, expect: {role: a}", "spec", "test-user", "neither", "claims:"),
        (
            "pool: shop, guest: true, provider: a, expect: {role: a}",
            "provider",
            "test-user",
            "no provider",
            "remove",
        ),
        (
            "pool: shop, guest: true, claims: {a: b}, expect: {role: a}",
            "claims",
            "test-user",
            "no claims",
            "remove",
        ),
        (
            "pool: shop, provider: graph.facebok.com, claims: {}, expect: {role: a}",
            "graph.facebok",
            "test-provider",
            '"graph.facebok.com"',
            '"graph.facebook.com"?',
        ),
        (
            "pool: shop, provider: xyz, claims: {}, expect: {role: a}",
            "xyz",
            "test-provider",
            '"shop" has no provider "xyz"',
            "graph.facebook.com",
        ),
        (
            "pool: shop, claims: {}, expect: {role: a}",
            "spec",
            "test-provider",
            "several providers",
            "graph.facebook.com",
        ),
        (f"pool: shop, {CLAIMS}, expect: {{}}", "expect", "test-expects", "neither", "role: NAME"),
        (
            f"pool: shop, {CLAIMS}, expect: {{role: a, denied: true}}",
            "role",
            "test-expects",
            "no role",
            "remove",
        ),
        (
            f"pool: shop, {CLAIMS}, expect: {{denied: true, tags: {{a: b}}}}",
            "tags",
            "test-expects",
            "no tags",
            "remove",
        ),
        (
            f"pool: shop, {CLAIMS}, expect: {{role: 'a b'}}",
            "'a b'",
            "test-expects",
            "neither the ARN",
            "${role.NAME}",
        ),
        (
            f"pool: shop, {CLAIMS}, expect: {{role: 'arn:aws:s3:::role/a'}}",
            "'arn:aws:s3",
            "test-expects",
            "neither the ARN",
            "name alone",
        ),
        (
            f"pool: shop, {CLAIMS}, expect: {{role: '${{rol.a}}'}}",
            "'${rol.a",
            "unresolved-reference",
            '"rol"',
            '"role"?',
        ),
        (
            f"pool: shop, {CLAIMS}, expect: {{role: '${{role'}}",
            "'${role'",
            "bad-reference",
            'no "}"',
            "",
        ),
        (
            "pool: shop, provider: '${var.x}', claims: {}, expect: {role: a}",
            "'${var",
            "unresolved-reference",
            '"x"',
            "vars:",
        ),
        (
            "pool: shop, provider: '${secret.x#y}', claims: {}, expect: {role: a}",
            "'${secret",
            "unresolved-reference",
            "is a secret",
            "",
        ),
    ],
)
def test_wrong_documents(
    spec: str, at: str, rule: str, message: str, fix: str, findings_of: FindingsOf
) -> None:
    """One finding each, with its place and what to do."""
    text = a_test(spec)
    (finding,) = findings_of(SPEC, text)
    assert (finding.file, finding.line, finding.rule) == ("b.yaml", 4, rule)
    assert text.splitlines()[3][finding.column - 1 :].startswith(at)
    assert message in finding.message
    assert fix in finding.fix
    assert finding.severity == "error"


def test_the_only_provider_need_not_be_named(findings_of: FindingsOf) -> None:
    """And a pool without one lets nobody sign in."""
    test = a_test("pool: shop, claims: {}, expect: {role: a}")
    assert findings_of(ONE_PROVIDER, test) == []
    bare = ONE_PROVIDER.replace(', SupportedLoginProviders: {graph.facebook.com: "1"}', "")
    (finding,) = findings_of(bare, test)
    assert "no provider that somebody can sign in with" in finding.message


def test_names_are_taken_once(findings_of: FindingsOf) -> None:
    """Among tests: a spec may be called as a test is."""
    test = a_test("pool: shop, guest: true, expect: {role: a}", "{name: shop}")
    (finding,) = findings_of(SPEC, test, test)
    assert (finding.place, finding.rule) == ("c.yaml:3:18", "duplicate-test")
    assert "b.yaml:3:18" in finding.message


def test_targets(findings_of: FindingsOf) -> None:
    """They are the project's, and the pool goes to one of them."""
    test = a_test("pool: shop, guest: true, expect: {role: a}", "{name: a, targets: [prd-eu]}")
    (finding,) = findings_of(SPEC, test, project=TWO_TARGETS)
    assert (finding.rule, '"prod-eu"' in finding.fix) == ("unknown-target", True)
    there = SPEC.replace("{name: shop}", "{name: shop, targets: [prod-us]}")
    (finding,) = findings_of(there, test.replace("prd", "prod"), project=TWO_TARGETS)
    assert (finding.rule, finding.fix) == ("test-targets", "it goes to prod-us")


def test_a_provider_that_is_there_in_one_target(findings_of: FindingsOf) -> None:
    """The finding says in which target it is not."""
    spec = f"{ONE_PROVIDER}perTarget: {{prod-us: {{SupportedLoginProviders: null}}}}\n"
    other = spec.replace("null}", "{graph.facebook.com: null, www.amazon.com: '1'}}")
    test = a_test(f"pool: shop, {CLAIMS}, expect: {{role: a}}")
    (finding,) = findings_of(other, test, project=TWO_TARGETS)
    assert finding.rule == "test-provider"
    assert finding.message.endswith("(in target prod-us)")


def test_a_spec_that_is_not_valid_is_told_alone(findings_of: FindingsOf) -> None:
    """What its test refers to is not known then, and the test says no more of it."""
    broken = SPEC.replace("IdentityPoolName: shop", "IdentityPoolName: 5")
    (finding,) = findings_of(broken, a_test(f"pool: shop, {CLAIMS}, expect: {{role: a}}"))
    assert finding.file == "a.yaml"


@pytest.mark.parametrize(
    "claims",
    ["ann@example.com", "[ann@example.com]", "{email: !x ann@example.com}", "{sub: '${rol.ann@}'}"],
)
def test_claims_are_never_shown(claims: str, findings_of: FindingsOf) -> None:
    """They are personal data, also where something is wrong with them."""
    test = a_test(
        f"pool: shop, provider: graph.facebook.com, claims: {claims}, expect: {{role: a}}"
    )
    findings = findings_of(SPEC, test)
    assert findings
    assert "ann@" not in str(findings)


def test_the_kind_is_spelt_so(findings_of: FindingsOf) -> None:
    """A slip is told from a spec."""
    text = a_test("pool: shop, guest: true, expect: {role: a}").replace("PoolTest", "PoolTests")
    (finding,) = findings_of(SPEC, text)
    assert (finding.rule, finding.fix) == ("kind", 'did you mean "IdentityPoolTest"?')


# What they mean


def meant(spec: str, target: Target, project: Project, tmp_path: Path) -> MeantTest:
    """What a test means in a target."""
    (tmp_path / "a.yaml").write_text(f"{SPEC}---\n{a_test(spec)}")
    (test,) = load_specs([tmp_path / "a.yaml"], project).tests
    return meant_in(test, target, project)


def test_references_are_those_of_the_target(tmp_path: Path) -> None:
    """In provider, role, custom role and the texts of claims; their names stay."""
    eu, us = TWO_TARGETS.targets
    role = "${role.a-${target.region}}"
    spec = (
        "pool: shop, provider: graph.facebook.com, "
        f"claims: {{r: ['{role}', 1], '$${{x}}': '$${{y}}'}}, "
        f"customRoleArn: '{role}', expect: {{role: '{role}'}}"
    )
    for target in (eu, us):
        arn = f"arn:aws:iam::123456789012:role/a-{target.region}"
        found = meant(spec, target, TWO_TARGETS, tmp_path)
        assert (found.role, found.custom_role, found.is_guest) == (arn, arn, False)
        assert found.claims == {"r": [arn, 1], "$${x}": "${y}"}


def test_what_only_aws_knows_is_not_read_here(tmp_path: Path) -> None:
    """Without a read the test means nothing yet."""
    spec = "pool: shop, provider: '${userPool.shop}', claims: {}, expect: {role: a}"
    with pytest.raises(Unread):
        meant(spec, TWO_TARGETS.targets[0], TWO_TARGETS, tmp_path)
    assert issubclass(Unresolved, Exception)


# Commands


def test_every_command_that_loads_specs_takes_them(idpool: Idpool) -> None:
    """They are checked, formatted, and count for no plan."""
    text = a_test("expect: {role: a}, guest: true, pool: shop")
    idpool.write("specs/shop.yaml", SPEC)
    idpool.write("specs/tests.yaml", text)
    assert idpool.run("validate", "specs").out == "1 spec and 1 test valid.\n"
    assert "1 to create" in idpool.run("plan", "specs", "--sandbox", "s.json").out
    assert "specs/tests.yaml" in idpool.run("fmt", "--check", "specs").out
    assert idpool.run("fmt", "specs").code == 0
    formatted = (idpool.folder / "specs/tests.yaml").read_text()
    assert "spec: {pool: shop, guest: true, expect: {role: a}}" in formatted
    assert idpool.run("apply", "specs", "--yes", "--sandbox", "s.json").code == 0
    assert idpool.run("drift", "specs", "--sandbox", "s.json").code == 0
    done = idpool.run("import", "--sandbox", "s.json")
    assert done.code == 0, done.text


def test_a_test_alone(idpool: Idpool) -> None:
    """Its spec has to be named, too."""
    idpool.write("specs/tests.yaml", a_test("pool: shop, guest: true, expect: {role: a}"))
    result = idpool.run("validate", "specs/tests.yaml")
    assert result.code == 1
    assert "its file has to be named, too" in result.err
