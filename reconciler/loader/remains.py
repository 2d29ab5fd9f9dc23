"""What is left of a wrong document, so that its other parts can be checked as well."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Final

from reconciler.loader.problems import FieldPath, Problem
from reconciler.loader.rule_ids import RuleId
from reconciler.loader.schema import SchemaName, validator, values_validator
from reconciler.model.headers import API_VERSION
from reconciler.model.json_value import JsonValue

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
