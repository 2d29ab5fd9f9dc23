"""The JSON Schemas that specs and projects are validated with."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import jsonschema_rs

SchemaName: TypeAlias = Literal[
    "identity-pool", "project", "identity-pool-test", "effective-pool", "effective-project"
]
JsonSchema: TypeAlias = dict[str, Any]

# A text's limits, which count where it holds no reference.
TEXT_LIMITS: Final = frozenset({"minLength", "maxLength", "pattern", "enum", "const"})
NO_REFERENCE: Final = {"not": {"pattern": r"[$][{]"}}
NOT_NULL: Final = {"not": {"type": "null"}}

# Those of schemas/, which is not part of what is installed.
_FOLDER: Final = Path(__file__).parent / "schemas"


@cache
def schema(name: SchemaName) -> JsonSchema:
    """The JSON Schema of this name as a mapping; not to be changed.

    ``effective-...``: what holds when layers and references are resolved.
    """
    if name == "effective-pool":
        return _strict(schema("identity-pool"))
    if name == "effective-project":
        return _strict(schema("project"))
    text = (_FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")
    found: JsonSchema = json.loads(text)
    return found


@cache
def validator(name: SchemaName) -> jsonschema_rs.Draft7Validator:
    """The compiled schema; compiled once a process."""
    return jsonschema_rs.Draft7Validator(schema(name))


def validator_of(part: JsonSchema) -> jsonschema_rs.Draft7Validator:
    """A part of a schema, without references to others, compiled."""
    return jsonschema_rs.Draft7Validator(part)


@cache
def values_validator(name: SchemaName) -> jsonschema_rs.Draft7Validator:
    """The compiled schema without what it says about keys; see loader.keys."""
    return jsonschema_rs.Draft7Validator(_without_key_rules(schema(name)))


@cache
def pool_fields() -> tuple[str, ...]:
    """The fields of a pool, in the API's order, as the schema has them of the table of fields."""
    return tuple(subschema("identity-pool", ("spec",))["properties"])


def subschema(name: SchemaName, path: tuple[str | int, ...]) -> JsonSchema:
    """The part of a schema that describes the value at a path, ``{}`` where there is none."""
    here = schema(name)
    for step in path:
        if isinstance(step, int):
            here = here.get("items", {})
        else:
            here = here.get("properties", {}).get(step) or here.get("additionalProperties") or {}
        here = resolved(name, here)
    return here


def resolved(name: SchemaName, part: JsonSchema) -> JsonSchema:
    """A part with its reference followed."""
    if "then" in part:
        return resolved(name, without_way_out(part))
    reference = part.get("$ref") or part.get("allOf", [{}])[0].get("$ref")
    if reference is None:
        return part
    target: JsonSchema = schema(name)["definitions"][reference.rpartition("/")[2]]
    return target


def without_way_out(part: JsonSchema) -> JsonSchema:
    """A part as it is for what is neither a reference nor ``null``."""
    inner: JsonSchema = part.get("then", {})
    return {key: value for key, value in part.items() if key not in ("if", "then")} | inner


def _strict(part: JsonSchema) -> JsonSchema:
    """A part with no way out for references and ``null``."""
    strict = {
        key: _strict(value) if isinstance(value, dict) else value
        for key, value in without_way_out(part).items()
    }
    if isinstance(types := strict.get("type"), list):
        kept = [each for each in types if each != "null"]
        strict["type"] = kept if kept[1:] else kept[0]
    return strict


def _without_key_rules(part: JsonSchema) -> JsonSchema:
    return {
        key: _without_key_rules(value) if isinstance(value, dict) else value
        for key, value in part.items()
        if key != "propertyNames"
    }
