"""JSON Schemas of what idpool writes: plans, saved plans, receipts, the lines of journals,
and drift.

Unlike those of specs they are for readers, so they describe what is written: every field is there,
and ``null`` where it has no value.
"""

from functools import cache
from typing import Any, Final, Literal, TypeAlias

from pydantic import TypeAdapter

from reconciler.model.drift import Drift
from reconciler.model.journal import JournalEntry
from reconciler.model.plan import Plan
from reconciler.model.receipt import Receipt
from reconciler.model.saved_plan import SavedPlan

RecordName: TypeAlias = Literal["receipt", "journal", "drift", "plan", "saved-plan"]

_MODELS: Final[dict[RecordName, TypeAdapter[Any]]] = {
    "receipt": TypeAdapter(Receipt),
    "journal": TypeAdapter(JournalEntry),
    "drift": TypeAdapter(Drift),
    "plan": TypeAdapter(Plan),
    "saved-plan": TypeAdapter(SavedPlan),
}
_TITLES: Final[dict[RecordName, str]] = {
    "receipt": "idpool: a receipt",
    "journal": "idpool: one line of a journal",
    "drift": "idpool: what has drifted",
    "plan": "idpool: a plan",
    "saved-plan": "idpool: a saved plan",
}
# An OpenAPI keyword, names that only repeat the keys, and defaults of fields that are always there.
_LEFT_OUT: Final = frozenset({"discriminator", "title", "default"})
_MAPS_OF_SCHEMAS: Final = frozenset({"properties", "definitions"})


@cache
def record_schema(name: RecordName) -> dict[str, Any]:
    """The JSON Schema (draft-07) of this name as a mapping; not to be changed."""
    generated = _MODELS[name].json_schema(
        mode="serialization", by_alias=True, ref_template="#/definitions/{model}"
    )
    definitions = dict(sorted(generated.pop("$defs").items()))
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"urn:idpool:v1:{name}",
        "title": _TITLES[name],
        **_draft_07({**generated, "definitions": definitions}),
    }


def _draft_07(part: Any) -> Any:
    """A schema without what draft-07 does not know."""
    if isinstance(part, list):
        return [_draft_07(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {
        key: {name: _draft_07(each) for name, each in value.items()}
        if key in _MAPS_OF_SCHEMAS
        else _draft_07(value)
        for key, value in part.items()
        if key not in _LEFT_OUT
    }
    if "properties" in kept:
        kept["required"] = list(kept["properties"])
    if "$ref" in kept and len(kept) > 1:
        # Draft-07 ignores whatever stands beside $ref.
        kept = {"allOf": [{"$ref": kept.pop("$ref")}], **kept}
    return kept
