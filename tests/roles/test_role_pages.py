"""The pages of the checks of roles: in one shape, and their examples are what they are called."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

import reconciler.checks
from reconciler.model.findings import ROLE_RULES, RuleId
from reconciler.text.problems import wording
from tests.roles.conftest import POOL_ID, Seeds, role_arn, trust
from tests.roles.pools import TAGS, USERS, USES_TEAM, found, pool, role
from tests.support.cli import Idpool
from tests.support.specs import document as written
from tests.support.specs import yaml_of

PAGES = Path(reconciler.checks.__file__).parent / "pages"
FINDS, FINDS_NOT = "It finds", "It does not find"


def text_of(rule: RuleId) -> str:
    return (PAGES / f"{rule}.md").read_text(encoding="utf-8")


def sections(rule: RuleId) -> dict[str, str]:
    parts = (part.partition("\n") for part in text_of(rule).split("\n## ")[1:])
    return {title: body.strip() for title, _, body in parts}


def examples() -> Iterator[tuple[RuleId, str, Any]]:
    """Policies in JSON, with the rule and the heading they stand below."""
    for rule in ROLE_RULES:
        for title in (FINDS, FINDS_NOT):
            for token in MarkdownIt().parse(sections(rule)[title]):
                if token.type == "fence" and token.info == "json":
                    yield rule, title, json.loads(token.content)


EXAMPLES = list(examples())


@pytest.mark.parametrize("rule", ROLE_RULES)
def test_a_check_of_roles_has_a_page(rule: RuleId) -> None:
    title, _, head = text_of(rule).splitlines()[:3]
    assert title == f"# {rule}"
    severity = wording(rule).get("severity", "error")
    assert head.startswith(f"{severity.capitalize()}. ")
    assert list(sections(rule)) == ["Why", FINDS, FINDS_NOT, "What to do"]


def subject_of(rule: RuleId, document: Any) -> tuple[str, dict[str, Any], list[Any]]:
    """Who gets the role of an example, what its pool has besides, and the role's policies."""
    is_tagged = rule.startswith("principal-tag") or rule is RuleId.ROLE_TRUST_TAG_SESSION
    is_guests = rule.startswith("guest-") or rule is RuleId.ROLE_TRUST_USERS
    policies = [USES_TEAM] if is_tagged else []
    return (
        "guest" if is_guests else "user",
        {"PrincipalTagAttributeMaps": TAGS} if is_tagged else {},
        policies if rule.startswith("role-trust-") else [document],
    )


@pytest.mark.parametrize(
    ("rule", "title", "document"), EXAMPLES, ids=[f"{r}: {t}" for r, t, _ in EXAMPLES]
)
def test_its_examples_are_what_they_are_called(rule: RuleId, title: str, document: Any) -> None:
    """What is not found is nothing bad for another reason."""
    name, fields, policies = subject_of(rule, document)
    made = role(name, document if rule.startswith("role-trust-") else None, *policies)
    use = "unauthenticated" if name == "guest" else "authenticated"
    rules = found(pool(**{"Roles": {use: role_arn(name)}, **fields}), made)
    assert (rule in rules) if title == FINDS else (rules == [])


def test_in_iam_the_examples_are_the_same(reached: Idpool, seed: Seeds) -> None:
    """All of them at once: a pool and a role for each."""
    names = {f"{rule}-{title == FINDS}".lower(): (rule, title, d) for rule, title, d in EXAMPLES}
    for name, (rule, _, document) in names.items():
        who, fields, _ = subject_of(rule, document)
        use = "unauthenticated" if who == "guest" else "authenticated"
        guests = {"AllowUnauthenticatedIdentities": who == "guest"}
        spec = {"Roles": {use: role_arn(name)}, **guests, **fields}
        if fields:
            spec["CognitoIdentityProviders"] = [{"ProviderName": USERS, "ClientId": "web1"}]
        reached.write(f"specs/{name}.yaml", yaml_of(written(name, spec)))
    assert reached.run("apply", "specs", "--yes", "--settle", "0.1").code == 0
    planned = json.loads(reached.run("plan", "specs", "--format", "json").out)
    ids = {each["name"]: each["poolId"] for each in planned["targets"][0]["pools"]}
    roles = {}
    for name, (rule, _, document) in names.items():
        who, _, policies = subject_of(rule, document)
        fits = trust("unauthenticated" if who == "guest" else "authenticated")
        trusted = document if rule.startswith("role-trust-") else fits
        here = json.loads(json.dumps(trusted).replace(POOL_ID, ids[name]))
        roles[name] = {"trust": here, "policies": {str(n): p for n, p in enumerate(policies)}}
    seed(role=roles)
    told = json.loads(reached.run("check", "specs", "--roles", "--format", "json").out)["findings"]
    for name, (rule, title, _) in names.items():
        rules = {each["rule"] for each in told if each["file"] == f"specs/{name}.yaml"}
        about_roles = rules & set(ROLE_RULES)
        assert (rule in rules) if title == FINDS else not about_roles, (name, rules)


def test_most_pages_have_two_examples() -> None:
    assert len(EXAMPLES) == 2 * (len(ROLE_RULES) - 3)
