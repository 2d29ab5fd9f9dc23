"""One file after the other: its specs, what the rules across documents need, what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler.loader.checks import check
from reconciler.loader.documents import POOL_KIND, PROJECT_KIND, read_documents
from reconciler.loader.files import name_of, read_text
from reconciler.loader.headers import Header, header_of
from reconciler.loader.pool_rules import POOL_RULES, Subject
from reconciler.loader.positions import Document
from reconciler.loader.problems import Problem
from reconciler.loader.provider_rules import PROVIDER_RULES
from reconciler.model.findings import Finding
from reconciler.model.project import Project
from reconciler.model.spec import PoolDocument, Source, Spec


@dataclass(slots=True)
class Reading:
    """What was read so far.  No nodes: each file's are gone before the next is read."""

    specs: list[Spec] = field(default_factory=list)
    headers: list[Header] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_file(path: Path, walked: bool, project: Project, reading: Reading) -> None:
    """Read every document of a file; ``walked``: it was found in a folder, nobody named it."""
    text = read_text(path)
    if isinstance(text, Finding):
        reading.findings.append(text)
        return
    read_documents_of(name_of(path), text, walked, project, reading)


def read_documents_of(
    file: str, text: str, walked: bool, project: Project, reading: Reading
) -> None:
    """Read every document of a file's text."""
    documents, findings = read_documents(file, text)
    reading.findings += findings
    for document in documents:
        # The project file may lie in a folder of specs; it is read elsewhere.
        if not (walked and _is_project(document)):
            _read_document(document, project, reading)


def _is_project(document: Document) -> bool:
    value = document.value
    return isinstance(value, dict) and value.get("kind") == PROJECT_KIND


_RULES: Final = (*POOL_RULES, *PROVIDER_RULES)


def _read_document(document: Document, project: Project, reading: Reading) -> None:
    def rules(model: PoolDocument, wrong: frozenset[str]) -> Iterator[Problem]:
        subject = Subject(model, project, wrong.union(model.lifecycle.ignore_changes))
        for rule in _RULES:
            yield from rule(subject)

    model, problems = check(document, "identity-pool", POOL_KIND, PoolDocument, rules)
    reading.findings += map(document.finding, problems)
    reading.headers.append(header_of(document))
    if model:
        source = Source(file=document.file, line=document.line)
        reading.specs.append(Spec(source=source, document=model))
