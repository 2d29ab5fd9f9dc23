"""One comment for each pull request, project and set of targets; those of others are theirs."""

import re
import threading
from pathlib import Path

import pytest

from reconciler.model.comment import marker_of
from reconciler.model.plan import Plan
from tests.comment.conftest import (
    BOT,
    github_environment,
    gitlab_environment,
    plan_file,
    says_nothing_on_stdout,
    with_variables,
)
from tests.comment.github import HEAD, REPOSITORY, GitHubServer, Pull, User
from tests.comment.gitlab import HEAD as LAB_HEAD
from tests.comment.gitlab import GitLabServer
from tests.comment.server import Fault
from tests.reports.builders import EU, US, pool_plan, target_plan
from tests.reports.plans import PLANS
from tests.support.cli import Idpool

NEXT = "d" * 40
PEOPLE_SAY = "what people say"


def push(github: GitHubServer, on_hub: Idpool, commit: str = NEXT) -> Idpool:
    """A new commit on the branch, and the run that it starts."""
    github.pulls[5].head = commit
    return with_variables(on_hub, GITHUB_SHA=commit)


def test_the_first_push_creates_and_the_second_edits(github: GitHubServer, on_hub: Idpool) -> None:
    """stdout is the comment's URL alone, and the same one twice."""
    first = on_hub.run("comment", "github", "plan.json", "-v")
    assert first.code == 0, first.text
    assert first.out == f"{github.origin}/{REPOSITORY}/pull/5#issuecomment-1001\n"
    assert first.err == f"created: {first.out}"
    second = push(github, on_hub).run("comment", "github", "plan.json", "-v")
    assert (second.code, second.out) == (0, first.out), second.text
    assert second.err == f"edited: {first.out}"
    (body,) = github.bodies
    assert "**Planned** at commit `ddddddd`" in body


def test_gitlab_the_first_push_creates_and_the_second_edits(
    gitlab: GitLabServer, on_lab: Idpool
) -> None:
    first = on_lab.run("comment", "gitlab", "plan.json")
    assert (first.code, first.err) == (0, ""), first.text
    assert first.out == f"{gitlab.origin}/acme/identity/-/merge_requests/7#note_501\n"
    gitlab.merge_requests[7].sha = NEXT
    second = with_variables(on_lab, CI_COMMIT_SHA=NEXT).run("comment", "gitlab", "plan.json")
    assert second.out == first.out, second.text
    (body,) = gitlab.bodies
    assert "**Planned** at commit `ddddddd`" in body
    assert len(gitlab.sent("PUT")) == 1


def test_the_same_text_is_not_sent_again(
    github: GitHubServer, on_hub: Idpool, gitlab: GitLabServer, tmp_path: Path
) -> None:
    """Nobody is told of an edit that is none; GitHub may have changed the ends of lines."""
    on_lab = Idpool(tmp_path, gitlab_environment(gitlab))
    for _ in range(2):
        assert on_hub.run("comment", "github", "plan.json").code == 0
        assert on_lab.run("comment", "gitlab", "plan.json").code == 0
    github.comments[0].body = github.comments[0].body.replace("\n", "\r\n")
    again = on_hub.run("comment", "github", "plan.json", "-v")
    assert again.err.startswith("unchanged: "), again.text
    assert (len(github.bodies), github.sent("PATCH")) == (1, [])
    assert (len(gitlab.bodies), gitlab.sent("PUT")) == (1, [])


def test_a_comment_of_somebody_else_with_the_marker_is_not_touched(
    github: GitHubServer, on_hub: Idpool
) -> None:
    """The server would let us: whoever may write may change everybody's comments."""
    assert on_hub.run("comment", "github", "plan.json").code == 0
    stolen = github.comments[0].body + "pay mallory"
    github.comments[0].login = "mallory"
    github.comments[0].body = stolen
    for login in ("github-actions-bot", "bot", ""):
        github.add(login, stolen)
    result = push(github, on_hub).run("comment", "github", "plan.json", "-v")
    assert result.err.startswith("created: "), result.text
    assert github.bodies[:4] == [stolen] * 4
    assert len(github.bodies) == 5
    assert github.sent("DELETE") == []


def test_gitlab_a_note_of_somebody_else_with_the_marker_is_not_touched(
    gitlab: GitLabServer, on_lab: Idpool
) -> None:
    assert on_lab.run("comment", "gitlab", "plan.json").code == 0
    theirs = gitlab.notes[0].body + "pay mallory"
    gitlab.notes[0].username, gitlab.notes[0].body = "project_42_bot", theirs
    gitlab.add("project_42_bot_0f1e2d", theirs, system=True)
    assert on_lab.run("comment", "gitlab", "plan.json").code == 0
    assert gitlab.bodies[:2] == [theirs] * 2
    assert len(gitlab.bodies) == 3
    assert gitlab.sent("PUT") == []


@pytest.mark.parametrize("before", ["> ", "Somebody said:\n\n", " ", "<!-- x -->\n", "```\n"])
def test_a_marker_that_is_quoted_is_none(github: GitHubServer, on_hub: Idpool, before: str) -> None:
    """Not even in a comment of our own user, which other jobs write with, too."""
    assert on_hub.run("comment", "github", "plan.json").code == 0
    quoting = before + github.comments[0].body
    github.comments[0].body = quoting
    assert push(github, on_hub).run("comment", "github", "plan.json").code == 0
    assert github.bodies[0] == quoting
    assert len(github.bodies) == 2


def test_it_is_found_among_hundreds_of_comments(
    github: GitHubServer, on_hub: Idpool, gitlab: GitLabServer, tmp_path: Path
) -> None:
    """Three pages of them, with ours on the second."""
    on_lab = Idpool(tmp_path, gitlab_environment(gitlab))
    for number in range(150):
        github.add("alice", f"{PEOPLE_SAY} {number}")
        gitlab.add("alice", f"{PEOPLE_SAY} {number}")
    assert on_hub.run("comment", "github", "plan.json").code == 0
    assert on_lab.run("comment", "gitlab", "plan.json").code == 0
    for number in range(100):
        github.add(BOT, f"{PEOPLE_SAY} {number}")
        gitlab.add("project_42_bot_0f1e2d", f"{PEOPLE_SAY} {number}")
    github.requests.clear()
    gitlab.requests.clear()
    assert push(github, on_hub).run("comment", "github", "plan.json").code == 0
    gitlab.merge_requests[7].sha = NEXT
    lab = with_variables(on_lab, CI_COMMIT_SHA=NEXT)
    assert lab.run("comment", "gitlab", "plan.json").code == 0
    for bodies, server in ((github.bodies, github), (gitlab.bodies, gitlab)):
        assert len(bodies) == 251
        assert "at commit `ddddddd`" in bodies[150]
        assert sum(map(server.is_list_of_comments, server.requests)) == 3


def test_of_several_of_ours_the_oldest_is_edited_and_that_is_said(
    github: GitHubServer, on_hub: Idpool
) -> None:
    """Nothing is deleted that this run has not made."""
    assert on_hub.run("comment", "github", "plan.json").code == 0
    copy = github.add(BOT, github.bodies[0])
    result = push(github, on_hub).run("comment", "github", "plan.json")
    assert result.code == 0
    assert result.out.endswith("#issuecomment-1001\n")
    assert "2 comments of ours carry this marker; the oldest is kept up to date" in result.err
    assert "`ddddddd`" in github.bodies[0]
    assert "`ddddddd`" not in copy.body
    assert len(github.bodies) == 2


def test_other_targets_owners_and_ids_have_comments_of_their_own(
    github: GitHubServer, on_hub: Idpool
) -> None:
    """And the order of the targets makes no other set."""
    eu, us = target_plan(pool_plan("shop")), target_plan(pool_plan("shop"), target=US)
    plans = {
        "eu.json": Plan(owner="acme/identity", targets=(eu,)),
        "both.json": Plan(owner="acme/identity", targets=(eu, us)),
        "reversed.json": Plan(owner="acme/identity", targets=(us, eu)),
        "other.json": Plan(owner="acme/other", targets=(eu,)),
    }
    for name, plan in plans.items():
        plan_file(on_hub.folder, plan, name)
        assert on_hub.run("comment", "github", name).code == 0
    assert on_hub.run("comment", "github", "eu.json", "--id", "web").code == 0
    assert on_hub.run("comment", "github", "eu.json", "--id", "web").code == 0
    keys = [marker.key for marker in map(marker_of, github.bodies) if marker]
    assert len(keys) == len(set(keys)) == 4
    assert "for target `prod-eu` (`web`)" in github.bodies[-1]


@pytest.mark.parametrize("text", ["same", "different"])
def test_two_at_once_end_with_one_comment(github: GitHubServer, on_hub: Idpool, text: str) -> None:
    """Both see none and create one: the younger is taken back, and its text is not lost."""
    github.meeting = threading.Barrier(2)
    links = ["--link=https://ci.example/1", f"--link=https://ci.example/{1 + (text != 'same')}"]
    runs = [on_hub.start("comment", "github", "plan.json", link) for link in links]
    ended = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], ended
    assert len(github.sent("POST")) == 4, "two look-ups of the user, and two creations"
    (comment,) = github.comments
    assert {out for out, _ in ended} == {
        f"{github.origin}/{REPOSITORY}/pull/5#issuecomment-{comment.id}\n"
    }


def test_gitlab_two_at_once_end_with_one_note(gitlab: GitLabServer, on_lab: Idpool) -> None:
    gitlab.meeting = threading.Barrier(2)
    runs = [on_lab.start("comment", "gitlab", "plan.json") for _ in range(2)]
    ended = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], ended
    assert len(gitlab.sent("POST")) == 2
    assert len(gitlab.bodies) == 1


def test_a_run_for_an_older_commit_leaves_the_comment_alone(
    github: GitHubServer, on_hub: Idpool, gitlab: GitLabServer, tmp_path: Path
) -> None:
    """It says so, and is no failure."""
    on_lab = Idpool(tmp_path, gitlab_environment(gitlab))
    newer = push(github, on_hub)
    assert newer.run("comment", "github", "plan.json").code == 0
    gitlab.merge_requests[7].sha = NEXT
    lab = with_variables(on_lab, CI_COMMIT_SHA=NEXT)
    assert lab.run("comment", "gitlab", "plan.json").code == 0
    late = on_hub.run("comment", "github", "plan.json", "--pull-request", "5", "--commit", HEAD)
    says_nothing_on_stdout(late, 0)
    assert "for commit aaaaaaa, and pull request #5 is at ddddddd by now" in late.err
    github.pulls[5].commits.add(HEAD)
    assert (
        "pull request #5 is at ddddddd by now" in on_hub.run("comment", "github", "plan.json").err
    )
    late = on_lab.run("comment", "gitlab", "plan.json")
    says_nothing_on_stdout(late, 0)
    assert f"for commit {LAB_HEAD[:7]}, and merge request !7 is at ddddddd by now" in late.err
    assert "`ddddddd`" in github.bodies[0]
    assert "`ddddddd`" in gitlab.bodies[0]


def test_an_enterprise_server_has_its_api_elsewhere(tmp_path: Path) -> None:
    """GraphQL stands beside ``/api/v3``, not below it."""
    plan_file(tmp_path, PLANS["settings"])
    with GitHubServer(prefix="/api/v3") as server:
        for number in range(101):
            server.add("alice", f"{PEOPLE_SAY} {number}")
        idpool = Idpool(tmp_path, github_environment(server))
        first = idpool.run("comment", "github", "plan.json")
        assert first.code == 0, first.text
        server.pulls[5].head = NEXT
        second = with_variables(idpool, GITHUB_SHA=NEXT).run("comment", "github", "plan.json")
        assert second.out == first.out, second.text
        assert len(server.bodies) == 102
        assert [r.path for r in server.sent("POST")].count("/api/graphql") == 2


def test_the_tokens_user_may_be_a_person(github: GitHubServer, on_hub: Idpool) -> None:
    """Then REST says who, and a bot of the same name is somebody else."""
    github.users = {"ghp_Hush": User("Alice")}
    hub = with_variables(on_hub, GITHUB_TOKEN="", GH_TOKEN="ghp_Hush\n")
    assert hub.run("comment", "github", "plan.json").code == 0
    theirs = github.add("alice[bot]", github.bodies[0])
    assert push(github, hub).run("comment", "github", "plan.json").code == 0
    assert "`ddddddd`" in github.bodies[0]
    assert "`ddddddd`" not in theirs.body
    assert not any("graphql" in request.path for request in github.requests)


def test_the_author_can_be_told(github: GitHubServer, on_hub: Idpool) -> None:
    """As a way out where neither API says who it is."""
    result = on_hub.run("comment", "github", "plan.json", "--author", "GitHub-Actions[bot]")
    assert result.code == 0, result.text
    again = on_hub.run("comment", "github", "plan.json", "--author", "github-actions[bot]", "-v")
    assert again.err.startswith("unchanged"), again.text
    assert not [r for r in github.requests if r.path in ("/user", "/graphql")]


def test_where_nobody_says_whose_the_token_is_the_way_out_is_named(
    github: GitHubServer, on_hub: Idpool
) -> None:
    """GraphQL says no with HTTP 200."""
    no = {"data": None, "errors": [{"type": "FORBIDDEN", "message": "Resource not accessible"}]}
    github.faults = [Fault("POST", "/graphql$", status=200, content=no)]
    result = on_hub.run("comment", "github", "plan.json")
    says_nothing_on_stdout(result, 1)
    assert "does not say whose the token is: " in result.err
    assert "Resource not accessible" in result.err
    assert "--author" in result.err
    assert github.bodies == []


def test_another_pull_request_has_a_comment_of_its_own(
    github: GitHubServer, on_hub: Idpool
) -> None:
    github.pulls[6] = Pull(6, head=NEXT)
    assert on_hub.run("comment", "github", "plan.json").code == 0
    other = with_variables(on_hub, GITHUB_SHA=NEXT).run("comment", "github", "plan.json")
    assert other.out == f"{github.origin}/{REPOSITORY}/pull/6#issuecomment-1002\n"
    assert re.search(r"`aaaaaaa`", github.bodies[0])
    assert EU.name in github.bodies[1]
