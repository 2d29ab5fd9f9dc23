"""Specs from files and folders: all of them, or every reason why not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.loader.across import across
from reconciler.loader.checks import check
from reconciler.loader.documents import POOL_KIND, PROJECT_KIND, read_documents
from reconciler.loader.files import find_files, name_of, read_text, text_of, whole_file
from reconciler.loader.pool_rules import POOL_RULES, Subject
from reconciler.loader.positions import Document
from reconciler.loader.problems import Problem
from reconciler.loader.provider_rules import PROVIDER_RULES
from reconciler.loader.rule_ids import RuleId
from reconciler.model.base import Record
from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding
from reconciler.model.project import Project
from reconciler.model.spec import PoolDocument, Source, Spec


class Loaded(Record):
    """Valid specs, and what is doubtful about them."""

    specs: tuple[Spec, ...]
    warnings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    specs: list[Spec] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def load_specs(paths: Sequence[Path], project: Project) -> Loaded:
    """Load every spec of these files and folders.

    Raises InvalidSpecs with every finding of every file, warnings included, if one is an error.
    """
    found = find_files(paths)
    reading = _Reading(findings=found.findings)
    for path, walked in found.files:
        _read_file(path, walked, project, reading)
    if not reading.documents and not reading.findings:
        for path in paths:
            message = "there is no spec here, only a project file"
            fix = "name the files or folders that hold specs"
            reading.findings.append(whole_file(path, RuleId.NO_SPECS, message, fix))
    wrong = {(finding.place, finding.path) for finding in reading.findings}
    between = across(reading.documents, project)
    new = [finding for finding in between if (finding.place, finding.path) not in wrong]
    findings = in_order([*reading.findings, *new])
    raise_errors(findings)
    return Loaded(specs=tuple(reading.specs), warnings=tuple(findings))


def load_spec_text(file: str, text: str, project: Project) -> Loaded:
    """Load every spec of a text as if it were in a file of this name.

    Raises InvalidSpecs with every finding, warnings included, if one is an error.
    """
    reading = _Reading()
    checked = text_of(Path(file), text.encode("utf-8", "surrogatepass"))
    if isinstance(checked, Finding):
        raise InvalidSpecs([checked])
    _read_text(file, checked, True, project, reading)
    findings = in_order([*reading.findings, *across(reading.documents, project)])
    raise_errors(findings)
    return Loaded(specs=tuple(reading.specs), warnings=tuple(findings))


def raise_errors(findings: Sequence[Finding]) -> None:
    """Raise InvalidSpecs if one of the findings is an error."""
    if any(finding.severity == "error" for finding in findings):
        raise InvalidSpecs(findings)


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Findings by file, in the order in which files first turn up, then by place."""
    files = list(dict.fromkeys(finding.file for finding in findings))
    rank = {file: number for number, file in enumerate(files)}
    return sorted(findings, key=lambda f: (rank[f.file], f.line, f.column))


def _read_file(path: Path, walked: bool, project: Project, reading: _Reading) -> None:
    text = read_text(path)
    if isinstance(text, Finding):
        reading.findings.append(text)
        return
    _read_text(name_of(path), text, walked, project, reading)


def _read_text(file: str, text: str, walked: bool, project: Project, reading: _Reading) -> None:
    documents, findings = read_documents(file, text)
    reading.findings += findings
    for document in documents:
        # The project file may lie in a folder of specs; it is read elsewhere.
        if not (walked and _is_project(document)):
            _read_document(document, project, reading)


def _is_project(document: Document) -> bool:
    value = document.value
    return isinstance(value, dict) and value.get("kind") == PROJECT_KIND


def _read_document(document: Document, project: Project, reading: _Reading) -> None:
    def rules(model: PoolDocument, wrong: frozenset[str]) -> Iterator[Problem]:
        ignored = frozenset(model.lifecycle.ignore_changes)
        subject = Subject(model, project, ignored | wrong)
        for rule in (*POOL_RULES, *PROVIDER_RULES):
            yield from rule(subject)

    model, problems = check(document, "identity-pool", POOL_KIND, PoolDocument, rules)
    reading.findings += map(document.finding, problems)
    reading.documents.append(document)
    if model:
        source = Source(file=document.file, line=document.line)
        reading.specs.append(Spec(source=source, document=model))
