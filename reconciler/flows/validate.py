"""``idpool validate``: check specs and project files, without AWS."""

from collections.abc import Sequence

from reconciler.checks.documents import checking_in
from reconciler.flows.inputs import are_all, projects_of, rulebook, spec_paths
from reconciler.flows.reporting import write_findings
from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import CHECK_RULES, Finding, standing
from reconciler.model.request import Named
from reconciler.reports.error_text import findings_text
from reconciler.reports.format_names import OF_FINDINGS
from reconciler.reports.lines import plural
from reconciler.specs.reading import check_specs, in_order
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.outputs import outputs_of
from reconciler.terminal.streams import Streams


def validate(named: Named, formats: Sequence[str], streams: Streams, *, strict: bool) -> ExitCode:
    """Tell what is wrong in the specs, those of several projects each with its own.

    ``strict``: whatever is told is an error, what checks say included; else these make no spec
    invalid, and errors of policies alone have an exit code.  Raises ``UsageProblem`` where there
    are none to work on, and for formats that do not fit.
    """
    outputs = outputs_of(formats, OF_FINDINGS)
    findings, doubts, count, tests, is_valid = _checked(named, streams)
    told = [each for each in doubts if streams.verbose or each.severity != "note"]
    is_doubtful = bool(findings) or any(each.severity != "note" for each in standing(told))
    findings = in_order([*findings, *told])
    if outputs.is_text and standing(findings):
        streams.problem(findings_text(findings))
    write_findings(findings, outputs, streams)
    if not is_valid or (strict and is_doubtful):
        return ExitCode.FAILED
    if outputs.is_text and not streams.quiet:
        beside = f" and {plural(tests, 'test')}" if tests else ""
        streams.artefact(f"{plural(count, 'spec')}{beside} valid.{_of_checks(doubts)}\n")
    return ExitCode.REFUSED if _errors(doubts, of_checks=False) else ExitCode.DONE


def _of_checks(doubts: Sequence[Finding]) -> str:
    """Why there are errors, and all the same all is valid."""
    told = ""
    if errors := _errors(doubts, of_checks=True):
        said = "1 error is a check's" if errors == 1 else f"{errors} errors are checks'"
        told = f" {said}: AWS takes it, and a plan that would bring it about is refused."
    if errors := _errors(doubts, of_checks=False):
        said = "1 error is a policy's" if errors == 1 else f"{errors} errors are policies'"
        told += f" {said}: the project does not let it be."
    return told


def _errors(doubts: Sequence[Finding], *, of_checks: bool) -> int:
    """How many errors there are of checks, or else of the project's policies and waivers."""
    errors = [each for each in standing(doubts) if each.severity == "error"]
    return sum((each.rule in CHECK_RULES) is of_checks for each in errors)


def _checked(named: Named, streams: Streams) -> tuple[list[Finding], list[Finding], int, int, bool]:
    """What is wrong, what checks say, how many specs and tests are valid, and whether all are."""
    findings: list[Finding] = []
    doubts: list[Finding] = []
    count, tests, is_valid = 0, 0, True
    try:
        shares = projects_of(named, streams)
    except InvalidSpecs as invalid:
        return list(invalid.findings), [], 0, 0, False
    for project, paths in shares:
        try:
            book, named_paths = rulebook(project), spec_paths(paths, project)
            checked = check_specs(named_paths, project, checking_in(book))
        except InvalidSpecs as invalid:
            findings += invalid.findings
            is_valid = False
        else:
            findings += checked.warnings
            doubts += [*book.findings(is_all=are_all(named_paths, project)), *checked.doubts]
            count += checked.count
            tests += checked.tests
    return findings, doubts, count, tests, is_valid
