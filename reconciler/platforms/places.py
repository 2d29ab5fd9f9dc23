"""Where a comment belongs: what options, GitHub Actions and GitLab CI tell about a run."""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from reconciler.model.errors import UsageProblem
from reconciler.model.notify import wrong_address
from reconciler.platforms.platform import Access, Head, Part, PipelineRun, UnusableEvent

_MOST_BYTES = 32 * 1024 * 1024  # a webhook's payload has at most 25 MB, say GitHub's docs
_Commit = Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
_Name = Annotated[str, Field(min_length=1, max_length=1024)]
_Number = Annotated[int, Field(gt=0, lt=2**63)]
_GITHUB_API = "https://api.github.com"
_GITHUB_SERVER = "https://github.com"
_REPOSITORY = re.compile(r"(?!\.{1,2}/)[A-Za-z0-9_.-]{1,100}/(?!\.{1,2}\Z)[A-Za-z0-9_.-]{1,100}")
_RUN = re.compile(r"[0-9]{1,20}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# What has a pull request's own commit as head_sha.  After pull_request_target it is the base's.
_OF_A_HEAD = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment"})


def _api_address(option: str | None, variable: str, environment: Mapping[str, str]) -> str:
    """The API's URL from an option or a variable, "" without both.  Raises ``UsageProblem``."""
    address = option or environment.get(variable, "")
    if address and (wrong := wrong_address(address)):
        hint = "the token goes there: give the https:// URL of the API"
        raise UsageProblem(f"{'--api-url' if option else variable}: {wrong}", hint)
    return address.rstrip("/")


def _token_of(variables: tuple[str, ...], environment: Mapping[str, str], hint: str) -> str:
    """The token from the first variable that is set.  Raises ``UsageProblem``, quoting nothing."""
    name = next((name for name in variables if environment.get(name)), None)
    if name is None:
        raise UsageProblem(f"there is no token: {' or '.join(variables)} is not set", hint=hint)
    token = environment[name].strip()
    if not _TOKEN.fullmatch(token):
        raise UsageProblem(f"{name} holds no token: it has spaces or other odd characters", hint)
    return token


def _full_commit(text: str | None) -> str:
    """A full hash in lower case, "" for none.  Raises ``UsageProblem``."""
    commit = (text or "").lower()
    if commit and not _COMMIT.fullmatch(commit):
        raise UsageProblem("--commit is not a full commit hash", hint="see git rev-parse HEAD")
    return commit


class EventHead(Part):
    """The commit that a pull request would merge."""

    sha: _Commit


class EventPullRequest(Part):
    """The pull request that an event is about."""

    number: _Number
    head: EventHead


class EventOwner(Part):
    """Whose a repository is."""

    login: _Name


class EventRepository(Part):
    """The repository of a branch."""

    full_name: _Name
    owner: EventOwner


class EventRun(Part):
    """The run whose end started this one.  Its list of pull requests is empty for forks."""

    id: _Number
    event: _Name
    head_sha: _Commit
    head_branch: _Name | None = None
    head_repository: EventRepository | None = None


class RunEvent(Part):
    """The parts of an event that say where a comment belongs."""

    pull_request: EventPullRequest | None = None
    workflow_run: EventRun | None = None


def _event(environment: Mapping[str, str]) -> RunEvent:
    """The event, where it is of a kind that says more than the variables do.

    There is no way round it then: GITHUB_SHA is another commit than the pull request's.
    """
    kind = environment.get("GITHUB_EVENT_NAME", "")
    if kind != "workflow_run" and not kind.startswith("pull_request"):
        return RunEvent()
    path = environment.get("GITHUB_EVENT_PATH", "")
    if not path:
        raise UnusableEvent("GITHUB_EVENT_PATH", "it is not set")
    try:
        return RunEvent.model_validate_json(_content(path))
    except ValidationError as invalid:
        # `from None`: the cause would quote the file.
        error = invalid.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(step) for step in error["loc"]) or "the file"
        raise UnusableEvent(path, f"{where}: {error['msg']}") from None


def _content(path: str) -> bytes:
    """What a regular file holds, in bounded size."""
    try:
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
        with os.fdopen(os.open(Path(path), flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UnusableEvent(path, "this is not a regular file")
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UnusableEvent(path, f"it cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # NUL in the name
        raise UnusableEvent(path, "there is no such file") from error
    if len(content) > _MOST_BYTES:
        raise UnusableEvent(path, f"it is larger than {_MOST_BYTES // 1024 // 1024} MiB")
    return content


_GITHUB_RIGHTS = (
    "in GitHub Actions: env: {GITHUB_TOKEN: ${{ github.token }}}, with "
    "permissions: pull-requests: write"
)


def github_access(
    api_url: str | None, repository: str | None, author: str | None, environment: Mapping[str, str]
) -> Access:
    """Where and as whom.  Raises ``UsageProblem``."""
    name = repository or environment.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.fullmatch(name):
        why = "this is no repository's name" if name else "it is not known which repository"
        raise UsageProblem(why, "give --repository OWNER/NAME, or set GITHUB_REPOSITORY")
    return Access(
        api_url=_api_address(api_url, "GITHUB_API_URL", environment) or _GITHUB_API,
        token=_token_of(("GITHUB_TOKEN", "GH_TOKEN"), environment, _GITHUB_RIGHTS),
        repository=name,
        author=author or "",
    )


def github_place(
    number: int | None, commit: str | None, link: str | None, environment: Mapping[str, str]
) -> PipelineRun:
    """The place that options and variables name.  Raises ``UnusableEvent``, ``UsageProblem``."""
    named = _full_commit(commit)
    event = RunEvent() if number and named else _event(environment)
    found = _of_event(event, environment)
    if number and number != found.number:
        found = PipelineRun(number, "" if found.number else _pushed(environment), None)
    link = link or _link(event.workflow_run, environment)
    return replace(found, commit=named or found.commit, link=link)


def _of_event(event: RunEvent, environment: Mapping[str, str]) -> PipelineRun:
    if event.pull_request is not None:
        return PipelineRun(number=event.pull_request.number, commit=event.pull_request.head.sha)
    if event.workflow_run is not None:
        return _of_run(event.workflow_run)
    return PipelineRun(commit=_pushed(environment))


def _of_run(run: EventRun) -> PipelineRun:
    """By the branch: a fork's commit is nowhere in the repository that it asks to be merged."""
    repository = run.head_repository
    by_head = run.event in _OF_A_HEAD or run.event == "pull_request_target"
    if not (by_head and repository and run.head_branch):
        return PipelineRun(commit=run.head_sha)
    head = Head(repository.owner.login, repository.full_name, run.head_branch)
    return PipelineRun(commit=run.head_sha if run.event in _OF_A_HEAD else "", head=head)


def _pushed(environment: Mapping[str, str]) -> str:
    """GITHUB_SHA, but for events of pull requests: there it is a commit that nobody wrote."""
    if environment.get("GITHUB_EVENT_NAME", "").startswith(("pull_request", "issue_comment")):
        return ""
    commit = environment.get("GITHUB_SHA", "")
    return commit if _COMMIT.fullmatch(commit) else ""


def _link(run: EventRun | None, environment: Mapping[str, str]) -> str:
    """The page of the run that made the plan, which is not always this one."""
    number = str(run.id) if run is not None else environment.get("GITHUB_RUN_ID", "")
    repository = environment.get("GITHUB_REPOSITORY", "")
    if not (_RUN.fullmatch(number) and _REPOSITORY.fullmatch(repository)):
        return ""
    server = environment.get("GITHUB_SERVER_URL") or _GITHUB_SERVER
    return f"{server.rstrip('/')}/{repository}/actions/runs/{number}"


_GITLAB = "https://gitlab.com"
_PROJECT = re.compile(r"[0-9]{1,20}|[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_GITLAB_RIGHTS = (
    "make a project access token with the scope api and the role Reporter or higher, and set it "
    "as the masked variable GITLAB_TOKEN; CI_JOB_TOKEN cannot write comments"
)


def gitlab_access(
    api_url: str | None, repository: str | None, author: str | None, environment: Mapping[str, str]
) -> Access:
    """Where and as whom.  Raises ``UsageProblem``."""
    token = _token_of(("GITLAB_TOKEN",), environment, _GITLAB_RIGHTS)
    if token == environment.get("CI_JOB_TOKEN"):
        why = "GITLAB_TOKEN holds the CI_JOB_TOKEN, which cannot write comments"
        raise UsageProblem(why, _GITLAB_RIGHTS)
    return Access(
        api_url=_gitlab_api(api_url, environment),
        token=token,
        repository=_project(repository, environment),
        author=author or "",
    )


def gitlab_place(
    number: int | None, commit: str | None, link: str | None, environment: Mapping[str, str]
) -> PipelineRun:
    """The place that options and variables name.  Raises ``UsageProblem``."""
    named = _full_commit(commit)
    iid = environment.get("CI_MERGE_REQUEST_IID", "")
    ours = int(iid) if _NUMBER.fullmatch(iid) else 0
    own = not number or not ours or number == ours
    # In a pipeline for merged results CI_COMMIT_SHA is a commit that nobody wrote.
    ran = environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environment.get("CI_COMMIT_SHA")
    found = ran if own and ran and _COMMIT.fullmatch(ran) else ""
    page = environment.get("CI_PIPELINE_URL") or environment.get("CI_JOB_URL") or ""
    return PipelineRun(number=number or ours, commit=named or found, link=link or page)


def _gitlab_api(option: str | None, environment: Mapping[str, str]) -> str:
    if address := _api_address(option, "CI_API_V4_URL", environment):
        return address
    return (_api_address(None, "CI_SERVER_URL", environment) or _GITLAB) + "/api/v4"


def _project(option: str | None, environment: Mapping[str, str]) -> str:
    """A merge request is in the project that it asks; a fork's pipeline may run elsewhere."""
    asked = environment.get("CI_MERGE_REQUEST_PROJECT_ID", "")
    name = option or asked or environment.get("CI_PROJECT_ID", "")
    if not _PROJECT.fullmatch(name):
        why = "this is no project's id or path" if name else "it is not known which project"
        hint = "give --repository with the project's id or GROUP/NAME, or set CI_PROJECT_ID"
        raise UsageProblem(why, hint)
    return name
