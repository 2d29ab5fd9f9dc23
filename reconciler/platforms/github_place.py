"""What GitHub Actions tells about a run, and the file that it writes about the event."""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reconciler.model.errors import UsageProblem
from reconciler.platforms.platform import (
    Access,
    Head,
    PipelineRun,
    UnusableEvent,
    api_address,
    full_commit,
    token_of,
)

_MOST_BYTES = 32 * 1024 * 1024  # a webhook's payload has at most 25 MB, say GitHub's docs
_Commit = Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
_Name = Annotated[str, Field(min_length=1, max_length=1024)]
_Number = Annotated[int, Field(gt=0, lt=2**63)]
DEFAULT_API = "https://api.github.com"
_DEFAULT_SERVER = "https://github.com"
_REPOSITORY = re.compile(r"(?!\.{1,2}/)[A-Za-z0-9_.-]{1,100}/(?!\.{1,2}\Z)[A-Za-z0-9_.-]{1,100}")
_RUN = re.compile(r"[0-9]{1,20}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# What has a pull request's own commit as head_sha.  After pull_request_target it is the base's.
_OF_A_HEAD = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment"})
_OF_A_BASE = "pull_request_target"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class EventHead(_Part):
    """The commit that a pull request would merge."""

    sha: _Commit


class EventPullRequest(_Part):
    """The pull request that an event is about."""

    number: _Number
    head: EventHead


class EventOwner(_Part):
    """Whose a repository is."""

    login: _Name


class EventRepository(_Part):
    """The repository of a branch."""

    full_name: _Name
    owner: EventOwner


class EventRun(_Part):
    """The run whose end started this one.  Its list of pull requests is empty for forks."""

    id: _Number
    event: _Name
    head_sha: _Commit
    head_branch: _Name | None = None
    head_repository: EventRepository | None = None


class RunEvent(_Part):
    """The parts of an event that say where a comment belongs."""

    pull_request: EventPullRequest | None = None
    workflow_run: EventRun | None = None


def read_event(path: str) -> RunEvent:
    """Read the event's file, in bounded size.  Raises ``UnusableEvent``."""
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


def github_access(
    api_url: str | None, repository: str | None, author: str | None, environment: Mapping[str, str]
) -> Access:
    """Where and as whom.  Raises ``UsageProblem``."""
    name = repository or environment.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.fullmatch(name):
        raise UsageProblem(
            "it is not known which repository" if not name else "this is no repository's name",
            hint="give --repository OWNER/NAME, or set GITHUB_REPOSITORY",
        )
    return Access(
        api_url=api_address(api_url, "GITHUB_API_URL", environment) or DEFAULT_API,
        token=token_of(
            ("GITHUB_TOKEN", "GH_TOKEN"),
            environment,
            "in GitHub Actions: env: {GITHUB_TOKEN: ${{ github.token }}}, with "
            "permissions: pull-requests: write",
        ),
        repository=name,
        author=author or "",
    )


def github_place(
    number: int | None, commit: str | None, link: str | None, environment: Mapping[str, str]
) -> PipelineRun:
    """The place that options and variables name.  Raises ``UnusableEvent``, ``UsageProblem``."""
    named = full_commit(commit)
    event = RunEvent() if number and named else _event(environment)
    found = _of_event(event, environment)
    if number and number != found.number:
        found = PipelineRun(number, "" if found.number else _pushed(environment), None)
    return PipelineRun(
        number=found.number,
        commit=named or found.commit,
        head=found.head,
        link=link or _link(event.workflow_run, environment),
    )


def _event(environment: Mapping[str, str]) -> RunEvent:
    """The event, where it is of a kind that says more than the variables do.

    There is no way round it then: GITHUB_SHA is another commit than the pull request's.
    """
    name = environment.get("GITHUB_EVENT_NAME", "")
    telling = name == "workflow_run" or name.startswith("pull_request")
    return read_event(environment.get("GITHUB_EVENT_PATH", "")) if telling else RunEvent()


def _of_event(event: RunEvent, environment: Mapping[str, str]) -> PipelineRun:
    if event.pull_request is not None:
        return PipelineRun(number=event.pull_request.number, commit=event.pull_request.head.sha)
    if event.workflow_run is not None:
        return _of_run(event.workflow_run)
    return PipelineRun(commit=_pushed(environment))


def _of_run(run: EventRun) -> PipelineRun:
    """By the branch: a fork's commit is nowhere in the repository that it asks to be merged."""
    repository = run.head_repository
    by_head = run.event in _OF_A_HEAD or run.event == _OF_A_BASE
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
    server = environment.get("GITHUB_SERVER_URL") or _DEFAULT_SERVER
    return f"{server.rstrip('/')}/{repository}/actions/runs/{number}"
