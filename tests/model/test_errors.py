"""Errors carry their data, and their sentence."""

from reconciler.model.errors import (
    AwsProblem,
    IdpoolError,
    InvalidSpecs,
    Problems,
    UsageProblem,
)
from reconciler.model.findings import Finding

FINDING = Finding(file="a.yaml", line=3, column=5, path="spec", rule="r", message="m")


def test_invalid_specs_count_and_carry_their_findings() -> None:
    problem = InvalidSpecs([FINDING, FINDING])
    assert str(problem) == "2 problem(s) found"
    assert problem.findings == (FINDING, FINDING)


def test_a_finding_names_its_place_as_editors_read_it() -> None:
    assert FINDING.place == "a.yaml:3:5"
    assert FINDING.severity == "error"


def test_a_usage_problem_has_a_hint() -> None:
    problem = UsageProblem("no such target", hint="the targets are: a")
    assert (str(problem), problem.hint) == ("no such target", "the targets are: a")
    assert UsageProblem("x").hint == ""


def test_an_aws_problem_carries_code_operation_and_target() -> None:
    problem = AwsProblem("no", code="AccessDenied", operation="ListIdentityPools", target="eu")
    assert str(problem) == "no"
    assert (problem.code, problem.operation, problem.target) == (
        "AccessDenied",
        "ListIdentityPools",
        "eu",
    )
    assert (problem.hint, problem.unreachable) == ("", False)


def test_problems_are_all_named() -> None:
    problems = [UsageProblem("one"), UsageProblem("two")]
    together = Problems(problems)
    assert str(together) == "one; two"
    assert together.problems == tuple(problems)
    assert isinstance(together, IdpoolError)
