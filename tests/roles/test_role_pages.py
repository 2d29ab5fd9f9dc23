"""The pages of the checks of roles: in one shape, and their examples are what they are called."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

import reconciler.checks
from reconciler.checks.role_checks import ROLE_RULES
from reconciler.checks.trust_checks import TRUST_RULES
from reconciler.model.findings import RuleId
from reconciler.text.problems import wording
from tests.roles.conftest import role_arn
from tests.roles.pools import TAGS, USES_TEAM, found, pool, role

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


@pytest.mark.parametrize(
    ("rule", "title", "document"), EXAMPLES, ids=[f"{r}: {t}" for r, t, _ in EXAMPLES]
)
def test_its_examples_are_what_they_are_called(rule: RuleId, title: str, document: Any) -> None:
    """What is not found is nothing bad for another reason."""
    is_tagged = rule.startswith("principal-tag") or rule is RuleId.ROLE_TRUST_TAG_SESSION
    fields: dict[str, Any] = {"PrincipalTagAttributeMaps": TAGS if is_tagged else {}}
    name = "guest" if rule.startswith("guest-") or rule is RuleId.ROLE_TRUST_USERS else "user"
    policies = [USES_TEAM] if is_tagged else []
    made = role(name, document, *policies) if rule in TRUST_RULES else role(name, None, document)
    use = "unauthenticated" if name == "guest" else "authenticated"
    rules = found(pool(Roles={use: role_arn(name)}, **fields), made)
    assert (rule in rules) if title == FINDS else (rules == [])


def test_most_pages_have_two_examples() -> None:
    assert len(EXAMPLES) == 2 * (len(ROLE_RULES) - 3)
