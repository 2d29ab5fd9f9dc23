"""``idpool schema``: print or write the JSON Schemas."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.streams import open_streams


class SchemaName(StrEnum):
    """What there is a schema for."""

    IDENTITY_POOL = "identity-pool"
    PROJECT = "project"
    RECEIPT = "receipt"
    JOURNAL = "journal"
    DRIFT = "drift"
    PLAN = "plan"
    SAVED_PLAN = "saved-plan"


def schema(
    name: Annotated[SchemaName, typer.Argument(help="Which schema to print.")] = (
        SchemaName.IDENTITY_POOL
    ),
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Write all schemas into this folder."),
    ] = None,
) -> ExitCode:
    """Print the JSON Schema of specs and projects, or of a file that idpool writes.

    Example: idpool schema project
    """
    from reconciler.loader import schema_text

    streams = open_streams()
    if out is None:
        streams.artefact(schema_text(name.value))
        return ExitCode.DONE
    out.mkdir(parents=True, exist_ok=True)
    for each in SchemaName:
        path = out / f"{each.value}.schema.json"
        path.write_text(schema_text(each.value), encoding="utf-8")
        streams.note(f"wrote {path}\n")
    return ExitCode.DONE
