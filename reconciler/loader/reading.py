"""One file after the other: what the rules across documents need, and what is wrong."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from reconciler.loader.documents import read_documents
from reconciler.loader.files import name_of, read_text
from reconciler.loader.headers import Header, header_of
from reconciler.loader.pool_checks import check_pool
from reconciler.loader.positions import Document
from reconciler.loader.problems import Problem, quoted
from reconciler.loader.rule_ids import RuleId
from reconciler.model.findings import Finding
from reconciler.model.headers import PROJECT_KIND
from reconciler.model.project import Project

# Whether a document is a spec that counts, and everything that is wrong with it.
Check: TypeAlias = Callable[[Document, Project], tuple[bool, list[Problem]]]


@dataclass(slots=True)
class Brief:
    """How many specs are valid, what the rules across documents need, and what is wrong.

    No nodes: each file's are gone before the next is read.
    """

    count: int = 0
    headers: list[Header] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, other: "Brief") -> None:
        """Add the brief of the files that come next."""
        self.count += other.count
        self.headers += other.headers
        self.findings += other.findings


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads files into a brief; ``check`` may keep of a document what else is wanted."""

    project: Project
    brief: Brief = field(default_factory=Brief)
    check: Check = check_pool

    def read_file(self, path: Path, walked: bool) -> None:
        """Read every document of a file; ``walked``: it was found in a folder, nobody named it."""
        text = read_text(path)
        if isinstance(text, Finding):
            self.brief.findings.append(text)
            return
        projects = self.read_text(name_of(path), text, walked)
        if projects and not self._is_in_use(path):
            self.brief.findings += [
                each.finding(_other_project(self.project.file)) for each in projects
            ]

    def read_text(self, file: str, text: str, walked: bool) -> list[Document]:
        """Read every document of a file's text; gives the project files among them that it leaves.

        The project file may lie in a folder of specs; it is read elsewhere.
        """
        documents, findings = read_documents(file, text)
        self.brief.findings += findings
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
        counts, problems = self.check(document, self.project)
        self.brief.count += counts
        self.brief.findings += map(document.finding, problems)
        self.brief.headers.append(header_of(document))


def _other_project(used: str | None) -> Problem:
    """Specs below another project file are another owner's, and may be for another account."""
    in_use = quoted(name_of(Path(used))) if used else "none"
    message = f"this is a project file, and the one in use is {in_use}"
    fix = "name the folders of one project, and those of the other in a run of its own"
    return Problem((), RuleId.OTHER_PROJECT, message, fix)


def _is_project(document: Document) -> bool:
    value = document.value
    return isinstance(value, dict) and value.get("kind") == PROJECT_KIND
