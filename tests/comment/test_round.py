"""A pull request's whole way, with plans and receipts that the command itself has made."""

import pytest

from tests.comment.conftest import github_environment, with_variables
from tests.comment.github import TOKEN, GitHubServer
from tests.e2e.conftest import idpool, sandbox
from tests.saved_plan.conftest import write_spec
from tests.support.cli import Idpool

__all__ = ["idpool", "sandbox"]

SECRETS = ("hush-one", "hush-two")
MERGE = "e" * 40
LOGIN = "SupportedLoginProviders"


@pytest.fixture
def job(github: GitHubServer, idpool: Idpool) -> Idpool:
    """The command in a pipeline's job, with an AWS of its own."""
    platform = {
        key: value for key, value in github_environment(github).items() if key.startswith("GITHUB_")
    }
    return with_variables(idpool, **platform)


def login(secret: str) -> dict[str, str]:
    return {"api.twitter.com": f"key;{secret}"}


def test_from_spec_to_apply_without_a_secret_in_any_comment(
    github: GitHubServer, job: Idpool
) -> None:
    """plan, comment, apply, comment; then a refusal, which no apply can take away."""
    told = []
    for secret in SECRETS:
        write_spec(job, **{LOGIN: login(secret)})
        for words in (
            ["plan", "specs", "--out", "plan.json"],
            ["comment", "github", "plan.json", "-vv"],
            ["apply", "plan.json", "--receipt", "receipt.json"],
            ["comment", "github", "plan.json", "--receipt", "receipt.json", "-vv"],
        ):
            result = job.run(*words)
            assert result.code == 0, result.text
            told += [result.text, *github.bodies]
        assert "**Applied** at commit `aaaaaaa` for target `default`" in github.bodies[0]
    everything = "\n".join(told)
    assert "key;****" in everything
    assert not [secret for secret in (*SECRETS, TOKEN) if secret in everything]
    assert len(github.bodies) == 1


def test_a_stale_plan_is_told_on_the_pull_request_that_was_merged(
    github: GitHubServer, job: Idpool
) -> None:
    """apply ends with 4 and without a receipt."""
    write_spec(job)
    assert job.run("plan", "specs", "--out", "plan.json").code == 0
    assert job.run("comment", "github", "plan.json").code == 0
    write_spec(job, AllowClassicFlow=True)
    assert job.run("apply", "plan.json", "--receipt", "receipt.json").code == 4
    github.pulls[5].merged, github.pulls[5].state = True, "closed"
    main = with_variables(job, GITHUB_SHA=MERGE)
    result = main.run("comment", "github", "plan.json", "--state", "failed")
    assert result.code == 0, result.text
    (body,) = github.bodies
    assert "**Failed** at commit `eeeeeee`" in body
    assert "The plan below was not applied" in body
