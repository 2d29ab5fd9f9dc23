"""Workflow commands for GitHub Actions: what becomes an annotation on the changed files.

``::error file=F,line=L,col=C,title=T::message``, escaped as GitHub's toolkit does it
(docs.github.com, "Workflow commands for GitHub Actions").  GitHub shows ten of a kind for a step.
"""

from collections.abc import Iterable, Sequence

from reconciler.model.changes import Refusal
from reconciler.model.findings import Finding
from reconciler.model.plan import Plan
from reconciler.model.receipt import ActionReceipt, PoolReceipt, Receipt
from reconciler.model.source import Source
from reconciler.reports.escape import escape, name
from reconciler.reports.pool_facts import reason
from reconciler.reports.pool_text import operation

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def findings_github(findings: Sequence[Finding]) -> str:
    """An annotation a finding, in its place."""
    return _commands(
        _command(
            finding.severity,
            {
                "file": finding.file,
                "line": str(finding.line),
                "col": str(finding.column),
                "title": f"idpool: {finding.rule}",
            },
            f"{finding.path}: {finding.message}" if finding.path else finding.message,
            f"fix: {finding.fix}" if finding.fix else "",
        )
        for finding in findings
    )


def plan_github(plan: Plan) -> str:
    """An annotation a refusal, at its spec."""
    return _commands(_refusals(plan))


def receipt_github(receipt: Receipt, plan: Plan) -> str:
    """An annotation a refusal, and one for each action that failed or of which nobody knows."""
    sources = {(t.target.name, p.name): p.source for t in plan.targets for p in t.pools}
    failures = (
        _failure(pool, action, sources.get((pool.target, pool.name)))
        for pool in receipt.pools
        for action in pool.actions
        if action.outcome in ("failed", "unknown")
    )
    return _commands([*_refusals(plan), *failures])


def _refusals(plan: Plan) -> Iterable[str]:
    for target in plan.targets:
        about = f"target {name(target.target.name)}"
        yield from (_refusal(refusal, about, None) for refusal in target.refusals)
        for unread in target.unread:
            where = f"{name(unread.pool_name)} in {name(target.target.name)}"
            yield _refusal(unread.refusal, where, None)
        for pool in target.pools:
            where = f"{name(pool.name)} in {name(target.target.name)}"
            yield from (_refusal(refusal, where, pool.source) for refusal in pool.refusals)


def _refusal(refusal: Refusal, about: str, source: Source | None) -> str:
    way_out = f"way out: {refusal.way_out}" if refusal.way_out else ""
    title = f"idpool: {about} is refused ({refusal.rule})"
    return _command("error", _at(source, title), reason(refusal), way_out)


def _failure(pool: PoolReceipt, action: ActionReceipt, source: Source | None) -> str:
    title = f"idpool: {name(pool.name)} in {name(pool.target)}: {action.outcome}"
    code = f" [{action.code}]" if action.code else ""
    return _command(
        "error", _at(source, title), f"{operation(action.action)}{code}", action.message
    )


def _at(source: Source | None, title: str) -> dict[str, str]:
    place = {"file": source.file, "line": str(source.line)} if source else {}
    return {**place, "title": title}


def _command(kind: str, properties: dict[str, str], *message: str) -> str:
    told = ",".join(f"{key}={escape(v).translate(_PROPERTY)}" for key, v in properties.items())
    text = "\n".join(escape(line) for line in message if line)
    return f"::{kind} {told}::{text.translate(_DATA)}"


def _commands(commands: Iterable[str]) -> str:
    return "".join(f"{command}\n" for command in commands)
