"""The organisation's policies: what they say of specs, and of pools as plans make them.

Whatever keeps an expression from being evaluated is found as if it were not true.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, NamedTuple, cast

from reconciler.checks.expressions import ALL_FIELDS, Context, NotEvaluated, Program, compiled
from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding, RuleId
from reconciler.model.partitions import partition_of
from reconciler.model.policies import Expression, Policy, PolicyTest
from reconciler.model.pool import POOL_FIELDS, canonical_pool, pool_as_api
from reconciler.model.pool_fields import LOGINS_FIELD, PRINCIPAL_TAGS_FIELD, TAGS_FIELD
from reconciler.model.project import RESERVED_TAG_PREFIX, Project, Target
from reconciler.model.secrets import mask_login_providers, mask_names
from reconciler.model.spec import Lifecycle, Spec
from reconciler.model.written import PoolData, SpecData
from reconciler.text.problems import FieldPath, Problem, finding_at

_TEST_NAME: Final = "test"


class Broken(NamedTuple):
    """A policy that does not hold; ``why`` it could not be evaluated, "" where it was."""

    rule: "Rule"
    why: str

    @property
    def problem(self) -> Problem:
        """What is said of it, at the first field that it looks at."""
        policy = self.rule.policy
        name, place = policy.id, self.rule.place
        path: FieldPath = ("spec", *self.rule.first_field)
        if self.why:
            return Problem.of(
                path, RuleId.POLICY, "not-evaluated", why=self.why, id=name, place=place
            )
        said = policy.message
        problem = Problem.of(path, RuleId.POLICY, "broken", message=said, id=name, place=place)
        return replace(problem, severity=policy.severity)


@dataclass(frozen=True)
class Rule:
    """A policy, compiled; ``place``: its ``file:line``."""

    policy: Policy
    asserts: Program
    when: Program | None
    place: str

    @property
    def _programs(self) -> list[Program]:
        return [program for program in (self.when, self.asserts) if program]

    @cached_property
    def fields(self) -> frozenset[str]:
        """The pool's fields that it looks at."""
        return frozenset[str]().union(*(program.fields for program in self._programs))

    @cached_property
    def of_plans(self) -> bool:
        """Whether it asks what is live, or what changes."""
        return any(program.asks_plans for program in self._programs)

    @property
    def first_field(self) -> tuple[str, ...]:
        """The one field that it is about, where it looks at one or a few."""
        named = [field for field in POOL_FIELDS if field in self.fields]
        return tuple(named[:1]) if self.fields != ALL_FIELDS else ()

    def ask(self, asked: Context) -> Broken | None:
        """What is wrong, ``None`` where it holds or is not about this pool."""
        try:
            if self.when is not None and not self.when.holds(asked):
                return None
            return None if self.asserts.holds(asked) else Broken(self, "")
        except NotEvaluated as error:
            return Broken(self, str(error))


class Policies:
    """A project's policies, compiled once for all pools."""

    def __init__(self, project: Project) -> None:
        """Raises ``InvalidSpecs`` with every expression that is none."""
        self._file = project.file or ""
        self._targets: dict[Target, Mapping[str, object]] = {}
        self._project = project
        findings: list[Finding] = []
        rules: list[Rule] = []
        for index, policy in enumerate(project.policies):
            asserts = self._program(policy.asserts, ("policies", index, "assert"), findings)
            when = policy.when and self._program(policy.when, ("policies", index, "when"), findings)
            if asserts and (when or not policy.when):
                rules.append(Rule(policy, asserts, when, f"{self._file}:{policy.line}"))
        if findings:
            raise InvalidSpecs(findings)
        self.rules = tuple(rules)

    def _program(
        self, text: Expression, path: FieldPath, findings: list[Finding]
    ) -> Program | None:
        """The expression; if it is none, what is wrong is one more finding."""
        program = compiled(text, path)
        if isinstance(program, Problem):
            findings.append(finding_at(self._file, (text.line, text.column), program))
            return None
        return program

    def of_spec(
        self, spec: SpecData, unknown: Collection[str], file: str, targets: Iterable[Target]
    ) -> Iterator[tuple[Broken, Target]]:
        """What does not hold of a spec in some targets, as far as that is known without a plan.

        ``unknown``: fields whose values nobody knows yet.
        """
        rules = [r for r in self.rules if not r.of_plans and r.fields.isdisjoint(unknown)]
        if not rules:
            return
        known = {key: value for key, value in spec["spec"].items() if key not in unknown}
        lifecycle = Lifecycle.model_validate(spec.get("lifecycle", {}))
        said = _spec_data(spec["metadata"]["name"], file, lifecycle)
        asked = _subject(_pool_of_spec(known), said)
        for target in targets:
            asked.add_variable("target", self._target(target))
            yield from ((broken, target) for rule in rules if (broken := rule.ask(asked)))

    def of_plan(
        self,
        pool: PoolData,
        live: PoolData | None,
        changes: Collection[str],
        spec: Spec,
        target: Target,
    ) -> Iterator[tuple[Broken, bool]]:
        """What does not hold of a pool as a plan makes it, and whether it may stay: live is so.

        ``changes`` are the fields that the plan changes.  What cannot be evaluated may not stay,
        for nobody knows whether live is so, nor may what a policy always blocks.
        """
        said = _spec_data(spec.name, spec.source.file, spec.lifecycle)
        asked = _subject(pool, said, live, sorted(changes))
        asked.add_variable("target", self._target(target))
        asked_live: Context | None = None
        for rule in self.rules:
            broken = rule.ask(asked)
            if broken is None:
                continue
            may_stay = not (broken.why or rule.policy.always_blocks)
            already_so = False
            if live is not None and may_stay and rule.fields.isdisjoint(changes):
                if asked_live is None:
                    asked_live = _subject(live, said, live)
                    asked_live.add_variable("target", self._target(target))
                of_live = rule.ask(asked_live)
                already_so = of_live is not None and not of_live.why
            yield broken, already_so

    def _target(self, target: Target) -> Mapping[str, object]:
        if target not in self._targets:
            self._targets[target] = _target_data(
                {
                    "name": target.name,
                    "account": target.account,
                    "region": target.region,
                    "vars": dict(self._project.vars_in(target.name)),
                }
            )
        return self._targets[target]

    def failed_tests(self) -> Iterator[Finding]:
        """The policies' own tests that do not end as they say, each at its place."""
        for index, rule in enumerate(self.rules):
            for number, test in enumerate(rule.policy.tests):
                broken = rule.ask(_asked_by(test, self._file))
                if (broken is None) is test.passes and not (broken and broken.why):
                    continue
                case = "not-evaluated" if broken and broken.why else "fails" if broken else "passes"
                path = ("policies", index, "tests", number, "expect")
                problem = Problem.of(
                    path,
                    RuleId.POLICY_TEST,
                    case,
                    id=rule.policy.id,
                    why=broken.why if broken else "",
                )
                yield finding_at(self._file, (test.line, test.column), problem)


def _subject(
    pool: PoolData,
    spec: Mapping[str, object],
    live: PoolData | None = None,
    changes: Sequence[str] = (),
) -> Context:
    """What expressions are asked about, but for the target.

    Values are converted once for all policies: that takes a hundred times as long as asking one.
    """
    shown_live = _shown(live) if live is not None else None
    shown = {"pool": _shown(pool), "live": shown_live, "changes": list(changes), "spec": spec}
    return Context(shown)


def _spec_data(name: str, file: str, lifecycle: Lifecycle) -> Mapping[str, object]:
    return {"name": name, "file": file, "lifecycle": lifecycle.model_dump(mode="json")}


def _pool_of_spec(written: Mapping[str, object]) -> PoolData:
    """The pool of a ``spec:``, or of a part of one, in the form that a plan's pools have."""
    unset = {"IdentityPoolName": "", "AllowClassicFlow": False}
    return cast("PoolData", pool_as_api(canonical_pool({**unset, **written})))


def _shown(pool: PoolData) -> dict[str, Any]:
    """A pool in the API's shape, without secrets and without idpool's own tags."""
    shown: dict[str, Any] = {"DeveloperProviderName": "", **pool}
    shown[LOGINS_FIELD] = mask_login_providers(shown.get(LOGINS_FIELD, {}))
    shown[TAGS_FIELD] = {
        key: value
        for key, value in shown.get(TAGS_FIELD, {}).items()
        if not key.startswith(RESERVED_TAG_PREFIX)
    }
    for field in ("RoleMappings", PRINCIPAL_TAGS_FIELD):
        if field in shown:
            shown[field] = mask_names(shown[field])
    return shown


def _target_data(said: Mapping[str, object]) -> Mapping[str, object]:
    empty: dict[str, object] = {"name": "", "account": None, "region": None, "vars": {}}
    region = cast("str | None", said.get("region"))
    return {**empty, "partition": partition_of(region).name, **said}


def _asked_by(test: PolicyTest, file: str) -> Context:
    live = _pool_of_spec(test.live) if test.live is not None else None
    spec = _spec_data(_TEST_NAME, file, Lifecycle())
    asked = _subject(_pool_of_spec(test.pool), spec, live, test.changes)
    asked.add_variable("target", _target_data(test.target))
    return asked
