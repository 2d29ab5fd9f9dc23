"""Telling what was planned, done or found wrong, in every format that was asked for.

What writes a format is imported when there is something to write in it.
"""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from reconciler.cli.outputs import Outputs
from reconciler.cli.streams import Streams
from reconciler.reports.format_names import Format

if TYPE_CHECKING:
    from reconciler.cli.applying import Applied
    from reconciler.model.findings import Finding
    from reconciler.model.plan import Plan

# What is shown beside the files of a pull request names them as the repository does.
_BESIDE_FILES = frozenset({Format.SARIF, Format.GITHUB})
# Who asks for a plan and gets findings can read these all the same; a plan's JSON is a contract.
_FINDINGS_IN_PLACE_OF_A_PLAN = frozenset({Format.MARKDOWN, Format.SARIF, Format.GITHUB})


def report_plan(plan: "Plan", outputs: Outputs, streams: Streams, *, verbose: bool) -> None:
    """Tell what an apply would do.  Raises ``UnwritableFile``."""
    from reconciler.reports.plan_text import plan_text

    if outputs.is_text:
        streams.artefact(plan_text(plan, verbose=verbose))
    write_plan(plan, outputs, streams)


def write_plan(plan: "Plan", outputs: Outputs, streams: Streams) -> None:
    """Write a plan in all formats but the text for people.  Raises ``UnwritableFile``."""

    def markdown(room: int) -> str:
        from reconciler.reports.markdown_report import plan_markdown

        return plan_markdown(plan, max_bytes=room)

    def render(name: Format) -> str:
        from reconciler.reports.formats import PLAN_FORMATS

        return PLAN_FORMATS[name](_placed(name, plan))

    outputs.write_summary(streams, markdown)
    outputs.write(streams, render)


def report_receipt(applied: "Applied", outputs: Outputs, streams: Streams) -> None:
    """Tell what was done, if anything was to be.  Raises ``UnwritableFile``."""
    if applied.done is None:
        return
    from reconciler.reports.receipt_text import receipt_text

    receipt, plan = applied.done

    def markdown(room: int) -> str:
        from reconciler.reports.markdown_receipt import receipt_markdown

        return receipt_markdown(receipt, plan, max_bytes=room)

    def render(name: Format) -> str:
        from reconciler.reports.formats import RECEIPT_FORMATS

        return RECEIPT_FORMATS[name](receipt, _placed(name, plan))

    if outputs.is_text and plan.has_changes:
        streams.artefact(receipt_text(receipt, plan))
    outputs.write_summary(streams, markdown)
    outputs.write(streams, render)


def report_findings(findings: "Sequence[Finding]", outputs: Outputs, streams: Streams) -> None:
    """Tell what is wrong in the files.  Raises ``UnwritableFile``."""
    if outputs.is_text and findings:
        from reconciler.reports.findings_text import findings_text

        streams.problem(findings_text(findings))
    write_findings(findings, outputs, streams)


def write_findings(findings: "Sequence[Finding]", outputs: Outputs, streams: Streams) -> None:
    """Write findings in all formats but the text for people.  Raises ``UnwritableFile``."""

    def markdown(room: int) -> str:
        from reconciler.reports.markdown_receipt import findings_markdown

        return findings_markdown(findings, max_bytes=room)

    def render(name: Format) -> str:
        from reconciler.reports.formats import FINDINGS_FORMATS
        from reconciler.reports.repository_paths import findings_from_root

        placed = findings_from_root(findings, _folder()) if name in _BESIDE_FILES else findings
        return FINDINGS_FORMATS[name](placed)

    outputs.write_summary(streams, markdown)
    outputs.write(streams, render)


def write_findings_in_place_of_a_plan(
    findings: "Sequence[Finding]", outputs: Outputs, streams: Streams
) -> None:
    """There is no plan: say why in the diff and in the summary.  Raises ``UnwritableFile``."""
    write_findings(findings, outputs.only(_FINDINGS_IN_PLACE_OF_A_PLAN), streams)


def _placed(name: Format, plan: "Plan") -> "Plan":
    """The plan, with its specs named as the readers of this format know them."""
    from reconciler.reports.repository_paths import plan_from_root

    return plan_from_root(plan, _folder()) if name in _BESIDE_FILES else plan


def _folder() -> PurePosixPath:
    """Where the command runs, seen from the repository's root; "." outside of one."""
    from reconciler.loader.git import git_root

    here = Path.cwd()
    root = git_root(here)
    return PurePosixPath(here.relative_to(root).as_posix() if root else ".")
