"""Files and folders of specs: every document is checked, and every finding told at once."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from reconciler.model.base import PROJECT_KIND
from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding, RuleId
from reconciler.model.project import Project
from reconciler.specs.across import Header, across, header_of
from reconciler.specs.checks import CheckedSpec, check_spec
from reconciler.specs.documents import read_documents
from reconciler.specs.files import find_files, finding_in, name_of, read_text
from reconciler.text.documents import Document
from reconciler.text.problems import Problem, quoted

Check: TypeAlias = Callable[[Document, Project], CheckedSpec]


@dataclass(slots=True)
class ReadSpecs:
    """How many specs are valid, what the rules across documents need, and what is wrong.

    No nodes: each file's are gone before the next is read.
    """

    count: int = 0
    headers: list[Header] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    doubts: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads files one after the other; ``check`` may keep of a document what else is wanted."""

    project: Project
    read: ReadSpecs = field(default_factory=ReadSpecs)
    check: Check = check_spec

    def read_file(self, path: Path, walked: bool) -> None:
        """Read every document of a file; ``walked``: it was found in a folder, nobody named it."""
        text = read_text(path)
        if isinstance(text, Finding):
            self.read.findings.append(text)
            return
        projects = self.read_text(name_of(path), text, walked)
        if projects and not self._is_in_use(path):
            self.read.findings += [
                each.finding(_other_project(self.project.file)) for each in projects
            ]

    def read_text(self, file: str, text: str, walked: bool) -> list[Document]:
        """Read every document of a file's text; gives the project files among them that it leaves.

        The project file may lie in a folder of specs; it is read elsewhere.
        """
        documents, findings = read_documents(file, text)
        self.read.findings += findings
        projects = []
        for document in documents:
            if walked and _is_project(document):
                projects.append(document)
            else:
                self._read_document(document)
        return projects

    def _is_in_use(self, path: Path) -> bool:
        used = self.project.file
        return used is not None and os.path.realpath(used) == os.path.realpath(path)

    def _read_document(self, document: Document) -> None:
        checked = self.check(document, self.project)
        self.read.count += bool(checked.effective)
        self.read.findings += checked.findings
        self.read.doubts += checked.doubts
        self.read.headers.append(header_of(document))


def _other_project(used: str | None) -> Problem:
    """Specs below another project file are another owner's, and may be for another account."""
    in_use = quoted(name_of(Path(used))) if used else "none"
    message = f"this is a project file, and the one in use is {in_use}"
    fix = "name the folders of one project, and those of the other in a run of its own"
    return Problem((), RuleId.OTHER_PROJECT, message, fix)


def _is_project(document: Document) -> bool:
    value = document.value
    return isinstance(value, dict) and value.get("kind") == PROJECT_KIND


def warnings_of(paths: Sequence[Path], project: Project, read: ReadSpecs) -> tuple[Finding, ...]:
    """What is doubtful about the project and the specs of these paths.

    Raises InvalidSpecs with every finding, those of checks included, where something is wrong.
    """
    findings = read.findings
    if not read.headers and not findings:
        findings = [finding_in(path, RuleId.NO_SPECS, "project") for path in paths]
    wrong = {(finding.place, finding.path) for finding in findings}
    between = across(read.headers, project)
    new = [finding for finding in between if (finding.place, finding.path) not in wrong]
    ordered = in_order([*project.warnings, *findings, *new])
    if _has_errors(ordered):
        raise InvalidSpecs(in_order([*ordered, *read.doubts]))
    return tuple(ordered)


def raise_errors(findings: Sequence[Finding]) -> None:
    """Raise InvalidSpecs if one of the findings is an error."""
    if _has_errors(findings):
        raise InvalidSpecs(findings)


def _has_errors(findings: Sequence[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Findings by file, in the order in which files first turn up, then by place."""
    files = list(dict.fromkeys(finding.file for finding in findings))
    rank = {file: number for number, file in enumerate(files)}
    return sorted(findings, key=lambda f: (rank[f.file], f.line, f.column))


@dataclass(frozen=True, slots=True)
class Checked:
    """How many valid specs there are, what is doubtful about them, and what checks say of them."""

    count: int
    warnings: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()


def check_specs(paths: Sequence[Path], project: Project, check: Check = check_spec) -> Checked:
    """Do as ``load_specs`` does, but keep no spec: much less memory, and less time.

    Raises InvalidSpecs as ``load_specs`` does.
    """
    read, warnings = read_specs(paths, project, check)
    return Checked(read.count, warnings, tuple(in_order(read.doubts)))


def read_specs(
    paths: Sequence[Path], project: Project, check: Check
) -> tuple[ReadSpecs, tuple[Finding, ...]]:
    """Read every spec of these paths; with what is doubtful.  Raises InvalidSpecs."""
    found = find_files(paths)
    reader = Reader(project, ReadSpecs(findings=found.findings), check)
    for path, walked in found.files:
        reader.read_file(path, walked)
    return reader.read, warnings_of(paths, project, reader.read)
