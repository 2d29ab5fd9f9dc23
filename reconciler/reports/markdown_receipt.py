"""A receipt, and findings, as Markdown."""

from collections.abc import Iterable, Sequence

from reconciler.model.findings import Finding
from reconciler.model.plan import Plan, TargetPlan
from reconciler.model.receipt import PoolReceipt, Receipt
from reconciler.reports.escape import name
from reconciler.reports.findings_text import findings_summary
from reconciler.reports.ladder import Entry, Page, Section, fit
from reconciler.reports.markdown import block, code, details, prose, row
from reconciler.reports.markdown_report import HEADER, refused_blocks, target_heading
from reconciler.reports.pool_facts import receipt_lines
from reconciler.reports.receipt_summary import receipt_summary_lines
from reconciler.reports.receipt_text import is_told, pool_result, targets_of

_LOUD = "!"


def receipt_markdown(
    receipt: Receipt, plan: Plan, *, max_bytes: int | None = None, link: str = ""
) -> str:
    """What an apply did; ``plan`` is the one that was applied.  Else as ``plan_markdown``."""
    counts, *steps = (text.plain for text in receipt_summary_lines(receipt, plan))
    page = Page(
        summary=f"**idpool:** {counts}",
        urgent=(*refused_blocks(plan), "\n".join(f"- {step}" for step in steps)),
        sections=tuple(_sections(receipt, plan)),
        after=(f"Owner {code(name(plan.owner))}, plan {code(receipt.plan_digest)}",),
        link=link,
    )
    return fit(page, max_bytes)


def findings_markdown(
    findings: Sequence[Finding], *, max_bytes: int | None = None, link: str = ""
) -> str:
    """What is wrong in the files, place by place."""
    entries = tuple(map(_finding, findings))
    page = Page(
        summary=f"**idpool:** {findings_summary(findings).plain}",
        sections=(Section("", ("", "Place", "What"), entries),) if entries else (),
        noun="problem",
        link=link,
    )
    return fit(page, max_bytes)


def _sections(receipt: Receipt, plan: Plan) -> Iterable[Section]:
    for target in targets_of(receipt, plan):
        entries = tuple(map(_entry, _told(receipt, target)))
        if entries:
            yield Section(target_heading(target.target), HEADER, entries)


def _told(receipt: Receipt, target: TargetPlan) -> Iterable[PoolReceipt]:
    here = (pool for pool in receipt.pools if pool.target == target.target.name)
    return filter(is_told, here)


def _entry(pool: PoolReceipt) -> Entry:
    sign, word = pool_result(pool)
    shown = f"**{word}**" if sign == _LOUD else word
    cells = (code(sign), code(name(pool.name)), shown)
    return Entry(row(*cells), _details(pool), rank=int(sign != _LOUD))


def _details(pool: PoolReceipt) -> str:
    lines = receipt_lines(pool)
    if not lines:
        return ""
    sign, word = pool_result(pool)
    summary = [(sign, True), (word, False), (name(pool.name), True)]
    summary += [(pool.pool_id, True)] if pool.pool_id else []
    return details(summary, block(lines), is_open=sign == _LOUD)


def _finding(finding: Finding) -> Entry:
    about = f"{code(finding.path)}: " if finding.path else ""
    fix = f" **Fix:** {prose(finding.fix)}" if finding.fix else ""
    what = f"{about}{prose(finding.message)} ({code(finding.rule)}){fix}"
    rank = int(finding.severity != "error")
    return Entry(row(finding.severity, code(finding.place), what), rank=rank)
