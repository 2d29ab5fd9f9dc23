"""A pull request that changes one rule: whoever reads its comment sees first who changes role."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from reconciler.model.project import DEFAULT_OWNER
from tests.comment.github import GitHubServer
from tests.comment.test_round import idpool, job, sandbox
from tests.saved_plan.conftest import apply_specs, write_spec
from tests.support.cli import Idpool

__all__ = ["idpool", "job", "sandbox"]

FACEBOOK = "graph.facebook.com"
Write = Callable[..., None]


def role(name: str) -> str:
    return f"arn:aws:iam::123456789012:role/shop-{name}"


def rule(claim: str, value: str, to: str) -> dict[str, str]:
    return {"Claim": claim, "MatchType": "Equals", "Value": value, "RoleARN": role(to)}


SALES = rule("department", "sales", "seller")
NURSES = rule("department", "nurses", "nurse")
ADMINS = rule("isAdmin", "yes", "admin")


@pytest.fixture
def write(job: Idpool) -> Write:
    """Writes a spec whose users of Facebook get their role by these rules, and makes it live."""

    def write(*rules: dict[str, str], **fields: Any) -> None:
        mapping = {"Type": "Rules", "AmbiguousRoleResolution": "AuthenticatedRole"}
        written: dict[str, Any] = {
            "AllowClassicFlow": False,
            "SupportedLoginProviders": {FACEBOOK: "7346241598935555"},
            "Roles": {"authenticated": role("user")},
            "RoleMappings": {FACEBOOK: {**mapping, "RulesConfiguration": {"Rules": [*rules]}}},
        }
        write_spec(job, **{**written, **fields})

    write(SALES, NURSES)
    apply_specs(job)
    return write


def told(text: str) -> str:
    """The first lines of a comment, without the one that says of which commit it is."""
    heading, *lines = [line for line in text.splitlines() if line and "<!--" not in line]
    assert heading.startswith("**"), heading
    return "\n".join(lines[:2])


def comment(job: Idpool, github: GitHubServer, *words: str) -> str:
    result = job.run("comment", "github", "plan.json", *words)
    assert result.code == 0, result.text
    (body,) = github.bodies
    return body


def test_a_pull_request_that_changes_one_rule_says_first_who_changes_role(
    github: GitHubServer, job: Idpool, write: Write
) -> None:
    """In the comment, on the terminal, from the file, and after it was applied."""
    write(replace_role(SALES, "admin"), NURSES)
    plan = job.run("plan", "specs", "--out", "plan.json")
    who = "user of graph.facebook.com with department matching rule 1"
    first = f"1 of 5 generated users changes role: {who}: shop-seller -> shop-admin"
    assert plan.out.splitlines()[:3] == [f"widens access: shop: {first}", "", "Plan: 1 to update."]
    assert told(comment(job, github)) == (
        f"- **widens access:** `shop`: {marked(first)}\n**idpool:** Plan: 1 to update."
    )
    shown = job.run("show", "plan.json").out
    assert shown.index("widens access: shop: ") < shown.index("Plan: 1 to update.")
    applied = job.run("apply", "plan.json", "--receipt", "receipt.json")
    assert f"widened access: shop: {first}" in applied.out
    assert told(comment(job, github, "--receipt", "receipt.json")).startswith(
        f"- **widened access:** `shop`: {marked(first)}\n"
    )


def test_programs_read_who_changes_role_from_the_json(job: Idpool, write: Write) -> None:
    write(replace_role(SALES, "admin"), NURSES)
    whole = json.loads(job.run("plan", "specs", "--format", "json").out)
    (change,) = whole["targets"][0]["pools"][0]["access"]
    assert (change["effect"], change["kind"], change["asked"]) == ("widens", "rules", 5)
    (user,) = change["users"]
    assert (user["before"], user["after"]) == (role("seller"), role("admin"))


def test_rules_in_another_order_that_give_everybody_the_same_move_nobody(
    github: GitHubServer, job: Idpool, write: Write
) -> None:
    write(NURSES, SALES)
    assert job.run("plan", "specs", "--out", "plan.json").code == 0
    assert told(comment(job, github)).startswith(
        "- **moves nobody:** `shop`: `RoleMappings` changes, and nobody gets another role\n"
    )


def test_what_lets_nobody_in_says_nothing_of_it(job: Idpool, write: Write) -> None:
    write(SALES, NURSES, IdentityPoolTags={"team": "shop"})
    assert job.run("plan", "specs").out.startswith("Plan: 1 to update.")


def asks(name: str, expect: str, **who: Any) -> str:
    """A test of somebody, as a document."""
    test = {
        "apiVersion": "idpool/v1",
        "kind": "IdentityPoolTest",
        "metadata": {"name": name},
        "spec": {"pool": "shop", **who, "expect": {"role": expect}},
    }
    return f"---\n{json.dumps(test)}\n"


@pytest.fixture
def named(job: Idpool) -> None:
    """Tests beside the spec; of one only AWS could say who it is, and nothing else needs that."""
    project = {"apiVersion": "idpool/v1", "kind": "Project", "owner": DEFAULT_OWNER}
    job.write("idpool.yaml", json.dumps({**project, "reads": {"ssm": ["/shop/who"]}}))
    unread = "${ssm./shop/who}"
    tests = (
        asks("bob", "shop-seller", provider=FACEBOOK, claims={"department": "sales"}),
        asks("ann", "shop-nurse", claims={"department": "nurses"}),
        asks("visitor", unread, guest=True),
        asks("stranger", "shop-user", provider=FACEBOOK, claims={"sub": unread}),
    )
    job.write("specs/tests.yaml", "".join(tests))


@pytest.mark.usefixtures("named")
def test_users_of_tests_are_named_by_plan_apply_and_drift(
    github: GitHubServer, job: Idpool, write: Write
) -> None:
    """Drift leads the other way: what a rollout has taken from bob, somebody has given back."""
    write(replace_role(SALES, "admin"), NURSES)
    assert job.run("plan", "specs", "--out", "plan.json").code == 0
    moved = "1 of 3 test users changes role: bob: {}"
    first = f"- **widens access:** `shop`: {moved.format('shop-seller → shop-admin')}"
    assert told(comment(job, github)).splitlines()[0] == first
    drift = job.run("drift", "specs")
    assert drift.out.splitlines()[0] == (
        f"live is wider than the spec: shop: {moved.format('shop-admin -> shop-seller')}"
    )
    asked = job.run("apply", "specs", "--yes")
    assert f"widened access: shop: {moved.format('shop-seller -> shop-admin')}" in asked.out


def test_a_rollback_says_it_of_the_way_back(job: Idpool, write: Write) -> None:
    write(replace_role(SALES, "admin"), NURSES)
    assert job.run("apply", "specs", "--yes", "--receipt", "receipt.json").code == 0
    first = job.run("rollback", "receipt.json").out.splitlines()[0]
    assert first.startswith("widens access: shop: 1 of 5 generated users changes role: ")
    assert first.endswith(": shop-admin -> shop-seller")


def replace_role(one: dict[str, str], to: str) -> dict[str, str]:
    return {**one, "RoleARN": role(to)}


def marked(text: str) -> str:
    """As Markdown shows it: an arrow, and names as code where they are no words."""
    return text.replace("->", "→").replace(FACEBOOK, f"`{FACEBOOK}`")
