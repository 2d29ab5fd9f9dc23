"""A report as JUnit XML: pools are test cases, targets are test suites; and findings likewise.

The form is the one that Jenkins checks (junit-10.xsd of its xUnit plugin) and that GitLab, GitHub
actions and others read.
"""

from collections import defaultdict
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from reconciler.model.findings import Finding, standing
from reconciler.model.project import Target
from reconciler.reports.access_lines import access_texts
from reconciler.reports.escape import escape, name
from reconciler.reports.sections import Entry, Report, reason


def report_junit(report: Report) -> str:
    """What is refused, has failed or has drifted is a failure; what was not sent is skipped."""
    cases: dict[str, list[Entry]] = defaultdict(list)
    for entry in filter(_is_case, report.entries):
        cases[entry.places[0].target.name].append(entry)
    counts = _counts([entry for entries in cases.values() for entry in entries])
    del counts["skipped"]  # a suite's attribute alone
    root = ET.Element("testsuites", {"name": f"idpool {report.title}", **counts})
    root.extend(_suite(target, cases[target.name], report) for target in report.targets)
    return _document(root)


def findings_junit(findings: Sequence[Finding]) -> str:
    """Files are suites, and findings are cases: an error has failed, all else is said of a pass."""
    files: dict[str, list[Finding]] = defaultdict(list)
    findings = standing(findings)
    for finding in findings:
        files[finding.file].append(finding)
    root = ET.Element("testsuites", {"name": "idpool findings", **_counts_of(findings)})
    root.extend(_file_suite(file, found) for file, found in files.items())
    return _document(root)


def _counts_of(findings: Sequence[Finding]) -> dict[str, str]:
    failures = sum(each.severity == "error" for each in findings)
    return {"tests": str(len(findings)), "failures": str(failures), "errors": "0"}


def _file_suite(file: str, findings: Sequence[Finding]) -> ET.Element:
    counts = {**_counts_of(findings), "skipped": "0"}
    suite = ET.Element("testsuite", {"name": escape(file), **counts})
    for finding in findings:
        about = f"{finding.line}:{finding.column} {finding.rule}"
        case = ET.SubElement(suite, "testcase", name=escape(about), classname=escape(file))
        told = escape(finding.sentence)
        text = f"{escape(finding.place)}: {finding.severity}: {told}"
        if finding.fix:
            text += f"\nfix: {escape(finding.fix)}"
        if finding.severity == "error":
            failure = {"type": escape(finding.rule), "message": told}
            ET.SubElement(case, "failure", failure).text = text
        else:
            ET.SubElement(case, "system-out").text = text
    return suite


def _document(root: ET.Element) -> str:
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _is_case(entry: Entry) -> bool:
    """Orphans are cases where they count as drift."""
    return entry.kind in ("target", "unread", "pool") or entry.is_quiet or bool(entry.problems)


def _failure(entry: Entry) -> tuple[str, str] | None:
    """Type and message, ``None`` for a case that passes or was not tried."""
    if entry.refusals:
        rules = ", ".join(escape(refusal.rule) for refusal in entry.refusals)
        told = (f"{reason(each)}; way out: {escape(each.way_out)}" for each in entry.refusals)
        return rules, "; ".join(told)
    return (entry.verb, "; ".join(entry.problems)) if entry.problems else None


def _is_skipped(entry: Entry) -> bool:
    return entry.verb == "skipped" and not _failure(entry)


def _counts(entries: Sequence[Entry]) -> dict[str, str]:
    return {
        "tests": str(len(entries)),
        "failures": str(sum(_failure(each) is not None for each in entries)),
        "errors": "0",
        "skipped": str(sum(map(_is_skipped, entries))),
    }


def _suite(target: Target, entries: Sequence[Entry], report: Report) -> ET.Element:
    suite = ET.Element("testsuite", {"name": name(target.name), **_counts(entries)})
    properties = ET.SubElement(suite, "properties")
    for key, fact in (("account", target.account), ("region", target.region)):
        if fact:
            ET.SubElement(properties, "property", name=key, value=escape(fact))
    suite.extend(_case(entry, target, report) for entry in entries)
    return suite


def _case(entry: Entry, target: Target, report: Report) -> ET.Element:
    about = entry.title if entry.kind == "pool" else f"{entry.title} {entry.pool_id}".rstrip()
    case = ET.Element("testcase", name=about, classname=name(target.name))
    body = [*access_texts(report, entry), *entry.body]
    lines = (entry.where, *(text.plain for text in body))
    told = "\n".join(line for line in lines if line)
    if failure := _failure(entry):
        kind, message = failure
        ET.SubElement(case, "failure", type=kind, message=message).text = told
        return case
    if _is_skipped(entry):
        ET.SubElement(case, "skipped", message="not sent")
    if told:
        ET.SubElement(case, "system-out").text = told
    return case
