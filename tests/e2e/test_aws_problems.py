"""When AWS cannot be asked or says no: one clear sentence, exit 1, no traceback."""

import socket
from pathlib import Path

import pytest

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.support.answering import answering
from tests.support.cli import Idpool, Result, aws_environment, clean_environment
from tests.support.specs import document, yaml_of

KEYS = {"AWS_ACCESS_KEY_ID": "123456789012", "AWS_SECRET_ACCESS_KEY": "s3cr3t-key"}


def _plan(folder: Path, environment: dict[str, str]) -> Result:
    idpool = Idpool(folder, environment)
    idpool.write("specs/a.yaml", yaml_of(document("shop")))
    return idpool.run("plan", "specs")


def _assert_one_sentence(result: Result, *fragments: str) -> None:
    assert result.code == 1, result.text
    assert result.out == ""
    errors = [line for line in result.err.splitlines() if line.startswith("error:")]
    assert len(errors) == 1, result.err
    assert "Traceback" not in result.err
    assert "s3cr3t-key" not in result.text
    for fragment in fragments:
        assert fragment in result.err


def test_no_credentials(tmp_path: Path) -> None:
    """It says which settings are missing, and that the sandbox needs none."""
    result = _plan(tmp_path, clean_environment(AWS_REGION="eu-west-1"))
    _assert_one_sentence(result, "no AWS credentials", "AWS_PROFILE")


def test_no_region(tmp_path: Path) -> None:
    """It says where a region can be set."""
    _assert_one_sentence(_plan(tmp_path, clean_environment(**KEYS)), "no AWS region", "AWS_REGION")


def test_an_unknown_profile(tmp_path: Path) -> None:
    """It names the profile."""
    environment = clean_environment(AWS_PROFILE="nowhere", AWS_REGION="eu-west-1")
    _assert_one_sentence(_plan(tmp_path, environment), "nowhere", "AWS_PROFILE")


def test_a_region_that_does_not_exist(tmp_path: Path) -> None:
    """The address cannot be resolved; the hint leads to the region's name."""
    environment = clean_environment(AWS_REGION="eu-nowhere-9", **KEYS)
    _assert_one_sentence(_plan(tmp_path, environment), "eu-nowhere-9", "region")


def test_an_endpoint_that_is_down(tmp_path: Path) -> None:
    """Nothing listens there; it names the address."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        result = _plan(tmp_path, aws_environment(url))
    _assert_one_sentence(result, url, "cannot be reached", "AWS_ENDPOINT_URL")


@pytest.mark.parametrize("sts", [True, False], ids=["in cognito-identity", "in sts"])
def test_access_denied(tmp_path: Path, *, sts: bool) -> None:
    """It names the operation and the permission that is missing."""
    with answering("AccessDeniedException", "not authorized to perform it", sts=sts) as url:
        result = _plan(tmp_path, aws_environment(url))
    operation = "cognito-identity:ListIdentityPools" if sts else "sts:GetCallerIdentity"
    _assert_one_sentence(result, "denied", operation)


def test_expired_credentials(tmp_path: Path) -> None:
    """It says to log in again."""
    with answering("ExpiredTokenException", "The security token is expired") as url:
        result = _plan(tmp_path, aws_environment(url))
    _assert_one_sentence(result, "expired", "log in again")


def test_terminal_escapes_in_an_answer_are_not_printed(tmp_path: Path) -> None:
    """What AWS says is text, not a command to the terminal."""
    with answering("InvalidParameterException", "\x1b[31mred\u202e") as url:
        result = _plan(tmp_path, aws_environment(url))
    _assert_one_sentence(result, "InvalidParameterException", "red")
    assert "\x1b" not in result.err
    assert "\u202e" not in result.err


def test_sts_out_of_reach_is_no_hindrance_where_no_account_is_named(tmp_path: Path) -> None:
    """A network may let only cognito-identity through; there is no account to compare with."""
    from reconciler.sandbox.server import SandboxServer
    from reconciler.sandbox.settings import SandboxSettings

    with SandboxServer(SandboxSettings(file=None)) as server, socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}"
        environment = aws_environment(
            server.url, AWS_ENDPOINT_URL_STS=nowhere, AWS_ENDPOINT_URL_COGNITO_IDENTITY=server.url
        )
        result = _plan(tmp_path, environment)
    assert result.code == 0, result.text
    assert "1 to create" in result.out


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "specs"),
        ("apply", "specs", "--yes"),
        ("drift", "specs"),
        ("import",),
        ("pull", "--spec", "specs"),
        ("adopt", "shop=eu-west-1:00000000-0000-0000-0000-000000000000", "--spec", "specs"),
    ],
    ids=lambda words: words[0],
)
def test_a_wait_that_the_time_budget_does_not_hold_is_not_begun(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    """AWS asks for nearly an hour, and ten seconds are given."""
    with (
        SandboxServer(SandboxSettings(file=None)) as sandbox,
        FaultProxy(sandbox.url) as proxy,
    ):
        proxy.add(Fault(FaultKind.TOO_MANY_REQUESTS, "ListIdentityPools", retry_after=3500))
        idpool = Idpool(tmp_path, aws_environment(proxy.url))
        idpool.write("specs/shop.yaml", yaml_of(document("shop")))
        result = idpool.run(*words, "--time-budget", "10")
        assert proxy.counts()["ListIdentityPools"] == 1
    assert result.code == 1, result.text
    assert "TooManyRequestsException" in result.err
