"""The document: valid, narrow, explained on stderr, and in step with the docs."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from reconciler.model.permissions import CALLS, call_of
from reconciler.reports.iam_policy import SIDS
from tests.iam_policy.conftest import ROLE, policy_of, project
from tests.support.cfn_lint import assert_lints_clean, cfn_lint
from tests.support.cli import ACCOUNT, REGION, Idpool
from tests.support.specs import document, yaml_of

DOCS = Path(__file__).parents[2] / "docs" / "iam.md"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:drift"
ROLES = {"authenticated": f"arn:aws:iam::{ACCOUNT}:role/shop"}
JOBS = [
    ("plan",),
    ("plan", "--with-delete"),
    ("apply",),
    ("apply", "--with-delete", "--any-role"),
    ("drift", "--who"),
    ("drift", "--caller", "--notify-topic", TOPIC),
    ("plan", "--user-pool-names"),
    ("apply", "--caller"),
]


def by_sid(policy: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The statements by their ids, each of which is there once."""
    statements = {statement["Sid"]: statement for statement in policy["Statement"]}
    assert len(statements) == len(policy["Statement"])
    return statements


def two_accounts() -> str:
    """Two targets in one account, one in another."""
    return project(
        targets={
            "eu": {"account": ACCOUNT, "region": "eu-west-1"},
            "us": {"account": ACCOUNT, "region": "us-east-1"},
            "test": {"account": "111122223333", "region": "eu-west-1"},
        }
    )


@pytest.mark.slow
def test_cfn_lint_takes_every_policy(idpool: Idpool) -> None:
    """As managed policies of a CloudFormation template, warnings and hints included."""
    jobs = [job for job in JOBS if "--caller" not in job]
    templates = [_template(idpool, "none.json", [policy_of(idpool, *job) for job in jobs])]
    shop = document("shop", {"Roles": ROLES}, metadata={"targets": ["eu"]})
    idpool.write("specs/a.yaml", yaml_of(shop))
    idpool.write("idpool.yaml", two_accounts())
    templates += [_template(idpool, "several.json", [policy_of(idpool, *job) for job in jobs])]
    idpool.write("idpool.yaml", project())
    idpool.write("specs/a.yaml", yaml_of(document("shop", {"Roles": ROLES})))
    policies = [policy_of(idpool, *job) for job in JOBS]
    templates += [_template(idpool, "one.json", policies)]
    assert_lints_clean(*templates, checks="I3510")
    # The linter looks: with an action misplaced it complains.
    policies[0]["Statement"][0]["Resource"] = "arn:aws:s3:::bucket"
    policies[0]["Statement"][0]["Action"] = "cognito-identity:DescribeIdentityPool"
    linted = cfn_lint(_template(idpool, "wrong.json", policies), checks="I3510")
    assert "requires a resource of" in linted.stdout


def _template(idpool: Idpool, name: str, policies: list[dict[str, Any]]) -> Path:
    resources = {
        f"{kind}{number}": {
            "Type": f"AWS::IAM::{kind}",
            "Properties": {"PolicyDocument": policy, **more},
        }
        for number, policy in enumerate(policies)
        for kind, more in (
            ("ManagedPolicy", {}),
            # The rule that compares actions with resources looks at these alone.
            ("Policy", {"PolicyName": f"idpool{number}", "Roles": ["idpool"]}),
        )
    }
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
    return idpool.write(name, json.dumps(template))


@pytest.mark.parametrize("job", JOBS, ids=" ".join)
def test_sids_are_alphanumeric_and_nothing_but_json_is_on_stdout(
    idpool: Idpool, job: tuple[str, ...]
) -> None:
    """IAM takes nothing else in a Sid."""
    idpool.write("idpool.yaml", project())
    statements = by_sid(policy_of(idpool, *job))
    assert statements
    assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in statements)


def test_each_account_has_its_regions_and_its_locks(idpool: Idpool) -> None:
    """One set of statements for each account; --target prints one account's."""
    idpool.write("idpool.yaml", two_accounts())
    result = idpool.run("iam-policy", "apply")
    statements = by_sid(json.loads(result.out))
    assert statements[f"ReadPools{ACCOUNT}"]["Resource"] == [
        f"arn:aws:cognito-identity:eu-west-1:{ACCOUNT}:identitypool/*",
        f"arn:aws:cognito-identity:us-east-1:{ACCOUNT}:identitypool/*",
    ]
    assert statements[f"ListPools{ACCOUNT}"]["Condition"] == {
        "StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}
    }
    assert statements["LockTargets111122223333"]["Resource"].endswith("/idpool/test.lock")
    assert "--target NAME" in result.err
    assert "ReadPools" in by_sid(policy_of(idpool, "apply", "--target", "test"))


def test_only_the_roles_of_the_target_are_passed(idpool: Idpool) -> None:
    """Those of specs that go there; a rule's role, too; a tombstone hands none out."""
    idpool.write("idpool.yaml", two_accounts())
    mapping = {
        "Type": "Rules",
        "AmbiguousRoleResolution": "Deny",
        "RulesConfiguration": {
            "Rules": [
                {
                    "Claim": "c",
                    "MatchType": "Equals",
                    "Value": "v",
                    "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/rule",
                }
            ]
        },
    }
    shop = {
        "SupportedLoginProviders": {"graph.facebook.com": "7346241598935555"},
        "Roles": ROLES,
        "RoleMappings": {"graph.facebook.com": mapping},
    }
    other = {"Roles": {"authenticated": "arn:aws:iam::111122223333:role/other"}}
    specs = [
        document("shop", shop, metadata={"targets": ["eu"]}),
        document("other", other, metadata={"targets": ["test"]}),
        document("gone", other, metadata={"targets": ["eu"]}, lifecycle={"delete": True}),
    ]
    idpool.write("specs/a.yaml", yaml_of(*specs))
    result = idpool.run("iam-policy", "apply", "--target", "eu")
    assert by_sid(json.loads(result.out))["PassRolesToPools"]["Resource"] == [
        f"arn:aws:iam::{ACCOUNT}:role/rule",
        f"arn:aws:iam::{ACCOUNT}:role/shop",
    ]
    assert "specs/a.yaml is a tombstone, and needs --with-delete" in result.err
    any_role = policy_of(idpool, "apply", "--target", "eu", "--any-role")
    assert by_sid(any_role)["PassRolesToPools"]["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/*"


def test_an_update_needs_the_permissions_of_the_tags_that_travel_with_it() -> None:
    """And so does a create, for those that it sets."""
    tag, untag = "cognito-identity:TagResource", "cognito-identity:UntagResource"
    for operation, needed in (("CreateIdentityPool", {tag}), ("UpdateIdentityPool", {tag, untag})):
        actions = {need.action for need in call_of("cognito-identity", operation).permissions}
        assert actions == needed | {f"cognito-identity:{operation}"}


def test_specs_without_roles_pass_none(idpool: Idpool) -> None:
    """No role, no iam:PassRole."""
    idpool.write("idpool.yaml", project())
    idpool.write("specs/a.yaml", yaml_of(document("shop")))
    assert "iam:PassRole" not in json.dumps(policy_of(idpool, "apply"))


def test_a_star_in_a_role_stands_for_itself(idpool: Idpool) -> None:
    """Whoever writes a spec does not thereby allow every role to be passed."""
    idpool.write("idpool.yaml", project())
    roles = {"authenticated": f"arn:aws:iam::{ACCOUNT}:role/a*?$b"}
    idpool.write("specs/a.yaml", yaml_of(document("shop", {"Roles": roles})))
    passed = by_sid(policy_of(idpool, "apply"))["PassRolesToPools"]["Resource"]
    assert passed == f"arn:aws:iam::{ACCOUNT}:role/a${{*}}${{?}}${{$}}b"


def test_without_a_project_the_policy_names_any_place_and_says_so(idpool: Idpool) -> None:
    """Placeholders, explained on stderr; --quiet explains nothing."""
    result = idpool.run("iam-policy", "apply")
    statements = by_sid(json.loads(result.out))
    assert statements["ReadPools"]["Resource"] == "arn:aws:cognito-identity:*:*:identitypool/*"
    assert statements["PassRolesToPools"]["Resource"] == "arn:aws:iam::*:role/*"
    assert "Condition" not in statements["ListPools"]
    assert "It names any account and any region" in result.err
    assert "Every role may be passed" in result.err
    assert idpool.run("iam-policy", "apply", "--quiet").err == ""


@pytest.mark.parametrize(
    ("region", "partition"),
    [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-west-1", "aws")],
)
def test_the_partition_is_that_of_the_region(idpool: Idpool, region: str, partition: str) -> None:
    """Read off the region's name; Cognito is called otherwise elsewhere, so it is not named."""
    target = {"account": ACCOUNT, "region": region}
    idpool.write("idpool.yaml", project(targets={"prod": target}))
    statements = by_sid(policy_of(idpool, "apply"))
    assert statements["ReadPools"]["Resource"].startswith(f"arn:{partition}:cognito-identity:")
    assert statements["LockTargets"]["Resource"].startswith(f"arn:{partition}:s3:::")
    assert ("Condition" in statements["PassRolesToPools"]) == (partition == "aws")


def test_the_partition_can_be_named_where_nothing_tells_it(idpool: Idpool) -> None:
    """Without a project there is no region."""
    given = policy_of(idpool, "plan", "--partition", "aws-xx")
    assert by_sid(given)["ReadPools"]["Resource"].startswith("arn:aws-xx:")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("plan", "--who"), "--who and --notify-topic are of drift"),
        (("drift", "--notify-topic", TOPIC), "pass --notify-topic with --caller"),
        (("drift", "--caller", "--notify-topic", "drift"), "not the ARN of an SNS topic"),
        (("plan", "--target", "nowhere"), "there is no target nowhere"),
        (("plan", "--partition", 'aws"'), "--partition names no partition"),
        (("unlock",), "'unlock' is not one of"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(
    idpool: Idpool, arguments: tuple[str, ...], told: str
) -> None:
    """64, and nothing on stdout."""
    idpool.write("idpool.yaml", project())
    result = idpool.run("iam-policy", *arguments)
    assert (result.code, result.out) == (64, "")
    assert told in result.err


def test_without_a_role_there_is_no_caller(idpool: Idpool) -> None:
    """One role does everything, publishing included."""
    idpool.write("idpool.yaml", two_accounts())
    assert idpool.run("iam-policy", "plan", "--caller").code == 64
    policy = policy_of(idpool, "drift", "--notify-topic", TOPIC)
    assert by_sid(policy)["PublishDrift"]["Resource"] == TOPIC


def test_an_invalid_spec_yields_no_policy(idpool: Idpool) -> None:
    """A policy from half the specs would deny the other half."""
    idpool.write("idpool.yaml", project())
    idpool.write("specs/a.yaml", "kind: Nothing\n")
    result = idpool.run("iam-policy", "apply")
    assert (result.code, result.out) == (1, "")


def test_a_policy_that_is_too_long_is_printed_with_a_warning(idpool: Idpool) -> None:
    """IAM takes 6,144 characters, white space not counted; inline policies may have more."""
    idpool.write("idpool.yaml", project())
    path = "p" * 400
    roles = [f"arn:aws:iam::{ACCOUNT}:role/{path}/r{n}" for n in range(20)]
    specs = [document(f"s{n}", {"Roles": {"authenticated": r}}) for n, r in enumerate(roles)]
    idpool.write("specs/a.yaml", yaml_of(*specs))
    result = idpool.run("iam-policy", "apply", "--quiet")
    assert result.code == 0
    size = len(re.sub(r"\s", "", result.out))
    assert size > 6144
    assert f"warning: {size} characters" in result.err
    assert idpool.run("iam-policy", "apply", "--quiet", "--any-role").err == ""


def test_the_docs_show_what_the_command_prints(idpool: Idpool) -> None:
    """Their project, their spec, their commands; IDPOOL_UPDATE_GOLDEN=1 writes them anew."""
    page = DOCS.read_text(encoding="utf-8")
    for name, text in re.findall(r"<!-- file: (\S+) -->\n```yaml\n(.*?)```", page, re.DOTALL):
        idpool.write(name, text)
    shown = re.compile(r"(```console\n\$ idpool (.*?)\n```\n\n```json\n)(.*?)(```)", re.DOTALL)
    assert len(shown.findall(page)) == 3

    def printed(found: re.Match[str]) -> str:
        result = idpool.run(*found[2].split())
        assert result.code == 0, result.text
        return found[1] + result.out + found[4]

    fresh = shown.sub(printed, page)
    if os.environ.get("IDPOOL_UPDATE_GOLDEN"):
        DOCS.write_text(fresh, encoding="utf-8")
    assert page == fresh or os.environ.get("IDPOOL_UPDATE_GOLDEN")


def test_the_docs_explain_every_statement_with_its_actions() -> None:
    """One row for each Sid."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    explained = {sid: set(re.findall(r"`([^`]+)`", actions)) for sid, actions in rows}
    expected: dict[str, set[str]] = {}
    for need in {need for call in CALLS for need in call.permissions}:
        action = need.action.removeprefix("cognito-identity:")
        expected.setdefault(SIDS[need.use, need.scope], set()).add(action)
    assert explained == expected


def test_the_role_that_is_assumed_is_the_targets(idpool: Idpool) -> None:
    """And nothing else is allowed to who assumes it."""
    idpool.write("idpool.yaml", project())
    (statement,) = policy_of(idpool, "apply", "--caller")["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("sts:AssumeRole", ROLE)


def test_without_a_role_an_ambient_state_is_read_by_the_one_who_does_everything(
    idpool: Idpool,
) -> None:
    """There is no other one."""
    state = {"state": "s3://acme-state/a.tfstate", "region": REGION, "credentials": "ambient"}
    target = {"account": ACCOUNT, "region": REGION}
    idpool.write("idpool.yaml", project(reads={"terraform": {"t": state}}, targets={"a": target}))
    shop = document("shop", {"Roles": {"authenticated": "${terraform.t.r}"}})
    idpool.write("specs/a.yaml", yaml_of(shop))
    statements = by_sid(policy_of(idpool, "plan"))
    assert statements["ReadTerraformStates"]["Resource"] == "arn:aws:s3:::acme-state/a.tfstate"
