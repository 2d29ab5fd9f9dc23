"""GitHub, through PyGithub: each request sent once, no answer taken on trust."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import requests
from github import Auth, Github, GithubException
from pydantic import BaseModel, ConfigDict, TypeAdapter

from reconciler.bounded_answers import bound_answers
from reconciler.platforms.answers import Interpreter
from reconciler.platforms.platform import (
    Access,
    Comment,
    Head,
    PlatformProblem,
    ProblemKind,
    PullRequest,
    Words,
)

WORDS: Final = Words("GitHub", "pull request", "#")
_LOG = logging.getLogger(__name__)
_TIMEOUT: Final = 20  # seconds, to connect and between two bytes
_PAGE: Final = 100
_MOST_PAGES: Final = 1000
_OK, _REDIRECT, _FORBIDDEN = 200, 300, 403
_UNKNOWN_COMMIT: Final = frozenset({404, 422})
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
# What an answer of another shape ends in, here or in PyGithub; pydantic's are ValueErrors.
_ODD: Final = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    AssertionError,
)
_T = TypeVar("_T")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class UserAnswer(_Part):
    """An account."""

    login: str


class CommentAnswer(_Part):
    """A comment; the account of its author may be gone."""

    id: int
    body: str | None
    html_url: str
    user: UserAnswer | None

    @property
    def comment(self) -> Comment:
        """The same, as the platforms share it."""
        author = self.user.login if self.user is not None else ""
        return Comment(self.id, author, self.body or "", self.html_url)


class _Repository(_Part):
    full_name: str


class _Head(_Part):
    sha: str
    ref: str
    repo: _Repository | None


class PullAnswer(_Part):
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


COMMENTS: Final = TypeAdapter(list[CommentAnswer])
PULLS: Final = TypeAdapter(list[PullAnswer])


def message_of(text: str) -> str:
    """What an error says, given its body."""
    try:
        return words_of(json.loads(text))
    except ValueError:
        return text


def words_of(data: Any) -> str:
    """The message of an error, and those of its details."""
    if not isinstance(data, dict):
        return ""
    errors = data.get("errors")
    details = errors if isinstance(errors, list) else []
    told = [data.get("message"), *(d.get("message") if isinstance(d, dict) else d for d in details)]
    return "; ".join(part for part in told if isinstance(part, str) and part)


class GitHub:
    """One repository on GitHub or on a GitHub Enterprise Server.  Implements ``Platform``."""

    def __init__(self, access: Access) -> None:
        bound_answers()
        self._access = access
        self._interpreter = Interpreter(WORDS, _HINTS, access.token)
        self._github = Github(
            auth=Auth.Token(access.token),
            base_url=access.api_url,
            timeout=_TIMEOUT,
            per_page=_PAGE,
            user_agent="idpool",
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            lazy=True,
        )
        self._requester = self._github.requester
        self._path = f"/repos/{access.repository}"

    def close(self) -> None:
        """Close the connections."""
        self._github.close()

    @property
    def words(self) -> Words:
        """What GitHub calls things."""
        return WORDS

    def author(self) -> frozenset[str]:
        """The login of the token's user.

        An installation's token, such as that of GitHub Actions, may not ask REST for it: GraphQL
        says it, and leaves the ``[bot]`` away in some versions.
        """
        if self._access.author:
            return frozenset({self._access.author.casefold()})
        step = "say whose the token is"
        try:
            user = self._ask(step, lambda: UserAnswer.model_validate(self._send("GET", "/user")))
        except PlatformProblem as problem:
            if problem.status != _FORBIDDEN or problem.kind is not ProblemKind.FINAL:
                raise
            return self._viewer(step)
        return frozenset({user.login.casefold()})

    def pull_request(self, number: int) -> PullRequest:
        """One pull request."""
        path = f"{self._path}/pulls/{number}"
        return self._ask(
            f"show pull request #{number} of {self._access.repository}",
            lambda: PullAnswer.model_validate(self._send("GET", path)).pull_request,
        )

    def of_commit(self, commit: str) -> Sequence[PullRequest]:
        """Those that have the commit, or that it came from."""
        path = f"{self._path}/commits/{commit}/pulls"
        try:
            pulls = self._ask(
                "say which pull requests have this commit", lambda: self._all(PULLS, path)
            )
        except PlatformProblem as problem:
            if problem.status in _UNKNOWN_COMMIT:
                return []
            raise
        return [pull.pull_request for pull in pulls]

    def of_head(self, head: Head) -> Sequence[PullRequest]:
        """Open ones that come from the branch of the fork, or of this repository."""
        query = {"state": "open", "head": f"{head.owner}:{head.branch}"}
        pulls = self._ask(
            "list the pull requests of this branch",
            lambda: self._all(PULLS, f"{self._path}/pulls", query),
        )
        return [pull.pull_request for pull in pulls if pull.comes_from(head)]

    def comments(self, number: int) -> Sequence[Comment]:
        """All comments, oldest first; those on lines of code are not among them."""
        path = f"{self._path}/issues/{number}/comments"
        found = self._ask(
            f"list the comments of pull request #{number}", lambda: self._all(COMMENTS, path)
        )
        return [each.comment for each in found]

    def create(self, number: int, text: str) -> Comment:
        """Add a comment."""
        path = f"{self._path}/issues/{number}/comments"
        return self._ask("take a new comment", lambda: self._write("POST", path, text))

    def edit(self, number: int, comment: Comment, text: str) -> Comment:  # noqa: ARG002
        """Give a comment another text."""
        path = self._path_of(comment)
        return self._ask("change our comment", lambda: self._write("PATCH", path, text))

    def delete(self, number: int, comment: Comment) -> None:  # noqa: ARG002
        """Remove a comment."""
        path = self._path_of(comment)
        self._ask("remove our second comment", lambda: self._send("DELETE", path))

    def _path_of(self, comment: Comment) -> str:
        return f"{self._path}/issues/comments/{comment.number}"

    def _viewer(self, step: str) -> frozenset[str]:
        def ask() -> UserAnswer:
            _, answer = self._requester.graphql_query(_VIEWER, {})
            return UserAnswer.model_validate(answer["data"]["viewer"])

        try:
            login = self._ask(step, ask).login.removesuffix(_BOT).casefold()
        except PlatformProblem as problem:
            if problem.kind is ProblemKind.FINAL:
                problem.hint = "give the login that its comments have as --author"
            raise
        return frozenset({login, f"{login}{_BOT}"})

    def _write(self, verb: str, path: str, text: str) -> Comment:
        return CommentAnswer.model_validate(self._send(verb, path, {"body": text})).comment

    def _all(
        self, shape: TypeAdapter[list[_T]], path: str, query: Mapping[str, str] | None = None
    ) -> list[_T]:
        """Every page.  The Link header only says whether there is another one."""
        found: list[_T] = []
        for page in range(1, _MOST_PAGES + 1):
            asked = {**(query or {}), "per_page": str(_PAGE), "page": str(page)}
            headers, text = self._answer("GET", path, asked, None)
            found += shape.validate_json(text)
            if 'rel="next"' not in headers.get("link", ""):
                return found
        raise ValueError("no last page")

    def _send(self, verb: str, path: str, content: dict[str, str] | None = None) -> Any:
        """The answer's JSON."""
        _, text = self._answer(verb, path, None, content)
        return json.loads(text) if text else {}

    def _answer(
        self,
        verb: str,
        path: str,
        query: dict[str, str] | None,
        content: dict[str, str] | None,
    ) -> tuple[Mapping[str, str], str]:
        """Headers, by names in lower case, and text of an answer that is 2xx."""
        status, headers, text = self._requester.requestJson(verb, path, query, input=content)
        if not _OK <= status < _REDIRECT:
            raise GithubException(status, message_of(text), headers)
        return headers, text

    def _ask(self, step: str, ask: Callable[[], _T]) -> _T:
        with self._told(step):
            return ask()

    @contextmanager
    def _told(self, step: str) -> Iterator[None]:
        """Whatever PyGithub raises, as a ``PlatformProblem``."""
        try:
            yield
        except GithubException as refused:
            answered = self._refused(step, refused)
            _LOG.debug("%s: HTTP %s, %s", step, refused.status, answered.kind.value)
            raise answered from None
        except requests.RequestException as failure:
            _LOG.debug("%s: %s", step, type(failure).__name__)
            raise self._interpreter.of_no_answer(step, failure) from None
        except RuntimeError:  # PyGithub's word for a redirect that it does not follow
            raise self._interpreter.elsewhere(step) from None
        except _ODD as odd:
            _LOG.debug("%s: %s", step, type(odd).__name__)
            raise self._interpreter.of_odd_answer(step, odd) from None
        _LOG.debug("%s: answered", step)

    def _refused(self, step: str, refused: GithubException) -> PlatformProblem:
        data = refused.data
        message = data if isinstance(data, str) else words_of(data)
        return self._interpreter.of_answer(step, refused.status, refused.headers or {}, message)
