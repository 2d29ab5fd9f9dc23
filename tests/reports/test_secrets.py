"""The secret half of api.twitter.com shows in no report."""

import pytest

from reconciler.model.plan import Plan
from reconciler.reports.formats import record_json
from reconciler.reports.plan_report import plan_report
from reconciler.reports.receipt_report import receipt_report
from reconciler.reports.text_report import report_text
from tests.reports.builders import collection, edit, plan, pool, pool_plan
from tests.reports.receipts import receipt

SECRET = "hush-hush-hush"
RAW = f"consumerkey;{SECRET}"


def plan_with_secrets() -> Plan:
    """A plan whose pools hold the secret, and whose edits would hold it by mistake."""
    holder = pool(SupportedLoginProviders={"api.twitter.com": RAW})
    change = collection(
        "SupportedLoginProviders",
        edit("add", "api.twitter.com", after=RAW),
        edit("remove", "api.twitter.com", before=RAW),
        edit("change", "api.twitter.com", before=RAW, after=f"other;{SECRET}"),
    )
    return plan(pool_plan("storefront", change, live=holder, desired=holder))


@pytest.mark.parametrize("verbose", [False, True])
def test_no_text_shows_the_secret(verbose: bool) -> None:
    text = report_text(plan_report(plan_with_secrets(), verbose=verbose)).plain
    assert SECRET not in text
    assert "consumerkey;**** -> other;****" in text
    assert SECRET not in report_text(receipt_report(receipt(), plan_with_secrets())).plain


def test_json_masks_the_secret_of_a_pool() -> None:
    holder = pool(SupportedLoginProviders={"api.twitter.com": RAW})
    text = record_json(plan(pool_plan(live=holder, desired=holder)))
    assert SECRET not in text
    assert "consumerkey;****" in text


def test_a_change_of_the_secret_half_alone_is_still_seen() -> None:
    masked = "consumerkey;****"
    changed = edit("change", "api.twitter.com", before=masked, after=masked, secret=True)
    text = report_text(
        plan_report(plan(pool_plan("a", collection("SupportedLoginProviders", changed))))
    ).plain
    assert "~ api.twitter.com: consumerkey;**** (secret part changed)" in text


def test_a_change_of_both_halves_shows_both() -> None:
    changed = edit("change", "api.twitter.com", before="k;****", after="l;****", secret=True)
    text = report_text(
        plan_report(plan(pool_plan("a", collection("SupportedLoginProviders", changed))))
    ).plain
    assert "~ api.twitter.com: k;**** -> l;**** (secret part changed, too)" in text
