"""Findings and plans as SARIF 2.1.0 (OASIS), for code scanning and editors.

Each result stands at its spec.  Fingerprints leave line numbers out, so that a result stays the
same one while the file around it changes.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from reconciler.model.base import JsonValue, digest
from reconciler.model.changes import Refusal
from reconciler.model.findings import Finding
from reconciler.model.plan import Plan, PoolPlan, UnreadPlan
from reconciler.model.source import Source
from reconciler.reports.escape import escape, name
from reconciler.reports.pool_facts import body_lines, losses, reason

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_Level = Literal["error", "warning", "note"]
_FINGERPRINT = "idpool/v1"
_REFUSAL_HELP = "A change that idpool will not make. Each result names the way out."
_CHANGE_HELP = {
    "create": "The pool does not exist yet; apply creates it.",
    "update": "Live is not as the spec says; apply brings it there.",
    "delete": "A tombstone: apply deletes the pool, its id, and with deleteIdentities every "
    "identity in it. This cannot be undone.",
}


@dataclass(frozen=True)
class _Result:
    """One result; ``identity`` is what makes it the same one in the next run."""

    rule: str
    level: _Level
    message: str
    help: str
    identity: tuple[str, ...]
    source: Source | None = None
    column: int | None = None
    pool: str = ""


def findings_sarif(findings: Sequence[Finding]) -> str:
    """What is wrong in the files."""
    return _document("validate", [_of_finding(finding) for finding in findings])


def plan_sarif(plan: Plan) -> str:
    """Refusals as errors, what cannot be undone as warnings, other changes as notes."""
    return _document("plan", list(_of_plan(plan)))


def _of_finding(finding: Finding) -> _Result:
    about = f"{finding.path}: " if finding.path else ""
    fix = f" Fix: {finding.fix}" if finding.fix else ""
    return _Result(
        rule=finding.rule,
        level=finding.severity,
        message=f"{about}{finding.message}{fix}",
        help=f"What idpool validate says of {_words(finding.rule)}: each result names the fix.",
        identity=(finding.file, finding.path),
        source=Source(file=finding.file, line=finding.line),
        column=finding.column,
    )


def _of_plan(plan: Plan) -> Iterable[_Result]:
    for target in plan.targets:
        where = target.target.name
        yield from (_of_refusal(refusal, where, None) for refusal in target.refusals)
        yield from (_of_unread(pool, where) for pool in target.unread)
        for pool in target.pools:
            yield from (_of_refusal(refusal, where, pool) for refusal in pool.refusals)
            if pool.actions and not pool.refusals:
                yield _of_change(pool, where)


def _of_refusal(refusal: Refusal, target: str, pool: PoolPlan | None) -> _Result:
    about = f"{name(pool.name)} in {name(target)}" if pool else f"target {name(target)}"
    way_out = f" Way out: {refusal.way_out}" if refusal.way_out else ""
    return _Result(
        rule=f"refused/{refusal.rule}",
        level="error",
        message=f"{about} is refused: {reason(refusal)}.{way_out}",
        help=_REFUSAL_HELP,
        identity=(target, pool.name if pool else "", refusal.field),
        source=pool.source if pool else None,
        pool=pool.name if pool else "",
    )


def _of_unread(pool: UnreadPlan, target: str) -> _Result:
    """It stands at no spec: nobody knows whose it is."""
    return _Result(
        rule=f"refused/{pool.refusal.rule}",
        level="error",
        message=(
            f"{name(pool.pool_name)} in {name(target)}: {reason(pool.refusal)}. "
            f"Way out: {pool.refusal.way_out}"
        ),
        help=_REFUSAL_HELP,
        identity=(target, pool.pool_id),
    )


def _of_change(pool: PoolPlan, target: str) -> _Result:
    told = "\n".join(body_lines(pool))
    return _Result(
        rule=f"change/{pool.verb}",
        level="warning" if any(losses(pool)) else "note",
        message=f"{pool.verb} {name(pool.name)} in {name(target)}:\n{told}",
        help=_CHANGE_HELP[pool.verb],
        identity=(target, pool.name),
        source=pool.source,
        pool=pool.name,
    )


def _document(command: str, results: list[_Result]) -> str:
    rules = list({result.rule: result for result in results}.values())
    numbers = {result.rule: number for number, result in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "idpool", "rules": [_rule(result) for result in rules]}},
        "automationDetails": {"id": f"idpool/{command}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The repository's root."}}},
        "results": list(_results(results, numbers)),
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2) + "\n"


def _rule(result: _Result) -> dict[str, JsonValue]:
    help_text = _text(result.help)
    return {
        "id": escape(result.rule),
        "shortDescription": {"text": _words(result.rule)},
        "fullDescription": {"text": help_text},
        "help": {"text": help_text},
        "defaultConfiguration": {"level": result.level},
    }


def _results(results: list[_Result], numbers: dict[str, int]) -> Iterable[dict[str, JsonValue]]:
    """The results; those that are alike but for their lines are told apart by their order."""
    seen: dict[tuple[str, ...], int] = {}
    for result in results:
        identity = (result.rule, *result.identity)
        seen[identity] = seen.get(identity, 0) + 1
        yield {
            "ruleId": escape(result.rule),
            "ruleIndex": numbers[result.rule],
            "level": result.level,
            "message": {"text": _text(result.message)},
            **_places(result),
            "partialFingerprints": {_FINGERPRINT: digest([*identity, seen[identity]])},
        }


def _places(result: _Result) -> dict[str, JsonValue]:
    if result.source is None:
        return {}
    region: dict[str, JsonValue] = {"startLine": max(1, result.source.line)}
    if result.column is not None:
        region["startColumn"] = max(1, result.column)
    location: dict[str, JsonValue] = {
        "physicalLocation": {"artifactLocation": _artifact(result.source.file), "region": region}
    }
    if result.pool:
        location["logicalLocations"] = [{"name": escape(result.pool), "kind": "resource"}]
    return {"locations": [location]}


def _artifact(file: str) -> dict[str, JsonValue]:
    """The file as a URI: relative ones are relative to the repository's root."""
    uri = quote(file.encode(errors="replace"))
    if file.startswith("/"):
        return {"uri": f"file://{uri}"}
    return {"uri": uri, "uriBaseId": "SRCROOT"}


def _text(message: str) -> str:
    """Plain text: nothing in it is one of SARIF's embedded links (section 3.11.6)."""
    return "\n".join(escape(line) for line in message.split("\n")).replace("](", "] (")


def _words(rule: str) -> str:
    return escape(rule).replace("-", " ").replace("/", ": ")
