"""Drift as messages: for a Slack channel, for a mailbox behind an SNS topic.

Both are read by whoever is there, so they are bounded, and what came from AWS or YAML can neither
format nor mention anything.
"""

import json
from collections.abc import Iterator
from typing import TypeAlias

from reconciler.model.drift import Drift
from reconciler.reports.drift_summary import drift_counts
from reconciler.reports.drift_text import drift_text
from reconciler.reports.escape import escape

Block: TypeAlias = dict[str, object]

# Slack: 3,000 characters in a section's text, 50 blocks in a message (Block Kit reference); SNS:
# 256 KiB in a message, 100 characters in a subject (API reference, Publish).
_SECTION = 2900
_SECTIONS = 10
_SNS_BYTES = 200 * 1024
_SNS_SUBJECT = 100
# One message is for one screen; the whole report is in the job's log.
_SNS_LINE = 4000


def slack_message(drift: Drift) -> str:
    """The JSON of an incoming webhook: a headline, and the report as preformatted text."""
    head = _headline(drift)
    blocks = [_section(f"*{_slack(head)}*")]
    if not drift.is_clean:
        blocks += [_section(f"```{text}```") for text in _report_parts(drift)]
    return json.dumps({"text": _slack(head), "blocks": blocks}) + "\n"


def sns_message(drift: Drift) -> tuple[str, str]:
    """Subject and message of an SNS notification."""
    subject = escape(_headline(drift)).encode("ascii", "replace").decode()[:_SNS_SUBJECT]
    lines = (text[:_SNS_LINE] for text in drift_text(drift).plain.splitlines())
    return subject, _bounded(list(lines), _SNS_BYTES)


def _headline(drift: Drift) -> str:
    counts = ", ".join(drift_counts(drift)) or "nothing to compare"
    what = "drift has cleared" if drift.is_clean else "drift"
    return f"idpool {what} ({drift.owner}): {counts}"


def _report_parts(drift: Drift) -> Iterator[str]:
    """Whole lines in parts that fit; what does not is counted, not sent."""
    lines = [_slack(text[: _SECTION // 6]) for text in drift_text(drift).plain.splitlines()]
    part, parts = "", 0
    for number, text in enumerate(lines):
        if len(part) + len(text) + 1 > _SECTION:
            yield part
            part, parts = "", parts + 1
            if parts == _SECTIONS:
                yield f"... and {len(lines) - number} more lines: see the job's log"
                return
        part += text + "\n"
    if part.strip():
        yield part


def _slack(text: str) -> str:
    """The three characters that Slack takes for its own (Slack, "Formatting message text").

    A backtick would end the preformatted text.
    """
    safe = escape(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return safe.replace("`", "'")


def _section(text: str) -> Block:
    """``verbatim``: Slack makes no links and mentions of its own."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _bounded(lines: list[str], most: int) -> str:
    size = 0
    for number, text in enumerate(lines):
        size += len(text.encode()) + 1
        if size > most:
            rest = f"... and {len(lines) - number} more lines: see the job's log"
            return "\n".join([*lines[:number], rest]) + "\n"
    return "\n".join(lines) + "\n"
