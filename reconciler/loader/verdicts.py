"""What is found in files, taken together: errors are raised, warnings are told."""

from collections.abc import Sequence
from pathlib import Path

from reconciler.loader.across import across
from reconciler.loader.files import whole_file
from reconciler.loader.reading import Brief
from reconciler.loader.rule_ids import RuleId
from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding
from reconciler.model.project import Project


def warnings_of(paths: Sequence[Path], project: Project, brief: Brief) -> tuple[Finding, ...]:
    """What is doubtful about the project and the specs of these paths.

    Raises InvalidSpecs with every finding, warnings included, where something is wrong.
    """
    findings = brief.findings
    if not brief.headers and not findings:
        findings = list(map(_no_spec, paths))
    wrong = {(finding.place, finding.path) for finding in findings}
    between = across(brief.headers, project)
    new = [finding for finding in between if (finding.place, finding.path) not in wrong]
    ordered = in_order([*project.warnings, *findings, *new])
    raise_errors(ordered)
    return tuple(ordered)


def _no_spec(path: Path) -> Finding:
    message = "there is no spec here, only a project file"
    fix = "name the files or folders that hold specs"
    return whole_file(path, RuleId.NO_SPECS, message, fix)


def raise_errors(findings: Sequence[Finding]) -> None:
    """Raise InvalidSpecs if one of the findings is an error."""
    if any(finding.severity == "error" for finding in findings):
        raise InvalidSpecs(findings)


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Findings by file, in the order in which files first turn up, then by place."""
    files = list(dict.fromkeys(finding.file for finding in findings))
    rank = {file: number for number, file in enumerate(files)}
    return sorted(findings, key=lambda f: (rank[f.file], f.line, f.column))
