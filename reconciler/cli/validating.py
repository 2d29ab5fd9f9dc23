"""The steps of ``idpool validate``."""

from collections.abc import Sequence
from pathlib import Path

from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.outputs import outputs_of
from reconciler.cli.reporting import report_findings
from reconciler.cli.spec_paths import project_here, spec_paths
from reconciler.cli.streams import open_streams
from reconciler.loader.checking import check_specs
from reconciler.model.errors import InvalidSpecs
from reconciler.reports.format_names import OF_FINDINGS


def validate_specs(
    specs: Sequence[Path] | None,
    project: Path | None = None,
    formats: Sequence[str] | None = None,
    *,
    strict: bool = False,
    quiet: bool = False,
    no_color: bool = False,
) -> ExitCode:
    """Tell what is wrong in the specs.

    Raises ``UsageProblem`` where there are none to work on, and for formats that do not fit.
    """
    outputs = outputs_of(formats, OF_FINDINGS)
    streams = open_streams(quiet=quiet, no_color=no_color)
    try:
        settings, _ = project_here(project)
        checked = check_specs(spec_paths(specs, settings), settings)
        findings, count = checked.warnings, checked.count
    except InvalidSpecs as invalid:
        findings, count = invalid.findings, None
    report_findings(findings, outputs, streams)
    if count is None or (strict and findings):
        return ExitCode.FAILED
    if outputs.is_text and not quiet:
        streams.artefact(f"{count} spec{'' if count == 1 else 's'} valid.\n")
    return ExitCode.DONE
