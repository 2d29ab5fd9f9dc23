"""What GitHub Actions tells about a run.

Nothing here comes from a plan: a plan of a fork's run could name any pull request.
"""

import re
from collections.abc import Mapping

from reconciler.model.errors import UsageProblem
from reconciler.platforms.access import Access, api_address, full_commit, token_of
from reconciler.platforms.github_event import Event, EventRun, read_event
from reconciler.platforms.place import Place
from reconciler.platforms.platform import Head

DEFAULT_API = "https://api.github.com"
_DEFAULT_SERVER = "https://github.com"
_REPOSITORY = re.compile(r"(?!\.{1,2}/)[A-Za-z0-9_.-]{1,100}/(?!\.{1,2}\Z)[A-Za-z0-9_.-]{1,100}")
_RUN = re.compile(r"[0-9]{1,20}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# What has a pull request's own commit as head_sha.  After pull_request_target it is the base's.
_OF_A_HEAD = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment"})
_OF_A_BASE = "pull_request_target"


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
) -> Place:
    """The place that options and variables name.  Raises ``UnusableEvent``, ``UsageProblem``."""
    named = full_commit(commit)
    event = Event() if number and named else _event(environment)
    found = _of_event(event, environment)
    if number and number != found.number:
        found = Place(number, "" if found.number else _pushed(environment), None)
    return Place(
        number=found.number,
        commit=named or found.commit,
        head=found.head,
        link=link or _link(event.workflow_run, environment),
    )


def _event(environment: Mapping[str, str]) -> Event:
    """The event, where it is of a kind that says more than the variables do.

    There is no way round it then: GITHUB_SHA is another commit than the pull request's.
    """
    name = environment.get("GITHUB_EVENT_NAME", "")
    telling = name == "workflow_run" or name.startswith("pull_request")
    return read_event(environment.get("GITHUB_EVENT_PATH", "")) if telling else Event()


def _of_event(event: Event, environment: Mapping[str, str]) -> Place:
    if event.pull_request is not None:
        return Place(number=event.pull_request.number, commit=event.pull_request.head.sha)
    if event.workflow_run is not None:
        return _of_run(event.workflow_run)
    return Place(commit=_pushed(environment))


def _of_run(run: EventRun) -> Place:
    """By the branch: a fork's commit is nowhere in the repository that it asks to be merged."""
    repository = run.head_repository
    by_head = run.event in _OF_A_HEAD or run.event == _OF_A_BASE
    if not (by_head and repository and run.head_branch):
        return Place(commit=run.head_sha)
    head = Head(repository.owner.login, repository.full_name, run.head_branch)
    return Place(commit=run.head_sha if run.event in _OF_A_HEAD else "", head=head)


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
