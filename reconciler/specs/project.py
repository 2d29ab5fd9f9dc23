"""The project file: where it is, and what it says."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, cast

from reconciler.model.base import PROJECT_KIND, JsonValue
from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding, RuleId, Source
from reconciler.model.partitions import REGIONS
from reconciler.model.pool_fields import TAGS_FIELD
from reconciler.model.project import (
    AMBIENT,
    NAME_TAG,
    OWNER_TAG,
    RESERVED_TAG_PREFIX,
    Ignore,
    Ignored,
    Project,
    Reads,
    RoleSession,
    Target,
    TargetValues,
    TerraformState,
)
from reconciler.model.written import IgnoreData, ProjectData, ReadsData, TargetData
from reconciler.specs.checks import check
from reconciler.specs.documents import read_documents
from reconciler.specs.files import PROJECT_FILE, name_of, read_text
from reconciler.specs.formats import unknown_region
from reconciler.specs.policies import policies_of, policy_problems, waivers_of
from reconciler.specs.reading import in_order, raise_errors
from reconciler.specs.references import TARGET_TEXTS, Unresolved, own_value
from reconciler.specs.schema import pool_fields, subschema, validator_of
from reconciler.text.documents import Document
from reconciler.text.problems import FieldPath, Problem, did_you_mean, listed, quoted
from reconciler.text.references import (
    INNER_SCHEMES,
    BadReference,
    has_reference,
    parse,
    references,
    replaced,
)

# What a project file means that does not say where its specs are.
_SPECS: Final = ("specs/",)
_IP_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}")


def find_project(start: Path) -> Path | None:
    """The project file beside a spec file or in a folder, or the nearest above.

    The search goes up the path as it is written, links not followed, and ends at the repository's
    root; without a repository only the first folder and the one above it count.  What is found is
    named from the working folder, so that whoever reads of a spec reads the same in every checkout.
    A project file that cannot be read is found, too: without it another owner would count.
    """
    folder = as_written(start)
    # os.path: what may not be looked at is answered with no, where Path raises.
    is_file = os.path.isfile(folder)  # noqa: PTH113
    folders = tuple(folder.parents) if is_file else (folder, *folder.parents)
    root = next((n for n, each in enumerate(folders) if os.path.lexists(each / ".git")), 1)
    for each in folders[: root + 1]:
        found = each / PROJECT_FILE
        if os.path.lexists(found) and not os.path.isdir(found):  # noqa: PTH112
            return _from_here(found, start)
    return None


def as_written(path: Path) -> Path:
    """The absolute path without ``..``; links are resolved only where one stands before ``..``."""
    steps = path.parts
    ends = [number for number, step in enumerate(steps, start=1) if step == os.pardir]
    end = ends[-1] if ends else 0
    return Path(os.path.realpath(Path(*steps[:end])), *steps[end:])


def _from_here(found: Path, start: Path) -> Path:
    here = Path.cwd()
    if start.is_absolute() and not (found.is_relative_to(here) or start.is_relative_to(here)):
        return found
    return Path(os.path.relpath(found, here))


def load_project(path: Path) -> Project:
    """Load a project file; ``specs`` are joined to its folder.

    Raises InvalidSpecs with every finding.
    """
    text = read_text(path)
    if isinstance(text, Finding):
        raise InvalidSpecs([text])
    return project_of_text(path, text)


def project_of_text(path: Path, text: str) -> Project:
    """The project of a text as if it were in this file.  Raises as ``load_project`` does."""
    documents, findings = read_documents(name_of(path), text)
    for document in documents:
        _, problems = check(document, "project", PROJECT_KIND, _rules)
        findings += map(document.finding, problems)
    findings += map(_second_project, documents[1:])
    findings = in_order(findings)
    raise_errors(findings)
    return _project(path, documents[0], findings)


def _project(path: Path, document: Document, warnings: Iterable[Finding]) -> Project:
    """The settings that a valid project file stands for."""
    data = _with_own_values(cast("ProjectData", document.value))  # the schema allows it
    return Project(
        file=str(path),
        vars=data.get("vars", {}),
        defaults=data.get("defaults", {}),
        values={
            name: TargetValues(target.get("vars", {}), target.get("defaults", {}), _session(target))
            for name, target in data.get("targets", {}).items()
        },
        reads=_reads(data.get("reads", {})),
        places={way: document.places(way).key for way in _ways(data)},
        owner=data["owner"],
        former_owners=tuple(data.get("formerOwners", ())),
        specs=tuple(str(path.parent / spec) for spec in data.get("specs", _SPECS)),
        targets=tuple(_targets(data)) or (Target(name=AMBIENT),),
        ignore_tags=tuple(data.get("ignoreTags", ())),
        ignore=tuple(
            _ignore(document, number, entry) for number, entry in enumerate(data.get("ignore", ()))
        ),
        lock=data.get("lock"),
        policies=policies_of(document, data),
        waivers=waivers_of(document, data),
        warnings=tuple(warnings),
    )


def _targets(data: ProjectData) -> Iterator[Target]:
    for name, target in data.get("targets", {}).items():
        account, region = target["account"], target["region"]
        yield Target(name=name, account=account, region=region, role_arn=target.get("roleArn"))


def _session(data: TargetData) -> RoleSession:
    tags = tuple(sorted(data.get("sessionTags", {}).items()))
    return RoleSession(external_id=data.get("externalId"), name=data.get("sessionName"), tags=tags)


def _with_own_values(data: ProjectData) -> ProjectData:
    """The file with the references in settings of targets resolved, by their own values."""
    targets = {
        name: cast("TargetData", {**target, **dict(_texts_of(name, target, data))})
        for name, target in data.get("targets", {}).items()
    }
    return {**data, "targets": targets} if targets else data


def _texts_of(name: str, data: TargetData, project: ProjectData) -> Iterator[tuple[str, str]]:
    """Settings that may refer to the target.  Raises BadReference and Unresolved."""
    target = Target(name=name, account=data["account"], region=data["region"])
    vars_ = {**project.get("vars", {}), **data.get("vars", {})}
    for key in TARGET_TEXTS:
        text = data.get(key)
        if isinstance(text, str) and has_reference(text):
            yield key, replaced(parse(text), lambda each: own_value(each, target, vars_))


def _reads(data: ReadsData) -> Reads:
    return Reads(
        ssm=tuple(data.get("ssm", ())),
        secret=tuple(data.get("secret", ())),
        stack=tuple(data.get("stack", ())),
        user_pool=tuple(data["userPool"]) if "userPool" in data else None,
        terraform={
            name: TerraformState(
                state=each["state"],
                region=each["region"],
                credentials=each["credentials"],
                outputs=tuple(each["outputs"]) if "outputs" in each else None,
            )
            for name, each in data.get("terraform", {}).items()
        },
    )


def _ways(data: ProjectData) -> Iterator[FieldPath]:
    """The paths of what specs are made with."""
    places: list[tuple[FieldPath, object]] = [
        (("vars",), data.get("vars", {})),
        (("defaults",), data.get("defaults", {})),
    ]
    for name, target in data.get("targets", {}).items():
        places += [(("targets", name, key), target.get(key, {})) for key in ("vars", "defaults")]
    for path, value in places:
        yield path
        yield from (below for below, _ in _members(path, value))


def _ignore(document: Document, number: int, entry: IgnoreData) -> Ignore:
    """An entry that knows its place: it is named there when it has expired."""
    line, column = document.place(Problem(("ignore", number, "until"), RuleId.NO_SUCH_DATE, ""))
    return Ignore(
        path=entry["path"],
        reason=entry["reason"],
        until=date.fromisoformat(entry["until"]),
        source=Source(file=document.file, line=line),
        column=column,
    )


def _second_project(document: Document) -> Finding:
    return document.finding(Problem.of((), RuleId.ONE_PROJECT))


def _rules(data: ProjectData, _: frozenset[str]) -> Iterator[Problem]:
    yield from _present_owner(data)
    yield from _same_places(data)
    yield from _regions(data)
    yield from _own_tags(data)
    yield from _ignored_fields(data)
    yield from _dates(data)
    yield from _bucket_name(data)
    yield from _vars(data)
    yield from _target_texts(data)
    yield from _defaults(data)
    yield from _states(data)
    yield from policy_problems(data)


def _present_owner(data: ProjectData) -> Iterator[Problem]:
    for index, owner in enumerate(data.get("formerOwners", ())):
        if owner == data["owner"]:
            path = ("formerOwners", index)
            yield Problem.of(path, RuleId.FORMER_OWNER, owner=quoted(owner))


def _same_places(data: ProjectData) -> Iterator[Problem]:
    """Two targets for one place would each create the pools of all specs there."""
    first: dict[tuple[str, str], str] = {}
    for name, target in data.get("targets", {}).items():
        earlier = first.setdefault((target["account"], target["region"]), name)
        if earlier != name:
            path = ("targets", name)
            yield Problem.of(path, RuleId.DUPLICATE_TARGET, target=quoted(earlier))


def _regions(data: ProjectData) -> Iterator[Problem]:
    for name, target in data.get("targets", {}).items():
        if target["region"] not in REGIONS:
            yield unknown_region(("targets", name, "region"), target["region"])


def _own_tags(data: ProjectData) -> Iterator[Problem]:
    for index, pattern in enumerate(data.get("ignoreTags", ())):
        own = pattern.startswith(RESERVED_TAG_PREFIX)
        if own or _matches_own(pattern):
            path, tags = ("ignoreTags", index), f"{OWNER_TAG} and {NAME_TAG}"
            said = quoted(pattern)
            yield Problem.of(path, RuleId.IGNORES_OWN_TAGS, pattern=said, tags=tags)


def _matches_own(pattern: str) -> bool:
    return any(fnmatchcase(tag, pattern) for tag in (OWNER_TAG, NAME_TAG))


def _ignored_fields(data: ProjectData) -> Iterator[Problem]:
    """An entry for a field that no pool has would never hide anything."""
    for index, entry in enumerate(data.get("ignore", ())):
        field = entry["path"].split(".", 2)[1]
        if field not in pool_fields():
            path, fix = ("ignore", index, "path"), did_you_mean(field, pool_fields())
            yield Problem.of(path, RuleId.UNKNOWN_FIELD, "ignored", fix, field=quoted(field))


def _dates(data: ProjectData) -> Iterator[Problem]:
    """A pattern lets the 31st of February pass."""
    entries, waivers = data.get("ignore", ()), data.get("waivers", ())
    days = [
        *((("ignore", index, "until"), each["until"]) for index, each in enumerate(entries)),
        *((("waivers", index, "until"), each["until"]) for index, each in enumerate(waivers)),
    ]
    for path, until in days:
        try:
            date.fromisoformat(until)
        except ValueError:
            yield Problem.of(path, RuleId.NO_SUCH_DATE, day=quoted(until))


def _bucket_name(data: ProjectData) -> Iterator[Problem]:
    """What a pattern cannot say well (Amazon S3 user guide, "General purpose bucket naming")."""
    bucket = data.get("lock", "").removeprefix("s3://").partition("/")[0]
    if ".." in bucket or _IP_ADDRESS.fullmatch(bucket):
        yield Problem.of(("lock",), RuleId.WRONG_FORMAT, "bucket", text=quoted(bucket))


def _vars(data: ProjectData) -> Iterator[Problem]:
    """They are plain text: what a reference stands for is looked up once, not again and again."""
    places: list[tuple[FieldPath, Mapping[str, str]]] = [(("vars",), data.get("vars", {}))]
    for name, target in data.get("targets", {}).items():
        places.append((("targets", name, "vars"), target.get("vars", {})))
    for path, values in places:
        for name, value in values.items():
            if has_reference(value):
                yield Problem.of((*path, name), RuleId.BAD_REFERENCE, "var")


def _target_texts(data: ProjectData) -> Iterator[Problem]:
    """References in settings of a target, and what comes out of them."""
    for name, target in data.get("targets", {}).items():
        try:
            texts = dict(_texts_of(name, target, data))
        except (BadReference, Unresolved) as wrong:
            problem = Problem.of(
                ("targets", name), RuleId.BAD_REFERENCE, wrong=wrong, way=wrong.fix
            )
            yield replace(problem, at_key=True)
            continue
        for key, text in texts.items():
            limits = subschema("effective-project", ("targets", name, key))
            if not validator_of(limits).is_valid(text):
                path, fix = ("targets", name, key), limits.get("description", "")
                yield Problem.of(
                    path, RuleId.WRONG_FORMAT, "in-target", fix, text=quoted(text), target=name
                )


def _defaults(data: ProjectData) -> Iterator[Problem]:
    ignored = Ignored(tags=tuple(data.get("ignoreTags", ())))
    places: list[tuple[FieldPath, Mapping[str, JsonValue]]] = [
        (("defaults",), data.get("defaults", {}))
    ]
    for name, target in data.get("targets", {}).items():
        places.append((("targets", name, "defaults"), target.get("defaults", {})))
    for path, fields in places:
        for place, value in _members(path, fields):
            if value is None:
                yield Problem.of(place, RuleId.NO_VALUE, "default")
            elif place[-2] == TAGS_FIELD and ignored.leaves_tag(str(place[-1])):
                yield Problem.of(place, RuleId.IGNORED_TAG, "default")


def _members(path: FieldPath, value: object) -> Iterator[tuple[FieldPath, object]]:
    """What fields and keys of maps have."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield (*path, key), member
            yield from _members((*path, key), member)


def _states(data: ProjectData) -> Iterator[Problem]:
    """A state's place may hold values of targets, and nothing else."""
    for name, state in data.get("reads", {}).get("terraform", {}).items():
        path = ("reads", "terraform", name, "state")
        try:
            inner = list(references(parse(state["state"])))
        except BadReference as bad:
            yield Problem.of(path, RuleId.BAD_REFERENCE, wrong=bad, way=bad.fix)
            continue
        wrong = [each for each in inner if each.scheme not in INNER_SCHEMES]
        if wrong:
            schemes = listed(INNER_SCHEMES)
            yield Problem.of(
                path, RuleId.BAD_REFERENCE, "state", reference=wrong[0], schemes=schemes
            )
