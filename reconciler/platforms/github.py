"""GitHub, through PyGithub: each request sent once, no answer taken on trust."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from github import Auth, Github, GithubException
from pydantic import TypeAdapter

from reconciler.platforms.answers import Interpreter, Refusal
from reconciler.platforms.platform import (
    Access,
    Comment,
    Head,
    Part,
    Paths,
    Platform,
    PlatformProblem,
    ProblemKind,
    PullRequest,
    Words,
)

_TIMEOUT: Final = 20  # seconds, to connect and between two bytes
_PAGE: Final = 100
_MOST_PAGES: Final = 1000
_OK, _REDIRECT, _FORBIDDEN = 200, 300, 403
_ELSEWHERE: Final = RuntimeError  # PyGithub's word for a redirect that it does not follow
_BOT: Final = "[bot]"
_VIEWER: Final = "query { viewer { login } }"
_HINTS: Final[Mapping[int, str]] = {
    401: "check that GITHUB_TOKEN (or GH_TOKEN) is a token of this server, and not expired",
    403: "give the job `permissions: pull-requests: write`; the token of a fork's pull request "
    "only reads: comment from a workflow_run, see docs/comments.md",
    404: "check --repository and --pull-request, and that the token may see them "
    "(`permissions: pull-requests: write`)",
    422: "check --repository and --pull-request",
}


class UserAnswer(Part):
    """An account."""

    login: str


class CommentAnswer(Part):
    """A comment; the account of its author may be gone."""

    id: int
    body: str | None
    html_url: str
    user: UserAnswer | None


class _Repository(Part):
    full_name: str


class _Head(Part):
    sha: str
    ref: str
    repo: _Repository | None


class PullAnswer(Part):
    """A pull request; the fork that it comes from may be gone."""

    number: int
    merged_at: str | None
    merge_commit_sha: str | None = None
    head: _Head

    @property
    def pull_request(self) -> PullRequest:
        """The same, as the platforms share it."""
        merged = self.merged_at is not None
        # Before the merge this is the commit that a merge is tried with.
        commits = (self.merge_commit_sha,) if merged and self.merge_commit_sha else ()
        return PullRequest(self.number, self.head.sha, merged, commits)

    def comes_from(self, head: Head) -> bool:
        """Whether it does: GitHub leaves out a filter that it cannot read."""
        repository = self.head.repo.full_name.casefold() if self.head.repo is not None else ""
        return repository == head.repository.casefold() and self.head.ref == head.branch


_LIST: Final = TypeAdapter(list[Any])


def _message_of(text: str) -> str:
    """What an error says, given its body."""
    try:
        return _words_of(json.loads(text))
    except ValueError:
        return text


def _words_of(data: Any) -> str:
    """The message of an error, and those of its details."""
    if not isinstance(data, dict):
        return ""
    errors = data.get("errors")
    details = errors if isinstance(errors, list) else []
    told = [data.get("message"), *(d.get("message") if isinstance(d, dict) else d for d in details)]
    return "; ".join(part for part in told if isinstance(part, str) and part)


class GitHub(Platform):
    """One repository on GitHub or on a GitHub Enterprise Server."""

    words = Words("GitHub", "pull request", "#")
    paths = Paths(
        pull="/pulls/{number}",
        of_commit="/commits/{commit}/pulls",
        comments="/issues/{number}/comments",
        comment="/issues/comments/{comment}",
    )
    editing = "PATCH"
    no_such_commit = frozenset({404, 422})

    def __init__(self, access: Access) -> None:
        name, token = self.words.platform, access.token
        interpreter = Interpreter(name, _HINTS, token, GithubException, _refusal, _ELSEWHERE)
        super().__init__(access, f"/repos/{access.repository}", interpreter.asking)
        self._github = Github(
            auth=Auth.Token(access.token),
            base_url=access.api_url,
            timeout=_TIMEOUT,
            user_agent="idpool",
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
        )

    def close(self) -> None:
        """Close the connections."""
        self._github.close()

    def author(self) -> frozenset[str]:
        """The login of the token's user.

        An installation's token, such as that of GitHub Actions, may not ask REST for it: GraphQL
        says it, and leaves the ``[bot]`` away in some versions.
        """
        try:
            return super().author()
        except PlatformProblem as problem:
            if problem.status != _FORBIDDEN or problem.kind is not ProblemKind.FINAL:
                raise
        try:
            with self._asking("say whose the token is"):
                _, answer = self._github.requester.graphql_query(_VIEWER, {})
                login = self._login(answer["data"]["viewer"]).removesuffix(_BOT).casefold()
        except PlatformProblem as problem:
            if problem.kind is ProblemKind.FINAL:
                problem.hint = "give the login that its comments have as --author"
            raise
        return frozenset({login, f"{login}{_BOT}"})

    def of_head(self, head: Head) -> Sequence[PullRequest]:
        """Open ones that come from the branch of the fork, or of this repository."""
        query = {"state": "open", "head": f"{head.owner}:{head.branch}"}
        with self._asking("list the pull requests of this branch"):
            found = map(PullAnswer.model_validate, self._all(f"{self._root}/pulls", query))
            return [pull.pull_request for pull in found if pull.comes_from(head)]

    def _all(self, path: str, query: Mapping[str, str]) -> list[Any]:
        """Every page.  The Link header only says whether there is another one."""
        found: list[Any] = []
        for page in range(1, _MOST_PAGES + 1):
            asked = {**query, "per_page": str(_PAGE), "page": str(page)}
            headers, text = self._told("GET", path, asked)
            found += _LIST.validate_json(text)
            if 'rel="next"' not in headers.get("link", ""):
                return found
        raise ValueError("no last page")

    def _answer(self, verb: str, path: str, content: dict[str, str] | None) -> str:
        return self._told(verb, path, content=content)[1]

    def _told(
        self,
        verb: str,
        path: str,
        query: dict[str, str] | None = None,
        content: dict[str, str] | None = None,
    ) -> tuple[Mapping[str, str], str]:
        """Headers, by names in lower case, and text of an answer that is 2xx."""
        asked = self._github.requester.requestJson(verb, path, query, input=content)
        status, headers, text = asked
        if not _OK <= status < _REDIRECT:
            raise GithubException(status, _message_of(text), headers)
        return headers, text

    def _login(self, user: Any) -> str:
        return UserAnswer.model_validate(user).login

    def _pull_request(self, found: Any) -> PullRequest:
        return PullAnswer.model_validate(found).pull_request

    def _comment(self, number: int, found: Any) -> Comment:  # noqa: ARG002
        told = CommentAnswer.model_validate(found)
        author = told.user.login if told.user is not None else ""
        return Comment(told.id, author, told.body or "", told.html_url)


def _refusal(refused: GithubException) -> Refusal:
    data = refused.data
    message = data if isinstance(data, str) else _words_of(data)
    return refused.status, refused.headers or {}, message
