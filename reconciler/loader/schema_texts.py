"""JSON Schemas as files: those of what people write, and those of what idpool writes.

Apart from ``loader.schema``: who validates a spec needs neither drift nor receipts.
"""

import json

from reconciler.loader.record_schemas import RecordName, record_schema
from reconciler.loader.schema import SchemaName
from reconciler.loader.schema_generation import generated_schema


def schema_text(name: SchemaName | RecordName) -> str:
    """The JSON Schema of this name, as committed in ``schemas/NAME.schema.json``."""
    match name:
        case "identity-pool" | "project":
            found = generated_schema(name)
        case _:
            found = record_schema(name)
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
