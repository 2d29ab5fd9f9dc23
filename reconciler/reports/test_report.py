"""What has come of tests of pools, in every format; no value of a claim is in any."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from xml.etree import ElementTree as ET

from reconciler.checks.asking import shown_role
from reconciler.checks.outcomes import Outcome
from reconciler.model.findings import Finding, RuleId
from reconciler.model.project import Target
from reconciler.reports.error_text import findings_text
from reconciler.reports.escape import escape, name
from reconciler.reports.lines import Style, Text, dim, joined, line, plural, strong
from reconciler.specs.checks import in_targets
from reconciler.specs.pool_tests import PoolTest

SCHEMA_VERSION: Final = 1
# A problem's rule, and what it makes of the test.
_WORDS: Final[Mapping[RuleId | None, str]] = {
    None: "passed",
    RuleId.TEST_FAILED: "failed",
    RuleId.TEST_NOT_KNOWN: "not known",
    RuleId.TEST_NOT_RUN: "not run",
}


def folded(outcomes: Sequence[Outcome]) -> list[Finding]:
    """What is wrong, once for all targets; it says in which, where that is not in all."""
    everywhere: dict[str, list[str]] = {}
    where: dict[tuple[str, Finding], list[str]] = {}
    for each in outcomes:
        everywhere.setdefault(each.test.name, []).append(each.target)
        if each.finding is not None:
            where.setdefault((each.test.name, each.finding), []).append(each.target)
    return [
        in_targets(finding, targets, everywhere[test]) for (test, finding), targets in where.items()
    ]


def tests_text(tests: Sequence[PoolTest], outcomes: Sequence[Outcome], *, verbose: bool) -> Text:
    """What is wrong, and how many have passed; ``verbose``: these, too."""
    lines: list[Text] = []
    if verbose:
        lines += [_line(each) for each in outcomes] + [Text()]
    if findings := folded(outcomes):
        lines += [findings_text(findings), Text()]
    return joined([*lines, _summary(tests, outcomes)])


def _line(outcome: Outcome) -> Text:
    style = Style.ADD if outcome.problem is None else Style.REMOVE
    told = line((_word(outcome), style), f"  {name(outcome.test.name)} in {name(outcome.target)}")
    return line(told, f": {escape(_got(outcome))}" if outcome.answer else "", dim(_place(outcome)))


def _place(outcome: Outcome) -> str:
    return f"  {escape(outcome.test.source.file)}:{outcome.test.source.line}"


def _got(outcome: Outcome) -> str:
    decision = outcome.answer.decision if outcome.answer else None
    if decision is None:
        return ""
    return shown_role(decision.role) if decision.role else f"{decision.verdict}: {decision.why}"


def _word(outcome: Outcome) -> str:
    return _WORDS[outcome.problem.rule if outcome.problem else None]


def _summary(tests: Sequence[PoolTest], outcomes: Sequence[Outcome]) -> Text:
    """``3 tests in 2 targets: 5 passed, 1 failed.``, and how many are for other targets."""
    counts = Counter(map(_word, outcomes))
    told = ", ".join(f"{counts[word]} {word}" for word in _WORDS.values() if counts[word])
    run = {each.test.name for each in outcomes}
    targets = {each.target for each in outcomes}
    where = f" in {plural(len(targets), 'target')}" if len(targets) > 1 else ""
    left = len({each.name for each in tests} - run)
    more = f" {plural(left, 'test')} for other targets." if left else ""
    head = f"{plural(len(run), 'test')}{where}: {told}." if run else "No test was run."
    return line(strong(head), more)


def tests_json(outcomes: Sequence[Outcome]) -> str:
    """The outcomes, target by target."""
    document = {"schemaVersion": SCHEMA_VERSION, "tests": list(map(_result, outcomes))}
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def _result(outcome: Outcome) -> dict[str, Any]:
    finding, answer = outcome.finding, outcome.answer
    role = answer.decision.role if answer else ""
    return {
        "name": outcome.test.name,
        "source": f"{outcome.test.source.file}:{outcome.test.source.line}",
        "spec": outcome.test.pool,
        "target": outcome.target,
        "poolId": (answer.asked.pool_id or None) if answer else None,
        "outcome": _word(outcome),
        "verdict": answer.decision.verdict if answer else None,
        "role": shown_role(role) if role else None,
        "why": answer.decision.why if answer else None,
        "decidedAt": (answer.place or None) if answer else None,
        "place": finding.place if finding else None,
        "message": finding.message if finding else None,
        "fix": finding.fix if finding else None,
    }


def tests_junit(targets: Sequence[Target], outcomes: Sequence[Outcome]) -> str:
    """Targets are suites, as of a plan; of what is not known or not run nothing has passed."""
    root = ET.Element("testsuites", {"name": "idpool test", **_counts(outcomes)})
    for target in targets:
        here = [each for each in outcomes if each.target == target.name]
        counts = {**_counts(here), "skipped": "0"}
        suite = ET.SubElement(root, "testsuite", {"name": name(target.name), **counts})
        suite.extend(map(_case, here))
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _counts(outcomes: Sequence[Outcome]) -> dict[str, str]:
    failures = sum(each.problem is not None for each in outcomes)
    return {"tests": str(len(outcomes)), "failures": str(failures), "errors": "0"}


def _case(outcome: Outcome) -> ET.Element:
    case = ET.Element("testcase", name=name(outcome.test.name), classname=name(outcome.test.pool))
    if finding := outcome.finding:
        message = escape(finding.sentence)
        told = "\n".join(_told(finding))
        ET.SubElement(case, "failure", type=escape(finding.rule), message=message).text = told
    else:
        ET.SubElement(case, "system-out").text = f"{escape(_got(outcome))}{_place(outcome)}"
    return case


def _told(finding: Finding) -> Iterator[str]:
    yield f"{escape(finding.place)}: {escape(finding.sentence)}"
    yield f"fix: {escape(finding.fix)}"
