"""What GitLab CI tells about a pipeline."""

import re
from collections.abc import Mapping

from reconciler.model.errors import UsageProblem
from reconciler.platforms.platform import Access, PipelineRun, api_address, full_commit, token_of

DEFAULT_API = "https://gitlab.com/api/v4"
_API = "/api/v4"
_PROJECT = re.compile(r"[0-9]{1,20}|[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_HOW_TO_WRITE = (
    "make a project access token with the scope api and the role Reporter or higher, and set it "
    "as the masked variable GITLAB_TOKEN; CI_JOB_TOKEN cannot write comments"
)


def gitlab_access(
    api_url: str | None, repository: str | None, author: str | None, environment: Mapping[str, str]
) -> Access:
    """Where and as whom.  Raises ``UsageProblem``."""
    token = token_of(("GITLAB_TOKEN",), environment, _HOW_TO_WRITE)
    if token == environment.get("CI_JOB_TOKEN"):
        raise UsageProblem(
            "GITLAB_TOKEN holds the CI_JOB_TOKEN, which cannot write comments", hint=_HOW_TO_WRITE
        )
    return Access(
        api_url=api_address(api_url, "CI_API_V4_URL", environment)
        or _of_server(environment)
        or DEFAULT_API,
        token=token,
        repository=_repository(repository, environment),
        author=author or "",
    )


def gitlab_place(
    number: int | None, commit: str | None, link: str | None, environment: Mapping[str, str]
) -> PipelineRun:
    """The place that options and variables name.  Raises ``UsageProblem``."""
    named = full_commit(commit)
    iid = environment.get("CI_MERGE_REQUEST_IID", "")
    ours = int(iid) if _NUMBER.fullmatch(iid) else 0
    own = not number or not ours or number == ours
    # In a pipeline for merged results CI_COMMIT_SHA is a commit that nobody wrote.
    ran = environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environment.get("CI_COMMIT_SHA")
    found = ran if own and ran and _COMMIT.fullmatch(ran) else ""
    page = environment.get("CI_PIPELINE_URL") or environment.get("CI_JOB_URL") or ""
    return PipelineRun(number=number or ours, commit=named or found, link=link or page)


def _of_server(environment: Mapping[str, str]) -> str:
    server = api_address(None, "CI_SERVER_URL", environment)
    return f"{server}{_API}" if server else ""


def _repository(option: str | None, environment: Mapping[str, str]) -> str:
    """A merge request is in the project that it asks; a fork's pipeline may run elsewhere."""
    asked = environment.get("CI_MERGE_REQUEST_PROJECT_ID", "")
    name = option or asked or environment.get("CI_PROJECT_ID", "")
    if not _PROJECT.fullmatch(name):
        raise UsageProblem(
            "it is not known which project" if not name else "this is no project's id or path",
            hint="give --repository with the project's id or GROUP/NAME, or set CI_PROJECT_ID",
        )
    return name
