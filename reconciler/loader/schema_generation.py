"""JSON Schemas of what people write, generated from the model.

Draft-07, the newest that editors' YAML language servers know well.  ``make schema`` writes them
into ``schemas/`` and beside the loader, which reads them there: to generate them takes longer than
to validate a hundred specs with them.
"""

from collections.abc import Mapping
from typing import Final

from reconciler.loader.schema import JsonSchema, SchemaName
from reconciler.model.base import Record
from reconciler.model.project_document import ProjectDocument
from reconciler.model.spec import PoolDocument

_MODELS: Final[Mapping[SchemaName, type[Record]]] = {
    "identity-pool": PoolDocument,
    "project": ProjectDocument,
}
_TITLES: Final = {"identity-pool": "idpool: an identity pool", "project": "idpool: a project"}
_DRAFT: Final = "http://json-schema.org/draft-07/schema#"


def generated_schema(name: SchemaName) -> JsonSchema:
    """The JSON Schema of this name, as the model has it."""
    generated = _MODELS[name].model_json_schema(ref_template="#/definitions/{model}")
    definitions = generated.pop("$defs")
    return {
        "$schema": _DRAFT,
        "$id": f"urn:idpool:v1:{name}",
        "title": _TITLES[name],
        **_draft_07(generated),
        "definitions": {key: _draft_07(value) for key, value in sorted(definitions.items())},
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
