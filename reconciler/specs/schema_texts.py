"""JSON Schemas as files, generated: of what people write, and of what idpool writes.

Draft-07, the newest that editors' YAML language servers know well.  ``make schema`` writes them
into ``schemas/`` and beside the loader, which reads them there: to generate them takes longer than
to validate a hundred specs with them.  Those of what idpool writes are for readers: every field is
there, and ``null`` where it has no value.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter

from reconciler.model.drift import Drift
from reconciler.model.journal import JournalEntry
from reconciler.model.plan import Plan
from reconciler.model.pool_test_file import PoolTestDocument
from reconciler.model.project_file import ProjectDocument
from reconciler.model.receipt import Receipt
from reconciler.model.saved_plan import SavedPlan
from reconciler.model.spec import PoolDocument
from reconciler.specs.references import TARGET_TEXTS
from reconciler.specs.schema import NO_REFERENCE, NOT_NULL, TEXT_LIMITS, JsonSchema

_SCHEMAS: Final[Mapping[str, tuple[str, Any]]] = {
    "identity-pool": ("idpool: an identity pool", PoolDocument),
    "project": ("idpool: a project", ProjectDocument),
    "identity-pool-test": ("idpool: a test of an identity pool", PoolTestDocument),
    "receipt": ("idpool: a receipt", Receipt),
    "journal": ("idpool: one line of a journal", JournalEntry),
    "drift": ("idpool: what has drifted", Drift),
    "plan": ("idpool: a plan", Plan),
    "saved-plan": ("idpool: a saved plan", SavedPlan),
}
_WRITTEN_BY_PEOPLE: Final = frozenset({"identity-pool", "project", "identity-pool-test"})
# What spec:, perTarget: and defaults: are made of.
_LAYERS: Final = frozenset({"PoolSpec", "PoolOverlay"})
# The one map whose keys are known, so that it has a shape of its own.
_ROLES: Final = "RolesSpec"
_OF_POOLS: Final = _LAYERS | {
    "PoolDefaults",
    "ClientSpec",
    "PrincipalTagMapSpec",
    "RoleMappingSpec",
    _ROLES,
    "RuleSpec",
    "RulesConfigurationSpec",
}
# An OpenAPI keyword, names that only repeat the keys, and defaults of fields that are always there.
_LEFT_OUT: Final = frozenset({"discriminator", "title", "default"})


def schema_text(name: str) -> str:
    """The JSON Schema of this name, as committed in ``schemas/NAME.schema.json``."""
    title, model = _SCHEMAS[name]
    is_read = name in _WRITTEN_BY_PEOPLE
    generated = TypeAdapter[Any](model).json_schema(
        mode="validation" if is_read else "serialization", ref_template="#/definitions/{model}"
    )
    shaped = _draft_07 if is_read else _record_part
    definitions = {key: shaped(value) for key, value in sorted(generated.pop("$defs").items())}
    if is_read:
        _let_layers_in(definitions)
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"urn:idpool:v1:{name}",
        "title": title,
        **shaped(generated),
        "definitions": definitions,
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _let_layers_in(definitions: dict[str, JsonSchema]) -> None:
    """Let references stand for texts, and ``null`` for nothing, where specs are resolved."""
    for key in definitions.keys() & _OF_POOLS:
        definitions[key] = _with_references(definitions[key])
    if settings := definitions.get("TargetSettings"):
        for each in TARGET_TEXTS:
            settings["properties"][each] = _with_references(settings["properties"][each])
    if definitions.keys() >= _LAYERS:
        for key in (*_LAYERS, _ROLES):
            _let_null_remove(definitions[key])


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
    if part.get("additionalProperties") is True:  # anything
        del part["additionalProperties"]
    if "patternProperties" in part:
        part = _with_key_pattern(part)
    if "properties" in part:
        part["properties"] = {key: _draft_07(value) for key, value in part["properties"].items()}
    for keyword in ("items", "additionalProperties"):
        if isinstance(part.get(keyword), dict):
            part[keyword] = _draft_07(part[keyword])
    return _with_reference_apart(part)


def _with_reference_apart(part: JsonSchema) -> JsonSchema:
    """Draft-07 ignores whatever stands beside $ref."""
    if "$ref" in part and len(part) > 1:
        return {"allOf": [{"$ref": part.pop("$ref")}], **part}
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
    merged = {key: value for choice in choices for key, value in choice.items()}
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


def _record_part(part: Any) -> Any:
    """A schema without what draft-07 does not know."""
    if isinstance(part, list):
        return [_record_part(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {
        key: {name: _record_part(each) for name, each in value.items()}
        if key == "properties"
        else _record_part(value)
        for key, value in part.items()
        if key not in _LEFT_OUT
    }
    if "properties" in kept:
        kept["required"] = list(kept["properties"])
    return _with_reference_apart(kept)
