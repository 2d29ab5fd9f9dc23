"""Every format of every artefact: looked at once, and the same since."""

from datetime import date

import pytest

from reconciler.model.changes import UpdatePool
from reconciler.model.plan import Plan
from reconciler.planner.drift import drift_of
from reconciler.reports.annotations import report_github
from reconciler.reports.drift_report import drift_report
from reconciler.reports.format_names import OF_PLANS, OF_RECEIPTS, Format
from reconciler.reports.formats import FINDINGS_FORMATS, REPORT_FORMATS
from reconciler.reports.junit_report import report_junit
from reconciler.reports.plan_report import plan_report
from reconciler.reports.receipt_report import receipt_report
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
GOLDEN_PLANS = ("access", "everything", "settings", "hostile", "doubtful")
GOLDEN_RECEIPTS = ("mixed", "hostile")


def golden_names() -> set[str]:
    """The golden files of these tests."""
    plans = {f"plan-{n}.{ENDINGS[f]}" for n in GOLDEN_PLANS for f in OF_PLANS if f in ENDINGS}
    receipts = {
        f"receipt-{n}.{ENDINGS[f]}" for n in GOLDEN_RECEIPTS for f in OF_RECEIPTS if f in ENDINGS
    }
    return plans | receipts | {f"findings.{ENDINGS[f]}" for f in FINDINGS_FORMATS if f in ENDINGS}


@pytest.mark.parametrize("name", GOLDEN_PLANS)
@pytest.mark.parametrize("form", [form for form in OF_PLANS if form in ENDINGS])
def test_plan(name: str, form: Format) -> None:
    text = REPORT_FORMATS[form](plan_report(PLANS[name]))
    if not text:
        text = "(nothing)\n"
    check_golden(f"plan-{name}.{ENDINGS[form]}", text)


@pytest.mark.parametrize("name", GOLDEN_RECEIPTS)
@pytest.mark.parametrize("form", [form for form in OF_RECEIPTS if form in ENDINGS])
def test_receipt(name: str, form: Format) -> None:
    check_golden(
        f"receipt-{name}.{ENDINGS[form]}", REPORT_FORMATS[form](receipt_report(*RECEIPTS[name]))
    )


@pytest.mark.parametrize("form", [form for form in FINDINGS_FORMATS if form in ENDINGS])
def test_findings(form: Format) -> None:
    check_golden(f"findings.{ENDINGS[form]}", FINDINGS_FORMATS[form](FINDINGS))


# JSON writes changes as they are: those that a planner makes are masked already.
@pytest.mark.parametrize("form", [form for form in OF_PLANS if form is not Format.JSON])
def test_no_format_of_a_plan_shows_a_secret(form: Format) -> None:
    text = REPORT_FORMATS[form](plan_report(plan_with_secrets()))
    assert SECRET not in text
    assert "consumerkey" in text or form is Format.GITHUB


@pytest.mark.parametrize("form", OF_RECEIPTS)
def test_no_format_of_a_receipt_shows_a_secret(form: Format) -> None:
    holder = pool(SupportedLoginProviders={"api.twitter.com": f"key;{SECRET}"})
    told = receipt(pool_receipt("a", done(UpdatePool(fields=())), before=holder, after=holder))
    assert SECRET not in REPORT_FORMATS[form](receipt_report(told, plan_with_secrets()))


@pytest.mark.parametrize("form", OF_PLANS)
def test_every_format_names_every_pool_that_changes_or_is_refused(form: Format) -> None:
    """GitHub's annotations are about what is refused alone."""
    text = REPORT_FORMATS[form](plan_report(PLANS["everything"]))
    verbs = ("refuse",) if form is Format.GITHUB else ("refuse", "update", "delete")
    for each in PLANS["everything"].pools:
        assert each.verb not in verbs or each.name in text


def test_a_changed_pool_passes_in_a_plan_and_fails_in_a_report_of_drift() -> None:
    changed, today = PLANS["tags"], date(2026, 6, 1)
    assert 'failures="0"' in report_junit(plan_report(changed))
    assert 'failures="1"' in report_junit(drift_report(drift_of(changed, (), today)))
    calm = report_junit(drift_report(drift_of(plan(keep()), (), today)))
    assert 'tests="1" failures="0"' in calm


def test_a_plan_without_refusals_has_no_annotation() -> None:
    assert report_github(plan_report(plan(pool_plan("a")))) == ""


def test_an_annotation_is_escaped_as_github_says() -> None:
    told = finding("a,b:c%.yaml", 3, 7, path="p", message="50% of: a, b", fix="do it", rule_id="r")
    assert FINDINGS_FORMATS[Format.GITHUB]([told]).splitlines() == [
        "::error file=a%2Cb%3Ac%25.yaml,line=3,col=7,title=idpool%3A r"
        "::p: 50%25 of: a, b%0Afix: do it"
    ]


def test_a_plan_of_no_target_has_every_format() -> None:
    for write in REPORT_FORMATS.values():
        write(plan_report(Plan(owner="o", targets=())))
