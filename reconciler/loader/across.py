"""Rules across documents: names, targets and adopted pools.

They read the plain values, not the models, so that a document with an error elsewhere counts too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.loader.positions import Document
from reconciler.loader.problems import FieldPath, Problem, listed, quoted
from reconciler.loader.rule_ids import RuleId
from reconciler.loader.spelling import did_you_mean
from reconciler.model.base import JsonValue
from reconciler.model.findings import Finding
from reconciler.model.project import AMBIENT, Project

_ADOPT: Final[FieldPath] = ("metadata", "adopt")
_TARGETS: Final[FieldPath] = ("metadata", "targets")


@dataclass(frozen=True, slots=True)
class Header:
    """What a document says about itself, as far as it does."""

    document: Document
    name: str | None
    targets: tuple[tuple[int, str], ...] | None
    adopt: str | Mapping[str, str] | None


def across(documents: Sequence[Document], project: Project) -> Iterator[Finding]:
    """Everything that is wrong between documents, and between them and the project."""
    headers = [_header(document) for document in documents]
    yield from _same_names(headers)
    for header in headers:
        problems = [*_unknown_targets(header, project), *_adopt_places(header, project)]
        yield from map(header.document.finding, problems)
    yield from _same_pools(headers, project)


def _same_names(headers: Sequence[Header]) -> Iterator[Finding]:
    path = ("metadata", "name")
    first: dict[str, Header] = {}
    for header in headers:
        if header.name is None:
            continue
        earlier = first.setdefault(header.name, header)
        if earlier is not header:
            message = (
                f"{quoted(header.name)} is the name of another spec already: "
                f"{_place(earlier.document, path)}"
            )
            fix = "give one of the two another name, or remove it"
            problem = Problem(path, RuleId.DUPLICATE_NAME, message, fix)
            yield header.document.finding(problem)


def _unknown_targets(header: Header, project: Project) -> Iterator[Problem]:
    names = [target.name for target in project.targets]
    for index, target in header.targets or ():
        if target not in names:
            yield _unknown_target((*_TARGETS, index), target, names, at_key=False)
    if isinstance(header.adopt, Mapping):
        for target in header.adopt:
            if target not in names:
                yield _unknown_target((*_ADOPT, target), target, names, at_key=True)


def _unknown_target(path: FieldPath, target: str, names: Sequence[str], *, at_key: bool) -> Problem:
    if names == [AMBIENT]:
        message = f"there is no target {quoted(target)}: targets are named in the project file"
        fix = "add it to targets: in idpool.yaml, or remove it here"
    else:
        message = f"the project has no target {quoted(target)}"
        fix = did_you_mean(target, names) or f"write one of {listed(names)}"
    return Problem(path, RuleId.UNKNOWN_TARGET, message, fix, at_key=at_key)


def _adopt_places(header: Header, project: Project) -> Iterator[Problem]:
    goes_to = _goes_to(header, project)
    if isinstance(header.adopt, str) and len(goes_to) > 1:
        message = f"one pool id, but the spec goes to {len(goes_to)} targets: {listed(goes_to)}"
        fix = f"write one id for each target: {{{goes_to[0]}: {quoted(header.adopt)}}}"
        yield Problem(_ADOPT, RuleId.ADOPT_NEEDS_TARGETS, message, fix)
    known = {target.name for target in project.targets}
    if isinstance(header.adopt, Mapping):
        for target in header.adopt:
            if target in known and target not in goes_to:
                message = f"the spec does not go to target {quoted(target)}"
                fix = "add it to metadata.targets, or remove it here"
                path = (*_ADOPT, target)
                yield Problem(path, RuleId.ADOPT_ELSEWHERE, message, fix, at_key=True)


def _same_pools(headers: Sequence[Header], project: Project) -> Iterator[Finding]:
    first: dict[tuple[str, str], tuple[Document, FieldPath]] = {}
    for header in headers:
        for target, path, pool_id in _adopted(header, project):
            here = (header.document, path)
            earlier = first.setdefault((target, pool_id), here)
            if earlier != here:
                message = (
                    f"{quoted(pool_id)} in target {target} is adopted by another spec already: "
                    f"{_place(*earlier)}"
                )
                fix = "a pool has one spec: remove one of the two"
                yield header.document.finding(Problem(path, RuleId.DUPLICATE_ADOPT, message, fix))


def _adopted(header: Header, project: Project) -> Iterator[tuple[str, FieldPath, str]]:
    goes_to = _goes_to(header, project)
    if isinstance(header.adopt, str) and len(goes_to) == 1:
        yield goes_to[0], _ADOPT, header.adopt
    if isinstance(header.adopt, Mapping):
        for target in goes_to:
            if pool_id := header.adopt.get(target):
                yield target, (*_ADOPT, target), pool_id


def _goes_to(header: Header, project: Project) -> list[str]:
    names = [target.name for target in project.targets]
    if header.targets is None:
        return names
    wanted = {target for _, target in header.targets}
    return [name for name in names if name in wanted]


def _place(document: Document, path: FieldPath) -> str:
    return document.finding(Problem(path, RuleId.DUPLICATE_NAME, "")).place


def _header(document: Document) -> Header:
    value = document.value
    metadata = value.get("metadata") if isinstance(value, dict) else None
    if not isinstance(metadata, dict):
        return Header(document, None, None, None)
    name = metadata.get("name")
    return Header(
        document,
        name if isinstance(name, str) else None,
        _targets(metadata.get("targets")),
        _adopt(metadata.get("adopt")),
    )


def _targets(value: JsonValue) -> tuple[tuple[int, str], ...] | None:
    if not isinstance(value, list):
        return None
    return tuple((i, one) for i, one in enumerate(value) if isinstance(one, str))


def _adopt(value: JsonValue) -> str | Mapping[str, str] | None:
    if isinstance(value, dict):
        return {key: one for key, one in value.items() if isinstance(one, str)}
    return value if isinstance(value, str) else None
