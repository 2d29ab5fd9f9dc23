"""Telling what was planned, done or found wrong, in every format that was asked for."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from reconciler.cli.outputs import Outputs
from reconciler.cli.streams import Streams
from reconciler.loader import git_root
from reconciler.model.findings import Finding
from reconciler.model.plan import Plan
from reconciler.reports import findings_text, plan_text, receipt_text
from reconciler.reports.formats import FINDINGS_FORMATS, PLAN_FORMATS, RECEIPT_FORMATS, Format
from reconciler.reports.markdown_receipt import findings_markdown, receipt_markdown
from reconciler.reports.markdown_report import plan_markdown
from reconciler.reports.repository_paths import findings_from_root, plan_from_root

if TYPE_CHECKING:
    from reconciler.cli.applying import Applied

_T = TypeVar("_T")
# What is shown beside the files of a pull request names them as the repository does.
_BESIDE_FILES = frozenset({Format.SARIF, Format.GITHUB})
# Who asks for a plan and gets findings can read these all the same; a plan's JSON is a contract.
_FINDINGS_IN_PLACE_OF_A_PLAN = frozenset({Format.MARKDOWN, Format.SARIF, Format.GITHUB})


def report_plan(plan: Plan, outputs: Outputs, streams: Streams, *, verbose: bool) -> None:
    """Tell what an apply would do.  Raises ``UnwritableFile``."""
    if outputs.is_text:
        streams.artefact(plan_text(plan, verbose=verbose))
    write_plan(plan, outputs, streams)


def write_plan(plan: Plan, outputs: Outputs, streams: Streams) -> None:
    """Write a plan in all formats but the text for people.  Raises ``UnwritableFile``."""
    outputs.write_summary(streams, lambda room: plan_markdown(plan, max_bytes=room))
    placed = plan_from_root(plan, _folder())
    outputs.write(streams, lambda name: PLAN_FORMATS[name](_either(name, placed, plan)))


def report_receipt(applied: "Applied", outputs: Outputs, streams: Streams) -> None:
    """Tell what was done, if anything was to be.  Raises ``UnwritableFile``."""
    if applied.done is None:
        return
    receipt, plan = applied.done
    if outputs.is_text and plan.has_changes:
        streams.artefact(receipt_text(receipt, plan))
    outputs.write_summary(streams, lambda room: receipt_markdown(receipt, plan, max_bytes=room))
    placed = plan_from_root(plan, _folder())
    outputs.write(streams, lambda name: RECEIPT_FORMATS[name](receipt, _either(name, placed, plan)))


def report_findings(findings: Sequence[Finding], outputs: Outputs, streams: Streams) -> None:
    """Tell what is wrong in the files.  Raises ``UnwritableFile``."""
    if outputs.is_text and findings:
        streams.problem(findings_text(findings))
    write_findings(findings, outputs, streams)


def write_findings(findings: Sequence[Finding], outputs: Outputs, streams: Streams) -> None:
    """Write findings in all formats but the text for people.  Raises ``UnwritableFile``."""
    outputs.write_summary(streams, lambda room: findings_markdown(findings, max_bytes=room))
    placed = findings_from_root(findings, _folder())
    outputs.write(streams, lambda name: FINDINGS_FORMATS[name](_either(name, placed, findings)))


def write_findings_in_place_of_a_plan(
    findings: Sequence[Finding], outputs: Outputs, streams: Streams
) -> None:
    """There is no plan: say why in the diff and in the summary.  Raises ``UnwritableFile``."""
    write_findings(findings, outputs.only(_FINDINGS_IN_PLACE_OF_A_PLAN), streams)


def _either(name: Format, placed: _T, plain: _T) -> _T:
    return placed if name in _BESIDE_FILES else plain


def _folder() -> PurePosixPath:
    """Where the command runs, seen from the repository's root; "." outside of one."""
    here = Path.cwd()
    root = git_root(here)
    return PurePosixPath(here.relative_to(root).as_posix() if root else ".")
