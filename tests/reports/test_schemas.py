"""Formats that others define, held against their schemas."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft4Validator
from xmlschema import XMLSchema

from reconciler.model.plan import Plan
from reconciler.model.receipt import Receipt
from reconciler.planner.drift import drift_of
from reconciler.reports.annotations import findings_sarif, report_sarif
from reconciler.reports.drift_report import drift_report
from reconciler.reports.junit_report import report_junit
from reconciler.reports.plan_report import plan_report
from reconciler.reports.receipt_report import receipt_report
from reconciler.reports.sections import Report
from tests.drift.test_golden import KNOWN, OVER, TODAY
from tests.reports.builders import finding
from tests.reports.plans import PLANS
from tests.reports.receipts import RECEIPTS
from tests.reports.test_escape import hostile_findings, hostile_plan, hostile_receipt, texts
from tests.reports.test_findings_text import FINDINGS
from tests.strategies import examples

SCHEMAS = Path(__file__).parent / "schemas"
SARIF = Draft4Validator(
    json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text()),
    format_checker=Draft4Validator.FORMAT_CHECKER,
)
JUNIT = XMLSchema(str(SCHEMAS / "junit.xsd"))


def sarif(text: str) -> Any:
    document = json.loads(text)
    SARIF.validate(document)
    return document["runs"][0]


def fingerprints(run: Any) -> list[str]:
    return [result["partialFingerprints"]["idpool/v1"] for result in run["results"]]


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_valid(name: str) -> None:
    sarif(report_sarif(plan_report(PLANS[name])))
    JUNIT.validate(report_junit(plan_report(PLANS[name])))


@pytest.mark.parametrize("name", PLANS)
def test_a_drift_is_valid(name: str) -> None:
    drift = drift_report(drift_of(PLANS[name], (KNOWN, OVER), TODAY))
    sarif(report_sarif(drift))
    JUNIT.validate(report_junit(drift))


@pytest.mark.parametrize("name", RECEIPTS)
def test_a_receipt_is_valid(name: str) -> None:
    JUNIT.validate(report_junit(receipt_report(*RECEIPTS[name])))


def test_findings_are_valid() -> None:
    run = sarif(findings_sarif(FINDINGS))
    assert len(run["results"]) == len(FINDINGS)
    assert run["results"][0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "specs/a.yaml", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 12, "startColumn": 5},
    }


@examples(50)
@given(texts)
def test_hostile_names_leave_every_format_valid(text: str) -> None:
    plan: Plan = hostile_plan(text)
    receipt: Receipt = hostile_receipt(text)
    sarif(report_sarif(plan_report(plan)))
    sarif(findings_sarif(hostile_findings(text)))
    JUNIT.validate(report_junit(plan_report(plan)))
    JUNIT.validate(report_junit(receipt_report(receipt, plan)))


def test_levels_say_how_bad_it_is() -> None:
    results = sarif(report_sarif(plan_report(PLANS["everything"])))["results"]
    assert [(result["ruleId"], result["level"]) for result in results] == [
        ("change/update", "note"),
        ("change/delete", "warning"),
        ("refused/developer-provider", "error"),
        ("refused/wrong-account", "error"),
    ]


def test_every_result_has_a_rule_with_help() -> None:
    for run in (
        sarif(report_sarif(plan_report(PLANS["everything"]))),
        sarif(findings_sarif(FINDINGS)),
    ):
        rules = run["tool"]["driver"]["rules"]
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)


def test_a_finding_that_moves_keeps_its_fingerprint() -> None:
    before, after = ([finding(line=n)] for n in (3, 30))
    moved = [fingerprints(sarif(findings_sarif(findings))) for findings in (before, after)]
    assert moved[0] == moved[1]


def test_two_findings_of_one_kind_have_two_fingerprints() -> None:
    twice = fingerprints(sarif(findings_sarif([finding(line=3), finding(line=9)])))
    assert len(set(twice)) == 2


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("specs/a b#c.yaml", {"uri": "specs/a%20b%23c.yaml", "uriBaseId": "SRCROOT"}),
        ("/work/a.yaml", {"uri": "file:///work/a.yaml"}),
    ],
)
def test_a_path_becomes_a_uri(path: str, uri: dict) -> None:
    run = sarif(findings_sarif([finding(path)]))
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == uri


@pytest.mark.parametrize("report", [report_sarif, report_junit])
def test_the_same_plan_gives_the_same_text(report: Callable[[Report], str]) -> None:
    assert report(plan_report(PLANS["everything"])) == report(plan_report(PLANS["everything"]))
