"""What the JSON Schema validator finds, said for people: one sentence a keyword."""

import re
from collections.abc import Callable, Iterator, Mapping
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
from reconciler.specs.formats import Correction, format_problem, key_problem
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
_TRUTHS: Final = {"true": "true", "yes": "true", "on": "true", "1": "true", "y": "true"}
_FALSEHOODS: Final = {"false": "false", "no": "false", "off": "false", "0": "false", "n": "false"}
_BOOLEANS: Final = _TRUTHS | _FALSEHOODS
# Fields that people paste or remember, by their squeezed names.
_SYNC: Final = (
    "remove it: idpool does not carry what is of Amazon Cognito Sync, which AWS has closed to new "
    "customers"
)
_POOL_HINTS: Final = {
    "identitypoolid": "not part of a spec: remove it; to bind the spec to that pool write "
    "metadata.adopt",
    "responsemetadata": "remove it: it belongs to the answer of the call, not to the pool",
    "cognitostreams": _SYNC,
    "cognitoevents": _SYNC,
    "pushsync": _SYNC,
    "tags": 'did you mean "IdentityPoolTags"?',
}
_ENVELOPE_HINTS: Final = {
    "namespace": "remove it: pools have no namespace; an owner is named in idpool.yaml",
    "labels": "remove it; tags of the pool are spec.IdentityPoolTags",
    "annotations": "remove it; tags of the pool are spec.IdentityPoolTags",
    "status": "remove it: a spec says what the pool is to be, not what it is",
    "properties": 'CloudFormation\'s "Properties" are "spec" here',
}
_URGENCY: Final = ("type", "pattern", "minLength", "maxLength")


def bad_keys(name: SchemaName, value: JsonValue) -> Iterator[Problem]:
    """Every key of a document that its schema's propertyNames do not allow."""
    yield from _bad_keys(name, schema(name), value, ())


def _bad_keys(
    name: SchemaName, part: JsonSchema, value: JsonValue, path: FieldPath
) -> Iterator[Problem]:
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
        yield _problem(path, RuleId.TOO_SHORT, "a key is empty", "write a name there")
    elif len(key) > allowed.get("maxLength", len(key)):
        message = f"the key has {len(key)} characters"
        fix = f"shorten it to {allowed['maxLength']}, the most that it can have"
        if key.startswith("arn:"):
            message += (
                f", and AWS takes no provider here whose name has over {allowed['maxLength']}"
            )
            fix = "remove it: this provider can have none"
            if path[-2] == PRINCIPAL_TAGS_FIELD and len(issuer_of(key)) in _issuer_lengths(allowed):
                fix = f"write the provider's issuer instead: {quoted(issuer_of(key))}"
        yield _problem(path, RuleId.TOO_LONG, message, fix)
    elif not matches(allowed.get("pattern", ""), key):
        yield _problem(path, RuleId.WRONG_FORMAT, *key_problem(key))


def _issuer_lengths(allowed: JsonSchema) -> range:
    return range(1, int(allowed["maxLength"]) + 1)


def matches(pattern: str, key: str) -> bool:
    """Whether a key is as a schema's pattern says.

    To Python alone, $ stands before a last newline, too.
    """
    return bool(re.search(re.sub(r"\$$", r"\\Z", pattern), key))


def _problem(path: FieldPath, rule: RuleId, message: str, fix: str) -> Problem:
    return Problem(path, rule, message, fix, at_key=True)


def type_problem(
    document: Document, path: FieldPath, value: JsonValue, types: tuple[str, ...]
) -> Correction:
    """Say that the value at a path is not of one of these JSON types."""
    types = tuple(one for one in types if one != "null")
    wanted = " or ".join(_WANTED[one] for one in types)
    raw = "" if _may_be_secret(path, value) else clean(document.raw(path))
    if value is None:
        written = f" ({raw} is YAML for no value)" if raw else ""
        return Correction(f"has no value; it takes {wanted}{written}", empty_fix(path, types))
    if isinstance(value, str):
        message = f"is {_string(path, raw)}, not {wanted}"
        return Correction(message, _string_fix(path, raw, types))
    if isinstance(value, list):
        return Correction(f"is a list, not {wanted}", _list_fix(path, types))
    if isinstance(value, dict):
        fix = 'put "- " before each item' if "array" in types else f"write {wanted}"
        return Correction(f"is a mapping, not {wanted}", fix)
    kind = "boolean" if isinstance(value, bool) else "number"
    told = f"the {kind} {raw}" if raw else f"a {kind}"
    return Correction(f"is {told}, not {wanted}", _scalar_fix(raw, types))


def _may_be_secret(path: FieldPath, value: JsonValue) -> bool:
    """An app id is a number that people forget to quote, and no secret but Twitter's."""
    if value is None or isinstance(value, bool) or not may_hold_secret(path):
        return False
    name = str(path[-1])
    return TWITTER in name.casefold() or not PROVIDER.fullmatch(name)


def _string(path: FieldPath, raw: str) -> str:
    text = shown(path, raw)
    return f"the string {text}" if text.startswith('"') else "a string"


def empty_fix(path: FieldPath, types: tuple[str, ...]) -> str:
    """What to write where there is no value; ``types`` are JSON types."""
    field = path[-1] if path else ""
    if field in _MANAGED:
        return 'write {} for "managed, and empty", or remove the line for "not managed"'
    if types[0] in ("array", "object"):
        empty = "[]" if types[0] == "array" else "{}"
        return f"write {empty}, a value, or remove the line"
    return "write a value or remove the line"


def _string_fix(path: FieldPath, raw: str, types: tuple[str, ...]) -> str:
    if "boolean" in types:
        word = _BOOLEANS.get(raw.strip().lower())
        return f"write {word}, without quotes" if word else "write true or false"
    if "array" in types:
        return f"write it as a list: [{shown(path, raw)}]" if _brief(path) else 'put "- " before it'
    return "write it as KEY: VALUE lines, indented; a space follows the colon"


def _brief(path: FieldPath) -> bool:
    return shown(path, "x").startswith('"')


def _list_fix(path: FieldPath, types: tuple[str, ...]) -> str:
    if "object" in types:
        if path and path[-1] == "IdentityPoolTags":
            return "write tags as KEY: VALUE lines, not as a list of Key and Value"
        return 'write KEY: VALUE lines without "- "'
    return 'write one value, without "- " or brackets'


def _scalar_fix(raw: str, types: tuple[str, ...]) -> str:
    if "string" in types:
        return f"quote it: {quoted(raw)}" if raw else "quote it"
    if "boolean" in types:
        return f"write {_BOOLEANS.get(raw, 'true or false')}"
    return "write " + " or ".join(_WANTED[one] for one in types)


def fix_for(name: SchemaName, parent: FieldPath, field: str) -> str:
    """What to do about an unknown field of the mapping at ``parent``."""
    known = list(subschema(name, parent).get("properties", {}))
    key = squeezed(field)
    hints = _ENVELOPE_HINTS if not parent or parent == ("metadata",) else _POOL_HINTS
    if name == "identity-pool" and key in hints:
        return hints[key]
    if any(squeezed(one) == key for one in known):
        return f'did you mean "{meant(field, known)}"?'
    if elsewhere := _elsewhere(name).get(key):
        return f'"{elsewhere[-1]}" belongs under {path_text(elsewhere[:-1]) or "the top level"}'
    if guess := meant(field, known):
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
