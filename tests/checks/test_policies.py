"""Policies of the project file: what they say of specs and of plans, and that they fail closed."""

import json
import sys
from typing import Any

import pytest

from reconciler.sandbox.server import SandboxServer
from tests.e2e.conftest import Account
from tests.support.cli import ACCOUNT, Idpool, aws_environment
from tests.support.specs import document, yaml_of

NO_GUESTS = {
    "id": "no-guests",
    "severity": "error",
    "assert": "!pool.AllowUnauthenticatedIdentities",
    "message": "no guests here",
}
GUESTS = {"AllowUnauthenticatedIdentities": True}
FACEBOOK = {"SupportedLoginProviders": {"graph.facebook.com": "7346241598935555"}}


@pytest.fixture
def idpool(sandbox: SandboxServer, tmp_path: Any) -> Idpool:
    """The command, pointed at the sandbox."""
    return Idpool(tmp_path, aws_environment(sandbox.url))


def project(*policies: dict[str, Any], **more: Any) -> str:
    """A project file with these policies."""
    head = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "acme", "specs": ["specs/"]}
    return yaml_of({**head, "policies": list(policies), **more})


def write(idpool: Idpool, policy: dict[str, Any], **fields: Any) -> None:
    """A project with one policy and one pool."""
    idpool.write("idpool.yaml", project(policy))
    idpool.write("specs/shop.yaml", yaml_of(document("shop", fields)))


def asserting(expression: str, **more: Any) -> dict[str, Any]:
    """A policy of severity error."""
    return {"id": "mine", "severity": "error", "assert": expression, "message": "it is so", **more}


def findings_of(idpool: Idpool) -> list[dict[str, Any]]:
    """What ``check`` finds, as JSON."""
    found: list[dict[str, Any]] = json.loads(idpool.run("check", "--format", "json").out)[
        "findings"
    ]
    return found


def test_validate_and_check_tell_a_broken_policy_at_the_field_and_end_with_3(
    idpool: Idpool,
) -> None:
    write(idpool, NO_GUESTS, **GUESTS)
    for command in ("validate", "check"):
        result = idpool.run(command)
        assert result.code == 3, result.text
        told = "error: spec.AllowUnauthenticatedIdentities: no guests here [no-guests]"
        assert told in result.text
        assert "policy no-guests is at idpool.yaml:" in result.text
    assert "1 spec valid. 1 error is a policy's" in idpool.run("validate").out
    write(idpool, NO_GUESTS)
    assert idpool.run("validate").code == idpool.run("check").code == 0


@pytest.mark.parametrize(("severity", "strict"), [("warning", 1), ("note", 0)])
def test_what_is_no_error_is_told_and_stops_nothing(
    idpool: Idpool, severity: str, strict: int
) -> None:
    write(idpool, {**NO_GUESTS, "severity": severity}, **GUESTS)
    result = idpool.run("check")
    assert result.code == 0
    assert f"{severity}: spec.AllowUnauthenticatedIdentities: no guests here" in result.out
    assert idpool.run("validate").code == 0
    assert idpool.run("validate", "--strict").code == strict
    assert idpool.run("plan").code == 0


def test_when_says_which_targets_a_policy_is_about(idpool: Idpool) -> None:
    targets = {
        "prod-eu": {"account": ACCOUNT, "region": "eu-west-1", "vars": {"stage": "prod"}},
        "dev": {"account": ACCOUNT, "region": "eu-west-2"},
    }
    for when in (
        'target.name.startsWith("prod")',
        '"stage" in target.vars',
        'target.region == "eu-west-1"',
    ):
        idpool.write("idpool.yaml", project({**NO_GUESTS, "when": when}, targets=targets))
        idpool.write("specs/shop.yaml", yaml_of(document("shop", GUESTS)))
        (finding,) = findings_of(idpool)
        assert finding["message"] == "no guests here (in target prod-eu)"


@pytest.mark.parametrize(
    "expression",
    [
        'pool.IdentityPoolName == "shop"',
        "!pool.AllowClassicFlow",
        'pool.DeveloperProviderName == ""',
        "pool.SamlProviderARNs == []",
        "pool.IdentityPoolTags == {}",
        "!has(pool.Roles)",
        'pool.SupportedLoginProviders["api.twitter.com"] == "key;****"',
        'target.name == "default" && target.partition == "aws"',
        'spec.name == "shop" && spec.file == "specs/shop.yaml"',
        "!spec.lifecycle.delete && spec.lifecycle.ignoreChanges == []",
        'pool.SupportedLoginProviders.all(name, name.matches("^[a-z.]+$"))',
    ],
)
def test_expressions_see_the_same_of_a_spec_and_of_a_plan(idpool: Idpool, expression: str) -> None:
    """All fields, defaults filled in, secrets masked; idpool's own tags are nobody's business."""
    write(
        idpool,
        asserting(expression),
        SupportedLoginProviders={"api.twitter.com": "key;hunter2"},
    )
    assert findings_of(idpool) == []
    result = idpool.run("plan")
    assert result.code == 0, result.text


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("pool.Roles.authenticated != ''", 'there is no "Roles"'),
        ("pool.IdentityPoolTags.team == 'shop'", 'there is no "team"'),
        ("pool.IdentityPoolName", "it gives a text"),
        ("pool.IdentityPoolName > 1", "does not take"),
        ("1 / 0 == 1", "division by zero"),
        ("pool.IdentityPoolName.matches('(')", "not a valid regex"),
        ("null", "it gives null"),
    ],
)
def test_what_cannot_be_evaluated_is_an_error_and_blocks(
    idpool: Idpool, expression: str, why: str
) -> None:
    """Whatever the policy's own severity, in ``assert`` and in ``when``."""
    write(idpool, asserting(expression, severity="note"))
    result = idpool.run("validate")
    assert result.code == 3, result.text
    assert "policy mine cannot be evaluated" in result.err
    assert why in result.err
    refused = idpool.run("plan")
    assert refused.code == 3, refused.text
    assert why in refused.out
    write(idpool, asserting("true", when=expression, severity="note"))
    assert idpool.run("validate").code == 3


@pytest.mark.parametrize(
    ("expression", "message", "fix"),
    [
        ("pool.", "no CEL: line 1, column 6", "docs/policies.md"),
        ("a =", "no CEL: line 1, column", "docs/policies.md"),
        ("pol.AllowClassicFlow", '"pol" is nothing', 'did you mean "pool"?'),
        ("has(pool.AllowClasicFlow)", '"pool.AllowClasicFlow"', '"pool.AllowClassicFlow"'),
        ("target.nam == 'x'", '"target.nam"', '"target.name"'),
    ],
)
def test_what_is_no_expression_makes_the_project_file_wrong(
    idpool: Idpool, expression: str, message: str, fix: str
) -> None:
    write(idpool, asserting(expression))
    for command in ("validate", "check", "plan"):
        result = idpool.run(command)
        assert result.code == 1
        assert "policies[0].assert: " in result.text
        assert message in result.text
        assert fix in result.text
    line = next(
        n
        for n, text in enumerate((idpool.folder / "idpool.yaml").read_text().splitlines(), 1)
        if "assert" in text
    )
    assert f"idpool.yaml:{line}:" in result.text


def test_names_that_an_expression_makes_itself_and_texts_are_no_slips(idpool: Idpool) -> None:
    expression = (
        "pool.SupportedLoginProviders.all(each, each != 'pool.Nope' && each != \"live.Nope\")"
        " // pool.Nope"
    )
    write(idpool, asserting(expression), **FACEBOOK)
    assert findings_of(idpool) == []


def test_policies_without_what_reads_them_stop_every_command_that_asks_them(
    idpool: Idpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing passes for want of the extra, and projects without policies need none."""
    monkeypatch.setitem(sys.modules, "cel", None)
    for name in ("policies", "expressions"):
        monkeypatch.delitem(sys.modules, f"reconciler.checks.{name}", raising=False)
    write(idpool, NO_GUESTS)
    for command in ("validate", "check", "plan", "apply --yes", "drift"):
        result = idpool.run(*command.split())
        assert result.code == 1
        assert "pip install 'idpool[policies]'" in result.err
    idpool.write("idpool.yaml", project())
    assert idpool.run("check").code == 0


def test_a_plan_that_brings_it_about_is_refused(idpool: Idpool, account: Account) -> None:
    write(idpool, NO_GUESTS, **GUESTS)
    result = idpool.run("plan")
    assert result.code == 3, result.text
    assert "no guests here" in result.out
    assert idpool.run("apply", "--yes").code == 3
    assert account.pools() == {}


def test_what_live_has_already_is_adopted_as_it_is_unless_the_policy_always_blocks(
    idpool: Idpool, account: Account
) -> None:
    """Nor does it cover a change of what the policy looks at."""
    pool = account.create("shop", AllowUnauthenticatedIdentities=True)
    policy = {
        **NO_GUESTS,
        "assert": "!pool.AllowUnauthenticatedIdentities || size(pool.SamlProviderARNs) > 0",
    }
    idpool.write("idpool.yaml", project(policy))
    spec = document("shop", GUESTS)
    spec["metadata"]["adopt"] = pool
    idpool.write("specs/shop.yaml", yaml_of(spec))
    planned = idpool.run("plan", "--format", "json")
    assert planned.code == 0, planned.text
    (finding,) = json.loads(planned.out)["targets"][0]["pools"][0]["findings"]
    assert (finding["rule"], finding["alreadySo"]) == ("no-guests", True)

    idpool.write("idpool.yaml", project({**policy, "blocks": "always"}))
    assert idpool.run("plan").code == 3
    idpool.write("idpool.yaml", project({**policy, "assert": "pool.IdentityPoolName == 'x'"}))
    spec["spec"]["IdentityPoolName"] = "shop2"
    idpool.write("specs/shop.yaml", yaml_of(spec))
    assert idpool.run("plan").code == 3


def test_what_somebody_has_mended_in_live_can_be_pulled(idpool: Idpool) -> None:
    """The policy refuses what the spec says, and the pull ends that."""
    write(idpool, NO_GUESTS)
    assert idpool.run("apply", "--yes").code == 0
    write(idpool, NO_GUESTS, **GUESTS)
    assert idpool.run("plan").code == 3
    pulled = idpool.run("pull", "--spec", "specs")
    assert pulled.code == 0, pulled.text
    assert idpool.run("plan").code == 0


def test_live_and_changes_are_asked_by_plans_alone(idpool: Idpool) -> None:
    policy = asserting('live == null || !("IdentityPoolName" in changes)')
    write(idpool, policy)
    assert idpool.run("check").code == 0
    applied = idpool.run("apply", "--yes")
    assert applied.code == 0, applied.text
    write(idpool, policy, IdentityPoolName="other")
    assert idpool.run("validate").code == idpool.run("check").code == 0
    assert idpool.run("plan").code == 3
    write(idpool, policy, **FACEBOOK)
    assert idpool.run("plan").code == 0


def test_a_policys_own_tests_are_run_and_told_at_their_place(idpool: Idpool) -> None:
    tests: list[dict[str, Any]] = [
        {"pool": {}, "expect": "pass"},
        {"pool": GUESTS, "expect": "fail"},
        {"pool": GUESTS, "expect": "pass"},
        {"pool": {}, "expect": "fail"},
        {"pool": {"IdentityPoolName": "x"}, "expect": "fail"},
    ]
    write(idpool, {**NO_GUESTS, "tests": tests})
    found = findings_of(idpool)
    assert [each["path"] for each in found] == [f"policies[0].tests[{n}].expect" for n in (2, 3, 4)]
    assert {each["rule"] for each in found} == {"policy-test"}
    assert idpool.run("check").code == idpool.run("validate").code == 3


def test_a_test_of_what_cannot_be_evaluated_fails_whatever_it_expects(idpool: Idpool) -> None:
    write(idpool, NO_GUESTS)
    for expect in ("pass", "fail"):
        policy = asserting("live.AllowClassicFlow", tests=[{"pool": {}, "expect": expect}])
        idpool.write("idpool.yaml", project(policy))
        (finding,) = findings_of(idpool)
        assert "cannot be evaluated for this pool" in finding["message"]


def test_tests_know_live_changes_and_targets(idpool: Idpool) -> None:
    policy = asserting(
        '!("Roles" in changes) || (live != null && live.AllowClassicFlow)',
        when='target.account == "111122223333" && target.partition == "aws-cn"',
        tests=[
            {"pool": {}, "changes": ["Roles"], "expect": "pass"},
            *(
                {
                    "pool": {},
                    "changes": ["Roles"],
                    "target": {"account": "111122223333", "region": "cn-north-1"},
                    **more,
                }
                for more in (
                    {"expect": "fail"},
                    {"live": {"AllowClassicFlow": True}, "expect": "pass"},
                )
            ),
        ],
    )
    write(idpool, policy)
    assert findings_of(idpool) == []


def test_a_value_that_only_aws_knows_is_judged_by_the_plan(idpool: Idpool) -> None:
    """Other fields of the spec are judged at once."""
    write(idpool, NO_GUESTS, AllowUnauthenticatedIdentities=True, IdentityPoolName="${ssm./name}")
    reads = {"reads": {"ssm": ["/name"]}}
    named = asserting('pool.IdentityPoolName != "shop"')
    idpool.write("idpool.yaml", project(NO_GUESTS, named, **reads))
    assert [each["rule"] for each in findings_of(idpool)] == ["no-guests"]


def test_many_targets_at_once_ask_the_same_policies(idpool: Idpool) -> None:
    """They are planned side by side."""
    regions = ("eu-west-1", "eu-west-2", "us-east-1", "us-east-2", "us-west-2")
    targets = {region: {"account": ACCOUNT, "region": region} for region in regions}
    when = 'target.region.startsWith("us")'
    idpool.write("idpool.yaml", project({**NO_GUESTS, "when": when}, targets=targets))
    idpool.write("specs/shop.yaml", yaml_of(document("shop", GUESTS)))
    result = idpool.run("plan", "--format", "json")
    assert result.code == 3, result.text
    plan = json.loads(result.out)
    refused = {t["target"]["name"] for t in plan["targets"] if t["pools"][0]["refusals"]}
    assert refused == {"us-east-1", "us-east-2", "us-west-2"}
