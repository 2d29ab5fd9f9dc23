"""What the JSON Schema validator finds, said for people: one sentence a keyword."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain, islice
from typing import Any, Final

from jsonschema_rs import ValidationError

from reconciler.model.base import JsonValue
from reconciler.model.findings import RuleId
from reconciler.model.pool_fields import PRINCIPAL_TAGS_FIELD
from reconciler.model.project import MAX_TAGS
from reconciler.model.providers import issuer_of
from reconciler.model.secrets import TWITTER
from reconciler.specs.formats import format_problem
from reconciler.specs.schema import (
    JsonSchema,
    SchemaName,
    resolved,
    schema,
    subschema,
    validator,
    values_validator,
    without_way_out,
)
from reconciler.text.documents import Document
from reconciler.text.problems import (
    MOST_PROBLEMS,
    PROVIDER,
    FieldPath,
    Problem,
    clean,
    did_you_mean,
    listed,
    may_hold_secret,
    meant,
    path_text,
    quoted,
    shown,
    squeezed,
    wording,
)
from reconciler.text.references import has_reference

_WANTED: Final = {
    "string": "a string",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
# Present, even empty, these are managed; left out they are not.
_MANAGED: Final = frozenset({"Roles", "RoleMappings", "PrincipalTagAttributeMaps"})
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "yes", "on", "1", "y"), "true"),
    **dict.fromkeys(("false", "no", "off", "0", "n"), "false"),
}
_SIZES: Final = {
    "minLength": RuleId.TOO_SHORT,
    "maxLength": RuleId.TOO_LONG,
    "minItems": RuleId.TOO_FEW,
    "maxItems": RuleId.TOO_MANY,
    "maxProperties": RuleId.TOO_MANY,
}
_URGENCY: Final = ("type", "pattern", "minLength", "maxLength")


def _bad_keys(
    name: SchemaName, part: JsonSchema, value: JsonValue, path: FieldPath
) -> Iterator[Problem]:
    """Every key of a value that the propertyNames of its part of the schema do not allow."""
    part = resolved(name, part)
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _bad_keys(name, part.get("items", {}), item, (*path, index))
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _bad_key(_key_limits(part, key), (*path, key), key)
            inner = part.get("properties", {}).get(key) or part.get("additionalProperties") or {}
            yield from _bad_keys(name, inner, member, (*path, key))


def _key_limits(part: JsonSchema, key: str) -> JsonSchema:
    limits: JsonSchema = part.get("propertyNames", {})
    return {} if "if" in limits and has_reference(key) else without_way_out(limits)


def _bad_key(allowed: JsonSchema, path: FieldPath, key: str) -> Iterator[Problem]:
    if len(key) < allowed.get("minLength", 0):
        yield Problem.of(path, RuleId.TOO_SHORT, "key")
    elif len(key) > (limit := allowed.get("maxLength", len(key))):
        case, fix, issuer = "key", "", issuer_of(key)
        if key.startswith("arn:"):
            case = "arn"
            if path[-2] == PRINCIPAL_TAGS_FIELD and 0 < len(issuer) <= limit:
                fix = f"write the provider's issuer instead: {quoted(issuer)}"
        yield Problem.of(path, RuleId.TOO_LONG, case, fix, count=len(key), limit=limit)
    elif not matches(allowed.get("pattern", ""), key):
        # Only the names of targets have a format.
        yield Problem.of(path, RuleId.WRONG_FORMAT, "targets", text=quoted(key))


def matches(pattern: str, key: str) -> bool:
    """Whether a key is as a schema's pattern says.

    To Python alone, $ stands before a last newline, too.
    """
    return bool(re.search(re.sub(r"\$$", r"\\Z", pattern), key))


def _wrong_type(
    document: Document, path: FieldPath, value: JsonValue, types: tuple[str, ...]
) -> Problem:
    types = tuple(one for one in types if one != "null")
    wanted = " or ".join(_WANTED[one] for one in types)
    raw = "" if _may_be_secret(path, value) else clean(document.raw(path))
    match value:
        case None:
            written = f" ({raw} is YAML for no value)" if raw else ""
            message = f"has no value; it takes {wanted}{written}"
            return Problem(path, RuleId.NO_VALUE, message, empty_fix(path, types))
        case str():
            text = shown(path, raw)
            what = f"the string {text}" if text.startswith('"') else "a string"
            fix = _string_fix(text, raw, types)
        case list():
            what, fix = "a list", _list_fix(path, types)
        case dict():
            what = "a mapping"
            fix = 'put "- " before each item' if "array" in types else f"write {wanted}"
        case _:
            kind = "boolean" if isinstance(value, bool) else "number"
            what, fix = f"the {kind} {raw}" if raw else f"a {kind}", _scalar_fix(raw, types, wanted)
    return Problem(path, RuleId.WRONG_TYPE, f"is {what}, not {wanted}", fix)


def _may_be_secret(path: FieldPath, value: JsonValue) -> bool:
    """An app id is a number that people forget to quote, and no secret but Twitter's."""
    if value is None or isinstance(value, bool) or not may_hold_secret(path):
        return False
    name = str(path[-1])
    return TWITTER in name.casefold() or not PROVIDER.fullmatch(name)


def empty_fix(path: FieldPath, types: tuple[str, ...]) -> str:
    """What to write where there is no value; ``types`` are JSON types."""
    field = path[-1] if path else ""
    if field in _MANAGED:
        return 'write {} for "managed, and empty", or remove the line for "not managed"'
    if types[0] in ("array", "object"):
        empty = "[]" if types[0] == "array" else "{}"
        return f"write {empty}, a value, or remove the line"
    return "write a value or remove the line"


def _string_fix(text: str, raw: str, types: tuple[str, ...]) -> str:
    if "boolean" in types:
        word = _BOOLEANS.get(raw.strip().lower())
        return f"write {word}, without quotes" if word else "write true or false"
    if "array" in types:
        return f"write it as a list: [{text}]" if text.startswith('"') else 'put "- " before it'
    return "write it as KEY: VALUE lines, indented; a space follows the colon"


def _list_fix(path: FieldPath, types: tuple[str, ...]) -> str:
    if "object" in types:
        if path and path[-1] == "IdentityPoolTags":
            return "write tags as KEY: VALUE lines, not as a list of Key and Value"
        return 'write KEY: VALUE lines without "- "'
    return 'write one value, without "- " or brackets'


def _scalar_fix(raw: str, types: tuple[str, ...], wanted: str) -> str:
    if "string" in types:
        return f"quote it: {quoted(raw)}" if raw else "quote it"
    if "boolean" in types:
        return f"write {_BOOLEANS.get(raw, 'true or false')}"
    return f"write {wanted}"


def fix_for(name: SchemaName, parent: FieldPath, field: str) -> str:
    """What to do about an unknown field of the mapping at ``parent``."""
    known = list(subschema(name, parent).get("properties", {}))
    key = squeezed(field)
    part = "envelope" if parent in ((), ("metadata",)) else "pool"
    for hint in wording(RuleId.UNKNOWN_FIELD)[part] if name == "identity-pool" else ():
        if key in hint["names"]:
            return str(hint["fix"])
    guess = meant(field, known)
    elsewhere = _elsewhere(name).get(key)
    if elsewhere and (not guess or squeezed(guess) != key):
        return f'"{elsewhere[-1]}" belongs under {path_text(elsewhere[:-1]) or "the top level"}'
    if guess:
        return f'did you mean "{guess}"?'
    return f"remove it; known here: {', '.join(known)}"


@cache
def _elsewhere(name: SchemaName) -> dict[str, FieldPath]:
    """Every field that stands in one fixed place, by its squeezed name."""
    return {squeezed(str(path[-1])): path for path in _fixed_fields(name, schema(name), ())}


def _fixed_fields(name: SchemaName, part: JsonSchema, path: FieldPath) -> Iterator[FieldPath]:
    for field, value in resolved(name, part).get("properties", {}).items():
        yield (*path, field)
        yield from _fixed_fields(name, value, (*path, field))


def schema_problems(document: Document, name: SchemaName) -> list[Problem]:
    """Everything that the schema does not allow in a document, one problem a value."""
    if validator(name).is_valid(document.value):
        return []
    errors = islice(values_validator(name).iter_errors(document.value), MOST_PROBLEMS)
    each = (_problems(document, name, error) for error in sorted(errors, key=_urgency))
    found: dict[FieldPath, Problem] = {}
    keys = _bad_keys(name, schema(name), document.value, ())
    problems = chain(keys, chain.from_iterable(each))
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


def _urgency(error: ValidationError) -> int:
    keyword = str(error.schema_path[-1])
    if keyword == "minLength" and not error.instance:
        return 0
    return _URGENCY.index(keyword) if keyword in _URGENCY else 0


def _problems(document: Document, name: SchemaName, error: ValidationError) -> Iterator[Problem]:
    path: FieldPath = tuple(error.instance_path)
    value: Any = error.instance
    details: Mapping[str, Any] = error.kind.as_dict()
    match error.kind.name:
        case "additionalProperties":
            for field in details["unexpected"]:
                fix = fix_for(name, path, field)
                rule = RuleId.UNKNOWN_FIELD
                yield Problem.of((*path, field), rule, "", fix, field=quoted(field))
        case "type":
            yield _wrong_type(document, path, value, tuple(details["types"]))
        case "required":
            yield _missing(name, path, details["property"])
        case "pattern":
            yield format_problem(path, value)
        case "enum" | "const":
            yield _not_one_of(path, value, details)
        case keyword:
            yield _of_size(path, keyword, value, details["limit"])


def _missing(name: SchemaName, path: FieldPath, field: str) -> Problem:
    text = subschema(name, (*path, field)).get("description", "")
    fix = f"add {field}: {text[0].lower() + text[1:].rstrip('.')}" if text else ""
    return Problem.of((*path, field), RuleId.MISSING_FIELD, "", fix, field=field)


def _not_one_of(path: FieldPath, value: Any, details: Mapping[str, Any]) -> Problem:
    options = details["options"] if "options" in details else [details["expected_value"]]
    text = shown(path, value) if isinstance(value, str) else "the value"
    case, guess = "" if options[1:] else "constant", did_you_mean(str(value), options)
    every = ", ".join(options)
    rule = RuleId.WRONG_VALUE
    return Problem.of(path, rule, case, guess, value=text, options=listed(options), all=every)


def _of_size(path: FieldPath, keyword: str, value: Any, limit: int) -> Problem:
    """What is too short, too long, too few or too many."""
    rule = _SIZES[keyword]
    is_counted = rule in (RuleId.TOO_FEW, RuleId.TOO_MANY)
    case = "empty" if value == "" else str(path[-1]) if is_counted else ""
    count = len(value)
    return Problem.of(path, rule, case, count=count, limit=limit, over=count - limit, tags=MAX_TAGS)
