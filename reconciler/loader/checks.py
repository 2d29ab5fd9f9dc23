"""One document against its schema and the rules of its kind."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from reconciler.loader.documents import header_problems
from reconciler.loader.positions import Document
from reconciler.loader.problems import MOST_PROBLEMS, FieldPath, Problem
from reconciler.loader.remains import HARMLESS, without
from reconciler.loader.rule_ids import RuleId
from reconciler.loader.schema import SchemaName
from reconciler.loader.schema_messages import schema_problems
from reconciler.loader.spelling import meant
from reconciler.model.pool import POOL_FIELDS

# They get what the schema allows, as plain data, and the fields of the pool that hold errors.
Rules: TypeAlias = Callable[[Any, frozenset[str]], Iterator[Problem]]


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
    return frozenset(meant(name, POOL_FIELDS) or name for name in names)


def _in_spec(path: FieldPath) -> bool:
    return len(path) > 1 and path[0] == "spec"
