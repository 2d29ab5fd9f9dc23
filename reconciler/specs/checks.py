"""One document against its schema and the rules of its kind."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final, NamedTuple, TypeAlias, cast

from reconciler.model.base import API_VERSION, POOL_KIND, JsonValue
from reconciler.model.findings import Finding, RuleId
from reconciler.model.project import Project
from reconciler.model.written import SpecData
from reconciler.specs.documents import header_problems
from reconciler.specs.effective import Effective, effective_specs
from reconciler.specs.layers import Layer
from reconciler.specs.pool_rules import POOL_RULES, CheckedPool
from reconciler.specs.provider_rules import PROVIDER_RULES
from reconciler.specs.schema import SchemaName, pool_fields, validator, values_validator
from reconciler.specs.schema_messages import schema_problems
from reconciler.text.documents import Document
from reconciler.text.problems import MOST_PROBLEMS, FieldPath, Problem, finding_at, listed, meant

# These are about a key that is not in the value anyway.
HARMLESS: Final = frozenset({RuleId.DUPLICATE_KEY, RuleId.KEY_NOT_STRING, RuleId.MERGE_KEY})

# As deep as required fields nest: Rules in RulesConfiguration in a mapping in RoleMappings.
_ROUNDS: Final = 6

# Stand-ins for what every document must have, so that a wrong one costs only itself.
_NEEDED: Final[dict[SchemaName, dict[FieldPath, JsonValue]]] = {
    "identity-pool": {
        ("apiVersion",): API_VERSION,
        ("metadata",): {},
        ("metadata", "name"): "unnamed",
        ("spec",): {},
        ("spec", "IdentityPoolName"): "unnamed",
    },
    "project": {("apiVersion",): API_VERSION, ("owner",): "unnamed"},
    "effective-pool": {},
    "effective-project": {},
}
# They get what the schema allows, as plain data, and the fields of the pool that hold errors.
Rules: TypeAlias = Callable[[Any, frozenset[str]], Iterator[Problem]]
_RULES: Final = (*POOL_RULES, *PROVIDER_RULES)


def without(name: SchemaName, value: JsonValue, problems: Sequence[Problem]) -> JsonValue | None:
    """The value without what is wrong in it; None where nothing valid is left."""
    left = deepcopy(value)
    wrong = [_place(problem) for problem in problems]
    for _ in range(_ROUNDS):
        _remove(left, wrong)
        _complete(name, left)
        # What lacks a field since the last round goes as a whole.
        wrong = [tuple(error.instance_path) for error in values_validator(name).iter_errors(left)]
        if not wrong:
            break
    return left if validator(name).is_valid(left) else None


def _place(problem: Problem) -> FieldPath:
    return () if problem.rule in HARMLESS else problem.path


def _remove(value: JsonValue, paths: Iterable[FieldPath]) -> None:
    # The last members of lists first, so that numbers of others stay right.
    for path in sorted(set(paths), key=_order, reverse=True):
        parent = _at(value, path[:-1])
        if path and isinstance(parent, dict):
            parent.pop(str(path[-1]), None)
        elif path and isinstance(parent, list) and isinstance(path[-1], int):
            del parent[path[-1] : path[-1] + 1]


def _order(path: FieldPath) -> tuple[tuple[int, str], ...]:
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in path)


def _at(value: JsonValue, path: FieldPath) -> JsonValue:
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _complete(name: SchemaName, value: JsonValue) -> None:
    for path, needed in _NEEDED[name].items():
        parent = _at(value, path[:-1])
        if isinstance(parent, dict):
            parent.setdefault(str(path[-1]), deepcopy(needed))


def check(
    document: Document, name: SchemaName, kind: str, rules: Rules
) -> tuple[bool, list[Problem]]:
    """Whether the schema allows the document, and everything that is wrong with it.

    Rules run on what is left of a wrong document, too: one typo does not hide the next error.
    """
    left, problems = as_written(document, name, kind)
    is_allowed = not problems
    if left is not None:
        problems += _new(rules(left, _fields(problems)), problems)
    return is_allowed, problems


def as_written(
    document: Document, name: SchemaName, kind: str
) -> tuple[JsonValue | None, list[Problem]]:
    """What of a document is as its schema asks for, ``None`` for nothing, and what is not."""
    problems = list(document.problems)
    header = header_problems(document, kind)
    problems += _new(header, problems)
    if any(problem.rule in (RuleId.KIND, RuleId.NOT_A_MAPPING) for problem in header):
        return None, problems
    problems += _new(schema_problems(document, name), problems)
    if not problems:
        return document.value, []
    left = without(name, document.value, problems) if len(problems) < MOST_PROBLEMS else None
    return left, problems


def _new(problems: Iterator[Problem] | list[Problem], known: Sequence[Problem]) -> list[Problem]:
    """Problems that do not merely follow from others at the same place."""
    wrong = {problem.path for problem in known if problem.rule not in HARMLESS}
    above = {path[:length] for path in wrong for length in range(len(path))}
    return [p for p in problems if p.path not in above and not (_prefixes(p.path) & wrong)]


def _prefixes(path: FieldPath) -> set[FieldPath]:
    return {path[:length] for length in range(len(path) + 1)}


def _fields(problems: Sequence[Problem]) -> frozenset[str]:
    """The pool fields that hold errors, misspelt ones by their right names."""
    names = {str(p.path[1]) for p in problems if _in_spec(p.path)}
    return frozenset(meant(name, pool_fields()) or name for name in names)


def _in_spec(path: FieldPath) -> bool:
    return len(path) > 1 and path[0] == "spec"


class CheckedSpec(NamedTuple):
    """What a document says and means in its targets, where nothing is wrong; and all findings.

    ``doubts`` are findings of checks: whatever their severity, the document is valid.
    """

    value: SpecData
    effective: tuple[Effective, ...]
    findings: tuple[Finding, ...]
    doubts: tuple[Finding, ...] = ()


def check_spec(document: Document, project: Project) -> CheckedSpec:
    """Check a document as it is written, and what it means in every target."""
    left, problems = as_written(document, "identity-pool", POOL_KIND)
    if left is None:
        return CheckedSpec(cast("SpecData", {}), (), tuple(map(document.finding, problems)))
    value = cast("SpecData", left)
    made = effective_specs(value, project)
    targets: dict[Finding, list[str]] = {}
    for each in made:
        for finding in _findings(each, document, project, problems):
            targets.setdefault(finding, []).extend(target.name for target in each.targets)
    everywhere = [target.name for each in made for target in each.targets]
    findings = [
        *map(document.finding, problems),
        *(in_targets(finding, where, everywhere) for finding, where in targets.items()),
    ]
    is_wrong = any(finding.severity == "error" for finding in findings)
    return CheckedSpec(value, () if is_wrong else tuple(made), tuple(findings))


def _findings(
    spec: Effective, document: Document, project: Project, known: Sequence[Problem]
) -> Iterator[Finding]:
    """What is wrong with a spec in some targets."""
    for layer, problem in spec.problems:
        yield _finding_in(layer, problem, document, project)
    for problem in _new(effective_problems(spec, document, project, known), known):
        yield finding_of(problem, spec, document, project)


def finding_of(problem: Problem, spec: Effective, document: Document, project: Project) -> Finding:
    """A problem of an effective spec, where it is written: in the spec, or in a layer."""
    place = spec.place(problem.path)
    if place is None:
        return document.finding(problem)
    return _finding_in(place.layer, replace(problem, path=place.path), document, project)


def _finding_in(layer: Layer, problem: Problem, document: Document, project: Project) -> Finding:
    if layer.in_project:
        return finding_at(project.file or "", project.place(problem.path), problem)
    return document.finding(problem)


def in_targets(finding: Finding, where: Sequence[str], everywhere: Sequence[str]) -> Finding:
    """A finding that says in which targets it holds, where that is not in all."""
    if len(where) == len(everywhere):
        return finding
    is_one = len(where) == 1
    message = f"{finding.message} (in {'target' if is_one else 'the targets'} {listed(where)})"
    return replace(finding, message=message)


def effective_problems(
    spec: Effective, document: Document, project: Project, known: Sequence[Problem] = ()
) -> list[Problem]:
    """What is wrong with an effective spec; what has values that AWS has is not known yet."""
    problems: list[Problem] = []
    data = cast("JsonValue", spec.value)
    if spec.is_made:
        found = schema_problems(replace(document, value=data), "effective-pool")
        problems = [each for each in found if not spec.is_open(each)]
    # Rules look at what is as the schema asks for, and a reference is not.
    unread = [Problem(path, RuleId.UNRESOLVED, "") for path in spec.unread | spec.unread_keys]
    wrong = [*problems, *unread]
    value = without("effective-pool", data, wrong) if wrong else data
    if value is None:
        return problems
    open_fields = _fields([*known, *problems]) | spec.open_fields
    subject = CheckedPool(cast("SpecData", value), project, spec.targets, open_fields)
    ignored = subject.lifecycle.get("ignoreChanges", ())
    subject = replace(subject, open_fields=open_fields.union(ignored))
    ruled = [each for rule in _RULES for each in rule(subject)]
    return [*problems, *_new(ruled, wrong)]


def check_literal(document: Document, project: Project) -> tuple[SpecData | None, list[Problem]]:
    """What a document says by itself, in all its targets, and everything that is wrong with it.

    The project's defaults do not count.
    """
    left, problems = as_written(document, "identity-pool", POOL_KIND)
    if left is None:
        return None, problems
    alone = replace(project, defaults={}, values={})
    made, *_ = effective_specs(cast("SpecData", left), alone)
    found = [problem for _, problem in made.problems]
    found += effective_problems(made, document, project, problems)
    return None if problems else made.value, [*problems, *_new(found, problems)]
