"""Every format that a report can be written in, by artefact, and who writes it."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from reconciler.model.findings import Finding
from reconciler.model.plan import Plan
from reconciler.model.receipt import Receipt
from reconciler.reports.findings_text import findings_text
from reconciler.reports.format_names import Format
from reconciler.reports.github_report import findings_github, plan_github, receipt_github
from reconciler.reports.html_report import plan_html, receipt_html
from reconciler.reports.json_reports import findings_json, plan_json, receipt_json
from reconciler.reports.junit_report import plan_junit, receipt_junit
from reconciler.reports.markdown_receipt import findings_markdown, receipt_markdown
from reconciler.reports.markdown_report import plan_markdown
from reconciler.reports.plan_text import plan_text
from reconciler.reports.receipt_text import receipt_text
from reconciler.reports.sarif_report import findings_sarif, plan_sarif

PlanReport: TypeAlias = Callable[[Plan], str]
ReceiptReport: TypeAlias = Callable[[Receipt, Plan], str]
FindingsReport: TypeAlias = Callable[[Sequence[Finding]], str]


def _plan_plain(plan: Plan) -> str:
    return plan_text(plan).plain + "\n"


def _receipt_plain(receipt: Receipt, plan: Plan) -> str:
    return receipt_text(receipt, plan).plain + "\n"


def _receipt_json(receipt: Receipt, _plan: Plan) -> str:
    return receipt_json(receipt)


def _findings_plain(findings: Sequence[Finding]) -> str:
    return findings_text(findings).plain + "\n"


PLAN_FORMATS: Mapping[Format, PlanReport] = {
    Format.TEXT: _plan_plain,
    Format.JSON: plan_json,
    Format.MARKDOWN: plan_markdown,
    Format.HTML: plan_html,
    Format.JUNIT: plan_junit,
    Format.SARIF: plan_sarif,
    Format.GITHUB: plan_github,
}
RECEIPT_FORMATS: Mapping[Format, ReceiptReport] = {
    Format.TEXT: _receipt_plain,
    Format.JSON: _receipt_json,
    Format.MARKDOWN: receipt_markdown,
    Format.HTML: receipt_html,
    Format.JUNIT: receipt_junit,
    Format.GITHUB: receipt_github,
}
FINDINGS_FORMATS: Mapping[Format, FindingsReport] = {
    Format.TEXT: _findings_plain,
    Format.JSON: findings_json,
    Format.MARKDOWN: findings_markdown,
    Format.SARIF: findings_sarif,
    Format.GITHUB: findings_github,
}
