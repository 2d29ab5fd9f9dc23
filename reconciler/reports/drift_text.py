"""Drift for people: what the specs say, what live has, and who wrote it."""

from collections.abc import Iterable, Mapping

from reconciler.model.drift import (
    Drift,
    IgnoredDrift,
    PoolDrift,
    PoolDriftKind,
    TargetDrift,
    Write,
)
from reconciler.model.plan import TargetPlan
from reconciler.reports.difference_text import field_lines
from reconciler.reports.drift_summary import drift_summary
from reconciler.reports.escape import escape
from reconciler.reports.findings_text import findings_text
from reconciler.reports.lines import CHANGE, REFUSE, Sign, dim, indented, joined, line
from reconciler.reports.orphan_text import orphan_lines
from reconciler.reports.pool_text import headline, refusal_lines
from reconciler.reports.styled_text import Text
from reconciler.reports.target_text import target_headline, target_refusal_lines
from reconciler.reports.unread_text import unread_lines

_BODY = 2
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


def drift_text(drift: Drift) -> Text:
    """The drift, target by target, what has expired, and one sentence at the end."""
    lines: list[Text] = []
    for target in drift.targets:
        blocks = _blocks(target)
        if blocks:
            lines.append(target_headline(target.target))
            for block in blocks:
                lines += [Text(), *indented(block, by=_BODY)]
            lines.append(Text())
    if drift.findings:
        lines += [findings_text(drift.findings), Text()]
    return joined([*lines, drift_summary(drift)])


def _blocks(target: TargetDrift) -> list[list[Text]]:
    whole = TargetPlan(target=target.target, refusals=target.refusals)
    pools = [_pool_lines(pool) for pool in target.pools]
    rest = (unread_lines(target.unread), orphan_lines(target.orphans))
    blocks = (target_refusal_lines(whole), *pools, *rest)
    return [block for block in blocks if block]


def _pool_lines(pool: PoolDrift) -> list[Text]:
    sign, word = _KINDS[pool.kind]
    body = [
        *refusal_lines(pool.refusals),
        *_sentence(pool.kind),
        *(text for field in pool.fields for text in field_lines(field.field, field.differences)),
        *(text for part in pool.ignored for text in _ignored_lines(part)),
        *_write_lines(pool.writes),
    ]
    return [headline(sign, word, pool.name, pool.pool_id, pool.source), *indented(body)]


def _sentence(kind: PoolDriftKind) -> Iterable[Text]:
    if kind in _SENTENCES:
        yield line((_SENTENCES[kind], REFUSE))


def _ignored_lines(part: IgnoredDrift) -> list[Text]:
    why = f"ignored until {part.until.isoformat()}: {escape(part.reason)}"
    told = field_lines(part.field, part.differences)
    return [line((why, CHANGE), dim(f"  ({escape(part.path)})")), *indented(told, by=2)]


def _write_lines(writes: Iterable[Write]) -> list[Text]:
    """``by role admin, session jane  2026-11-23T01:02:03Z  UpdateIdentityPool  from 192.0.2.1``."""
    return [
        line(
            dim("by "),
            escape(write.who),
            dim(f"  {escape(write.at)}  {escape(write.call)}"),
            dim(f"  from {escape(write.address)}" if write.address else ""),
        )
        for write in writes
    ]
