"""``idpool check``: what checks say of specs, without AWS."""

from collections.abc import Sequence

from reconciler.checks.documents import checking_in
from reconciler.flows.inputs import are_all, chosen_targets, project_of, rulebook, spec_paths
from reconciler.flows.reporting import write_findings
from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding, standing
from reconciler.model.request import Named
from reconciler.reports.error_text import findings_text
from reconciler.reports.format_names import OF_FINDINGS
from reconciler.specs.reading import check_specs, in_order
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.outputs import outputs_of
from reconciler.terminal.streams import Streams


def check(
    named: Named, targets: Sequence[str], formats: Sequence[str], streams: Streams
) -> ExitCode:
    """Tell all that is doubtful in the specs, in these targets or, where none is named, in all.

    Raises ``UsageProblem`` where there is nothing to work on, for an unknown target, and for
    formats that do not fit.
    """
    outputs = outputs_of(formats, OF_FINDINGS)
    findings, code = _found(named, targets, streams)
    if outputs.is_text and not (streams.quiet and not standing(findings)):
        streams.artefact(findings_text(findings))
    write_findings(findings, outputs, streams, command="check")
    return code


def _found(
    named: Named, targets: Sequence[str], streams: Streams
) -> tuple[Sequence[Finding], ExitCode]:
    """All findings; invalid specs are a failure, and what a check calls an error is refused."""
    try:
        project = project_of(named, streams)
        chosen_targets(project, targets)
        paths = spec_paths(named.specs, project)
        book = rulebook(project)
        checked = check_specs(paths, project, checking_in(book, targets))
    except InvalidSpecs as invalid:
        return invalid.findings, ExitCode.FAILED
    of_project = book.findings(is_all=not targets and are_all(paths, project))
    findings = in_order([*checked.warnings, *of_project, *checked.doubts])
    is_refused = any(finding.severity == "error" for finding in standing(findings))
    return findings, ExitCode.REFUSED if is_refused else ExitCode.DONE
