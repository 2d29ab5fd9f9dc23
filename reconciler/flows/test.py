"""``idpool test``: whether everybody gets the role that tests say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.checks.asking import NoPool
from reconciler.checks.outcomes import Outcome, not_run, outcome_of
from reconciler.flows.asking import Asking, There, asked_pools
from reconciler.flows.inputs import inputs_of, project_of, tell_warnings
from reconciler.flows.reporting import placed_findings, write_findings
from reconciler.model.errors import InvalidSpecs, UsageProblem
from reconciler.model.project import Project
from reconciler.model.request import Named, Reach
from reconciler.reports.annotations import findings_github, findings_sarif
from reconciler.reports.format_names import OF_TESTS, Format
from reconciler.reports.markdown_report import findings_markdown
from reconciler.reports.test_report import folded, tests_json, tests_junit, tests_text
from reconciler.specs.completion import read_from
from reconciler.specs.pool_tests import PoolTest, meant_in
from reconciler.specs.references import Unresolved
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.outputs import outputs_of
from reconciler.terminal.streams import Streams

_OF_FINDINGS = {Format.SARIF, Format.GITHUB}


@dataclass(frozen=True, slots=True)
class Request:
    """Whose tests are run; ``live``: against the pools as AWS has them."""

    named: Named
    reach: Reach
    formats: Sequence[str]
    live: bool


def test(request: Request, streams: Streams) -> ExitCode:
    """Run the tests of the specs, each in every target that it and its pool go to.

    Raises what ``load_inputs`` and ``asked_pools`` raise, and ``UsageProblem`` without a test.
    """
    outputs = outputs_of(request.formats, OF_TESTS)
    try:
        inputs = inputs_of(request.named.specs, project_of(request.named, streams))
    except InvalidSpecs as invalid:
        write_findings(invalid.findings, outputs.only(_OF_FINDINGS), streams)
        raise
    tell_warnings(inputs, streams)
    tests = inputs.loaded.tests
    if not tests:
        raise UsageProblem(
            "there is no test here", hint="write an IdentityPoolTest, or name the files that have"
        )
    names = frozenset(each.pool for each in tests)
    asking = Asking(inputs, request.reach, names, request.live, tests)
    there = asked_pools(asking, streams)
    outcomes = [each for here in there for each in _outcomes(here, tests, inputs.project)]
    findings = folded(outcomes)
    if outputs.is_text:
        streams.artefact(tests_text(tests, outcomes, verbose=streams.verbose))

    def render(form: Format) -> str:
        match form:
            case Format.JSON:
                return tests_json(outcomes)
            case Format.JUNIT:
                return tests_junit([here.target for here in there], outcomes)
            case Format.SARIF:
                return findings_sarif(placed_findings(findings), "test")
            case Format.GITHUB:
                return findings_github(placed_findings(findings))
        return tests_text(tests, outcomes, verbose=streams.verbose).plain + "\n"

    outputs.write(streams, render, lambda room: findings_markdown(findings, max_bytes=room))
    return ExitCode.FAILED if findings else ExitCode.DONE


def _outcomes(there: There, tests: Sequence[PoolTest], project: Project) -> Iterator[Outcome]:
    """Of the tests that are for a target in which their pool is."""
    for test in tests:
        asked = there.pools.get(test.pool)
        if asked is None or not test.goes_to(there.target.name):
            continue
        if isinstance(asked, NoPool):
            yield not_run(test, there.target.name, asked)
            continue
        try:
            meant = meant_in(test, there.target, project, read_from(there.values))
        except Unresolved as wrong:
            yield not_run(test, there.target.name, wrong)
        else:
            yield outcome_of(meant, asked)
