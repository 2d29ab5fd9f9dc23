"""Drift as a report, as messages for Slack and SNS, and as metrics for Prometheus.

Messages are read by whoever is there, so they are bounded, and what came from AWS or YAML can
neither format nor mention anything.  Metrics are in Prometheus's text exposition format, for the
textfile collector."""

import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import TypeAlias

from reconciler.model.drift import Drift, IgnoredDrift, PoolDrift, PoolDriftKind, TargetDrift, Write
from reconciler.model.project import Target
from reconciler.reports.access_lines import accesses
from reconciler.reports.difference_text import field_lines
from reconciler.reports.escape import escape, name
from reconciler.reports.lines import Sign, Style, Text, dim, indented, line, strong
from reconciler.reports.plan_report import (
    orphan_counts,
    orphan_entries,
    stopped_counts,
    stopped_entries,
)
from reconciler.reports.sections import ORPHAN_WAYS, Entry, Report, ReportPlace
from reconciler.reports.text_report import report_text

_KINDS: Mapping[PoolDriftKind, tuple[Sign, str]] = {
    "changed": ("~", "drifted"),
    "missing": ("-", "missing"),
    "undeleted": ("+", "not deleted"),
    "refused": ("!", "refused"),
    "ignored": ("=", "ignored"),
}
_SENTENCES: Mapping[PoolDriftKind, str] = {
    "missing": "no live pool is this spec's: it was deleted in AWS, or never applied",
    "undeleted": "the specs say that it must not exist, and live has it",
}


def drift_report(drift: Drift) -> Report:
    """What has moved away, and which ``ignore:`` entries have expired."""
    targets = tuple(each.target for each in drift.targets)
    entries = tuple(entry for each in drift.targets for entry in _entries(each))
    summary, findings = _summary(drift), drift.findings
    return Report("drift", drift, drift.owner, summary, targets, entries, findings=findings)


def drift_counts(drift: Drift) -> list[str]:
    """``1 drifted``, ``2 orphans``, ``14 as specified``: what there is, in a fixed order."""
    kinds: Counter[PoolDriftKind] = Counter(pool.kind for pool in drift.pools)
    same = sum(map(_as_specified, drift.targets))
    counts = [f"{kinds[kind]} {word}" for kind, (_, word) in _KINDS.items() if kinds[kind]]
    counts += [*stopped_counts(drift.targets), *orphan_counts(drift.targets)]
    return counts + ([f"{same} as specified"] if same else [])


def _summary(drift: Drift) -> Text:
    """``Drift: 1 drifted, 1 orphan, 14 as specified.``, or that there is none."""
    counts = drift_counts(drift)
    head = "No drift" if drift.is_clean else "Drift"
    if not counts:
        return line(strong(f"{head}."), " There are no specs to compare with.")
    return strong(f"{head}: {', '.join(counts)}.")


def _as_specified(target: TargetDrift) -> int:
    return target.checked - len(target.pools)


def _entries(target: TargetDrift) -> Iterator[Entry]:
    yield from stopped_entries(target.target, target.refusals, target.unread)
    yield from (_pool_entry(pool, target.target) for pool in target.pools)
    problems = (ORPHAN_WAYS[0],)
    yield from orphan_entries(target.target, target.orphans, "drift/orphan", problems)
    if same := _as_specified(target):  # for formats that tell what is as it should be, too
        places, lines = (ReportPlace(target.target),), (dim(f"{same} as specified"),)
        yield Entry("rest", "=", "as specified", places, lines=lines, is_quiet=True)


def _pool_entry(pool: PoolDrift, target: Target) -> Entry:
    sign, verb = _KINDS[pool.kind]
    fields = tuple(name(each.field) for each in pool.fields)
    differs = f"live is not as the spec says: {', '.join(fields)}"
    return Entry(
        kind="pool",
        sign=sign,
        verb=verb,
        name=pool.name,
        places=(ReportPlace(target, pool.pool_id),),
        rule=f"drift/{pool.kind}",
        source=pool.source,
        refusals=pool.refusals,
        fields=fields,
        access=accesses(pool.access),
        lines=tuple(_lines(pool)),
        problems=(_SENTENCES.get(pool.kind, differs),) if pool.has_drifted else (),
    )


def _lines(pool: PoolDrift) -> Iterator[Text]:
    if pool.kind in _SENTENCES:
        yield Text(_SENTENCES[pool.kind], Style.REFUSE)
    for field in pool.fields:
        yield from field_lines(field.field, field.differences, field.origins)
    for part in pool.ignored:
        yield from _ignored_lines(part)
    yield from map(_write_line, pool.writes)


def _ignored_lines(part: IgnoredDrift) -> list[Text]:
    why = f"ignored until {part.until.isoformat()}: {escape(part.reason)}"
    told = field_lines(part.field, part.differences, part.origins)
    return [line((why, Style.CHANGE), dim(f"  ({escape(part.path)})")), *indented(told, by=2)]


def _write_line(write: Write) -> Text:
    """``by role admin, session jane  2026-11-23T01:02:03Z  UpdateIdentityPool  from 192.0.2.1``."""
    call = dim(f"  {escape(write.at)}  {escape(write.call)}")
    address = dim(f"  from {escape(write.address)}" if write.address else "")
    return line(dim("by "), escape(write.who), call, address)


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
    lines = (text[:_SNS_LINE] for text in _report_lines(drift))
    return subject, _bounded(list(lines), _SNS_BYTES)


def _headline(drift: Drift) -> str:
    counts = ", ".join(drift_counts(drift)) or "nothing to compare"
    what = "drift has cleared" if drift.is_clean else "drift"
    return f"idpool {what} ({drift.owner}): {counts}"


def _report_parts(drift: Drift) -> Iterator[str]:
    """Whole lines in parts that fit; what does not is counted, not sent."""
    lines = [_slack(text[: _SECTION // 6]) for text in _report_lines(drift)]
    part, parts = "", 0
    for number, text in enumerate(lines):
        if len(part) + len(text) + 1 > _SECTION:
            yield part
            part, parts = "", parts + 1
            if parts == _SECTIONS:
                yield _more(len(lines) - number)
                return
        part += text + "\n"
    if part.strip():
        yield part


def _report_lines(drift: Drift) -> list[str]:
    return report_text(drift_report(drift)).plain.splitlines()


def _slack(text: str) -> str:
    """The three characters that Slack takes for its own (Slack, "Formatting message text").

    A backtick would end the preformatted text.
    """
    return html.escape(escape(text), quote=False).replace("`", "'")


def _section(text: str) -> Block:
    """``verbatim``: Slack makes no links and mentions of its own."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _bounded(lines: list[str], most: int) -> str:
    sizes = accumulate(len(text.encode()) + 1 for text in lines)
    kept = [text for text, size in zip(lines, sizes, strict=True) if size <= most]
    rest = [_more(len(lines) - len(kept))] if kept != lines else []
    return "\n".join([*kept, *rest]) + "\n"


def _more(count: int) -> str:
    return f"... and {count} more lines: see the job's log"


_LAST_SUCCESS = "idpool_drift_last_success_timestamp_seconds"
_HELP = {
    "idpool_pools": "Pools that specs describe in the target.",
    "idpool_pools_drifted": "Pools that are not as their specs say, missing ones included.",
    "idpool_orphans": "Pools that carry our owner tag and have no spec.",
    "idpool_refused": "Refusals: pools, or the target as a whole.",
    "idpool_unreadable": "Pools that AWS lists and that could not be read.",
    _LAST_SUCCESS: "When all of the target was last compared, whatever was found.",
    "idpool_drift_duration_seconds": "How long the last run took, over all its targets.",
}
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_EARLIER = re.compile(
    _LAST_SUCCESS + r'\{target="((?:[^"\\\n]|\\[\\"n]){1,200})"\} ([0-9]{1,12}(?:\.[0-9]{1,9})?)'
)


def drift_metrics(drift: Drift, *, now: float, seconds: float, earlier: Mapping[str, float]) -> str:
    """The metrics of a run that ended at ``now`` (Unix time) and took ``seconds``.

    ``earlier``: when each target was last compared before; it stays for a target that is refused as
    a whole, or of which a pool could not be read.
    """
    compared = {
        each.target.name: now if each.was_compared else earlier.get(each.target.name)
        for each in drift.targets
    }
    families: dict[str, Mapping[str, float]] = {
        "idpool_pools": {each.target.name: each.checked for each in drift.targets},
        "idpool_pools_drifted": {each.target.name: each.drifted for each in drift.targets},
        "idpool_orphans": {each.target.name: len(each.orphans) for each in drift.targets},
        "idpool_refused": {each.target.name: each.refused for each in drift.targets},
        "idpool_unreadable": {each.target.name: each.unreadable for each in drift.targets},
        _LAST_SUCCESS: {name: at for name, at in compared.items() if at is not None},
        "idpool_drift_duration_seconds": {"": seconds},
    }
    return "".join(_family(name, samples) for name, samples in families.items())


def last_successes(text: str) -> dict[str, float]:
    """When each target was last compared, by a file of metrics; what is no such line is passed."""
    found = (_EARLIER.fullmatch(line) for line in text.splitlines())
    return {_unescaped(match[1]): float(match[2]) for match in found if match}


def _family(name: str, samples: Mapping[str, float]) -> str:
    lines = [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} gauge"]
    for target, value in samples.items():
        label = f'{{target="{target.translate(_ESCAPES)}"}}' if target else ""
        lines.append(f"{name}{label} {_number(value)}")
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _unescaped(label: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], label)
