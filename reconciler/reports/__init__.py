"""Plan, receipt, findings and errors as text for people and JSON for programs.

Pure: data in, ``rich.text.Text`` or ``str`` out.  Whoever prints decides on colour, and prints a
``Text`` with ``soft_wrap=True``, so that long ARNs stay whole.
"""

from reconciler.reports.error_text import error_text
from reconciler.reports.findings_text import findings_text
from reconciler.reports.journal_text import journal_text
from reconciler.reports.json_reports import (
    consumption_json,
    findings_json,
    plan_json,
    receipt_json,
    saved_plan_json,
)
from reconciler.reports.plan_text import plan_text
from reconciler.reports.receipt_text import receipt_text
from reconciler.reports.rollback_text import rollback_text
from reconciler.reports.saved_plan_text import other_version_text, saved_plan_text
from reconciler.reports.staleness_text import applied_text, consumed_text, staleness_text

__all__ = [
    "applied_text",
    "consumed_text",
    "consumption_json",
    "error_text",
    "findings_json",
    "findings_text",
    "journal_text",
    "other_version_text",
    "plan_json",
    "plan_text",
    "receipt_json",
    "receipt_text",
    "rollback_text",
    "saved_plan_json",
    "saved_plan_text",
    "staleness_text",
]
