"""Every format that a report or findings can be written in, and who writes it; JSON itself.

JSON has a ``schemaVersion``, keys sorted, one newline at the end.  Secrets are masked by the models
themselves when they are serialised.  The text is ASCII, so it can be shown as it is."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TypeAlias

from reconciler.model.drift import Drift
from reconciler.model.findings import Finding
from reconciler.model.plan import Plan
from reconciler.model.receipt import Receipt
from reconciler.model.records import Record
from reconciler.model.saved_plan import SavedPlan
from reconciler.reports.annotations import (
    findings_github,
    findings_sarif,
    report_github,
    report_sarif,
)
from reconciler.reports.error_text import findings_text
from reconciler.reports.format_names import Format
from reconciler.reports.html_report import report_html
from reconciler.reports.junit_report import findings_junit, report_junit
from reconciler.reports.markdown_report import findings_markdown, report_markdown
from reconciler.reports.sections import Report
from reconciler.reports.text_report import report_text

WriteReport: TypeAlias = Callable[[Report], str]
WriteFindings: TypeAlias = Callable[[Sequence[Finding]], str]
FINDINGS_SCHEMA_VERSION = 1


def record_json(record: Plan | Receipt | Drift) -> str:
    """A plan, a receipt or a drift, as its schema says; the model reads it back, secrets masked."""
    return _json_document(record.model_dump(mode="json"))


def saved_plan_json(saved: SavedPlan) -> str:
    """The saved plan, as it is written to its file: each spec and each pool is one line."""
    targets = [_members(each, pools=_record_lines(each.pools)) for each in saved.plan.targets]
    pools = sorted(saved.unchanged.items())
    unchanged = [f"{json.dumps(target)}: {_record_lines(kept)}" for target, kept in pools]
    plan, specs = _members(saved.plan, targets=_json_lines(targets)), _record_lines(saved.specs)
    return _members(saved, plan=plan, specs=specs, unchanged=_json_lines(unchanged, "{}")) + "\n"


def findings_json(findings: Sequence[Finding]) -> str:
    """The findings in the order given, under ``findings``."""
    listed = [asdict(finding) for finding in findings]
    return _json_document({"schemaVersion": FINDINGS_SCHEMA_VERSION, "findings": listed})


def _members(record: Record, **long: str) -> str:
    """An object with one member to a line; ``long`` ones are JSON already."""
    data = record.model_dump(mode="json", exclude=set(long))
    members = {name: json.dumps(value, sort_keys=True) for name, value in data.items()}
    every = sorted({**members, **long}.items())
    return _json_lines((f'"{name}": {text}' for name, text in every), "{}")


def _json_lines(items: Iterable[str], brackets: str = "[]") -> str:
    """A list or an object with one item to a line."""
    text = ",\n".join(items)
    return f"{brackets[0]}\n{text}\n{brackets[1]}" if text else brackets


def _record_lines(records: Iterable[Record]) -> str:
    dumped = (record.model_dump(mode="json") for record in records)
    return _json_lines(json.dumps(d, sort_keys=True, separators=(",", ":")) for d in dumped)


def _json_document(data: object) -> str:
    return json.dumps(data, indent=2, sort_keys=True) + "\n"


def _plain_report(report: Report) -> str:
    return report_text(report).plain + "\n"


def _json(report: Report) -> str:
    return record_json(report.record)


def _plain_findings(findings: Sequence[Finding]) -> str:
    return findings_text(findings).plain + "\n"


REPORT_FORMATS: Mapping[Format, WriteReport] = {
    Format.TEXT: _plain_report,
    Format.JSON: _json,
    Format.MARKDOWN: report_markdown,
    Format.HTML: report_html,
    Format.JUNIT: report_junit,
    Format.SARIF: report_sarif,
    Format.GITHUB: report_github,
}
FINDINGS_FORMATS: Mapping[Format, WriteFindings] = {
    Format.TEXT: _plain_findings,
    Format.JSON: findings_json,
    Format.MARKDOWN: findings_markdown,
    Format.JUNIT: findings_junit,
    Format.SARIF: findings_sarif,
    Format.GITHUB: findings_github,
}


def findings_in(name: Format, findings: Sequence[Finding], command: str) -> str:
    """Findings in a format; ``command``: who has found them, where the format says so."""
    if name is Format.SARIF:
        return findings_sarif(findings, command)
    return FINDINGS_FORMATS[name](findings)
