"""The project file: where it is, and what it says."""

import re
from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatchcase
from os.path import relpath
from pathlib import Path

from reconciler.loader.checks import check
from reconciler.loader.documents import PROJECT_KIND, read_documents
from reconciler.loader.files import PROJECT_FILE, name_of, read_text
from reconciler.loader.positions import Document
from reconciler.loader.problems import Problem, quoted
from reconciler.loader.rule_ids import RuleId
from reconciler.loader.specs import in_order, raise_errors
from reconciler.loader.spelling import did_you_mean
from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding
from reconciler.model.ignore import Ignore
from reconciler.model.pool import POOL_FIELDS
from reconciler.model.project import (
    NAME_TAG,
    OWNER_TAG,
    RESERVED_TAG_PREFIX,
    Project,
    ProjectDocument,
    project_of,
)
from reconciler.model.spec import Source

_IP_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}")


def find_project(start: Path) -> Path | None:
    """The project file in a folder or the nearest above it, not beyond the repository's root.

    The path is relative to ``start``, so that whoever reads of a spec reads the same in every
    checkout.
    """
    for folder in (start, *start.absolute().parents):
        if (folder / PROJECT_FILE).is_file():
            return Path(relpath(folder / PROJECT_FILE, start))
        if (folder / ".git").exists():
            return None
    return None


def load_project(path: Path) -> Project:
    """Load a project file; ``specs`` are joined to its folder.

    Raises InvalidSpecs with every finding.
    """
    text = read_text(path)
    if isinstance(text, Finding):
        raise InvalidSpecs([text])
    documents, findings = read_documents(name_of(path), text)
    models: list[ProjectDocument] = []
    for document in documents:
        model, problems = check(document, "project", PROJECT_KIND, ProjectDocument, _rules)
        findings += map(document.finding, problems)
        models += [model] if model else []
    findings += map(_second_project, documents[1:])
    raise_errors(in_order(findings))
    project = project_of(models[0])
    specs = tuple(str(path.parent / spec) for spec in project.specs)
    ignore = tuple(_placed(documents[0], n, entry) for n, entry in enumerate(project.ignore))
    return project.model_copy(update={"specs": specs, "ignore": ignore})


def _placed(document: Document, number: int, entry: Ignore) -> Ignore:
    """An entry that knows its place: it is named there when it has expired."""
    path = ("ignore", number, "until")
    line, column = document.place(Problem(path, RuleId.NO_SUCH_DATE, ""))
    source = Source(file=document.file, line=line)
    return entry.model_copy(update={"source": source, "column": column})


def _second_project(document: Document) -> Finding:
    message = "a project file holds one document"
    fix = "remove this one, or give it a file of its own"
    return document.finding(Problem((), RuleId.ONE_PROJECT, message, fix))


def _rules(document: ProjectDocument, _: frozenset[str]) -> Iterator[Problem]:
    yield from _same_places(document)
    yield from _own_tags(document)
    yield from _ignored_fields(document)
    yield from _dates(document)
    yield from _bucket_name(document)


def _same_places(document: ProjectDocument) -> Iterator[Problem]:
    """Two targets for one place would each create the pools of all specs there."""
    first: dict[tuple[str, str], str] = {}
    for name, target in document.targets.items():
        earlier = first.setdefault((target.account, target.region), name)
        if earlier != name:
            message = (
                f"is the same account and region as target {quoted(earlier)}: both would be "
                "the owner of the same pools"
            )
            path = ("targets", name)
            fix = "remove one of the two, or give it another account or region"
            yield Problem(path, RuleId.DUPLICATE_TARGET, message, fix)


def _own_tags(document: ProjectDocument) -> Iterator[Problem]:
    for index, pattern in enumerate(document.ignore_tags):
        own = pattern.startswith(RESERVED_TAG_PREFIX)
        if own or _matches_own(pattern):
            yield Problem(
                ("ignoreTags", index),
                RuleId.IGNORES_OWN_TAGS,
                f"{quoted(pattern)} covers idpool's own tags, {OWNER_TAG} and {NAME_TAG}",
                "write a narrower pattern",
            )


def _matches_own(pattern: str) -> bool:
    return any(fnmatchcase(tag, pattern) for tag in (OWNER_TAG, NAME_TAG))


def _ignored_fields(document: ProjectDocument) -> Iterator[Problem]:
    """An entry for a field that no pool has would never hide anything."""
    for index, entry in enumerate(document.ignore):
        if entry.field not in POOL_FIELDS:
            message = f"{quoted(entry.field)} is no field of a pool"
            fix = (
                did_you_mean(entry.field, POOL_FIELDS) or "write SPEC.FIELD, with a field of spec:"
            )
            yield Problem(("ignore", index, "path"), RuleId.UNKNOWN_FIELD, message, fix)


def _dates(document: ProjectDocument) -> Iterator[Problem]:
    """A pattern lets the 31st of February pass."""
    for index, entry in enumerate(document.ignore):
        try:
            date.fromisoformat(entry.until)
        except ValueError:
            message = f"there is no day {quoted(entry.until)}"
            fix = 'write a day of the calendar as year, month, day: "2026-12-31"'
            yield Problem(("ignore", index, "until"), RuleId.NO_SUCH_DATE, message, fix)


def _bucket_name(document: ProjectDocument) -> Iterator[Problem]:
    """What a pattern cannot say well (Amazon S3 user guide, "General purpose bucket naming")."""
    bucket = (document.lock or "").removeprefix("s3://").partition("/")[0]
    if ".." in bucket or _IP_ADDRESS.fullmatch(bucket):
        message = f"{quoted(bucket)} cannot be the name of a bucket"
        fix = "name a bucket that exists; idpool makes none"
        yield Problem(("lock",), RuleId.WRONG_FORMAT, message, fix)
