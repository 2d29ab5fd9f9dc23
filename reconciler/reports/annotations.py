"""Annotations beside the changed files: SARIF 2.1.0 (OASIS), and GitHub's workflow commands.

Each SARIF result stands at its spec.  Fingerprints leave line numbers out, so that a result stays
the same one while the file around it changes.  GitHub reads
``::error file=F,line=L,col=C,title=T::message``, escaped as its toolkit does it (docs.github.com,
"Workflow commands for GitHub Actions"), and shows ten of a kind for a step."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote

from reconciler.model.access import PoolFinding
from reconciler.model.base import JsonValue, digest
from reconciler.model.findings import Finding, Severity, Source, standing
from reconciler.reports.access_lines import access_texts
from reconciler.reports.doubts import known_as, place_of
from reconciler.reports.escape import escape
from reconciler.reports.sections import Entry, Report, reason

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_Level = Literal["error", "warning", "note"]
_ANNOTATIONS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}
_FINGERPRINT = "idpool/v1"
_REFUSAL_HELP = "A change that idpool will not make. Each result names the way out."
_HELP = {
    "change/create": "The pool does not exist yet; apply creates it.",
    "change/update": "Live is not as the spec says; apply brings it there.",
    "change/delete": "A tombstone: apply deletes the pool, its id, and with deleteIdentities every "
    "identity in it. This cannot be undone.",
    "drift/changed": "Live has moved away from the spec: apply it again, or pull what live has.",
    "drift/missing": "The spec's pool is not there: it was deleted in AWS, or never applied.",
    "drift/undeleted": "The spec is a tombstone, and its pool is still there.",
    "drift/ignored": "An ignore: entry of the project file says that this difference is known.",
    "drift/orphan": "A pool that is idpool's by its tags, and that no spec here describes.",
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
    pool: str = ""
    column: int | None = None
    waived: str = ""


def findings_sarif(findings: Sequence[Finding], command: str = "validate") -> str:
    """What is wrong in the files; ``command``: who says so."""
    return _document(command, [_of_finding(finding, command) for finding in findings])


def report_sarif(report: Report) -> str:
    """Refusals as errors, drift and what cannot be undone as warnings, other changes as notes."""
    changes = [r for entry in report.entries for r in _of_entry(entry, report)]
    return _document(report.title, [*changes, *map(_of_finding, report.findings)])


def _of_finding(finding: Finding, command: str = "validate") -> _Result:
    message = finding.sentence + (f" Fix: {finding.fix}" if finding.fix else "")
    about = f"What idpool {command} says of {_words(finding.rule)}: each result names the fix."
    identity = (finding.file, finding.path)
    source = Source(file=finding.file, line=finding.line)
    rule, level = finding.rule, finding.severity
    column, waived = finding.column, finding.waived
    return _Result(rule, level, message, about, identity, source, column=column, waived=waived)


def _of_entry(entry: Entry, report: Report) -> Iterator[_Result]:
    where = report.about(entry)
    whose = entry.name if entry.kind in ("pool", "target") else entry.places[0].pool_id or ""
    identity = (entry.places[0].target.name, whose)
    source, pool = entry.source, entry.name if entry.source else ""
    for refusal in entry.refusals:
        rule = f"refused/{refusal.rule}"
        message = f"{where} is refused: {reason(refusal)}. Way out: {refusal.way_out}"
        this = (*identity, refusal.field) if entry.kind != "unread" else identity
        doubt = entry.doubt_of(refusal)
        place, column = place_of(doubt) if doubt else (source, None)
        yield _Result(rule, "error", message, _REFUSAL_HELP, this, place, pool, column)
    yield from _of_doubts(entry, where)
    if entry.rule and not entry.refusals:
        level: _Level = "warning" if entry.losses or entry.problems else "note"
        lines = [text.plain for text in entry.lines] or entry.problems
        access = [text.plain for text in access_texts(report, entry)]
        message = "\n".join([f"{entry.verb} {where}:", *access, *lines])
        yield _Result(entry.rule, level, message, _HELP[entry.rule], identity, source, pool)


def _of_doubts(entry: Entry, where: str) -> Iterator[_Result]:
    """What checks say, in its place; what live has already is a note."""
    for doubt in entry.doubts:
        if doubt.blocks:
            continue
        known = f" ({known_as(doubt)})" if doubt.is_known else ""
        fix = f" Fix: {doubt.fix}" if doubt.fix else ""
        message = f"{where}{known}: {doubt.path}: {doubt.message}.{fix}"
        level = "note" if doubt.is_known else doubt.severity
        more = f"idpool explain {escape(doubt.rule)} says more"
        about = f"What checks say of {_words(doubt.rule)}: {more}."
        identity = (entry.places[0].target.name, entry.name, doubt.path)
        place, column = place_of(doubt)
        told = _Result(doubt.rule, level, message, about, identity, place, entry.name, column)
        yield replace(told, waived=doubt.waived)


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
    help_text: dict[str, JsonValue] = {"text": _text(result.help)}
    return {
        "id": escape(result.rule),
        "shortDescription": {"text": _words(result.rule)},
        "fullDescription": help_text,
        "help": help_text,
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
            **_suppressions(result),
        }


def _suppressions(result: _Result) -> dict[str, JsonValue]:
    """A waiver stands outside of the spec (section 3.35)."""
    if not result.waived:
        return {}
    return {"suppressions": [{"kind": "external", "justification": _text(result.waived)}]}


def _places(result: _Result) -> dict[str, JsonValue]:
    if result.source is None:
        return {}
    region: dict[str, JsonValue] = {"startLine": max(1, result.source.line)}
    if result.column is not None:
        region["startColumn"] = max(1, result.column)
    place: JsonValue = {"artifactLocation": _artifact(result.source.file), "region": region}
    location: dict[str, JsonValue] = {"physicalLocation": place}
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


_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = {**_DATA, **str.maketrans({":": "%3A", ",": "%2C"})}


def report_github(report: Report) -> str:
    """An annotation a refusal, a doubt, a failed call and a drift, at its spec; equal ones once."""
    entries = report.folded
    commands = (
        command
        for annotations in (_refusals, _failures, _drifts, _doubts)
        for entry in entries
        for command in annotations(entry, report)
    )
    return _commands(commands) + findings_github(report.findings)


def findings_github(findings: Sequence[Finding]) -> str:
    """An annotation a finding, in its place."""
    return _commands(map(_finding, standing(findings)))


def _finding(finding: Finding) -> str:
    place = {"file": finding.file, "line": str(finding.line), "col": str(finding.column)}
    at = {**place, "title": f"idpool: {finding.rule}"}
    fix = f"fix: {finding.fix}" if finding.fix else ""
    return _command(_ANNOTATIONS[finding.severity], at, finding.sentence, fix)


def _refusals(entry: Entry, report: Report) -> Iterator[str]:
    where = report.about(entry)
    for refusal in entry.refusals:
        title = f"idpool: {where} is refused ({refusal.rule})"
        doubt = entry.doubt_of(refusal)
        at = _at_place(doubt, title) if doubt else _at(entry.source, title)
        yield _command("error", at, reason(refusal), f"way out: {refusal.way_out}")


def _failures(entry: Entry, report: Report) -> Iterator[str]:
    where = report.about(entry)
    for failure in entry.failures:
        code = f" [{failure.code}]" if failure.code else ""
        at = _at(entry.source, f"idpool: {where}: {failure.outcome}")
        yield _command("error", at, f"{failure.call}{code}", failure.message)


def _drifts(entry: Entry, report: Report) -> Iterator[str]:
    """What differs; what is planned is no problem, and what has failed has its own annotation."""
    if entry.rule and entry.problems and not entry.refusals:
        access = [text.plain for text in access_texts(report, entry)]
        told = [text.plain for text in entry.lines] or entry.problems
        at = _at(entry.source, f"idpool: {report.about(entry)}: {entry.verb}")
        yield _command("warning", at, *access, *told)


def _doubts(entry: Entry, report: Report) -> Iterator[str]:
    where = report.about(entry)
    for doubt in entry.doubts:
        if not doubt.blocks:
            kind = "notice" if doubt.is_known else _ANNOTATIONS[doubt.severity]
            known = f", {known_as(doubt)}" if doubt.is_known else ""
            at = _at_place(doubt, f"idpool: {where}{known} ({doubt.rule})")
            fix = f"fix: {doubt.fix}" if doubt.fix else ""
            yield _command(kind, at, f"{doubt.path}: {doubt.message}", fix)


def _at_place(doubt: PoolFinding, title: str) -> dict[str, str]:
    source, column = place_of(doubt)
    return {**_at(source, title), **({"col": str(column)} if column else {})}


def _at(source: Source | None, title: str) -> dict[str, str]:
    place = {"file": source.file, "line": str(source.line)} if source else {}
    return {**place, "title": title}


def _command(kind: str, properties: dict[str, str], *message: str) -> str:
    told = ",".join(f"{key}={escape(v).translate(_PROPERTY)}" for key, v in properties.items())
    text = "\n".join(escape(line) for line in message if line)
    return f"::{kind} {told}::{text.translate(_DATA)}"


def _commands(commands: Iterable[str]) -> str:
    return "".join(f"{command}\n" for command in commands)
