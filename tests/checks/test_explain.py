"""``idpool explain``: a page for each check, whose examples are what the check says of them."""

import json
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from ruamel.yaml import YAML

from reconciler.checks.pages import all_pages
from reconciler.checks.pool_checks import CHECKS
from reconciler.model.findings import CHECK_RULES, RuleId
from reconciler.planner.refusals import wording_of_rules
from reconciler.text.problems import wording
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

RULES = sorted(check.rule for check in CHECKS)


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    return Idpool(tmp_path)


def sections(text: str) -> dict[str, str]:
    parts = (part.partition("\n") for part in text.split("\n## ")[1:])
    return {title: body.strip() for title, _, body in parts}


@pytest.mark.parametrize("rule", RULES)
def test_a_check_has_a_page(idpool: Idpool, rule: RuleId) -> None:
    result = idpool.run("explain", rule)
    assert (result.code, result.err) == (0, "")
    title, _, head = result.out.splitlines()[:3]
    assert title == f"# {rule}"
    severity = wording(rule).get("severity", "error")
    assert head.startswith(f"{severity.capitalize()}. ")
    assert list(sections(result.out)) == ["Why", "It finds", "It does not find", "What to do"]
    assert idpool.run("explain", f"refused/{rule}").out == result.out


@pytest.mark.parametrize("title", ["It finds", "It does not find"])
@pytest.mark.parametrize("rule", RULES)
def test_its_examples_are_what_they_are_called(idpool: Idpool, rule: RuleId, title: str) -> None:
    """The second of them is no bad pool for another reason, notes apart."""
    text = idpool.run("explain", rule).out
    (fence,) = (t for t in MarkdownIt().parse(sections(text)[title]) if t.type == "fence")
    idpool.write("specs/shop.yaml", yaml_of(document("shop", YAML().load(fence.content))))
    result = idpool.run("check", "specs", "--format", "json")
    found = {each["rule"]: each["severity"] for each in json.loads(result.out)["findings"]}
    if title == "It finds":
        assert rule in found
    else:
        assert rule not in found
        assert set(found.values()) <= {"note"}


def test_without_a_rule_all_checks_are_listed(idpool: Idpool) -> None:
    lines = idpool.run("explain").out.splitlines()
    assert {line.split()[1] for line in lines} == CHECK_RULES
    assert [line.split()[0] for line in lines[:2]] == ["error", "error"]
    assert {page.rule for page in all_pages()} == CHECK_RULES


@pytest.mark.parametrize("rule", sorted({*RuleId, *wording_of_rules()} - CHECK_RULES))
def test_every_other_rule_is_said_in_its_words(idpool: Idpool, rule: str) -> None:
    """What stands in brackets anywhere can be asked for."""
    result = idpool.run("explain", rule)
    assert result.code == 0
    assert result.out.startswith(f"# {rule}\n\n")
    assert len(result.out.splitlines()) > 2
    assert not re.search(r"\{\w+\}", result.out)


def test_the_words_of_a_refusal_have_its_way_out(idpool: Idpool) -> None:
    assert idpool.run("explain", "wrong-account").out == (
        "# wrong-account\n\n"
        "the credentials belong to account ..., and target ... is account ...\n"
        "  fix: use credentials or a roleArn of that account, or correct the target\n"
    )


def test_the_nearest_rule_is_named(idpool: Idpool) -> None:
    result = idpool.run("explain", "guest-role-is-user-role")
    assert (result.code, result.out) == (64, "")
    assert result.err == (
        'error: there is no rule "guest-role-is-user-role"\n'
        '  fix: did you mean "guest-role-is-users-role"?\n'
    )


def test_a_word_that_is_like_none_leads_to_the_list(idpool: Idpool) -> None:
    result = idpool.run("explain", "\x1b[31mxyzzy")
    assert (result.code, result.out) == (64, "")
    assert "\x1b" not in result.err
    assert "fix: idpool explain lists all checks" in result.err
