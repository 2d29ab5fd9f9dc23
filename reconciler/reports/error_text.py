"""Errors and findings for people: what is wrong, where, and what to do.

Findings have the form that editors and terminals make links of."""

from collections.abc import Iterable, Sequence

from reconciler.model.errors import AwsProblem, IdpoolError, InvalidSpecs
from reconciler.model.findings import Finding, Severity
from reconciler.reports.escape import escape
from reconciler.reports.lines import CHANGE, REMOVE, STRONG, Text, dim, joined, line, plural


def error_text(error: IdpoolError) -> Text:
    """``error: ...`` and, where the error knows one, ``  fix: ...``; for specs, every finding."""
    if isinstance(error, InvalidSpecs):
        return findings_text(error.findings)
    lines = [line(("error", f"{STRONG} {REMOVE}"), f": {escape(str(error))}", _context(error))]
    if error.hint:
        lines.append(line(f"  fix: {escape(error.hint)}"))
    return joined(lines)


def _context(error: IdpoolError) -> Text:
    """What an answer of AWS belongs to, as far as the sentence does not say it."""
    if not isinstance(error, AwsProblem):
        return Text()
    facts = (
        ("target", error.target),
        ("operation", error.operation),
        ("code", error.code),
    )
    shown = [f"{key} {escape(fact)}" for key, fact in facts if fact and fact not in str(error)]
    return dim(f" ({', '.join(shown)})") if shown else Text()


_STYLES: dict[Severity, str] = {"error": REMOVE, "warning": CHANGE}


def findings_text(findings: Sequence[Finding]) -> Text:
    """Every finding, grouped by file, and a summary line.

    Files come in the order of their first finding, findings in the order of their place.
    """
    lines: list[Text] = []
    for group in _by_file(findings):
        for finding in sorted(group, key=_position):
            lines += _finding_lines(finding)
        lines.append(Text())
    return joined([*lines, findings_summary(findings)])


def _by_file(findings: Iterable[Finding]) -> Iterable[list[Finding]]:
    files: dict[str, list[Finding]] = {}
    for finding in findings:
        files.setdefault(finding.file, []).append(finding)
    return files.values()


def _position(finding: Finding) -> tuple[int, int]:
    return finding.line, finding.column


def _finding_lines(finding: Finding) -> list[Text]:
    head = line(
        (escape(finding.place), STRONG),
        ": ",
        (finding.severity, _STYLES[finding.severity]),
        f": {escape(finding.sentence)}",
        dim(f" [{escape(finding.rule)}]"),
    )
    return [head, line(f"  fix: {escape(finding.fix)}")] if finding.fix else [head]


def findings_summary(findings: Sequence[Finding]) -> Text:
    """``5 errors and 1 warning in 3 files.``"""
    if not findings:
        return line(("No problems found.", STRONG))
    counts = [sum(f.severity == severity for f in findings) for severity in _STYLES]
    shown = [plural(n, noun) for n, noun in zip(counts, _STYLES, strict=True) if n]
    files = len({finding.file for finding in findings})
    return line((f"{' and '.join(shown)} in {plural(files, 'file')}.", STRONG))
