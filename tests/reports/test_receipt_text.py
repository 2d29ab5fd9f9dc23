"""What a person learns from an apply."""

from typing import get_args

import pytest

from reconciler.model.changes import UpdatePool
from reconciler.model.receipt import Outcome
from reconciler.reports.receipt_report import receipt_report
from reconciler.reports.text_report import report_text
from tests.reports.builders import done, plan, pool_plan, pool_receipt
from tests.reports.golden import check_golden
from tests.reports.receipts import RECEIPTS, receipt


@pytest.mark.parametrize("name", RECEIPTS)
def test_receipt(name: str) -> None:
    check_golden(f"receipt-{name}.txt", report_text(receipt_report(*RECEIPTS[name])).plain + "\n")


def test_stale_before_the_first_write_says_that_nothing_was_written() -> None:
    action = done(UpdatePool(fields=()), "skipped", attempts=0)
    text = report_text(
        receipt_report(receipt(pool_receipt("a", action, stale=True)), plan(pool_plan("a")))
    ).plain
    assert "live changed since the plan; nothing was written to this pool; plan again" in text


def test_stale_after_a_write_does_not_claim_that_nothing_was_written() -> None:
    written, left = UpdatePool(fields=()), done(UpdatePool(fields=()), "skipped", attempts=0)
    stale = pool_receipt("a", done(written), left, stale=True)
    assert (
        "nothing was written"
        not in report_text(receipt_report(receipt(stale), plan(pool_plan("a")))).plain
    )


@pytest.mark.parametrize("stale", [True, False])
def test_what_was_remarkable_about_a_pool_is_told(*, stale: bool) -> None:
    """Why a twin makes a pool stale, say; written by another run, and so escaped."""
    told = pool_receipt("a", done(UpdatePool(fields=())), stale=stale, message="a twin\x1b[31m")
    text = report_text(receipt_report(receipt(told), plan(pool_plan("a")))).plain
    assert "a twin\\x1b[31m" in text


def test_every_action_of_a_receipt_is_told() -> None:
    told, plan_ = RECEIPTS["mixed"]
    text = report_text(receipt_report(told, plan_)).plain
    for pool in told.pools:
        assert not pool.actions or f" {pool.name}  " in text
    rows = [row for row in text.splitlines() if row.startswith(" " * 6)]
    outcomes = [row.split()[0] for row in rows]
    for outcome in get_args(Outcome):
        assert outcomes.count(outcome) == told.count(outcome)
