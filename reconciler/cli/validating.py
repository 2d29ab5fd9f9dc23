"""The steps of ``idpool validate``."""

from collections.abc import Sequence
from pathlib import Path

from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.outputs import outputs_of
from reconciler.cli.reporting import report_findings
from reconciler.cli.spec_paths import projects_of, spec_paths
from reconciler.cli.streams import Streams, open_streams
from reconciler.loader.checking import check_specs
from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding
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
    """Tell what is wrong in the specs, those of several projects each with its own.

    Raises ``UsageProblem`` where there are none to work on, and for formats that do not fit.
    """
    outputs = outputs_of(formats, OF_FINDINGS)
    streams = open_streams(quiet=quiet, no_color=no_color)
    findings, count, is_valid = _checked(specs, project, streams)
    report_findings(findings, outputs, streams)
    if not is_valid or (strict and findings):
        return ExitCode.FAILED
    if outputs.is_text and not quiet:
        streams.artefact(f"{count} spec{'' if count == 1 else 's'} valid.\n")
    return ExitCode.DONE


def _checked(
    specs: Sequence[Path] | None, project_file: Path | None, streams: Streams
) -> tuple[list[Finding], int, bool]:
    """All findings, how many specs are valid, and whether none of the findings is an error."""
    findings: list[Finding] = []
    count, is_valid = 0, True
    try:
        shares = projects_of(specs, project_file, streams)
    except InvalidSpecs as invalid:
        return list(invalid.findings), 0, False
    for project, paths in shares:
        try:
            checked = check_specs(spec_paths(paths, project), project)
        except InvalidSpecs as invalid:
            findings += invalid.findings
            is_valid = False
        else:
            findings += checked.warnings
            count += checked.count
    return findings, count, is_valid
