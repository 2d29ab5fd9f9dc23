"""Rules across documents: names, targets and adopted pools."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from reconciler.model.base import JsonValue
from reconciler.model.findings import Finding, RuleId
from reconciler.model.project import AMBIENT, Project
from reconciler.text.documents import Document, Places, finding_at
from reconciler.text.problems import FieldPath, Problem, did_you_mean, listed, quoted

NAME: Final[FieldPath] = ("metadata", "name")
TARGETS: Final[FieldPath] = ("metadata", "targets")
ADOPT: Final[FieldPath] = ("metadata", "adopt")
FORMER: Final[FieldPath] = ("metadata", "formerNames")
DELETE: Final[FieldPath] = ("lifecycle", "delete")
PER_TARGET: Final[FieldPath] = ("perTarget",)


@dataclass(frozen=True, slots=True)
class Header:
    """What a document says about itself, as far as it does; ``places`` of just that, by path."""

    file: str
    name: str | None
    targets: tuple[tuple[int, str], ...] | None
    adopt: str | Mapping[str, str] | None
    former: tuple[tuple[int, str], ...] | None
    delete: tuple[tuple[int, str], ...] | None
    overlays: tuple[str, ...]
    places: Mapping[FieldPath, Places]

    def finding(self, problem: Problem) -> Finding:
        """A problem with one of the fields, as it is reported."""
        places = self.places[problem.path]
        return finding_at(self.file, places.key if problem.at_key else places.value, problem)


def header_of(document: Document) -> Header:
    """The header of a document, valid or not."""
    value = document.value
    metadata = value.get("metadata") if isinstance(value, dict) else None
    if not isinstance(metadata, dict):
        return Header(document.file, None, None, None, None, None, (), {})
    name, targets = _name(metadata.get("name")), _members(metadata.get("targets"))
    adopt, former = _adopt(metadata.get("adopt")), _members(metadata.get("formerNames"))
    delete, overlays = _members(_at(value, "lifecycle", "delete")), _keys(_at(value, "perTarget"))
    paths = _paths(name, targets, adopt, former)
    paths += [(*DELETE, index) for index, _ in delete or ()]
    paths += [(*PER_TARGET, pattern) for pattern in overlays]
    places = {path: document.places(path) for path in paths}
    return Header(document.file, name, targets, adopt, former, delete, overlays, places)


def _at(value: JsonValue, *path: str) -> JsonValue:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _keys(value: JsonValue) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, dict) else ()


def _name(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _members(value: JsonValue) -> tuple[tuple[int, str], ...] | None:
    if not isinstance(value, list):
        return None
    return tuple((i, one) for i, one in enumerate(value) if isinstance(one, str))


def _adopt(value: JsonValue) -> str | Mapping[str, str] | None:
    if isinstance(value, dict):
        return {key: one for key, one in value.items() if isinstance(one, str)}
    return value if isinstance(value, str) else None


def _paths(
    name: str | None,
    targets: tuple[tuple[int, str], ...] | None,
    adopt: str | Mapping[str, str] | None,
    former: tuple[tuple[int, str], ...] | None,
) -> list[FieldPath]:
    names: list[FieldPath] = [] if name is None else [NAME]
    members: list[FieldPath] = [(*TARGETS, index) for index, _ in targets or ()]
    members += [(*FORMER, index) for index, _ in former or ()]
    if isinstance(adopt, Mapping):
        return names + members + [(*ADOPT, target) for target in adopt]
    return names + members + ([] if adopt is None else [ADOPT])


def across(headers: Sequence[Header], project: Project) -> Iterator[Finding]:
    """Everything that is wrong between documents, and between them and the project."""
    yield from _same_names(headers)
    yield from _former_names(headers)
    for header in headers:
        problems = [
            *_unknown_targets(header, project),
            *_adopt_places(header, project),
            *_elsewhere(header, project),
        ]
        yield from map(header.finding, problems)
    yield from _same_pools(headers, project)


def _same_names(headers: Sequence[Header]) -> Iterator[Finding]:
    first: dict[str, Header] = {}
    for header in headers:
        if header.name is None:
            continue
        earlier = first.setdefault(header.name, header)
        if earlier is not header:
            message = (
                f"{quoted(header.name)} is the name of another spec already: "
                f"{_place(earlier, NAME)}"
            )
            fix = "give one of the two another name, or remove it"
            yield header.finding(Problem(NAME, RuleId.DUPLICATE_NAME, message, fix))


def _former_names(headers: Sequence[Header]) -> Iterator[Finding]:
    """A name of before stands for one pool, which has one spec."""
    present = {header.name: header for header in reversed(headers)}
    first: dict[str, tuple[Header, FieldPath]] = {}
    for header in headers:
        for index, name in header.former or ():
            path = (*FORMER, index)
            earlier = first.setdefault(name, (header, path))
            if name == header.name:
                message = f"{quoted(name)} is the present name of this spec"
                fix = "write the name that it had before, or remove the line"
            elif name in present:
                message = (
                    f"{quoted(name)} is the name of another spec: {_place(present[name], NAME)}"
                )
                fix = "that spec has the pool of this name: remove the line, or that spec"
            elif earlier[0] is not header:
                message = f"{quoted(name)} is a former name of another spec: {_place(*earlier)}"
                fix = "a pool has one spec: remove one of the two lines"
            else:
                continue
            yield header.finding(Problem(path, RuleId.FORMER_NAME, message, fix))


def _unknown_targets(header: Header, project: Project) -> Iterator[Problem]:
    names = [target.name for target in project.targets]
    for index, target in header.targets or ():
        if not any(fnmatchcase(name, target) for name in names):
            yield _unknown_target((*TARGETS, index), target, names, at_key=False)
    if isinstance(header.adopt, Mapping):
        for target in header.adopt:
            if target not in names:
                yield _unknown_target((*ADOPT, target), target, names, at_key=True)


def _elsewhere(header: Header, project: Project) -> Iterator[Problem]:
    """What is said for targets that the spec does not go to."""
    names = [target.name for target in project.targets]
    here = _goes_to(header, project)
    said: list[tuple[FieldPath, str, bool]] = [
        ((*DELETE, index), pattern, False) for index, pattern in header.delete or ()
    ]
    said += [((*PER_TARGET, pattern), pattern, True) for pattern in header.overlays]
    for path, pattern, at_key in said:
        if not any(fnmatchcase(name, pattern) for name in names):
            yield _unknown_target(path, pattern, names, at_key=at_key)
        elif not any(fnmatchcase(name, pattern) for name in here):
            message = f"the spec goes to no target that is called {quoted(pattern)}"
            fix = "add it to metadata.targets, or remove this"
            yield Problem(path, RuleId.SAID_ELSEWHERE, message, fix, at_key=at_key)


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
        yield Problem(ADOPT, RuleId.ADOPT_NEEDS_TARGETS, message, fix)
    known = {target.name for target in project.targets}
    if isinstance(header.adopt, Mapping):
        for target in header.adopt:
            if target in known and target not in goes_to:
                message = f"the spec does not go to target {quoted(target)}"
                fix = "add it to metadata.targets, or remove it here"
                path = (*ADOPT, target)
                yield Problem(path, RuleId.ADOPT_ELSEWHERE, message, fix, at_key=True)
    yield from _adopt_regions(header, project)


def _adopt_regions(header: Header, project: Project) -> Iterator[Problem]:
    """The id of a pool says which region it is in, and a pool stays there."""
    regions = {target.name: target.region for target in project.targets}
    for name, path, pool_id in _adopted(header, project):
        here, there = regions[name], pool_id.partition(":")[0]
        if here is not None and here != there:
            fitting = [each for each, region in regions.items() if region == there]
            message = f"{quoted(pool_id)} is a pool in {there}, and target {quoted(name)} is {here}"
            fix = f"write the id of a pool in {here}"
            if fitting:
                fix += f", or let the spec go to {listed(fitting)}"
            yield Problem(path, RuleId.ADOPT_REGION, message, fix)


def _same_pools(headers: Sequence[Header], project: Project) -> Iterator[Finding]:
    first: dict[tuple[str, str], tuple[Header, FieldPath]] = {}
    for header in headers:
        for target, path, pool_id in _adopted(header, project):
            earlier = first.setdefault((target, pool_id), (header, path))
            if earlier[0] is not header:
                message = (
                    f"{quoted(pool_id)} in target {target} is adopted by another spec already: "
                    f"{_place(*earlier)}"
                )
                fix = "a pool has one spec: remove one of the two"
                yield header.finding(Problem(path, RuleId.DUPLICATE_ADOPT, message, fix))


def _adopted(header: Header, project: Project) -> Iterator[tuple[str, FieldPath, str]]:
    goes_to = _goes_to(header, project)
    if isinstance(header.adopt, str) and len(goes_to) == 1:
        yield goes_to[0], ADOPT, header.adopt
    if isinstance(header.adopt, Mapping):
        for target in goes_to:
            if pool_id := header.adopt.get(target):
                yield target, (*ADOPT, target), pool_id


def _goes_to(header: Header, project: Project) -> list[str]:
    names = [target.name for target in project.targets]
    if header.targets is None:
        return names
    return [name for name in names if any(fnmatchcase(name, glob) for _, glob in header.targets)]


def _place(header: Header, path: FieldPath) -> str:
    return header.finding(Problem(path, RuleId.DUPLICATE_NAME, "")).place
