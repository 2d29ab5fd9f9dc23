"""One document against its schema, its model and the rules of its kind."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from pydantic import ValidationError

from reconciler.loader.documents import header_problems
from reconciler.loader.positions import Document
from reconciler.loader.problems import MOST_PROBLEMS, FieldPath, Problem
from reconciler.loader.remains import HARMLESS, without
from reconciler.loader.rule_ids import RuleId
from reconciler.loader.schema import SchemaName
from reconciler.loader.schema_messages import schema_problems
from reconciler.loader.spelling import meant
from reconciler.model.base import JsonValue, Record
from reconciler.model.pool import POOL_FIELDS

_R = TypeVar("_R", bound=Record)


def check(
    document: Document,
    name: SchemaName,
    kind: str,
    model: type[_R],
    rules: Callable[[_R, frozenset[str]], Iterator[Problem]],
) -> tuple[_R | None, list[Problem]]:
    """The model of a document, if it has one, and everything that is wrong with it.

    Rules that need the model run on what is left of a wrong document, too: one typo does not hide
    the next error.  They get the fields of the pool that hold errors.
    """
    problems = list(document.problems)
    header = header_problems(document, kind)
    problems += _new(header, problems)
    if any(problem.rule in (RuleId.KIND, RuleId.NOT_A_MAPPING) for problem in header):
        return None, problems
    problems += _new(schema_problems(document, name), problems)
    if not problems:
        record, problems = parsed(model, document.value)
        return record, problems + (list(rules(record, frozenset())) if record else [])
    record = remains(name, model, document, problems) if len(problems) < MOST_PROBLEMS else None
    if record:
        problems += _new(rules(record, _fields(problems)), problems)
    return None, problems


def parsed(model: type[_R], value: JsonValue) -> tuple[_R | None, list[Problem]]:
    """The model of a value that the schema allows.

    The schema says what the model says, so a problem here is a disagreement between two regular
    expression engines; it is reported like any other.
    """
    try:
        return model.model_validate(value, strict=True), []
    except ValidationError as error:
        return None, [
            Problem(tuple(each["loc"]), RuleId.WRONG_FORMAT, each["msg"])
            for each in error.errors(include_url=False, include_input=False)
        ]


def remains(
    name: SchemaName, model: type[_R], document: Document, problems: Sequence[Problem]
) -> _R | None:
    """The model of what is left of a document when all that is wrong is taken out."""
    left = without(name, document.value, problems)
    return None if left is None else parsed(model, left)[0]


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
