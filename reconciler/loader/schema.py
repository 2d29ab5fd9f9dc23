"""JSON Schemas for editors and for the loader, generated from the model.

Draft-07, the newest that editors' YAML language servers know well.  ``idpool schema --out
schemas`` writes them.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Literal, TypeAlias

import jsonschema_rs

from reconciler.loader.record_schemas import RecordName, record_schema
from reconciler.model.base import Record
from reconciler.model.project import ProjectDocument
from reconciler.model.spec import PoolDocument

SchemaName: TypeAlias = Literal["identity-pool", "project"]
JsonSchema: TypeAlias = dict[str, Any]

_MODELS: Final[Mapping[SchemaName, type[Record]]] = {
    "identity-pool": PoolDocument,
    "project": ProjectDocument,
}
_TITLES: Final = {"identity-pool": "idpool: an identity pool", "project": "idpool: a project"}
_DRAFT: Final = "http://json-schema.org/draft-07/schema#"


def schema_text(name: SchemaName | RecordName) -> str:
    """The JSON Schema of this name, as committed in ``schemas/NAME.schema.json``."""
    found = schema(name) if name in _MODELS else record_schema(name)
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


@cache
def schema(name: SchemaName) -> JsonSchema:
    """The JSON Schema of this name as a mapping; not to be changed."""
    generated = _MODELS[name].model_json_schema(ref_template="#/definitions/{model}")
    definitions = generated.pop("$defs")
    return {
        "$schema": _DRAFT,
        "$id": f"urn:idpool:v1:{name}",
        "title": _TITLES[name],
        **_draft_07(generated),
        "definitions": {key: _draft_07(value) for key, value in sorted(definitions.items())},
    }


@cache
def validator(name: SchemaName) -> jsonschema_rs.Draft7Validator:
    """The compiled schema; compiled once a process."""
    return jsonschema_rs.Draft7Validator(schema(name))


@cache
def values_validator(name: SchemaName) -> jsonschema_rs.Draft7Validator:
    """The compiled schema without what it says about keys; see loader.keys."""
    return jsonschema_rs.Draft7Validator(_without_key_rules(schema(name)))


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
    reference = part.get("$ref") or part.get("allOf", [{}])[0].get("$ref")
    if reference is None:
        return part
    target: JsonSchema = schema(name)["definitions"][reference.rpartition("/")[2]]
    return target


def _without_key_rules(part: JsonSchema) -> JsonSchema:
    return {
        key: _without_key_rules(value) if isinstance(value, dict) else value
        for key, value in part.items()
        if key != "propertyNames"
    }


def _draft_07(part: JsonSchema) -> JsonSchema:
    """One schema as pydantic generates it, in the form that editors and our messages want."""
    part = {key: value for key, value in part.items() if key != "title"}
    if "anyOf" in part:
        part = _without_choice(part)
    if "patternProperties" in part:
        part = _with_key_pattern(part)
    if "properties" in part:
        part["properties"] = {key: _draft_07(value) for key, value in part["properties"].items()}
    for keyword in ("items", "additionalProperties"):
        if isinstance(part.get(keyword), dict):
            part[keyword] = _draft_07(part[keyword])
    if "$ref" in part and len(part) > 1:
        # Draft-07 ignores whatever stands beside $ref.
        part = {"allOf": [{"$ref": part.pop("$ref")}], **part}
    return part


def _without_choice(part: JsonSchema) -> JsonSchema:
    """``X or null`` becomes X: an optional field is left out, never null.

    Other choices here are between types, so their keywords can stand side by side: errors then
    name what is wrong, not that none of the choices fits.
    """
    outer = {key: value for key, value in part.items() if key != "anyOf"}
    if outer.get("default", ...) is None:
        del outer["default"]
    choices = [choice for choice in part["anyOf"] if choice != {"type": "null"}]
    types = [choice["type"] for choice in choices if "type" in choice]
    merged: JsonSchema = {}
    for choice in choices:
        merged |= choice
    if len(types) > 1:
        merged["type"] = types
    return merged | outer


def _with_key_pattern(part: JsonSchema) -> JsonSchema:
    """A mapping whose keys have a pattern: other keys are errors, not unchecked."""
    part = dict(part)
    ((pattern, value),) = part.pop("patternProperties").items()
    part["propertyNames"] = {**part.get("propertyNames", {}), "pattern": pattern}
    part["additionalProperties"] = value
    return part
