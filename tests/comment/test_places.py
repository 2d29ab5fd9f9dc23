"""Which pull request a run is for: what events and variables say, and nothing that a plan says."""

from typing import Any

import pytest

from tests.comment.conftest import (
    event_file,
    plan_file,
    receipt_file,
    says_nothing_on_stdout,
    with_variables,
)
from tests.comment.github import HEAD, GitHubServer, Pull
from tests.comment.gitlab import GitLabServer, MergeRequest
from tests.reports.receipts import RECEIPTS
from tests.support.cli import Idpool

FORK = "mallory/identity"
BASE, NEXT, MERGE = "9" * 40, "d" * 40, "e" * 40


def after(
    idpool: Idpool, event: str = "pull_request", repository: str = FORK, **run: Any
) -> Idpool:
    """The job of a workflow_run event: it runs on the default branch, of which its SHA is."""
    owner = repository.split("/", maxsplit=1)[0]
    payload = {
        "action": "completed",
        "workflow_run": {
            "id": 4711,
            "event": event,
            "head_sha": HEAD,
            "head_branch": "change",
            "head_repository": {"full_name": repository, "owner": {"login": owner}, "id": 8},
            "pull_requests": [],
            **run,
        },
    }
    return with_variables(
        idpool,
        GITHUB_EVENT_NAME="workflow_run",
        GITHUB_EVENT_PATH=event_file(idpool.folder, payload),
        GITHUB_SHA=BASE,
    )


def of_request(idpool: Idpool, number: int = 5, sha: str = HEAD, name: str = "") -> Idpool:
    """The job of an event of a pull request; GITHUB_SHA is a merge that GitHub has tried."""
    payload = {"action": "opened", "pull_request": {"number": number, "head": {"sha": sha}}}
    return with_variables(
        idpool,
        GITHUB_EVENT_NAME=name or "pull_request",
        GITHUB_EVENT_PATH=event_file(idpool.folder, payload),
        GITHUB_SHA=MERGE,
    )


@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
def test_an_event_of_a_pull_request_names_it(
    github: GitHubServer, on_hub: Idpool, name: str
) -> None:
    """And its commit is the branch's, not that of GITHUB_SHA."""
    github.pulls[6] = Pull(6, head=NEXT)
    result = of_request(on_hub, 6, NEXT, name).run("comment", "github", "plan.json")
    assert "/pull/6#" in result.out, result.text
    assert "at commit `ddddddd`" in github.bodies[0]
    assert not [request for request in github.requests if "/commits/" in request.path]


def test_a_fork_is_commented_on_from_a_workflow_run(github: GitHubServer, on_hub: Idpool) -> None:
    """The event lists no pull request: it is found by the fork's branch and commit.

    Others have a branch of this name, too, and the fork has a namesake of the same owner.
    """
    github.pulls = {
        3: Pull(3, branch="change"),
        4: Pull(4, branch="change", repository="mallory/identity-2"),
        6: Pull(6, branch="other", repository=FORK),
        8: Pull(8, branch="change", repository=FORK),
    }
    result = after(on_hub).run("comment", "github", "plan.json")
    assert "/pull/8#" in result.out, result.text
    assert "at commit `aaaaaaa`" in github.bodies[0]
    assert "/actions/runs/4711>)" in github.bodies[0], "the run that made the plan"


def test_a_fork_that_has_moved_on_is_left_alone(github: GitHubServer, on_hub: Idpool) -> None:
    github.pulls = {8: Pull(8, head=NEXT, repository=FORK)}
    result = after(on_hub).run("comment", "github", "plan.json")
    says_nothing_on_stdout(result, 0)
    assert "for commit aaaaaaa, and pull request #8 is at ddddddd by now" in result.err


def test_a_fork_without_a_pull_request_is_no_failure(github: GitHubServer, on_hub: Idpool) -> None:
    """It may have been closed meanwhile."""
    github.pulls = {8: Pull(8, repository=FORK, state="closed")}
    result = after(on_hub).run("comment", "github", "plan.json")
    says_nothing_on_stdout(result, 0)
    assert f"there is no pull request for commit {HEAD}" in result.err


def test_a_number_in_the_event_of_a_fork_is_not_believed(
    github: GitHubServer, on_hub: Idpool
) -> None:
    """What the run of a fork says of itself could point anywhere."""
    github.pulls = {5: Pull(5, head=NEXT), 8: Pull(8, repository=FORK)}
    job = after(on_hub, pull_requests=[{"number": 5}])
    result = job.run("comment", "github", "plan.json")
    assert "/pull/8#" in result.out, result.text


def test_after_pull_request_target_the_commit_is_the_bases(
    github: GitHubServer, on_hub: Idpool
) -> None:
    """So it says nothing of the branch, which alone decides."""
    github.pulls = {8: Pull(8, repository=FORK)}
    result = after(on_hub, "pull_request_target", head_sha=BASE).run(
        "comment", "github", "plan.json"
    )
    assert "/pull/8#" in result.out, result.text
    assert "9999999" not in github.bodies[0]


def test_a_workflow_run_after_a_push_goes_by_the_commit(
    github: GitHubServer, on_hub: Idpool
) -> None:
    job = after(on_hub, "push", "acme/identity")
    result = job.run("comment", "github", "plan.json")
    assert "/pull/5#" in result.out, result.text
    assert [request for request in github.requests if f"/commits/{HEAD}/" in request.path]


def test_a_merge_is_told_to_the_pull_request_that_it_came_from(
    github: GitHubServer, on_hub: Idpool
) -> None:
    """Other pull requests that have the commit by now do not hear of it."""
    receipt, plan = RECEIPTS["all-done"]
    plan_file(on_hub.folder, plan)
    receipt_file(on_hub.folder, receipt, plan)
    github.pulls = {
        4: Pull(4, head=NEXT, commits={MERGE}),
        5: Pull(5, merged=True, state="closed", merge_commit=MERGE),
    }
    main = with_variables(on_hub, GITHUB_SHA=MERGE)
    result = main.run("comment", "github", "plan.json", "--receipt", "receipt.json")
    assert "/pull/5#" in result.out, result.text
    assert "**Applied** at commit `eeeeeee`" in github.bodies[0]


@pytest.mark.parametrize("commit", [MERGE, "0" * 40])
def test_a_direct_push_is_no_failure(github: GitHubServer, on_hub: Idpool, commit: str) -> None:
    """A commit of no pull request, and one that GitHub does not know."""
    result = with_variables(on_hub, GITHUB_SHA=commit).run("comment", "github", "plan.json")
    says_nothing_on_stdout(result, 0)
    assert f"there is no pull request for commit {commit}" in result.err
    assert github.bodies == []
    quiet = with_variables(on_hub, GITHUB_SHA=commit).run("comment", "github", "plan.json", "-q")
    assert quiet.text.strip() == ""


@pytest.mark.parametrize("commit", [MERGE, "0" * 40])
def test_gitlab_a_direct_push_is_no_failure(
    gitlab: GitLabServer, on_lab: Idpool, commit: str
) -> None:
    job = with_variables(on_lab, CI_MERGE_REQUEST_IID="", CI_COMMIT_SHA=commit)
    result = job.run("comment", "gitlab", "plan.json")
    says_nothing_on_stdout(result, 0)
    assert f"there is no merge request for commit {commit}" in result.err
    assert gitlab.bodies == []


def test_a_number_that_was_asked_for_has_to_be_there(
    github: GitHubServer, on_hub: Idpool, gitlab: GitLabServer, on_lab: Idpool
) -> None:
    hub = on_hub.run("comment", "github", "plan.json", "--pull-request", "99")
    says_nothing_on_stdout(hub, 1)
    assert "show pull request #99 of acme/identity: HTTP 404" in hub.err
    lab = on_lab.run("comment", "gitlab", "plan.json", "--merge-request", "99")
    says_nothing_on_stdout(lab, 1)
    assert "show merge request !99 of 42: HTTP 404" in lab.err
    assert github.bodies == gitlab.bodies == []


def test_a_number_goes_before_the_event(github: GitHubServer, on_hub: Idpool) -> None:
    """And the event's commit is not that of the other pull request."""
    github.pulls[6] = Pull(6, head=NEXT)
    result = of_request(on_hub).run("comment", "github", "plan.json", "--pull-request", "6")
    assert "/pull/6#" in result.out, result.text
    assert "at commit" not in github.bodies[0]


def test_gitlab_a_branch_pipeline_finds_its_merge_request(
    gitlab: GitLabServer, on_lab: Idpool
) -> None:
    gitlab.merge_requests[8] = MergeRequest(8, sha=NEXT)
    job = with_variables(on_lab, CI_MERGE_REQUEST_IID="", CI_COMMIT_SHA=NEXT)
    result = job.run("comment", "gitlab", "plan.json")
    assert "/merge_requests/8#" in result.out, result.text


def test_gitlab_a_pipeline_for_merged_results_has_a_commit_of_its_own(
    gitlab: GitLabServer, on_lab: Idpool
) -> None:
    """The branch's commit is in another variable there; the project may be a fork's."""
    head = gitlab.merge_requests[7].sha
    job = with_variables(
        on_lab,
        CI_COMMIT_SHA=MERGE,
        CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=head,
        CI_PROJECT_ID="999",
    )
    result = job.run("comment", "gitlab", "plan.json")
    assert "/merge_requests/7#" in result.out, result.text
    assert "at commit `bbbbbbb`" in gitlab.bodies[0]


def test_gitlab_takes_the_servers_url_and_a_path(gitlab: GitLabServer, on_lab: Idpool) -> None:
    """Where there is no CI_API_V4_URL; and a project by its path."""
    job = with_variables(on_lab, CI_API_V4_URL="")
    words = ("plan.json", "--repository", "acme/identity")
    assert job.run("comment", "gitlab", *words).code == 0
    option = with_variables(on_lab, CI_API_V4_URL="", CI_SERVER_URL="")
    again = option.run("comment", "gitlab", *words, "--api-url", f"{gitlab.origin}/")
    assert again.code == 0, again.text
    assert len(gitlab.bodies) == 1


def test_outside_of_a_pipeline_somebody_has_to_say_where(
    github: GitHubServer, on_hub: Idpool, on_lab: Idpool
) -> None:
    bare = {"GITHUB_SHA": "", "GITHUB_EVENT_NAME": "", "GITHUB_RUN_ID": ""}
    nowhere = with_variables(on_hub, **bare).run("comment", "github", "plan.json")
    says_nothing_on_stdout(nowhere, 64)
    assert "give --pull-request or --commit" in nowhere.err
    told = with_variables(on_hub, **bare).run(
        "comment", "github", "plan.json", "--commit", HEAD, "--link", "https://ci.example/1"
    )
    assert told.code == 0, told.text
    assert "[the run](<https://ci.example/1>)" in github.bodies[0]
    variables = {"CI_PROJECT_ID": "", "CI_MERGE_REQUEST_PROJECT_ID": ""}
    lab = with_variables(on_lab, **variables).run("comment", "gitlab", "plan.json")
    says_nothing_on_stdout(lab, 64)
    assert "--repository" in lab.err
