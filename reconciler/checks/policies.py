"""The organisation's policies: what their expressions, in CEL, say of a pool.

The extra ``policies`` is imported here alone, and this module only where a project has policies
(``rulebook``).  Whatever keeps an expression from being evaluated is found as if it were not true.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, cast

import cel

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
from reconciler.text.problems import FieldPath, Problem, clean, did_you_mean, finding_at, quoted

# What expressions may name, and what each has, ``None``: names of no fixed set.
_VARIABLES: Final[Mapping[str, Collection[str] | None]] = {
    "pool": POOL_FIELDS,
    "live": POOL_FIELDS,
    "changes": None,
    "target": ("name", "account", "region", "partition", "vars"),
    "spec": ("name", "file", "lifecycle"),
}
_OF_PLANS: Final = frozenset({"live", "changes"})
_ALL_FIELDS: Final = frozenset(POOL_FIELDS)
# Every way to write a text in CEL, and comments: what stands in them is no name.
_TEXTS: Final = re.compile(
    r'//[^\n]*|[bB]?[rR][bB]?(?:"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"[^"\n]*"|\'[^\'\n]*\')'
    r'|"""(?:\\[\s\S]|[^\\])*?"""|\'\'\'(?:\\[\s\S]|[^\\])*?\'\'\''
    r'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
)
_MEMBER: Final = re.compile(r"(?<![\w.])(pool|live|target|spec)\s*\.\s*([A-Za-z_]\w*)")
_POOLS: Final = re.compile(r"\b(?:pool|live)\b(?:\s*\.\s*([A-Za-z_]\w*))?")
_BOUND: Final = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*([A-Za-z_]\w*)\s*,")
_SYNTAX: Final = re.compile(r"<input>:(\d+):(\d+): (?:Syntax error: )?([^\n]*)")
# All that evaluating raises; a pool that cannot be judged is not let pass.
_NOT_EVALUATED: Final = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)
_TYPES: Final = "an operator or a function does not take what it gets here"
_TEST_NAME: Final = "test"


class _Program(NamedTuple):
    """An expression and what it is compiled to."""

    text: Expression
    compiled: cel.Program

    def holds(self, asked: cel.Context) -> bool:
        """Whether it is true.  Raises ``_NotEvaluated``."""
        try:
            value = self.compiled.execute(asked)
        except _NOT_EVALUATED as error:
            raise _NotEvaluated(_reason(error)) from None
        if not isinstance(value, bool):
            raise _NotEvaluated(f"it gives {_kind(value)}, not true or false")
        return value


class _NotEvaluated(Exception):
    """Nobody knows what an expression says; the text says why."""


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


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy, compiled.

    ``fields`` are the pool's fields that it looks at; ``of_plans``: it asks what is live or what
    changes; ``place``: ``file:line`` of the policy.
    """

    policy: Policy
    asserts: _Program
    when: _Program | None
    fields: frozenset[str]
    of_plans: bool
    place: str

    @property
    def first_field(self) -> tuple[str, ...]:
        """The one field that it is about, where it looks at one or a few."""
        named = [field for field in POOL_FIELDS if field in self.fields]
        return tuple(named[:1]) if self.fields != _ALL_FIELDS else ()

    def ask(self, asked: cel.Context) -> Broken | None:
        """What is wrong, ``None`` where it holds or is not about this pool."""
        try:
            if self.when is not None and not self.when.holds(asked):
                return None
            return None if self.asserts.holds(asked) else Broken(self, "")
        except _NotEvaluated as error:
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
            asserts = self._compiled(policy.asserts, ("policies", index, "assert"), findings)
            when = policy.when and self._compiled(
                policy.when, ("policies", index, "when"), findings
            )
            if asserts and (when or not policy.when):
                rules.append(_rule(policy, asserts, when, f"{self._file}:{policy.line}"))
        if findings:
            raise InvalidSpecs(findings)
        self.rules = tuple(rules)

    def _compiled(
        self, text: Expression, path: FieldPath, findings: list[Finding]
    ) -> _Program | None:
        try:
            program = cel.compile(text.text)
            problem = _unknown_name(text.text, program, path)
        except ValueError as error:
            problem = Problem.of(path, RuleId.POLICY_EXPRESSION, "syntax", why=_syntax(str(error)))
        if problem is not None:
            findings.append(finding_at(self._file, (text.line, text.column), problem))
            return None
        return _Program(text, program)

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
        asked_live: cel.Context | None = None
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
) -> cel.Context:
    """What expressions are asked about, but for the target.

    Values are converted once for all policies: that takes a hundred times as long as asking one.
    """
    shown_live = _shown(live) if live is not None else None
    shown = {"pool": _shown(pool), "live": shown_live, "changes": list(changes), "spec": spec}
    return cel.Context(shown)


def _spec_data(name: str, file: str, lifecycle: Lifecycle) -> Mapping[str, object]:
    return {"name": name, "file": file, "lifecycle": lifecycle.model_dump(mode="json")}


def _pool_of_spec(written: Mapping[str, object]) -> PoolData:
    """The pool of a ``spec:``, or of a part of one, in the form that a plan's pools have."""
    unset = {"IdentityPoolName": "", "AllowClassicFlow": False}
    return cast("PoolData", pool_as_api(canonical_pool({**unset, **written})))


def _rule(policy: Policy, asserts: _Program, when: _Program | None, place: str) -> Rule:
    programs = [program for program in (asserts, when) if program]
    names = {name for program in programs for name in program.compiled.variables()}
    fields = frozenset[str]().union(*(_fields_in(program.text.text) for program in programs))
    return Rule(policy, asserts, when, fields, not names.isdisjoint(_OF_PLANS), place)


def _fields_in(text: str) -> frozenset[str]:
    """The fields that an expression can look at: all, where a pool is used but by ``pool.FIELD``.

    Texts and comments count, too: rather a field too many, for what changes is judged anew.
    """
    found = {match[1] for match in _POOLS.finditer(text)}
    return frozenset(found) if found <= _ALL_FIELDS else _ALL_FIELDS


def _unknown_name(text: str, program: cel.Program, path: FieldPath) -> Problem | None:
    """A name that nothing has: ``has(pool.Misspelt)`` would be false for ever."""
    code = _TEXTS.sub('""', text)
    bound = set(_BOUND.findall(code))
    for name in program.variables():
        if name not in _VARIABLES and name not in bound:
            known = [*_VARIABLES]
            return _unknown(path, name, known)
    for name, member in _MEMBER.findall(code):
        members = _VARIABLES[name]
        if name not in bound and members is not None and member not in members:
            return _unknown(path, f"{name}.{member}", [f"{name}.{each}" for each in members])
    return None


def _unknown(path: FieldPath, name: str, known: Sequence[str]) -> Problem:
    guess = did_you_mean(name, known)
    return Problem.of(
        path, RuleId.POLICY_EXPRESSION, "unknown", guess, name=quoted(name), known=", ".join(known)
    )


def _syntax(message: str) -> str:
    found = _SYNTAX.search(message)
    if not found:
        return clean(message.partition("\n")[0])
    line, column, what = found.groups()
    # The list of all that could stand there has fifteen members.
    return f"line {line}, column {column}: {clean(what.partition(' expecting {')[0])}"


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"there is no {quoted(str(error.args[0]))}; ask with has() or in before"
    if isinstance(error, TypeError):
        return _TYPES
    return clean(str(error).partition("\n")[0])


def _kind(value: object) -> str:
    kinds = {type(None): "null", str: "a text", list: "a list", dict: "a map"}
    return kinds.get(type(value), "a number" if isinstance(value, int | float) else "a value")


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


def _asked_by(test: PolicyTest, file: str) -> cel.Context:
    live = _pool_of_spec(test.live) if test.live is not None else None
    spec = _spec_data(_TEST_NAME, file, Lifecycle())
    asked = _subject(_pool_of_spec(test.pool), spec, live, test.changes)
    asked.add_variable("target", _target_data(test.target))
    return asked
