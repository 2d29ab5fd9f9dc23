"""``idpool check``: what checks say of specs, without AWS, or with the roles that IAM has."""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.checks.documents import checking_in
from reconciler.checks.rulebook import Rulebook
from reconciler.flows.inputs import (
    Inputs,
    are_all,
    chosen_targets,
    inputs_of,
    project_of,
    rulebook,
    spec_paths,
)
from reconciler.flows.reporting import tell_refusals, write_findings
from reconciler.model.errors import InvalidSpecs, UsageProblem
from reconciler.model.findings import Finding, standing
from reconciler.model.request import Named, Reach
from reconciler.reports.error_text import findings_text
from reconciler.reports.format_names import OF_FINDINGS
from reconciler.specs.reading import check_specs, in_order
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.outputs import outputs_of
from reconciler.terminal.streams import Streams


@dataclass(frozen=True, slots=True)
class Request:
    """What is checked, where, and whether roles are read for it."""

    named: Named
    reach: Reach
    formats: Sequence[str]
    roles: bool = False


def check(request: Request, streams: Streams) -> ExitCode:
    """Tell all that is doubtful in the specs, in these targets or, where none is named, in all.

    Raises ``UsageProblem`` where there is nothing to work on, for an unknown target, and for
    formats that do not fit; with roles what ``check_roles`` raises, too.
    """
    outputs = outputs_of(request.formats, OF_FINDINGS)
    if request.reach.sandbox and not request.roles:
        hint = "add --roles, or leave it out: specs alone need no AWS"
        raise UsageProblem("--sandbox is of --roles", hint=hint)
    findings, code = _found(request, streams)
    is_fine = code is ExitCode.DONE and not streams.quiet
    if outputs.is_text and (standing(findings) or is_fine):
        streams.artefact(findings_text(findings))
    write_findings(findings, outputs, streams, command="check")
    return code


def _found(request: Request, streams: Streams) -> tuple[Sequence[Finding], ExitCode]:
    """All findings; invalid specs are a failure, and what a check calls an error is refused."""
    named, targets = request.named, request.reach.targets
    try:
        project = project_of(named, streams)
        chosen_targets(project, targets)
        paths = spec_paths(named.specs, project)
        book = rulebook(project)
        checked = check_specs(paths, project, checking_in(book, targets))
    except InvalidSpecs as invalid:
        return invalid.findings, ExitCode.FAILED
    findings, code = list(checked.doubts), ExitCode.DONE
    if request.roles:
        findings, code = _with_roles(
            findings, inputs_of(named.specs, project), book, request, streams
        )
    is_all = not targets and are_all(paths, project)
    of_project = book.findings(is_all=is_all, with_roles=request.roles)
    findings = in_order([*checked.warnings, *of_project, *findings])
    if code is ExitCode.DONE and any(finding.severity == "error" for finding in standing(findings)):
        code = ExitCode.REFUSED
    return findings, code


def _with_roles(
    doubts: Sequence[Finding], inputs: Inputs, book: Rulebook, request: Request, streams: Streams
) -> tuple[list[Finding], ExitCode]:
    """The findings with those of roles, which settle some; and how it ends so far."""
    from reconciler.flows.role_checking import check_roles  # AWS: who only checks has no use for it

    checked = check_roles(inputs, book, request.reach, streams)
    code = tell_refusals(checked.refusals, streams)
    return [*filter(checked.leaves_open, doubts), *checked.findings], code
