"""What a reviewer reads before saying yes."""

import pytest

from reconciler.reports.plan_report import plan_report
from reconciler.reports.text_report import report_text
from tests.reports.golden import check_golden
from tests.reports.plans import PLANS


@pytest.mark.parametrize("name", PLANS)
def test_plan(name: str) -> None:
    check_golden(f"plan-{name}.txt", report_text(plan_report(PLANS[name])).plain + "\n")


@pytest.mark.parametrize("name", ["everything", "calm", "gone"])
def test_verbose_plan(name: str) -> None:
    check_golden(
        f"plan-{name}-verbose.txt", report_text(plan_report(PLANS[name], verbose=True)).plain + "\n"
    )
