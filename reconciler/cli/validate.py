"""``idpool validate``: check specs offline."""

from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.streams import open_streams
from reconciler.model.errors import InvalidSpecs


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
    from reconciler.cli.outputs import outputs_of
    from reconciler.cli.reporting import report_findings
    from reconciler.cli.workflow import load_inputs
    from reconciler.reports.formats import FINDINGS_FORMATS

    outputs = outputs_of(formats, FINDINGS_FORMATS)
    streams = open_streams(quiet=quiet, no_color=no_color)
    try:
        loaded = load_inputs(specs, project).loaded
        findings, count = loaded.warnings, len(loaded.specs)
    except InvalidSpecs as invalid:
        findings, count = invalid.findings, None
    report_findings(findings, outputs, streams)
    if count is None or (strict and findings):
        return ExitCode.FAILED
    if outputs.is_text and not quiet:
        streams.artefact(f"{count} spec{'' if count == 1 else 's'} valid.\n")
    return ExitCode.DONE
