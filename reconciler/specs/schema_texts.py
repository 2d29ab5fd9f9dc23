"""JSON Schemas as files, generated: of what people write, and of what idpool writes.

Draft-07, the newest that editors' YAML language servers know well.  ``make schema`` writes them
into ``schemas/`` and beside the loader, which reads them there: to generate them takes longer than
to validate a hundred specs with them.  Those of what idpool writes are for readers: every field is
there, and ``null`` where it has no value.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Literal, TypeAlias

from pydantic import TypeAdapter

from reconciler.model.drift import Drift
from reconciler.model.journal import JournalEntry
from reconciler.model.plan import Plan
from reconciler.model.project_file import ProjectDocument
from reconciler.model.receipt import Receipt
from reconciler.model.records import Record
from reconciler.model.saved_plan import SavedPlan
from reconciler.model.spec import PoolDocument
from reconciler.specs.references import TARGET_TEXTS
from reconciler.specs.schema import NO_REFERENCE, NOT_NULL, TEXT_LIMITS, JsonSchema, SchemaName

_MODELS: Final[Mapping[SchemaName, type[Record]]] = {
    "identity-pool": PoolDocument,
    "project": ProjectDocument,
}
_TITLES: Final = {"identity-pool": "idpool: an identity pool", "project": "idpool: a project"}
_DRAFT: Final = "http://json-schema.org/draft-07/schema#"
# What spec:, perTarget: and defaults: are made of.
_LAYERS: Final = frozenset({"PoolSpec", "PoolOverlay"})
_OF_POOLS: Final = _LAYERS | {
    "PoolDefaults",
    "ClientSpec",
    "PrincipalTagMapSpec",
    "RoleMappingSpec",
    "RolesSpec",
    "RuleSpec",
    "RulesConfigurationSpec",
}
RecordName: TypeAlias = Literal["receipt", "journal", "drift", "plan", "saved-plan"]
_RECORDS: Final[dict[RecordName, TypeAdapter[Any]]] = {
    "receipt": TypeAdapter(Receipt),
    "journal": TypeAdapter(JournalEntry),
    "drift": TypeAdapter(Drift),
    "plan": TypeAdapter(Plan),
    "saved-plan": TypeAdapter(SavedPlan),
}
_RECORD_TITLES: Final[dict[RecordName, str]] = {
    "receipt": "idpool: a receipt",
    "journal": "idpool: one line of a journal",
    "drift": "idpool: what has drifted",
    "plan": "idpool: a plan",
    "saved-plan": "idpool: a saved plan",
}
# An OpenAPI keyword, names that only repeat the keys, and defaults of fields that are always there.
_LEFT_OUT: Final = frozenset({"discriminator", "title", "default"})
_MAPS_OF_SCHEMAS: Final = frozenset({"properties", "definitions"})


def generated_schema(name: SchemaName) -> JsonSchema:
    """The JSON Schema of this name, as the model has it."""
    generated = _MODELS[name].model_json_schema(ref_template="#/definitions/{model}")
    definitions = {key: _draft_07(value) for key, value in generated.pop("$defs").items()}
    for key in definitions.keys() & _OF_POOLS:
        definitions[key] = _with_references(definitions[key])
    if settings := definitions.get("TargetSettings"):
        for each in TARGET_TEXTS:
            settings["properties"][each] = _with_references(settings["properties"][each])
    for key in definitions.keys() & _LAYERS:
        _let_null_remove(definitions[key])
    return {
        "$schema": _DRAFT,
        "$id": f"urn:idpool:v1:{name}",
        "title": _TITLES[name],
        **_draft_07(generated),
        "definitions": dict(sorted(definitions.items())),
    }


def _with_references(part: JsonSchema) -> JsonSchema:
    """A part whose texts, and keys, are only held to their limits where no reference stands."""
    part = {
        key: {name: _with_references(each) for name, each in value.items()}
        if key == "properties"
        else _with_references(value)
        if isinstance(value, dict)
        else value
        for key, value in part.items()
    }
    limits = {key: part.pop(key) for key in TEXT_LIMITS & part.keys()}
    return part | {"if": NO_REFERENCE, "then": dict(sorted(limits.items()))} if limits else part


def _let_null_remove(layer: JsonSchema) -> None:
    """``null`` removes what layers below say: of a field, or of a key of a map."""
    for name, value in layer["properties"].items():
        if name not in layer.get("required", ()):
            if isinstance(value.get("additionalProperties"), dict):
                value["additionalProperties"] = _or_null(value["additionalProperties"])
            layer["properties"][name] = _or_null(value)


def _or_null(part: JsonSchema) -> JsonSchema:
    if isinstance(part.get("type"), str) and "enum" not in part:
        return part | {"type": [part["type"], "null"]}
    kept = {key: part[key] for key in ("description", "default") if key in part}
    inner = {key: value for key, value in part.items() if key not in kept}
    return kept | {"if": NOT_NULL, "then": inner}


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


@cache
def record_schema(name: RecordName) -> dict[str, Any]:
    """The JSON Schema (draft-07) of this name as a mapping; not to be changed."""
    generated = _RECORDS[name].json_schema(
        mode="serialization", by_alias=True, ref_template="#/definitions/{model}"
    )
    definitions = dict(sorted(generated.pop("$defs").items()))
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"urn:idpool:v1:{name}",
        "title": _RECORD_TITLES[name],
        **_record_part({**generated, "definitions": definitions}),
    }


def _record_part(part: Any) -> Any:
    """A schema without what draft-07 does not know."""
    if isinstance(part, list):
        return [_record_part(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {
        key: {name: _record_part(each) for name, each in value.items()}
        if key in _MAPS_OF_SCHEMAS
        else _record_part(value)
        for key, value in part.items()
        if key not in _LEFT_OUT
    }
    if "properties" in kept:
        kept["required"] = list(kept["properties"])
    if "$ref" in kept and len(kept) > 1:
        # Draft-07 ignores whatever stands beside $ref.
        kept = {"allOf": [{"$ref": kept.pop("$ref")}], **kept}
    return kept


def schema_text(name: str) -> str:
    """The JSON Schema of this name, as committed in ``schemas/NAME.schema.json``."""
    match name:
        case "identity-pool" | "project":
            found = generated_schema(name)
        case _:
            found = record_schema(name)
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
