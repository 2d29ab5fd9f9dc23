"""Rules across documents: names, targets and adopted pools."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import chain
from typing import Final

from reconciler.model.base import JsonValue
from reconciler.model.findings import Finding, RuleId
from reconciler.model.project import AMBIENT, Project
from reconciler.text.documents import Document, KeyAndValue
from reconciler.text.problems import FieldPath, Problem, did_you_mean, finding_at, listed, quoted

NAME: Final[FieldPath] = ("metadata", "name")
TARGETS: Final[FieldPath] = ("metadata", "targets")
ADOPT: Final[FieldPath] = ("metadata", "adopt")
FORMER: Final[FieldPath] = ("metadata", "formerNames")
DELETE: Final[FieldPath] = ("lifecycle", "delete")
PER_TARGET: Final[FieldPath] = ("perTarget",)


@dataclass(frozen=True, slots=True)
class Header:
    """What a document says about itself, as far as it does.

    ``texts`` and ``places`` are by the paths of what is a string below the fields, the field itself
    or a member (of ``perTarget`` the keys); ``names_targets``: it has a list of targets.
    """

    file: str
    texts: Mapping[FieldPath, str]
    places: Mapping[FieldPath, KeyAndValue]
    names_targets: bool

    @property
    def name(self) -> str | None:
        """Its own name."""
        return self.texts.get(NAME)

    def members(self, field: FieldPath) -> Iterator[tuple[FieldPath, str]]:
        """The members of a field and their paths."""
        return (each for each in self.texts.items() if each[0][:-1] == field)

    def finding(self, problem: Problem) -> Finding:
        """A problem with one of the fields, as it is reported."""
        places = self.places[problem.path]
        return finding_at(self.file, places.key if problem.at_key else places.value, problem)

    def goes_to(self, project: Project) -> list[str]:
        """The targets of the project that it is for."""
        names = (target.name for target in project.targets)
        return [name for name in names if not self.names_targets or self._names(name)]

    def _names(self, target: str) -> bool:
        return any(fnmatchcase(target, pattern) for _, pattern in self.members(TARGETS))

    def place(self, path: FieldPath) -> str:
        """Where a field stands, for a message about another document."""
        return self.finding(Problem(path, RuleId.DUPLICATE_NAME, "")).place


def header_of(document: Document) -> Header:
    """The header of a document, valid or not."""
    value = document.value
    metadata = value.get("metadata") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(metadata, dict):
        return Header(document.file, {}, {}, names_targets=False)
    texts = {path: text for path, text in _texts(metadata, value) if isinstance(text, str)}
    places = {path: document.places(path) for path in texts}
    return Header(document.file, texts, places, isinstance(metadata.get("targets"), list))


def _texts(
    metadata: Mapping[str, JsonValue], value: Mapping[str, JsonValue]
) -> Iterator[tuple[FieldPath, JsonValue]]:
    yield NAME, metadata.get("name")
    overlays, lifecycle = value.get("perTarget"), value.get("lifecycle")
    if isinstance(overlays, dict):
        yield from (((*PER_TARGET, pattern), pattern) for pattern in overlays)
    lists = [(field, metadata.get(str(field[-1]))) for field in (TARGETS, FORMER)]
    if isinstance(lifecycle, dict):
        lists.append((DELETE, lifecycle.get("delete")))
    for field, members in lists:
        if isinstance(members, list):
            yield from (((*field, number), member) for number, member in enumerate(members))
    adopt = metadata.get("adopt")
    if isinstance(adopt, dict):
        yield from (((*ADOPT, target), pool_id) for target, pool_id in adopt.items())
    else:
        yield ADOPT, adopt


def across(headers: Sequence[Header], project: Project) -> Iterator[Finding]:
    """Everything that is wrong between documents, and between them and the project."""
    yield from _same_names(headers)
    yield from _former_names(headers)
    for header in headers:
        problems = [
            *unknown_targets(header, project),
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
            name, place = quoted(header.name), earlier.place(NAME)
            yield header.finding(Problem.of(NAME, RuleId.DUPLICATE_NAME, name=name, place=place))


def _former_names(headers: Sequence[Header]) -> Iterator[Finding]:
    """A name of before stands for one pool, which has one spec."""
    present = {header.name: header for header in reversed(headers)}
    first: dict[str, tuple[Header, FieldPath]] = {}
    for header in headers:
        for path, name in header.members(FORMER):
            earlier, its_path = first.setdefault(name, (header, path))
            case, place = "", ""
            if name == header.name:
                case = "present"
            elif name in present:
                case, place = "taken", present[name].place(NAME)
            elif earlier is not header:
                case, place = "twice", earlier.place(its_path)
            if case:
                rule = RuleId.FORMER_NAME
                yield header.finding(Problem.of(path, rule, case, name=quoted(name), place=place))


def unknown_targets(header: Header, project: Project) -> Iterator[Problem]:
    """The targets that a document names and the project has not."""
    names = [target.name for target in project.targets]
    known, case = listed(names), "no-project" if names == [AMBIENT] else ""
    adopting = ((path, str(path[-1])) for path, _ in header.members(ADOPT))
    globs = chain.from_iterable(map(header.members, (TARGETS, DELETE, PER_TARGET)))
    unknown = (each for each in globs if not any(fnmatchcase(name, each[1]) for name in names))
    for path, target in chain(unknown, (each for each in adopting if each[1] not in names)):
        fix, shown = "" if case else did_you_mean(target, names), quoted(target)
        at_key = path[:1] == PER_TARGET or path[:2] == ADOPT
        problem = Problem.of(path, RuleId.UNKNOWN_TARGET, case, fix, target=shown, known=known)
        yield replace(problem, at_key=at_key)


def _elsewhere(header: Header, project: Project) -> Iterator[Problem]:
    """What is said for targets that the spec does not go to."""
    names = [target.name for target in project.targets]
    here = set(header.goes_to(project))
    for path, pattern in chain(header.members(DELETE), header.members(PER_TARGET)):
        meant = {name for name in names if fnmatchcase(name, pattern)}
        if meant and not meant & here:
            problem = Problem.of(path, RuleId.SAID_ELSEWHERE, pattern=quoted(pattern))
            yield replace(problem, at_key=path[:1] == PER_TARGET)


def _adopt_places(header: Header, project: Project) -> Iterator[Problem]:
    goes_to = header.goes_to(project)
    if ADOPT in header.texts and len(goes_to) > 1:
        yield Problem.of(
            ADOPT,
            RuleId.ADOPT_NEEDS_TARGETS,
            count=len(goes_to),
            targets=listed(goes_to),
            first=goes_to[0],
            pool=quoted(header.texts[ADOPT]),
        )
    known = {target.name for target in project.targets}
    for path, _ in header.members(ADOPT):
        target = str(path[-1])
        if target in known and target not in goes_to:
            yield Problem.of(path, RuleId.ADOPT_ELSEWHERE, target=quoted(target))
    yield from _adopt_regions(header, project)


def _adopt_regions(header: Header, project: Project) -> Iterator[Problem]:
    """The id of a pool says which region it is in, and a pool stays there."""
    regions = {target.name: target.region for target in project.targets}
    for name, path, pool_id in _adopted(header, project):
        here, there = regions[name], pool_id.partition(":")[0]
        if here is not None and here != there:
            fitting = [each for each, region in regions.items() if region == there]
            yield Problem.of(
                path,
                RuleId.ADOPT_REGION,
                "fitting" if fitting else "",
                pool=quoted(pool_id),
                target=quoted(name),
                here=here,
                there=there,
                fitting=listed(fitting),
            )


def _same_pools(headers: Sequence[Header], project: Project) -> Iterator[Finding]:
    first: dict[tuple[str, str], tuple[Header, FieldPath]] = {}
    for header in headers:
        for target, path, pool_id in _adopted(header, project):
            earlier, its_path = first.setdefault((target, pool_id), (header, path))
            if earlier is not header:
                pool, place = quoted(pool_id), earlier.place(its_path)
                rule = RuleId.DUPLICATE_ADOPT
                yield header.finding(Problem.of(path, rule, pool=pool, target=target, place=place))


def _adopted(header: Header, project: Project) -> Iterator[tuple[str, FieldPath, str]]:
    goes_to = header.goes_to(project)
    if len(goes_to) == 1 and (pool_id := header.texts.get(ADOPT)) is not None:
        yield goes_to[0], ADOPT, pool_id
    for target in goes_to:
        path = (*ADOPT, target)
        if pool_id := header.texts.get(path):
            yield target, path, pool_id
