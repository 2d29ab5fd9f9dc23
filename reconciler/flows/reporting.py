"""Reporting: what was planned, done or found wrong, in every format that was asked for.

What writes a format is imported when there is something to write in it.
"""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from reconciler.model.findings import Finding
from reconciler.reports.format_names import Format
from reconciler.specs.git import git_root
from reconciler.terminal.outputs import Outputs
from reconciler.terminal.streams import Streams

if TYPE_CHECKING:
    from reconciler.reports.sections import Report

# What is shown beside the files of a pull request names them as the repository does.
_BESIDE_FILES = frozenset({Format.SARIF, Format.GITHUB})


def show_report(report: "Report", outputs: Outputs, streams: Streams) -> None:
    """Tell it in every format that was asked for.  Raises ``UnwritableFile``."""
    if outputs.is_text:
        from reconciler.reports.text_report import report_text

        streams.artefact(report_text(report))
    write_report(report, outputs, streams)


def write_report(report: "Report", outputs: Outputs, streams: Streams) -> None:
    """Write it in all formats but the text for people.  Raises ``UnwritableFile``."""

    def markdown(room: int) -> str:
        from reconciler.reports.markdown_report import report_markdown

        return report_markdown(report, max_bytes=room)

    def render(name: Format) -> str:
        from reconciler.reports.formats import REPORT_FORMATS

        placed = report.from_root(_folder()) if name in _BESIDE_FILES else report
        return REPORT_FORMATS[name](placed)

    outputs.write(streams, render, markdown)


def write_findings(
    findings: Sequence[Finding], outputs: Outputs, streams: Streams, command: str = "validate"
) -> None:
    """Write findings in all formats but the text for people.  Raises ``UnwritableFile``.

    ``command``: who has found them.
    """

    def markdown(room: int) -> str:
        from reconciler.reports.markdown_report import findings_markdown

        return findings_markdown(findings, max_bytes=room)

    def render(name: Format) -> str:
        from reconciler.reports.formats import findings_in
        from reconciler.reports.sections import findings_from_root

        placed = findings_from_root(findings, _folder()) if name in _BESIDE_FILES else findings
        return findings_in(name, placed, command)

    outputs.write(streams, render, markdown)


def _folder() -> PurePosixPath:
    """Where the command runs, seen from the repository's root; "." outside of one."""
    here = Path.cwd()
    root = git_root(here)
    return PurePosixPath(here.relative_to(root).as_posix() if root else ".")
