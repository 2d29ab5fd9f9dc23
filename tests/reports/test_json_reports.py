"""Reports for programs: stable, masked, and readable back."""

import json

import pytest

from reconciler.model.plan import Plan
from reconciler.model.receipt import Receipt
from reconciler.reports.formats import findings_json, record_json
from tests.reports.builders import finding, plan, pool, pool_plan
from tests.reports.plans import PLANS
from tests.reports.receipts import RECEIPTS


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_reads_back_as_itself(name: str) -> None:
    assert Plan.model_validate_json(record_json(PLANS[name])) == PLANS[name]


def test_a_plan_with_a_secret_reads_back_with_the_secret_masked() -> None:
    secret = pool(SupportedLoginProviders={"api.twitter.com": "key;hush"})
    masked = pool(SupportedLoginProviders={"api.twitter.com": "key;****"})
    read = Plan.model_validate_json(record_json(plan(pool_plan(live=secret, desired=secret))))
    assert read == plan(pool_plan(live=masked, desired=masked))


@pytest.mark.parametrize("name", RECEIPTS)
def test_a_receipt_reads_back_as_itself(name: str) -> None:
    receipt, _ = RECEIPTS[name]
    assert Receipt.model_validate_json(record_json(receipt)) == receipt


def test_findings_are_listed_under_a_schema_version() -> None:
    told = json.loads(findings_json([finding(line=7)]))
    assert told["schemaVersion"] == 1
    assert [f["line"] for f in told["findings"]] == [7]


@pytest.mark.parametrize(
    "text",
    [
        record_json(PLANS["everything"]),
        record_json(RECEIPTS["mixed"][0]),
        findings_json([finding()]),
        findings_json([]),
    ],
)
def test_json_is_versioned_sorted_and_ends_with_one_newline(text: str) -> None:
    data = json.loads(text)
    assert data["schemaVersion"] == 1
    assert text == json.dumps(data, indent=2, sort_keys=True) + "\n"
