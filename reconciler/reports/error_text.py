"""Errors and findings for people: what is wrong, where, and what to do.

Findings have the form that editors and terminals make links of."""

from collections.abc import Sequence

from reconciler.model.errors import AwsProblem, IdpoolError, InvalidSpecs
from reconciler.model.findings import Finding, Severity, standing
from reconciler.reports.escape import escape
from reconciler.reports.lines import Style, Text, dim, joined, line, plural, strong


def error_text(error: IdpoolError) -> Text:
    """``error: ...`` and, where the error knows one, ``  fix: ...``; for specs, every finding."""
    if isinstance(error, InvalidSpecs):
        return findings_text(error.findings)
    head = line(error_line(str(error)), _context(error))
    return joined([head, line(f"  fix: {escape(error.hint)}")] if error.hint else [head])


def error_line(sentence: str) -> Text:
    """``error: ...``"""
    return line(("error", f"{Style.STRONG} {Style.REMOVE}"), f": {escape(sentence)}")


def _context(error: IdpoolError) -> Text:
    """What an answer of AWS belongs to, as far as the sentence does not say it."""
    if not isinstance(error, AwsProblem):
        return Text()
    facts = (("target", error.target), ("operation", error.operation), ("code", error.code))
    shown = [f"{key} {escape(fact)}" for key, fact in facts if fact and fact not in str(error)]
    return dim(f" ({', '.join(shown)})") if shown else Text()


SEVERITY_STYLES: dict[Severity, str] = {
    "error": Style.REMOVE,
    "warning": Style.CHANGE,
    "note": Style.DIM,
}


def findings_text(findings: Sequence[Finding]) -> Text:
    """Every finding that is not waived, grouped by file, and a summary line.

    Files come in the order of their first finding, findings in the order of their place.
    """
    files: dict[str, list[Finding]] = {}
    for finding in standing(findings):
        files.setdefault(finding.file, []).append(finding)
    lines: list[Text] = []
    for group in files.values():
        for finding in sorted(group, key=lambda each: (each.line, each.column)):
            lines += _finding_lines(finding)
        lines.append(Text())
    return joined([*lines, findings_summary(findings)])


def _finding_lines(finding: Finding) -> list[Text]:
    severity = (finding.severity, SEVERITY_STYLES[finding.severity])
    sentence, rule = f": {escape(finding.sentence)}", dim(f" [{escape(finding.rule)}]")
    head = line(strong(escape(finding.place)), ": ", severity, sentence, rule)
    return [head, line(f"  fix: {escape(finding.fix)}")] if finding.fix else [head]


def findings_summary(findings: Sequence[Finding]) -> Text:
    """``5 errors and 1 warning in 3 files. 1 waived.``"""
    told = standing(findings)
    waived = len(findings) - len(told)
    more = dim(f" {waived} waived.") if waived else Text()
    if not told:
        return line(strong("No problems found."), more)
    counts = [sum(f.severity == severity for f in told) for severity in SEVERITY_STYLES]
    shown = [plural(n, noun) for n, noun in zip(counts, SEVERITY_STYLES, strict=True) if n]
    files = len({finding.file for finding in told})
    return line(strong(f"{' and '.join(shown)} in {plural(files, 'file')}."), more)
