"""One document against its schema and the rules of its kind."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any, Final, TypeAlias

from reconciler.model.base import API_VERSION, POOL_KIND, JsonValue
from reconciler.model.findings import RuleId
from reconciler.model.project import Project
from reconciler.model.written import SpecData
from reconciler.specs.documents import header_problems
from reconciler.specs.pool_rules import POOL_RULES, CheckedPool
from reconciler.specs.provider_rules import PROVIDER_RULES
from reconciler.specs.schema import SchemaName, pool_fields, validator, values_validator
from reconciler.specs.schema_messages import schema_problems
from reconciler.text.documents import Document
from reconciler.text.problems import MOST_PROBLEMS, FieldPath, Problem, meant

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
    problems = list(document.problems)
    header = header_problems(document, kind)
    problems += _new(header, problems)
    if any(problem.rule in (RuleId.KIND, RuleId.NOT_A_MAPPING) for problem in header):
        return False, problems
    problems += _new(schema_problems(document, name), problems)
    if not problems:
        return True, list(rules(document.value, frozenset()))
    left = without(name, document.value, problems) if len(problems) < MOST_PROBLEMS else None
    if left is not None:
        problems += _new(rules(left, _fields(problems)), problems)
    return False, problems


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


def check_pool(document: Document, project: Project) -> tuple[bool, list[Problem]]:
    """Whether the schema allows the document as a spec, and everything that is wrong with it."""

    def rules(spec: SpecData, wrong: frozenset[str]) -> Iterator[Problem]:
        subject = CheckedPool(spec, project, wrong)
        ignored = subject.lifecycle.get("ignoreChanges", ())
        subject = CheckedPool(spec, project, wrong.union(ignored))
        for rule in _RULES:
            yield from rule(subject)

    return check(document, "identity-pool", POOL_KIND, rules)
