"""``idpool schema``: print or write the JSON Schemas."""

from pathlib import Path

from reconciler.model.request import SCHEMAS
from reconciler.specs.schema_texts import schema_text
from reconciler.terminal.streams import Streams


def schema(name: str, folder: Path | None, streams: Streams) -> None:
    """Print one schema, or write all of them into a folder."""
    if folder is None:
        streams.artefact(schema_text(name))
        return
    folder.mkdir(parents=True, exist_ok=True)
    for each in SCHEMAS:
        path = folder / f"{each}.schema.json"
        path.write_text(schema_text(each), encoding="utf-8")
        streams.note(f"wrote {path}\n")
