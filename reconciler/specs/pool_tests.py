"""Tests of pools: read and checked as specs are, and what they mean in a target."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias, cast

from reconciler.model.base import TEST_KIND, JsonValue
from reconciler.model.findings import Finding, RuleId, Source
from reconciler.model.project import Project, Target
from reconciler.model.providers import provider_names, providers_of
from reconciler.model.written import PoolTestData
from reconciler.specs.across import NAME, Header, header_of, unknown_targets
from reconciler.specs.checks import check, in_targets
from reconciler.specs.effective import Effective, Read, goes_to, no_secret
from reconciler.specs.references import Surroundings, Unread, Unresolved, is_secret, resolved
from reconciler.text.documents import Document, paths_of
from reconciler.text.problems import (
    FieldPath,
    Problem,
    did_you_mean,
    finding_at,
    listed,
    meant,
    quoted,
)
from reconciler.text.references import BadReference, Reference, has_reference, parse, replaced

_PROVIDER: Final[FieldPath] = ("spec", "provider")
_CUSTOM: Final[FieldPath] = ("spec", "customRoleArn")
_ROLE: Final[FieldPath] = ("spec", "expect", "role")
_CLAIMS: Final[FieldPath] = ("spec", "claims")
_POOL: Final[FieldPath] = ("spec", "pool")
_FIELDS: Final = ("provider", "claims", "guest", "expect")
_HTTPS: Final = "https://"
# The ARN of a role, or its name, with its path or without.
_ROLE_TEXT: Final = re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:role/[^\s]+|[\w+=,.@/-]+", re.ASCII)

Resolve: TypeAlias = Callable[[Reference], str]


@dataclass(frozen=True, slots=True)
class PoolTest:
    """A valid test as it is written: references stand for themselves.

    ``targets``: the names of those that it is for; ``places``: lines and columns (1-based) of what
    it says, by their paths.
    """

    source: Source
    value: PoolTestData
    targets: frozenset[str]
    places: Mapping[FieldPath, tuple[int, int]] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """``metadata.name``."""
        return self.value["metadata"]["name"]

    @property
    def pool(self) -> str:
        """``metadata.name`` of the spec that it is about."""
        return self.value["spec"]["pool"]

    def goes_to(self, target: str) -> bool:
        """Whether it is for the target of this name."""
        return target in self.targets


@dataclass(frozen=True, slots=True)
class MeantTest:
    """What a test means in a target.

    ``provider``: "" for a guest, and for the pool's only one.  ``claims`` is ``None`` for a guest.
    ``role``: an ARN or a name, "" where they are to be denied.  ``tags``: ``None`` for any.
    """

    test: PoolTest
    provider: str = ""
    claims: Mapping[str, JsonValue] | None = None
    custom_role: str = ""
    role: str = ""
    tags: Mapping[str, str] | None = None

    @property
    def is_guest(self) -> bool:
        """Whether nobody has signed in."""
        return self.claims is None


def meant_in(
    test: PoolTest, target: Target, project: Project, read: Read | None = None
) -> MeantTest:
    """What a test means in a target; ``read``: gives the values that AWS was asked for.

    Raises Unresolved for a reference that stands for nothing there, and Unread for one whose value
    only AWS has.
    """
    value_of = _resolver(target, project, read)
    spec = test.value["spec"]
    claims = None if spec.get("guest") else _resolved(spec.get("claims", {}), value_of)
    return MeantTest(
        test=test,
        provider=_text(spec.get("provider", ""), value_of),
        claims=cast("Mapping[str, JsonValue] | None", claims),
        custom_role=_text(spec.get("customRoleArn", ""), value_of),
        role=_text(spec["expect"].get("role", ""), value_of),
        tags=spec["expect"].get("tags"),
    )


def _resolver(target: Target, project: Project, read: Read | None) -> Resolve:
    here = Surroundings.of(target, project)

    def value_of(reference: Reference) -> str:
        if is_secret(reference):
            raise no_secret(reference)
        try:
            return resolved(reference, here)
        except Unread:
            if read is None:
                raise
        found = read(reference)
        if found.is_secret:
            raise no_secret(reference)
        return found.value

    return value_of


def _text(text: str, value_of: Resolve) -> str:
    return replaced(parse(text), value_of) if has_reference(text) else text


def _resolved(value: JsonValue, value_of: Resolve) -> JsonValue:
    """A claim with the references in its texts replaced; names of claims stay."""
    if isinstance(value, str):
        return _text(value, value_of)
    if isinstance(value, list):
        return [_resolved(each, value_of) for each in value]
    if isinstance(value, dict):
        return {name: _resolved(each, value_of) for name, each in value.items()}
    return value


# Each by itself


class CheckedTest(NamedTuple):
    """A test, ``None`` where it is not valid; its header and all findings."""

    test: PoolTest | None
    header: Header
    findings: tuple[Finding, ...]


def check_test(document: Document, project: Project) -> CheckedTest:
    """Check a document as it is written, and its references in every target."""
    is_allowed, problems = check(document, "identity-pool-test", TEST_KIND, _rules)
    findings = [document.finding(each) for each in problems]
    header = header_of(document)
    if not is_allowed or problems:
        return CheckedTest(None, header, tuple(findings))
    value = cast("PoolTestData", document.value)
    targets = goes_to(value, project)
    names = [target.name for target in targets]
    wrong: dict[Problem, list[str]] = {}
    for target in targets:
        for problem in _references(value, target, project):
            wrong.setdefault(problem, []).append(target.name)
    found = tuple(
        in_targets(document.finding(problem), where, names) for problem, where in wrong.items()
    )
    ways = (way for part in ("metadata", "spec") for way in paths_of(value, part))
    test = PoolTest(
        source=Source(file=document.file, line=document.line),
        value=value,
        targets=frozenset(names),
        places={way: document.place(Problem(way, RuleId.TEST_POOL, "")) for way in ways},
    )
    return CheckedTest(None if found else test, header, found)


def _rules(value: PoolTestData, wrong: frozenset[str]) -> Iterator[Problem]:
    """What a schema cannot say: each test has one user, and one thing that they get."""
    spec, expect = value["spec"], value["spec"]["expect"]
    if {meant(name, _FIELDS) for name in wrong} - {None}:
        return  # what is left of them is not what was written
    if spec.get("guest"):
        for name in ("provider", "claims"):
            if name in spec:
                yield Problem.of(("spec", name), RuleId.TEST_USER, "both", field=name)
    elif "claims" not in spec:
        yield Problem.of(("spec",), RuleId.TEST_USER, "nobody")
    if expect.get("denied"):
        for name in ("role", "tags"):
            if name in expect:
                path = ("spec", "expect", name)
                yield Problem.of(path, RuleId.TEST_EXPECTS, "both", field=name)
    elif "role" not in expect:
        yield Problem.of(("spec", "expect"), RuleId.TEST_EXPECTS, "nothing")


def _references(value: PoolTestData, target: Target, project: Project) -> Iterator[Problem]:
    """What is wrong with the texts of a test in one target, as far as that is known offline."""
    value_of = _resolver(target, project, None)
    for path, text in _texts(value):
        try:
            found = _text(text, value_of)
        except Unread:
            continue
        except BadReference as bad:
            yield Problem.of(path, RuleId.BAD_REFERENCE, wrong=bad, way=bad.fix)
        except Unresolved as wrong:
            yield Problem.of(path, RuleId.UNRESOLVED, wrong=wrong, way=wrong.fix)
        else:
            if path == _ROLE and not _ROLE_TEXT.fullmatch(found):
                yield Problem.of(path, RuleId.TEST_EXPECTS, "role", role=quoted(found))


def _texts(value: PoolTestData) -> Iterator[tuple[FieldPath, str]]:
    """All texts that may hold references, with their paths."""
    spec = value["spec"]
    fields = (
        (_PROVIDER, spec.get("provider")),
        (_CUSTOM, spec.get("customRoleArn")),
        (_ROLE, spec["expect"].get("role")),
    )
    yield from ((path, text) for path, text in fields if text is not None)
    yield from _texts_in(_CLAIMS, cast("JsonValue", spec.get("claims")))


def _texts_in(path: FieldPath, value: JsonValue) -> Iterator[tuple[FieldPath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _texts_in((*path, number), each)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _texts_in((*path, name), each)


# With the specs that they are about


@dataclass(frozen=True, slots=True)
class PoolNames:
    """What of a pool tests are checked against, in some targets.

    ``is_open``: some of the names are references that only AWS has the value of.
    """

    targets: frozenset[str]
    providers: tuple[str, ...]
    names: frozenset[str]
    is_open: bool


def pool_names(made: Effective) -> PoolNames:
    """Those of a valid spec in the targets where it means this."""
    pool = made.value["spec"]
    is_gone = made.value.get("lifecycle", {}).get("delete")
    return PoolNames(
        targets=frozenset() if is_gone else frozenset(target.name for target in made.targets),
        providers=tuple(providers_of(pool)),
        names=frozenset(provider_names(pool)),
        is_open=bool(made.unread or made.unread_keys),
    )


def across_tests(
    tests: Sequence[CheckedTest],
    specs: Sequence[Header],
    pools: Mapping[str, Sequence[PoolNames]],
    project: Project,
) -> Iterator[Finding]:
    """What is wrong between tests, and between them and the specs."""
    first: dict[str, Header] = {}
    known = [header.name for header in specs if header.name is not None]
    for checked in tests:
        header = checked.header
        if header.name is not None:
            earlier = first.setdefault(header.name, header)
            if earlier is not header:
                name, place = quoted(header.name), earlier.place(NAME)
                problem = Problem.of(NAME, RuleId.DUPLICATE_TEST, name=name, place=place)
                yield header.finding(problem)
        strange = [*unknown_targets(header, project)]
        yield from map(header.finding, strange)
        if checked.test is not None and not strange:
            yield from _about_pool(checked.test, known, pools, project)


def _about_pool(
    test: PoolTest,
    known: Sequence[str],
    pools: Mapping[str, Sequence[PoolNames]],
    project: Project,
) -> Iterator[Finding]:
    if test.pool not in known:
        fix = did_you_mean(test.pool, known)
        yield _finding(test, Problem.of(_POOL, RuleId.TEST_POOL, "", fix, pool=quoted(test.pool)))
        return
    if test.pool not in pools:  # it is not valid itself
        return
    targets = {name: names for names in pools[test.pool] for name in names.targets}
    here = [t for t in project.targets if t.name in targets and test.goes_to(t.name)]
    if not here and targets:
        where = listed([target.name for target in project.targets if target.name in targets])
        problem = Problem.of(_POOL, RuleId.TEST_TARGETS, pool=quoted(test.pool), targets=where)
        yield _finding(test, problem)
    wrong: dict[Problem, list[str]] = {}
    for target in here:
        for problem in _provider(test, target, project, targets[target.name]):
            wrong.setdefault(problem, []).append(target.name)
    everywhere = [target.name for target in here]
    for problem, where_wrong in wrong.items():
        yield in_targets(_finding(test, problem), where_wrong, everywhere)


def _provider(
    test: PoolTest, target: Target, project: Project, pool: PoolNames
) -> Iterator[Problem]:
    """Whether the pool has the provider there, as far as that is known offline."""
    spec = test.value["spec"]
    if spec.get("guest"):
        return
    shown, known = quoted(test.pool), listed(pool.providers)
    if not pool.providers:
        yield Problem.of(("spec",), RuleId.TEST_PROVIDER, "none", pool=shown)
    elif "provider" not in spec:
        if len(pool.providers) > 1:
            yield Problem.of(("spec",), RuleId.TEST_PROVIDER, "missing", pool=shown, known=known)
    else:
        name = _known_text(spec["provider"], target, project)
        if name and name.removeprefix(_HTTPS) not in pool.names and not pool.is_open:
            fix = did_you_mean(name, pool.names)
            yield Problem.of(
                _PROVIDER, RuleId.TEST_PROVIDER, "", fix, name=quoted(name), pool=shown, known=known
            )


def _known_text(text: str, target: Target, project: Project) -> str:
    """The text that it stands for, "" where only AWS knows."""
    try:
        return _text(text, _resolver(target, project, None))
    except Unread:
        return ""


def _finding(test: PoolTest, problem: Problem) -> Finding:
    return finding_at(test.source.file, test.places[problem.path], problem)


def valid(tests: Iterable[CheckedTest]) -> tuple[PoolTest, ...]:
    """Those that are."""
    return tuple(each.test for each in tests if each.test is not None)
