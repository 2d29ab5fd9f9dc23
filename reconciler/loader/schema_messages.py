"""What the JSON Schema validator finds, said for people: one sentence a keyword."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, Final

from jsonschema_rs import ValidationError

from reconciler.loader.formats import format_problem
from reconciler.loader.keys import bad_keys
from reconciler.loader.positions import Document
from reconciler.loader.problems import MOST_PROBLEMS, FieldPath, Problem, listed, quoted, shown
from reconciler.loader.rule_ids import RuleId
from reconciler.loader.schema import SchemaName, subschema, validator, values_validator
from reconciler.loader.spelling import did_you_mean, meant
from reconciler.loader.type_messages import type_problem
from reconciler.loader.unknown_fields import fix_for
from reconciler.model.project import MAX_TAGS


def schema_problems(document: Document, name: SchemaName) -> list[Problem]:
    """Everything that the schema does not allow in a document, one problem a value."""
    if validator(name).is_valid(document.value):
        return []
    errors = islice(values_validator(name).iter_errors(document.value), MOST_PROBLEMS)
    each = (_problems(document, name, error) for error in sorted(errors, key=_urgency))
    found: dict[FieldPath, Problem] = {}
    problems = chain(bad_keys(name, document.value), chain.from_iterable(each))
    for problem in islice(problems, MOST_PROBLEMS):
        # A text that is too short has the wrong format, too: the first says enough.
        found.setdefault(problem.path, problem)
    misspelt = {_meant(name, path) for path, p in found.items() if p.rule is RuleId.UNKNOWN_FIELD}
    return [
        problem
        for path, problem in found.items()
        if problem.rule is not RuleId.MISSING_FIELD or path not in misspelt
    ]


def _meant(name: SchemaName, path: FieldPath) -> FieldPath:
    """The path that an unknown field was meant to have: it is not missing as well."""
    known = subschema(name, path[:-1]).get("properties", {})
    return (*path[:-1], meant(str(path[-1]), known) or path[-1])


_URGENCY: Final = ("type", "pattern", "minLength", "maxLength")


def _urgency(error: ValidationError) -> int:
    keyword = str(error.schema_path[-1])
    if keyword == "minLength" and not error.instance:
        return 0
    return _URGENCY.index(keyword) if keyword in _URGENCY else 0


def _problems(document: Document, name: SchemaName, error: ValidationError) -> Iterator[Problem]:
    path: FieldPath = tuple(error.instance_path)
    details: Mapping[str, Any] = error.kind.as_dict()
    match error.kind.name:
        case "additionalProperties":
            for field in details["unexpected"]:
                yield _unknown_field(name, path, field)
        case "type":
            yield _wrong_type(document, path, error.instance, tuple(details["types"]))
        case "required":
            yield _missing(name, path, details["property"])
        case keyword:
            yield _ONE_VALUE[keyword](path, error.instance, details)


def _unknown_field(name: SchemaName, path: FieldPath, field: str) -> Problem:
    return Problem(
        (*path, field),
        RuleId.UNKNOWN_FIELD,
        f"unknown field {quoted(field)}",
        fix_for(name, path, field),
        at_key=True,
    )


def _wrong_type(document: Document, path: FieldPath, value: Any, types: tuple[str, ...]) -> Problem:
    rule = RuleId.NO_VALUE if value is None else RuleId.WRONG_TYPE
    return Problem(path, rule, *type_problem(document, path, value, types))


def _missing(name: SchemaName, path: FieldPath, field: str) -> Problem:
    text = subschema(name, (*path, field)).get("description", "")
    message = f'the field "{field}" is missing'
    fix = f"add {field}: {text[0].lower() + text[1:].rstrip('.')}" if text else f"add {field}"
    return Problem((*path, field), RuleId.MISSING_FIELD, message, fix)


def _wrong_format(path: FieldPath, value: Any, _: Mapping[str, Any]) -> Problem:
    return Problem(path, RuleId.WRONG_FORMAT, *format_problem(path, value))


def _not_one_of(path: FieldPath, value: Any, details: Mapping[str, Any]) -> Problem:
    options = details["options"] if "options" in details else [details["expected_value"]]
    text = shown(path, value) if isinstance(value, str) else "the value"
    message = f"{text} is not one of {listed(options)}" if options[1:] else f"is not {options[0]}"
    fix = did_you_mean(str(value), options) or f"write one of {', '.join(options)}"
    return Problem(path, RuleId.WRONG_VALUE, message, fix)


def _too_short(path: FieldPath, value: Any, details: Mapping[str, Any]) -> Problem:
    if value == "":
        return Problem(path, RuleId.TOO_SHORT, "is empty", "write a value or remove the line")
    message = f"has {len(value)} characters; {details['limit']} is the least"
    return Problem(path, RuleId.TOO_SHORT, message, "write it in full")


def _too_long(path: FieldPath, value: Any, details: Mapping[str, Any]) -> Problem:
    message = f"has {len(value)} characters; {details['limit']} is the most that AWS takes"
    return Problem(path, RuleId.TOO_LONG, message, "shorten it")


def _too_few(path: FieldPath, _: Any, details: Mapping[str, Any]) -> Problem:
    message = f"is empty; it takes at least {details['limit']}"
    fix = "add one"
    if path[-1] == "targets":
        fix = "name a target, or remove the line for every target"
    elif path[-1] == "Rules":
        fix = "add a rule, or write Type: Token and remove RulesConfiguration"
    return Problem(path, RuleId.TOO_FEW, message, fix)


def _too_many(path: FieldPath, value: Any, details: Mapping[str, Any]) -> Problem:
    count, limit = len(value), details["limit"]
    if path[-1] == "IdentityPoolTags":
        message = (
            f"has {count} tags: AWS allows {MAX_TAGS} tags a pool, two of which are idpool's own"
        )
    else:
        message = f"has {count} entries: AWS allows {limit}"
    fix = f"remove {count - limit} of them"
    if path[-1] == "Rules":
        fix = "merge rules, or put the role into the token (Type: Token): no quota can be raised"
    return Problem(path, RuleId.TOO_MANY, message, fix)


_ONE_VALUE: Final[Mapping[str, Callable[[FieldPath, Any, Mapping[str, Any]], Problem]]] = {
    "pattern": _wrong_format,
    "enum": _not_one_of,
    "const": _not_one_of,
    "minLength": _too_short,
    "maxLength": _too_long,
    "minItems": _too_few,
    "maxItems": _too_many,
    "maxProperties": _too_many,
}
