"""Keys that mappings cannot have.

The schema says it too, as propertyNames; but the validator copies the whole mapping into the error
of each key, so a file with a hundred thousand wrong keys would take all memory.
"""

import re
from collections.abc import Iterator

from reconciler.loader.formats import key_problem
from reconciler.loader.problems import FieldPath, Problem, quoted
from reconciler.loader.rule_ids import RuleId
from reconciler.loader.schema import JsonSchema, SchemaName, resolved, schema
from reconciler.model.json_value import JsonValue
from reconciler.model.pool import PRINCIPAL_TAGS_FIELD
from reconciler.model.providers import issuer_of


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
            yield from _bad_key(part.get("propertyNames", {}), (*path, key), key)
            inner = part.get("properties", {}).get(key) or part.get("additionalProperties") or {}
            yield from _bad_keys(name, inner, member, (*path, key))


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
