"""A comment that fits: shorter by whole items, and saying so."""

import re

import pytest

from reconciler.model.plan import Plan
from reconciler.reports.markdown_report import report_markdown
from reconciler.reports.plan_report import plan_report
from tests.reports import plans
from tests.reports.builders import plan, target_plan

GITHUB = 65_536
LINK = "https://ci.example/run/1"


def many(count: int) -> Plan:
    """Big updates, and in their midst a deletion and a refusal."""
    big = [plans.settings().model_copy(update={"name": f"pool-{n}"}) for n in range(count)]
    middle = count // 2
    return plan(target_plan(*big[:middle], plans.delete(), plans.refused(), *big[middle:]))


def size(text: str) -> int:
    return len(text.encode())


def test_left_out_reasons_are_told_even_where_every_row_fits() -> None:
    whole = many(12)
    shortest = next(
        text
        for text in (
            report_markdown(plan_report(whole), max_bytes=limit)
            for limit in range(9000, 1000, -100)
        )
        if "This cannot be undone" not in text
    )
    assert "only the tables are shown" in shortest


def rows(text: str) -> int:
    return len(re.findall(r"^\| `[-~!+]` \|", text, re.MULTILINE))


def test_without_a_limit_everything_is_there() -> None:
    text = report_markdown(plan_report(many(300)))
    assert size(text) > GITHUB
    assert text.count("<details>") == 302
    assert "Too long" not in text


def test_a_comment_on_300_pools_is_under_githubs_limit() -> None:
    text = report_markdown(plan_report(many(300)), max_bytes=GITHUB, link=LINK)
    assert size(text) <= GITHUB
    assert "**idpool:** Plan: 300 to update, 1 to delete, 1 refused." in text
    assert f"[Everything is in the log](<{LINK}>)" in text
    assert "- **Who:** the author of `specs/game.yaml`" in text
    assert "> - and 281 more, marked in the tables below" in text
    assert text.count("**cannot be undone**") == rows(text) - 1 > 200


def test_details_of_what_is_risky_are_dropped_last() -> None:
    whole = report_markdown(plan_report(many(30)))
    text = report_markdown(plan_report(many(30)), max_bytes=size(whole) * 2 // 3)
    assert rows(text) == 32
    assert "delete <code>legacy</code>" in text
    assert "refused <code>game</code>" in text
    left = 32 - text.count("<details>")
    assert 0 < left < 30
    assert f"_Too long for here: {left} pools are without details._" in text


def test_every_limit_down_to_the_counts_is_kept_at_whole_items() -> None:
    whole = report_markdown(plan_report(many(12)), link=LINK)
    for limit in range(400, size(whole) + 300, 293):
        text = report_markdown(plan_report(many(12)), max_bytes=limit, link=LINK)
        assert size(text) <= limit
        assert text.count("<details>") == text.count("</details>")
        assert text.count("```") % 2 == 0
        assert text.startswith("**idpool:** Plan: 12 to update, 1 to delete, 1 refused.")
        if text != whole:
            assert "Too long for here" in text
            assert LINK in text


def test_the_tables_alone_still_show_what_is_refused_and_deleted() -> None:
    text = report_markdown(plan_report(many(300)), max_bytes=20_000)
    assert 0 < rows(text) < 302
    assert "| `!` | `game` | **refused**: `developer-provider` |" in text
    assert "| `-` | `legacy` | delete, **cannot be undone** |" in text
    assert f"{302 - rows(text)} pools are in the counts only" in text


def test_the_counts_are_the_last_rung() -> None:
    text = report_markdown(plan_report(many(300)), max_bytes=400)
    assert rows(text) == 0
    assert "only the counts are shown" in text


@pytest.mark.parametrize("name", plans.PLANS)
def test_a_limit_that_is_just_enough_changes_nothing(name: str) -> None:
    whole = report_markdown(plan_report(plans.PLANS[name]))
    assert report_markdown(plan_report(plans.PLANS[name]), max_bytes=size(whole)) == whole
