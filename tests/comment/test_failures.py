"""What networks and platforms do to a request: nothing is doubled, lost in silence, or leaked."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reconciler.bounded_answers import BoundedResponse
from tests.comment import github as on_github
from tests.comment import gitlab as on_gitlab
from tests.comment.conftest import (
    environment,
    event_file,
    github_environment,
    gitlab_environment,
    hides,
    plan_file,
    says_nothing_on_stdout,
    with_variables,
)
from tests.comment.github import GitHubServer
from tests.comment.gitlab import GitLabServer
from tests.comment.server import Fault
from tests.reports.plans import PLANS
from tests.support.cli import Idpool, Result

NEXT = "d" * 40
LIST, WRITE = r"/(comments|notes)$", r"/(comments|notes)"
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}


@dataclass
class Job:
    """One platform, and the command in one of its jobs."""

    server: Any
    idpool: Idpool
    name: str
    token: str
    edits: str
    environment: str

    def comment(self, *options: str, **variables: str) -> Result:
        idpool = with_variables(self.idpool, **variables)
        return idpool.run("comment", self.name, "plan.json", *options)

    def next_commit(self) -> dict[str, str]:
        """A push; the variables of its run."""
        if self.name == "github":
            self.server.pulls[5].head = NEXT
            return {"GITHUB_SHA": NEXT}
        self.server.merge_requests[7].sha = NEXT
        return {"CI_COMMIT_SHA": NEXT}


@pytest.fixture(params=["github", "gitlab"])
def job(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Job]:
    """Each of the platforms."""
    plan_file(tmp_path, PLANS["settings"])
    if request.param == "github":
        with GitHubServer() as hub:
            idpool = Idpool(tmp_path, github_environment(hub))
            yield Job(hub, idpool, "github", on_github.TOKEN, "PATCH", "GITHUB_TOKEN")
    else:
        with GitLabServer() as lab:
            idpool = Idpool(tmp_path, gitlab_environment(lab))
            yield Job(lab, idpool, "gitlab", on_gitlab.TOKEN, "PUT", "GITLAB_TOKEN")


LOST = [
    Fault("POST", WRITE, status=502),
    Fault("POST", WRITE, status=500, after=True),
    Fault("POST", WRITE, how="reset"),
    Fault("POST", WRITE, how="reset", after=True),
    Fault("POST", WRITE, status=200, content="<html>a proxy</html>", after=True),
    Fault("POST", WRITE, status=503, after=True, times=2),
    Fault("GET", LIST, status=504),
    Fault("GET", LIST, how="reset"),
]


@pytest.mark.parametrize("fault", LOST, ids=lambda f: f"{f.verb}-{f.how}-{f.status}-{f.after}")
def test_a_lost_answer_costs_no_second_comment(job: Job, fault: Fault) -> None:
    """What was created unseen is found again by its marker."""
    job.server.faults = [Fault(**vars(fault))]
    result = job.comment("-v")
    assert result.code == 0, result.text
    assert result.err.startswith("created: "), result.text
    assert len(job.server.bodies) == 1
    assert job.server.faults[0].times == max(0, fault.times - 1)


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_an_answer_that_drips_is_a_lost_one(
    job: Job, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would else be waited for until its last byte, and that may never come."""
    monkeypatch.setattr(BoundedResponse, "seconds", 1.0)
    job.server.faults = [Fault(verb, WRITE, how="drip", status=200, after=True)]
    result = job.comment("-v")
    assert result.code == 0, result.text
    assert job.server.faults[0].times == 0
    assert len(job.server.bodies) == 1


@pytest.mark.parametrize("how", ["answer", "reset"])
@pytest.mark.parametrize("after", [False, True])
def test_a_lost_answer_to_an_edit_costs_nothing(job: Job, how: Any, after: bool) -> None:
    assert job.comment().code == 0
    job.server.faults = [Fault(job.edits, WRITE, how=how, after=after)]
    result = job.comment("-v", **job.next_commit())
    assert result.code == 0, result.text
    assert result.err.startswith("unchanged: " if after else "edited: "), result.text
    assert "**Planned** at commit `ddddddd`" in job.server.bodies[0]
    assert len(job.server.bodies) == 1
    assert len(job.server.sent(job.edits)) == 2 - after


def test_a_comment_that_was_deleted_meanwhile_is_an_error_and_then_made_anew(job: Job) -> None:
    """Nothing is pretended: the next run makes one."""
    assert job.comment().code == 0
    job.server.faults = [Fault(job.edits, WRITE, status=404, content={"message": "Not Found"})]
    variables = job.next_commit()
    assert job.comment(**variables).code == 1
    (job.server.comments if job.name == "github" else job.server.notes).clear()
    assert job.comment(**variables).code == 0
    assert len(job.server.bodies) == 1


@pytest.mark.parametrize(
    "limit",
    [
        Fault("POST", WRITE, status=429, headers={"Retry-After": "1"}),
        Fault("GET", LIST, status=429, headers={"Retry-After": "1"}),
        Fault("POST", WRITE, status=429, headers={"RateLimit-Reset": "1"}),
    ],
    ids=["write", "list", "reset"],
)
def test_a_limit_is_waited_for_as_told(job: Job, limit: Fault) -> None:
    job.server.faults = [Fault(**vars(limit))]
    result = job.comment()
    assert result.code == 0, result.text
    assert len(job.server.bodies) == 1
    assert job.server.faults[0].times == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "1"},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "SOON"},
    ],
)
def test_githubs_secondary_limit_is_a_403_that_passes(
    github: GitHubServer, on_hub: Idpool, headers: dict[str, str]
) -> None:
    soon = str(int(time.time()) + 1)
    told = {name: value.replace("SOON", soon) for name, value in headers.items()}
    github.faults = [
        Fault("POST", WRITE, status=403, headers=told, content=SECONDARY),
        Fault("GET", r"/pulls/5$", status=403, headers=told, content=SECONDARY),
        Fault("GET", "/user", status=403, headers=told, content=SECONDARY),
    ]
    result = on_hub.run("comment", "github", "plan.json")
    assert result.code == 0, result.text
    assert len(github.bodies) == 1
    assert [fault.times for fault in github.faults] == [0, 0, 0]


@pytest.mark.parametrize(
    ("headers", "wait"), [({"Retry-After": "600"}, " and asks to wait 600 s"), ({}, "")]
)
def test_a_limit_that_outlasts_the_budget_is_said_at_once(
    github: GitHubServer, on_hub: Idpool, headers: dict[str, str], wait: str
) -> None:
    """Without a time GitHub wants a minute: more than this run has."""
    github.faults = [Fault("GET", LIST, status=403, headers=headers, content=SECONDARY)]
    result = on_hub.run("comment", "github", "plan.json", "--time-budget", "50")
    says_nothing_on_stdout(result, 1)
    assert f"it limits our requests (HTTP 403){wait}\n" in result.err
    assert "--time-budget" in result.err
    assert len([r for r in github.requests if github.is_list_of_comments(r)]) == 1


def test_what_stays_down_is_said_and_nothing_is_sent(job: Job) -> None:
    job.server.faults = [Fault("GET", ".", status=503, times=1000)]
    result = job.comment("--time-budget", "2")
    says_nothing_on_stdout(result, 1)
    assert "HTTP 503" in result.err
    assert job.server.sent("POST") == []
    hides(result, job.token)


def test_nobody_answers(job: Job) -> None:
    """A port where nothing listens."""
    job.server.__exit__()
    try:
        result = job.comment("--time-budget", "1", "-vv")
    finally:
        job.server.__enter__()
    says_nothing_on_stdout(result, 1)
    assert "it cannot be reached, or the connection broke" in result.err
    hides(result, job.token)


@pytest.mark.parametrize(
    ("status", "github_hint", "gitlab_hint"),
    [
        (401, "not expired", "project access token"),
        (403, "pull-requests: write", "role Reporter or higher"),
        (404, "--pull-request", "--merge-request"),
        (422, "--repository", ""),
    ],
)
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_a_no_is_not_asked_again(
    job: Job, verb: str, status: int, github_hint: str, gitlab_hint: str
) -> None:
    """And the error says what to check; what the server says is escaped, cut and without token."""
    said = f"no \x1b[31m\u202e {job.token} <b>::error::x " + "y" * 5000
    job.server.faults = [Fault(verb, WRITE, status=status, content={"message": said}, times=100)]
    result = job.comment("-vv")
    says_nothing_on_stdout(result, 1)
    assert f"HTTP {status}: no \\x1b[31m\\u202e **** <b>" in result.err
    assert (github_hint if job.name == "github" else gitlab_hint) in result.err
    assert job.server.faults[0].times == 99
    assert "y" * 500 not in result.err
    hides(result, job.token, "\x1b", "\u202e")
    assert job.server.bodies == []


def test_a_fork_that_may_only_read_hears_of_the_way_out(
    github: GitHubServer, on_hub: Idpool
) -> None:
    """The token of a fork's pull request reads, whatever the workflow says."""
    github.users[on_github.TOKEN].writes = False
    result = on_hub.run("comment", "github", "plan.json")
    says_nothing_on_stdout(result, 1)
    assert "HTTP 403: Resource not accessible by integration" in result.err
    assert "workflow_run" in result.err
    assert len(github.sent("POST")) == 2, "whose the token is, and one try"


def test_an_unknown_token(job: Job) -> None:
    wrong = "glpat-wrongHush"
    result = job.comment("-vv", **{job.environment: wrong})
    says_nothing_on_stdout(result, 1)
    assert "HTTP 401" in result.err
    assert job.environment in result.err
    hides(result, wrong)


@pytest.mark.parametrize("token", ["two words Hush", "Hush\nX-Evil: 1", "H\xfcsh", ""])
def test_what_is_no_token_is_not_sent(job: Job, token: str) -> None:
    """A line's end in a header would be another header."""
    result = job.comment("-vv", **{job.environment: token})
    says_nothing_on_stdout(result, 64)
    assert job.environment in result.err
    assert job.server.requests == []
    if token:
        hides(result, token)
        assert "Evil" not in result.text


def test_gitlabs_job_token_cannot_comment(gitlab: GitLabServer, on_lab: Idpool) -> None:
    job_token = on_lab.environment["CI_JOB_TOKEN"]
    for token in (job_token, ""):
        result = with_variables(on_lab, GITLAB_TOKEN=token).run("comment", "gitlab", "plan.json")
        says_nothing_on_stdout(result, 64)
        assert "CI_JOB_TOKEN cannot write comments" in result.err
        assert "project access token" in result.err
        hides(result, job_token)
    assert gitlab.requests == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_a_redirect_leads_the_token_nowhere(job: Job, status: int, verb: str) -> None:
    """``PRIVATE-TOKEN`` would survive a redirect of requests; ``localhost`` is another host."""
    with GitLabServer(prefix="") as elsewhere:
        place = elsewhere.origin.replace("127.0.0.1", "localhost") + "/x"
        job.server.faults = [Fault(verb, WRITE, status=status, headers={"Location": place})]
        result = job.comment("-vv")
    says_nothing_on_stdout(result, 1)
    assert elsewhere.requests == []
    assert "redirect" in result.err or "another server" in result.err
    assert "--api-url" in result.err
    hides(result, job.token)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_gitlab_a_redirect_to_the_same_server_is_an_error(
    gitlab: GitLabServer, on_lab: Idpool, status: int
) -> None:
    """A project that has moved: its present name is to be given."""
    place = f"{gitlab.url}/projects/42/merge_requests/7/notes"
    gitlab.faults = [Fault("GET", LIST, status=status, headers={"Location": place})]
    result = on_lab.run("comment", "gitlab", "plan.json")
    says_nothing_on_stdout(result, 1)
    assert f"it redirects (HTTP {status}), and redirects are not followed" in result.err
    assert gitlab.bodies == []


def test_the_next_page_leads_the_token_nowhere(job: Job) -> None:
    """Whatever the Link header says."""
    with GitLabServer(prefix="") as elsewhere:
        link = f'<{elsewhere.origin.replace("127.0.0.1", "localhost")}/x?page=2>; rel="next"'
        job.server.faults = [Fault("GET", LIST, status=200, content=[], headers={"Link": link})]
        result = job.comment("--time-budget", "1")
    assert elsewhere.requests == []
    # On GitHub the header only says that there is another page, which is asked for by its number.
    assert result.code == (0 if job.name == "github" else 1), result.text
    hides(result, job.token)


ODD = [{}, [], "text", [1], [{"id": "x"}], [None], {"body": 1}, 7]
ASKED = ["/user", r"/(pulls|merge_requests)/\d+$", LIST]


@pytest.mark.parametrize(
    ("path", "odd"),
    # No comments are an answer.
    [(path, odd) for path in ASKED for odd in ODD if (path, odd) != (LIST, [])],
)
def test_an_answer_of_another_shape_is_an_error(job: Job, path: str, odd: Any) -> None:
    """Something between us and the API has answered: no traceback, and no comment."""
    job.server.faults = [Fault("GET", path, status=200, content=odd, times=1000)]
    result = job.comment("--time-budget", "0")
    says_nothing_on_stdout(result, 1)
    assert "its answer is none of its API" in result.err
    assert job.server.bodies == []
    hides(result, job.token)


@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_a_missing_library_is_named_with_its_extra(tmp_path: Path, name: str) -> None:
    """Neither is needed by anything else."""
    (tmp_path / "shadow" / name).mkdir(parents=True)
    shadow = tmp_path / "shadow" / name / "__init__.py"
    shadow.write_text(f"raise ModuleNotFoundError('no', name={name!r})")
    plan_file(tmp_path, PLANS["settings"])
    variables = {"GITHUB_REPOSITORY": "acme/identity", "CI_PROJECT_ID": "42"}
    tokens = {"GITHUB_TOKEN": "Hush", "GITLAB_TOKEN": "Hush"}
    settings = {**variables, **tokens, "PYTHONPATH": str(tmp_path / "shadow")}
    result = Idpool(tmp_path, environment(**settings)).run_process("comment", name, "plan.json")
    says_nothing_on_stdout(result, 1)
    assert f"pip install 'idpool[{name}]'" in result.err
    help_text = Idpool(tmp_path, environment(**settings)).run_process("comment", name, "--help")
    assert help_text.code == 0, help_text.text


@pytest.mark.parametrize(
    "event",
    [
        "",
        "null",
        "[]",
        "{",
        '{"pull_request": 5}',
        '{"pull_request": {"number": "5", "head": {"sha": "' + "a" * 40 + '"}}}',
        '{"pull_request": {"number": -5, "head": {"sha": "' + "a" * 40 + '"}}}',
        '{"pull_request": {"number": 5, "head": {"sha": "../../x"}}}',
        '{"pull_request": {"number": 1e400, "head": {"sha": "' + "a" * 40 + '"}}}',
        '{"workflow_run": {"id": 1, "event": "push", "head_sha": "main"}}',
        "[" * 100_000,
        '{"x": "' + "y" * (33 * 1024 * 1024) + '"}',
    ],
    ids=lambda text: text[:40],
)
def test_an_event_that_is_none_is_an_error(
    github: GitHubServer, on_hub: Idpool, event: str
) -> None:
    """Bounded in size and shape, and nothing of it is quoted."""
    path = event_file(on_hub.folder, event)
    job = with_variables(on_hub, GITHUB_EVENT_NAME="pull_request", GITHUB_EVENT_PATH=path)
    result = job.run("comment", "github", "plan.json")
    says_nothing_on_stdout(result, 1)
    assert "event.json: " in result.err
    assert "give both --pull-request and --commit" in result.err
    assert len(result.err) < 1000
    assert "Traceback" not in result.err
    assert github.requests == []


@pytest.mark.parametrize("path", ["/dev/zero", "nowhere.json", ".", ""])
@pytest.mark.parametrize("event", ["pull_request", "workflow_run"])
def test_an_event_file_that_is_none(
    github: GitHubServer, on_hub: Idpool, path: str, event: str
) -> None:
    """GITHUB_SHA does not stand in: it is no commit of the pull request.  Options do."""
    job = with_variables(on_hub, GITHUB_EVENT_NAME=event, GITHUB_EVENT_PATH=path)
    says_nothing_on_stdout(job.run("comment", "github", "plan.json"), 1)
    assert github.requests == []
    options = ("--pull-request", "5", "--commit", on_github.HEAD)
    told = job.run("comment", "github", "plan.json", *options)
    assert told.code == 0, told.text
    assert len(github.bodies) == 1


def test_no_output_has_the_token(job: Job) -> None:
    """Success, with every request logged."""
    first = job.comment("-vv")
    second = job.comment("-vv", **job.next_commit())
    third = job.comment("-vv", "--max-bytes", "1000")
    for result in (first, second, third):
        assert result.code == 0, result.text
        assert "take a new comment: answered" in first.err
        hides(result, job.token, job.token[-8:])
    assert all(job.token not in body for body in job.server.bodies)
