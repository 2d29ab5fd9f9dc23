"""Every format of every artefact: looked at once, and the same since."""

import pytest

from reconciler.model.actions import UpdatePool
from reconciler.model.plan import Plan
from reconciler.reports.format_names import Format
from reconciler.reports.formats import FINDINGS_FORMATS, PLAN_FORMATS, RECEIPT_FORMATS
from reconciler.reports.github_report import plan_github
from reconciler.reports.junit_report import plan_junit
from tests.reports.builders import done, finding, plan, pool, pool_plan, pool_receipt
from tests.reports.golden import check_golden
from tests.reports.plans import PLANS, keep
from tests.reports.receipts import RECEIPTS, receipt
from tests.reports.test_findings_text import FINDINGS
from tests.reports.test_secrets import SECRET, plan_with_secrets

ENDINGS = {
    Format.MARKDOWN: "md",
    Format.HTML: "html",
    Format.JUNIT: "junit.xml",
    Format.SARIF: "sarif.json",
    Format.GITHUB: "github.txt",
}
GOLDEN_PLANS = ("everything", "settings", "hostile")
GOLDEN_RECEIPTS = ("mixed", "hostile")


def golden_names() -> set[str]:
    """The golden files of these tests."""
    plans = {f"plan-{n}.{ENDINGS[f]}" for n in GOLDEN_PLANS for f in PLAN_FORMATS if f in ENDINGS}
    receipts = {
        f"receipt-{n}.{ENDINGS[f]}"
        for n in GOLDEN_RECEIPTS
        for f in RECEIPT_FORMATS
        if f in ENDINGS
    }
    return plans | receipts | {f"findings.{ENDINGS[f]}" for f in FINDINGS_FORMATS if f in ENDINGS}


@pytest.mark.parametrize("name", GOLDEN_PLANS)
@pytest.mark.parametrize("form", [form for form in PLAN_FORMATS if form in ENDINGS])
def test_plan(name: str, form: Format) -> None:
    text = PLAN_FORMATS[form](PLANS[name])
    if not text:
        text = "(nothing)\n"
    check_golden(f"plan-{name}.{ENDINGS[form]}", text)


@pytest.mark.parametrize("name", GOLDEN_RECEIPTS)
@pytest.mark.parametrize("form", [form for form in RECEIPT_FORMATS if form in ENDINGS])
def test_receipt(name: str, form: Format) -> None:
    check_golden(f"receipt-{name}.{ENDINGS[form]}", RECEIPT_FORMATS[form](*RECEIPTS[name]))


@pytest.mark.parametrize("form", [form for form in FINDINGS_FORMATS if form in ENDINGS])
def test_findings(form: Format) -> None:
    check_golden(f"findings.{ENDINGS[form]}", FINDINGS_FORMATS[form](FINDINGS))


# JSON writes changes as they are: those that a planner makes are masked already.
@pytest.mark.parametrize("form", [form for form in PLAN_FORMATS if form is not Format.JSON])
def test_no_format_of_a_plan_shows_a_secret(form: Format) -> None:
    text = PLAN_FORMATS[form](plan_with_secrets())
    assert SECRET not in text
    assert "consumerkey" in text or form is Format.GITHUB


@pytest.mark.parametrize("form", RECEIPT_FORMATS)
def test_no_format_of_a_receipt_shows_a_secret(form: Format) -> None:
    holder = pool(SupportedLoginProviders={"api.twitter.com": f"key;{SECRET}"})
    told = receipt(pool_receipt("a", done(UpdatePool(fields=())), before=holder, after=holder))
    assert SECRET not in RECEIPT_FORMATS[form](told, plan_with_secrets())


@pytest.mark.parametrize("form", PLAN_FORMATS)
def test_every_format_names_every_pool_that_changes_or_is_refused(form: Format) -> None:
    """GitHub's annotations are about what is refused alone."""
    text = PLAN_FORMATS[form](PLANS["everything"])
    verbs = ("refuse",) if form is Format.GITHUB else ("refuse", "update", "delete")
    for each in PLANS["everything"].pools:
        assert each.verb not in verbs or each.name in text


def test_a_changed_pool_passes_in_a_plan_and_fails_in_a_report_of_drift() -> None:
    changed = PLANS["tags"]
    assert 'failures="0"' in plan_junit(changed)
    assert 'failures="1"' in plan_junit(changed, changes_fail=True)
    assert 'failures="0"' in plan_junit(plan(keep()), changes_fail=True)


def test_a_plan_without_refusals_has_no_annotation() -> None:
    assert plan_github(plan(pool_plan("a"))) == ""


def test_an_annotation_is_escaped_as_github_says() -> None:
    told = finding("a,b:c%.yaml", 3, 7, path="p", message="50% of: a, b", fix="do it", rule_id="r")
    assert FINDINGS_FORMATS[Format.GITHUB]([told]).splitlines() == [
        "::error file=a%2Cb%3Ac%25.yaml,line=3,col=7,title=idpool%3A r"
        "::p: 50%25 of: a, b%0Afix: do it"
    ]


def test_a_plan_of_no_target_has_every_format() -> None:
    for report in PLAN_FORMATS.values():
        report(Plan(owner="o", targets=()))
