"""A plan or a receipt as JUnit XML: pools are test cases, targets are test suites.

The form is the one that Jenkins checks (junit-10.xsd of its xUnit plugin) and that GitLab, GitHub
actions and others read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from reconciler.model.changes import Refusal
from reconciler.model.plan import Plan, PoolPlan, TargetPlan
from reconciler.model.project import Target
from reconciler.model.receipt import PoolReceipt, Receipt
from reconciler.reports.escape import escape, name
from reconciler.reports.pool_facts import body_lines, place, reason, receipt_lines
from reconciler.reports.pool_text import operation
from reconciler.reports.receipt_text import pool_result, stale_lines, targets_of

_BAD_RESULTS = frozenset({"failed", "unknown", "partly done", "stale"})


@dataclass(frozen=True)
class _Case:
    """One test case.  ``failure`` is (type, message), or ``None``; ``is_skipped``: not tried."""

    name: str
    lines: tuple[str, ...] = ()
    failure: tuple[str, str] | None = None
    is_skipped: bool = False


@dataclass(frozen=True)
class _Suite:
    target: Target
    cases: tuple[_Case, ...]


def plan_junit(plan: Plan, *, changes_fail: bool = False) -> str:
    """The plan: a refused pool has failed; with ``changes_fail`` (drift), a changed one, too."""
    suites = (
        _Suite(target.target, tuple(_plan_cases(target, changes_fail))) for target in plan.targets
    )
    return _document("idpool plan", list(suites))


def receipt_junit(receipt: Receipt, plan: Plan) -> str:
    """What an apply did: what is not as it should be has failed, what was not sent is skipped."""
    suites = (
        _Suite(target.target, tuple(_receipt_cases(receipt, target)))
        for target in targets_of(receipt, plan)
    )
    return _document("idpool apply", list(suites))


def _plan_cases(target: TargetPlan, changes_fail: bool) -> Iterable[_Case]:
    yield from _target_cases(target)
    for pool in target.pools:
        lines = (place(pool.source), *body_lines(pool))
        yield _Case(name(pool.name), lines, _plan_failure(pool, changes_fail))


def _target_cases(target: TargetPlan) -> Iterable[_Case]:
    """What belongs to no spec: the target where all of it is refused, and unreadable pools."""
    if target.refusals:
        yield _Case("the whole target", failure=_refusal_failure(target.refusals))
    for pool in target.unread:
        about = f"{name(pool.pool_name)} {escape(pool.pool_id)}"
        yield _Case(about, failure=_refusal_failure((pool.refusal,)))


def _plan_failure(pool: PoolPlan, changes_fail: bool) -> tuple[str, str] | None:
    if pool.refusals:
        return _refusal_failure(pool.refusals)
    if changes_fail and pool.actions:
        return "changed", f"{pool.verb}: live is not as the spec says"
    return None


def _refusal_failure(refusals: Iterable[Refusal]) -> tuple[str, str]:
    told = [(escape(r.rule), f"{reason(r)}; way out: {escape(r.way_out)}") for r in refusals]
    return ", ".join(rule for rule, _ in told), "; ".join(message for _, message in told)


def _receipt_cases(receipt: Receipt, target: TargetPlan) -> Iterable[_Case]:
    plans = {pool.name: pool for pool in target.pools}
    yield from _target_cases(target)
    for pool in receipt.pools:
        if pool.target == target.target.name:
            yield _receipt_case(pool, plans.get(pool.name))


def _receipt_case(pool: PoolReceipt, plan: PoolPlan | None) -> _Case:
    word = pool_result(pool)[1] if pool.actions or pool.refused or pool.stale else "unchanged"
    failure = (word, _why(pool)) if word in _BAD_RESULTS else None
    if pool.refused:
        failure = _refusal_failure(plan.refusals if plan else ())
    where = (place(plan.source),) if plan else ()
    lines = (*where, *receipt_lines(pool))
    return _Case(name(pool.name), lines, failure, is_skipped=word == "skipped")


def _why(pool: PoolReceipt) -> str:
    bad = (action for action in pool.actions if action.outcome in ("failed", "unknown"))
    stale = (text.plain for text in stale_lines(pool))
    told = (escape(a.message or a.code or f"{operation(a.action)} is {a.outcome}") for a in bad)
    return "; ".join((*stale, *told))


def _document(title: str, suites: list[_Suite]) -> str:
    counts = _counts([case for suite in suites for case in suite.cases])
    del counts["skipped"]  # a suite's attribute alone
    root = ET.Element("testsuites", {"name": title, **counts})
    for suite in suites:
        root.append(_suite(suite))
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _counts(cases: list[_Case]) -> dict[str, str]:
    return {
        "tests": str(len(cases)),
        "failures": str(sum(case.failure is not None for case in cases)),
        "errors": "0",
        "skipped": str(sum(case.is_skipped for case in cases)),
    }


def _suite(suite: _Suite) -> ET.Element:
    target = suite.target
    element = ET.Element("testsuite", {"name": name(target.name), **_counts(list(suite.cases))})
    facts = {"account": target.account, "region": target.region}
    properties = ET.SubElement(element, "properties")
    for key, fact in facts.items():
        if fact:
            ET.SubElement(properties, "property", name=key, value=escape(fact))
    element.extend(_case(case, target) for case in suite.cases)
    return element


def _case(case: _Case, target: Target) -> ET.Element:
    element = ET.Element("testcase", name=case.name, classname=name(target.name))
    told = "\n".join(case.lines)
    if case.failure:
        kind, message = case.failure
        ET.SubElement(element, "failure", type=kind, message=message).text = told
    elif case.is_skipped:
        ET.SubElement(element, "skipped", message="not sent")
    if told and not case.failure:
        ET.SubElement(element, "system-out").text = told
    return element
