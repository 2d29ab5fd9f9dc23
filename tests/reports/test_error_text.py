"""One clear sentence for each error, and the fix where there is one."""

from reconciler.model.errors import AwsProblem, IdpoolError, InvalidSpecs, UsageProblem
from reconciler.reports.error_text import error_text, findings_text
from tests.reports.builders import finding


def test_a_sentence_alone() -> None:
    assert error_text(IdpoolError("the disk is full")).plain == "error: the disk is full"


def test_a_hint_is_the_fix() -> None:
    error = UsageProblem("no target is called prod", hint="one of: prod-eu, prod-us")
    assert error_text(error).plain.splitlines() == [
        "error: no target is called prod",
        "  fix: one of: prod-eu, prod-us",
    ]


def test_an_answer_of_aws_tells_what_the_sentence_does_not() -> None:
    error = AwsProblem(
        "target prod-eu: the credentials have expired",
        code="ExpiredToken",
        operation="GetCallerIdentity",
        target="prod-eu",
    )
    assert error_text(error).plain == (
        "error: target prod-eu: the credentials have expired "
        "(operation GetCallerIdentity, code ExpiredToken)"
    )


def test_invalid_specs_are_their_findings() -> None:
    findings = [finding(), finding(line=2)]
    assert error_text(InvalidSpecs(findings)) == findings_text(findings)


def test_nothing_raw_reaches_the_terminal() -> None:
    error = AwsProblem("a\x1b[2Jb\nc", code="\x07", target="\u202e", hint="\x00")
    assert error_text(error).plain == (
        "error: a\\x1b[2Jb\\nc (target \\u202e, code \\x07)\n  fix: \\x00"
    )
