"""From YAML text to documents, and from documents to what they are."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from reconciler.model.base import API_VERSION, POOL_KIND, PROJECT_KIND, TEST_KIND, JsonValue
from reconciler.model.findings import Finding, RuleId
from reconciler.text.documents import Document, document_of
from reconciler.text.problems import Problem, Unusable, did_you_mean, finding_at, quoted, shown
from reconciler.text.yaml import parse

_YAML_HEAD: Final = 4096
_YAML_KIND: Final = re.compile(
    r"^kind:\s*[\"']?(IdentityPool|IdentityPoolTest|Project)\b", re.MULTILINE
)
_WANTED: Final = {POOL_KIND: "a spec", PROJECT_KIND: "a project file"}
_KINDS: Final = (POOL_KIND, PROJECT_KIND, TEST_KIND)


class FileKind(NamedTuple):
    """A kind of file that idpool reads or writes.  ``way``: what to do with it."""

    what: str
    way: str


SPEC: Final = FileKind(
    "a spec", "specs are for idpool validate, plan, apply and drift; save a plan with plan --out"
)
PROJECT: Final = FileKind("a project file", "name it with --project, or call it idpool.yaml")
TEST: Final = FileKind(
    "a test of a pool", "tests are for idpool test and validate, beside the spec of their pool"
)
SAVED_PLAN: Final = FileKind("a saved plan", "show it with idpool show, or apply it: idpool apply")
RECEIPT: Final = FileKind("a receipt", "take its run back with idpool rollback")
JOURNAL: Final = FileKind("a journal", "go on with its run with idpool apply --resume")
_PLAN: Final = FileKind(
    "a plan as --format json prints it",
    "save one with idpool plan --out FILE, which can be applied",
)
_DRIFT: Final = FileKind("drift as --format json prints it", "no command reads it back")
_STATE: Final = FileKind("what drift has remembered", "it is for idpool drift --state")

# First match wins: what has more fields stands before what has fewer of the same.
_BY_KEYS: Final[tuple[tuple[Collection[str], FileKind], ...]] = (
    (("planDigest", "origin", "plan"), SAVED_PLAN),
    (("entry", "at"), JOURNAL),
    (("planDigest", "pools"), RECEIPT),
    (("clean", "told"), _STATE),
    (("isClean", "targets"), _DRIFT),
    (("owner", "targets", "schemaVersion"), _PLAN),
)


def kind_of(data: Mapping[str, object]) -> FileKind | None:
    """The kind of a document by its keys; ``None`` for what is none of ours."""
    match data.get("kind"):
        case "IdentityPool":
            return SPEC
        case "Project":
            return PROJECT
        case "IdentityPoolTest":
            return TEST
        case "SavedPlan":
            return SAVED_PLAN
    return next((kind for keys, kind in _BY_KEYS if all(key in data for key in keys)), None)


def kind_of_text(text: str) -> FileKind | None:
    """The kind of a file by its text: JSON, lines of JSON, or YAML."""
    for part in (text, text.partition("\n")[0]):
        try:
            data = json.loads(part)
        except (ValueError, RecursionError):
            continue
        if isinstance(data, dict):
            return kind_of(data)
    found = _YAML_KIND.search(text[:_YAML_HEAD])
    return kind_of({"kind": found[1]}) if found else None


def read_documents(file: str, text: str) -> tuple[list[Document], list[Finding]]:
    """Every document of a text, and what kept others from being one.

    Empty documents do not count where there are others.
    """
    documents: list[Document] = []
    findings: list[Finding] = []
    roots, _, bad = parse(text)
    for root in roots:
        try:
            document = document_of(file, root)
        except Unusable as unusable:
            findings.append(finding_at(file, unusable.place, unusable.problem))
        else:
            if document.value is not None or document.problems:
                documents.append(document)
    if bad:
        findings.append(finding_at(file, bad.place, bad.problem))
    if not documents and not findings:
        findings.append(_empty(file))
    return documents, findings


def header_problems(document: Document, kind: str) -> list[Problem]:
    """Whether a document is of the kind that is wanted here, and of a version that we read."""
    value = document.value
    if not isinstance(value, dict):
        what = "a list" if isinstance(value, list) else "a plain value"
        fix = f"begin it with apiVersion: {API_VERSION} and kind: {kind}"
        return [Problem((), RuleId.NOT_A_MAPPING, f"the document is {what}, not a mapping", fix)]
    if foreign := _foreign(value, kind):
        return [foreign]
    return [*_version_problems(value), *_kind_problems(value, kind)]


def _foreign(value: dict[str, JsonValue], kind: str) -> Problem | None:
    """A document of some other tool: one clear problem in place of twenty."""
    version, its_kind = value.get("apiVersion"), value.get("kind")
    ours = kind_of(value)
    if ours is not None and ours not in (SPEC, PROJECT, TEST):
        return Problem((), RuleId.KIND, f"this is {ours.what}, not a spec", ours.way)
    if "AWSTemplateFormatVersion" in value or "Resources" in value:
        message = "this is a CloudFormation template, not a spec"
        fix = "idpool convert cloudformation makes specs of it"
    elif str(value.get("Type", "")).startswith("AWS::"):
        message = "this is a CloudFormation resource, not a spec"
        fix = "put its Properties under spec: of a document"
    elif "IdentityPoolName" in value and "spec" not in value:
        message = "this is a pool as the API describes it, not a spec"
        fix = "put it under spec: of a document"
    elif version != API_VERSION and isinstance(its_kind, str) and _is_kubernetes(version, its_kind):
        message = f"this is a Kubernetes document of kind {quoted(its_kind)}, not a spec"
        fix = "keep it in another folder"
    else:
        return None
    if kind == POOL_KIND and "spec:" in fix:
        fix += f" with apiVersion: {API_VERSION}, kind: {kind} and metadata.name"
    return Problem((), RuleId.KIND, message, fix)


def _is_kubernetes(version: JsonValue, kind: str) -> bool:
    known = isinstance(version, str) and not version.startswith("idpool")
    return known and not did_you_mean(kind, _KINDS)


def _version_problems(value: dict[str, JsonValue]) -> list[Problem]:
    version = value.get("apiVersion")
    if version == API_VERSION:
        return []
    path = ("apiVersion",)
    fix = f"write apiVersion: {API_VERSION}"
    if "apiVersion" not in value:
        return [Problem(path, RuleId.API_VERSION, 'the field "apiVersion" is missing', fix)]
    text = shown(path, version) if isinstance(version, str) else "the value"
    message = f"{text} is no version that this idpool reads"
    return [Problem(path, RuleId.API_VERSION, message, fix)]


def _kind_problems(value: dict[str, JsonValue], kind: str) -> list[Problem]:
    its_kind = value.get("kind")
    if its_kind == kind:
        return []
    path = ("kind",)
    fix = f"write kind: {kind}"
    if "kind" not in value:
        return [Problem(path, RuleId.KIND, 'the field "kind" is missing', fix)]
    if its_kind == PROJECT_KIND:
        message = "this is a project file, not a spec"
        fix = "give it with --project, and specs as arguments"
    elif its_kind == POOL_KIND:
        message, fix = "this is a spec, not a project file", "give specs as arguments"
    elif its_kind == TEST_KIND:
        message, fix = f"this is a test of a pool, not {_WANTED[kind]}", TEST.way
    else:
        text = shown(path, its_kind) if isinstance(its_kind, str) else "the value"
        message = f"{text} is no kind of document that idpool knows"
        if kind == POOL_KIND and isinstance(its_kind, str):
            fix = did_you_mean(its_kind, (POOL_KIND, TEST_KIND)) or fix
    return [Problem(path, RuleId.KIND, message, fix)]


def _empty(file: str) -> Finding:
    return Finding(
        file=file,
        line=1,
        column=1,
        path="",
        rule=RuleId.EMPTY_FILE.value,
        message="the file is empty, or holds comments only",
        fix="write a document into it, or remove it",
    )
