"""What comes of a test of a pool: passed, or what is wrong and where; no value of a claim."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from reconciler.checks.asking import (
    Answer,
    AskedPool,
    NoPool,
    Person,
    answer_of,
    is_role,
    shown_role,
    sign_in_of,
)
from reconciler.checks.users import NamedUser
from reconciler.model.findings import Finding, RuleId
from reconciler.model.project import Project, Target
from reconciler.model.spec import Spec, spec_as_api
from reconciler.model.written import PoolData
from reconciler.specs.completion import Values, read_from
from reconciler.specs.pool_tests import MeantTest, PoolTest, meant_in
from reconciler.specs.references import Unread, Unresolved
from reconciler.text.problems import FieldPath, Problem, finding_at, listed

_ROLE: Final[FieldPath] = ("spec", "expect", "role")
_DENIED: Final[FieldPath] = ("spec", "expect", "denied")
_TAGS: Final[FieldPath] = ("spec", "expect", "tags")
_POOL: Final[FieldPath] = ("spec", "pool")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test's in one target; ``problem``: ``None`` where it has passed.

    ``answer``: what was got, ``None`` where there was no pool to ask.
    """

    test: PoolTest
    target: str
    problem: Problem | None
    answer: Answer | None = None

    @property
    def finding(self) -> Finding | None:
        """The problem in its place."""
        if self.problem is None:
            return None
        return finding_at(self.test.source.file, self.test.places[self.problem.path], self.problem)


def outcome_of(meant: MeantTest, asked: AskedPool) -> Outcome:
    """What comes of a test, as it is meant in the target of a pool."""
    answer = answer_of(asked, person_of(meant))
    return Outcome(meant.test, asked.target, _problem(meant, answer), answer)


def not_run(test: PoolTest, target: str, why: NoPool | Unresolved) -> Outcome:
    """What comes of a test where there is no pool, or something that it says means nothing."""
    if isinstance(why, NoPool):
        path, case, said, fix = _POOL, "", why.why, why.way_out
    else:
        path, case, said, fix = ("spec",), "reference", str(why), why.fix
    problem = Problem.of(path, RuleId.TEST_NOT_RUN, case, fix, test=test.name, why=said)
    return Outcome(test, target, problem)


def person_of(meant: MeantTest) -> Person:
    """Who asks in a test."""
    return Person(meant.provider, meant.claims, meant.custom_role, meant.is_guest)


def users_of_tests(
    tests: Iterable[PoolTest],
    specs: Iterable[Spec],
    target: Target,
    project: Project,
    values: Values,
) -> dict[str, tuple[NamedUser, ...]]:
    """Those who ask in the tests of a target, by the spec that they are about.

    Nothing is read for them: whoever is not known by what the specs need is left out, and whoever
    signs in with a provider that nothing names.
    """
    pools = {spec.name: cast("PoolData", spec_as_api(spec.document.spec)) for spec in specs}
    found = defaultdict[str, list[NamedUser]](list)
    for test in tests:
        pool = pools.get(test.pool)
        if pool is None or not test.goes_to(target.name):
            continue
        with suppress(Unread, Unresolved):
            person = person_of(meant_in(_asking_alone(test), target, project, read_from(values)))
            who = sign_in_of(pool, person)
            if person.is_guest or who.provider:
                found[test.pool].append(NamedUser(test.name, who, is_generated=False))
    return {name: tuple(users) for name, users in found.items()}


def _asking_alone(test: PoolTest) -> PoolTest:
    """The test without what it expects, which may refer to what nobody reads."""
    value: Any = {**test.value, "spec": {**test.value["spec"], "expect": {}}}
    return replace(test, value=value)


def _problem(meant: MeantTest, answer: Answer) -> Problem | None:
    decision = answer.decision
    path = _ROLE if meant.role else _DENIED
    why = f"{decision.why} ({answer.place or answer.asked.pool_id})"
    said: dict[str, Any] = {
        "test": meant.test.name,
        "found": shown_role(decision.role),
        "expected": meant.role,
        "why": why,
    }
    match decision.verdict:
        case "not known":
            return Problem.of(path, RuleId.TEST_NOT_KNOWN, "role", **said)
        case "denied":
            return Problem.of(path, RuleId.TEST_FAILED, "denied", **said) if meant.role else None
        case "role" if not meant.role:
            return Problem.of(path, RuleId.TEST_FAILED, "allowed", **said)
        case "role" if not is_role(decision.role, meant.role):
            return Problem.of(path, RuleId.TEST_FAILED, "role", **said)
    return None if meant.tags is None else _of_tags(meant.test.name, meant.tags, answer)


def _of_tags(test: str, expected: Mapping[str, str], answer: Answer) -> Problem | None:
    decision = answer.decision
    open_tags = [f"{tag}: {value.why_not}" for tag, value in decision.tags.items() if value.why_not]
    if decision.no_tags or open_tags:
        why = decision.no_tags or listed(open_tags)
        return Problem.of(_TAGS, RuleId.TEST_NOT_KNOWN, "tags", test=test, why=why)
    found = {tag: value.value for tag, value in decision.tags.items()}
    wrong = sorted({tag for tag, _ in found.items() ^ expected.items()})
    if not wrong:
        return None
    return Problem.of(_TAGS, RuleId.TEST_FAILED, "tags", test=test, tags=listed(wrong))
