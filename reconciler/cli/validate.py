"""``idpool validate``: check specs offline."""

from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.validating import validate_specs


def validate(
    specs: options.Specs = None,
    project: options.ProjectFile = None,
    formats: options.Formats = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are errors, too.")] = False,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Check specs and the project file, without AWS.

    Example: idpool validate specs/
    """
    return validate_specs(specs, project, formats, strict=strict, quiet=quiet, no_color=no_color)
