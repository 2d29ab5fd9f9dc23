"""Specs from files and folders: all of them, or every reason why not."""

from collections.abc import Sequence
from pathlib import Path

from reconciler.loader.across import across
from reconciler.loader.files import find_files, text_of, whole_file
from reconciler.loader.headers import Header
from reconciler.loader.reading import Reading, read_documents_of, read_file
from reconciler.loader.rule_ids import RuleId
from reconciler.loader.workers import brief_of_all
from reconciler.model.base import Record
from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding
from reconciler.model.project import Project
from reconciler.model.spec import Spec


class Loaded(Record):
    """Valid specs, and what is doubtful about them."""

    specs: tuple[Spec, ...]
    warnings: tuple[Finding, ...] = ()


class Checked(Record):
    """How many valid specs there are, and what is doubtful about them."""

    count: int
    warnings: tuple[Finding, ...] = ()


def load_specs(paths: Sequence[Path], project: Project) -> Loaded:
    """Load every spec of these files and folders.

    Raises InvalidSpecs with every finding of every file, warnings included, if one is an error.
    """
    found = find_files(paths)
    reading = Reading(findings=found.findings)
    for path, walked in found.files:
        read_file(path, walked, project, reading)
    warnings = _warnings(paths, project, reading.headers, reading.findings)
    return Loaded(specs=tuple(reading.specs), warnings=warnings)


def check_specs(paths: Sequence[Path], project: Project) -> Checked:
    """Do as ``load_specs`` does, but keep no spec: much less memory, and less time.

    Raises InvalidSpecs as ``load_specs`` does.
    """
    found = find_files(paths)
    brief = brief_of_all(list(found.files), project)
    warnings = _warnings(paths, project, brief.headers, [*found.findings, *brief.findings])
    return Checked(count=brief.count, warnings=warnings)


def load_spec_text(file: str, text: str, project: Project) -> Loaded:
    """Load every spec of a text as if it were in a file of this name.

    Raises InvalidSpecs with every finding, warnings included, if one is an error.
    """
    reading = Reading()
    checked = text_of(Path(file), text.encode("utf-8", "surrogatepass"))
    if isinstance(checked, Finding):
        raise InvalidSpecs([checked])
    read_documents_of(file, checked, True, project, reading)
    findings = in_order([*reading.findings, *across(reading.headers, project)])
    raise_errors(findings)
    return Loaded(specs=tuple(reading.specs), warnings=tuple(findings))


def _warnings(
    paths: Sequence[Path], project: Project, headers: Sequence[Header], findings: Sequence[Finding]
) -> tuple[Finding, ...]:
    """What is doubtful about specs; raises InvalidSpecs where something is wrong."""
    if not headers and not findings:
        findings = list(map(_no_spec, paths))
    wrong = {(finding.place, finding.path) for finding in findings}
    between = across(headers, project)
    new = [finding for finding in between if (finding.place, finding.path) not in wrong]
    ordered = in_order([*findings, *new])
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
