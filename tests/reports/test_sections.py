"""One story in all formats: equal entries folded, the urgent first, the summary first and last."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from reconciler.model.changes import DeletePool
from reconciler.model.plan import Plan, PoolPlan, TargetPlan
from reconciler.model.project import Target
from reconciler.reports.format_names import Format
from reconciler.reports.formats import REPORT_FORMATS
from reconciler.reports.plan_report import plan_report
from reconciler.reports.receipt_report import receipt_report
from reconciler.reports.sections import ORPHAN_WAYS, in_words
from reconciler.reports.text_report import report_text
from tests.reports import plans
from tests.reports.builders import (
    EU,
    done,
    orphan,
    plan,
    pool_plan,
    pool_receipt,
    scalar,
    target_plan,
)
from tests.reports.golden import check_golden
from tests.reports.receipts import UPDATE, receipt

PEOPLE = (Format.TEXT, Format.MARKDOWN, Format.HTML)
ENDINGS = {Format.TEXT: "txt", Format.MARKDOWN: "md", Format.HTML: "html"}
OPENS = scalar("AllowClassicFlow", False, True)
RENAMES = scalar("IdentityPoolName", "old", "new")


def target(name: str) -> Target:
    return replace(EU, name=name)


def names(count: int) -> list[str]:
    return [f"prod-{number:03}" for number in range(count)]


def pool_id(name: str, pool: str) -> str:
    return f"eu-west-1:{pool}-in-{name}"


def here(name: str, *pools: PoolPlan, **fields: object) -> TargetPlan:
    """A target in which every pool has an id of its own."""
    own = (pool.model_copy(update={"pool_id": pool_id(name, pool.name)}) for pool in pools)
    return target_plan(*own, target=target(name), **fields)


def fleet(count: int, *outliers: str) -> Plan:
    """The same change in each target, but of the outliers, where it is another one."""
    return plan(
        *(
            here(name, pool_plan("shop", RENAMES if name in outliers else OPENS))
            for name in names(count)
        )
    )


def mixed() -> Plan:
    """A fleet of twelve: something equal, something apart, something urgent in the last target."""
    gone = pool_plan("legacy", desired=None, actions=(DeletePool(),))
    *most, odd, last = names(12)
    return plan(
        *(here(name, pool_plan("shop", OPENS), gone, plans.keep()) for name in most),
        here(odd, pool_plan("shop", RENAMES), orphans=(orphan("old-shop"),)),
        here(last, pool_plan("shop", OPENS), plans.refused(), orphans=(orphan("older"),)),
    )


def told(plan_: Plan, form: Format) -> str:
    return REPORT_FORMATS[form](plan_report(plan_))


@pytest.mark.parametrize("form", PEOPLE)
def test_a_fleet_is_told_as_it_was_looked_at(form: Format) -> None:
    check_golden(f"plan-fleet.{ENDINGS[form]}", told(mixed(), form))


@pytest.mark.parametrize("form", [*PEOPLE, Format.GITHUB])
def test_what_is_equal_in_all_targets_is_told_once(form: Format) -> None:
    refused = plan(*(here(name, plans.refused()) for name in names(500)))
    text = told(refused if form is Format.GITHUB else fleet(500), form)
    assert re.search("all 500 targets", text, re.IGNORECASE)
    assert "prod-011" not in text or form is Format.HTML  # ids unfold there
    assert text.count("AllowClassicFlow: false") == (form is not Format.GITHUB)
    assert len(text.splitlines()) < 120


@pytest.mark.parametrize("form", PEOPLE)
def test_an_outlier_stands_apart(form: Format) -> None:
    text = told(fleet(500, "prod-007"), form)
    plain = text.replace("`", "").replace("<code>", "").replace("</code>", "")
    assert "499 of 500 targets, all but prod-007" in plain
    assert "Target prod-007" in plain
    assert plain.index("499 of 500") < plain.index("Target prod-007")
    assert text.count("IdentityPoolName: old") == 1


def test_what_only_looks_alike_is_not_folded() -> None:
    """Another spec, another note: another entry."""
    other = pool_plan("shop", OPENS, source=replace(pool_plan("shop").source, line=9))
    text = told(plan(here("a", pool_plan("shop", OPENS)), here("b", other)), Format.TEXT)
    assert text.count("~ update shop") == 2


@pytest.mark.parametrize(
    ("which", "words"),
    [
        (range(1), "prod-000"),
        (range(3), "prod-000, prod-001, prod-002"),
        (range(40), "all 40 targets"),
        (range(2, 40), "38 of 40 targets, all but prod-000, prod-001"),
        (range(20), f"20 targets: {', '.join(names(10))} and 10 more"),
    ],
)
def test_targets_are_named_as_short_as_can_be_exactly(which: Sequence[int], words: str) -> None:
    every = [target(name) for name in names(40)]
    assert in_words([every[number] for number in which], every) == words


def test_what_is_urgent_comes_before_all_else_whatever_target_it_is_in() -> None:
    text = told(mixed(), Format.TEXT)
    order = [text.index(each) for each in ("! refused game", "- delete legacy", "~ update shop")]
    assert order == sorted(order)
    assert text.rindex("? orphan") > text.rindex("~ update shop")


@pytest.mark.parametrize("form", PEOPLE)
@pytest.mark.parametrize("name", ["everything", "settings", "refused", "orphans-only"])
def test_the_summary_is_first_and_last(form: Format, name: str) -> None:
    report = plan_report(plans.PLANS[name])
    text = REPORT_FORMATS[form](report)
    lines = [line for line in text.splitlines() if line]
    first = next(line for line in lines if form is not Format.HTML or line.startswith("<h1>"))
    assert report.summary.plain in first
    assert any(report.summary.plain in line for line in lines[-2:])


def test_where_nothing_else_is_told_the_summary_is_told_once() -> None:
    assert told(plans.PLANS["calm"], Format.TEXT).count("No changes.") == 1


def test_a_deletion_names_every_pool_that_is_lost_and_a_change_does_not() -> None:
    gone = pool_plan("legacy", desired=None, actions=(DeletePool(),))
    text = told(
        plan(*(here(name, gone, pool_plan("shop", OPENS)) for name in names(3))), Format.TEXT
    )
    assert text.count("- delete legacy") == 1
    for name in names(3):
        assert f"{name}  {pool_id(name, 'legacy')}" in text
        assert pool_id(name, "shop") not in text


def test_a_long_list_of_pools_is_counted_and_verbose_folds_nothing() -> None:
    gone = pool_plan("legacy", desired=None, actions=(DeletePool(),))
    lost = plan(*(here(name, gone) for name in names(30)))
    short = told(lost, Format.TEXT)
    assert short.count("eu-west-1:legacy-in-") == 10
    assert "and 20 more" in short
    whole = report_text(plan_report(lost, verbose=True)).plain
    assert whole.count("eu-west-1:legacy-in-") == whole.count("- delete legacy") == 30


@pytest.mark.parametrize("form", PEOPLE)
def test_what_to_do_about_orphans_is_told_once(form: Format) -> None:
    text = told(mixed(), form)
    assert text.lower().count(ORPHAN_WAYS[0]) == 1
    assert text.count("old-shop") == 1


def test_a_program_gets_every_pool_of_every_target() -> None:
    """JUnit's cases and SARIF's results are tracked one by one."""
    whole = fleet(12, "prod-007")
    assert 'tests="12"' in told(whole, Format.JUNIT)
    assert told(whole, Format.SARIF).count('"ruleId": "change/update"') == 12


def test_what_has_failed_comes_before_what_is_done_and_equal_outcomes_are_folded() -> None:
    pools = [pool_receipt("shop", done(UPDATE), target=name) for name in names(3)]
    bad = pool_receipt("shop", done(UPDATE, "failed", message="no"), target="prod-003")
    applied = plan(*(here(name, pool_plan("shop", OPENS)) for name in names(4)))
    text = report_text(receipt_report(receipt(*pools, bad), applied)).plain
    assert text.index("! failed shop") < text.index("~ updated shop")
    assert text.count("~ updated shop") == 1
    assert "Targets prod-000, prod-001, prod-002: account 111122223333, region eu-west-1" in text
