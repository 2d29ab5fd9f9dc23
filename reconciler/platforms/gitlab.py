"""GitLab, through python-gitlab: each request sent once, no answer taken on trust."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import requests
from gitlab import Gitlab
from gitlab.exceptions import GitlabError, GitlabParsingError

from reconciler.bounded_answers import bound_answers
from reconciler.platforms.answers import Interpreter
from reconciler.platforms.platform import Access, Comment, Head, PlatformProblem, PullRequest, Words

WORDS: Final = Words("GitLab", "merge request", "!")
_LOG = logging.getLogger(__name__)
_TIMEOUT: Final = 20.0  # seconds, to connect and between two bytes
_PAGE: Final = 100
_UNKNOWN: Final = 404
_HINTS: Final[Mapping[int, str]] = {
    401: "check GITLAB_TOKEN: a project access token with the scope api; CI_JOB_TOKEN cannot write "
    "comments",
    403: "give the token of GITLAB_TOKEN the scope api and the role Reporter or higher",
    404: "check --repository and --merge-request, and that the token may see them",
}
# What an answer of another shape ends in, somewhere in python-gitlab or below.
_ODD: Final = (
    GitlabParsingError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    AssertionError,
)
_T = TypeVar("_T")


class LeftTheServer(requests.RequestException):
    """A request would have gone to another server, with the token."""


class GitlabSession(requests.Session):
    """Follows no redirect, goes nowhere but below one URL, keeps the headers of the last answer.

    ``requests`` takes only ``Authorization`` off a redirected request, and GitLab's token travels
    in ``PRIVATE-TOKEN``.  python-gitlab's errors lack the headers, which say how long to wait.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base = f"{base_url}/"
        self.answered: Mapping[str, str] = {}

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one request.  Raises ``LeftTheServer`` before it would go elsewhere."""
        self.answered = {}
        if not (request.url or "").startswith(self._base):
            raise LeftTheServer
        response = super().send(request, **{**kwargs, "allow_redirects": False})
        self.answered = response.headers
        return response


class GitLab:
    """One project on GitLab.  Implements ``Platform``."""

    def __init__(self, access: Access) -> None:
        bound_answers()
        self._access = access
        self._interpreter = Interpreter(WORDS, _HINTS, access.token)
        base = access.api_url.removesuffix("/api/v4")
        self._session = GitlabSession(base)
        self._gitlab = Gitlab(
            base,
            private_token=access.token,
            timeout=_TIMEOUT,
            per_page=_PAGE,
            user_agent="idpool",
            retry_transient_errors=False,
            keep_base_url=True,
            session=self._session,
        )
        self._project = self._gitlab.projects.get(access.repository, lazy=True)
        self._pages: dict[int, str] = {}

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    @property
    def words(self) -> Words:
        """What GitLab calls things."""
        return WORDS

    def author(self) -> frozenset[str]:
        """The user name of the token's user; a project's token has a user of its own."""
        if self._access.author:
            return frozenset({self._access.author.casefold()})

        def read() -> str:
            return str(_fields(self._gitlab.http_get("/user", obey_rate_limit=False))["username"])

        return frozenset({self._ask("say whose the token is", read).casefold()})

    def pull_request(self, number: int) -> PullRequest:
        """One merge request."""

        def read() -> PullRequest:
            request = self._project.mergerequests.get(number, obey_rate_limit=False)
            self._pages[number] = str(request.attributes["web_url"])
            return _pull_request(request.attributes)

        return self._ask(f"show merge request !{number} of {self._access.repository}", read)

    def of_commit(self, commit: str) -> Sequence[PullRequest]:
        """Those that have the commit, or that it came from."""

        def read() -> list[PullRequest]:
            found = self._project.commits.get(commit, lazy=True).merge_requests(
                get_all=True, per_page=_PAGE, obey_rate_limit=False
            )
            return [_pull_request(each) for each in found]

        try:
            return self._ask("say which merge requests have this commit", read)
        except PlatformProblem as problem:
            if problem.status == _UNKNOWN:
                return []
            raise

    def of_head(self, head: Head) -> Sequence[PullRequest]:  # noqa: ARG002
        """Nobody asks: a pipeline of GitLab knows its merge request or its commit."""
        return []

    def comments(self, number: int) -> Sequence[Comment]:
        """All comments that a person or a program wrote; GitLab's own notes are left out."""

        def read() -> list[Comment]:
            notes = self._notes(number).list(
                iterator=True, sort="asc", order_by="created_at", obey_rate_limit=False
            )
            fields = [note.attributes for note in notes]
            return [self._comment(number, each) for each in fields if not each.get("system")]

        return self._ask(f"list the comments of merge request !{number}", read)

    def create(self, number: int, text: str) -> Comment:
        """Add a comment."""

        def write() -> Comment:
            note = self._notes(number).create({"body": text}, obey_rate_limit=False)
            return self._comment(number, note.attributes)

        return self._ask("take a new comment", write)

    def edit(self, number: int, comment: Comment, text: str) -> Comment:
        """Give a comment another text."""

        def write() -> Comment:
            note = self._notes(number).update(comment.number, {"body": text}, obey_rate_limit=False)
            return self._comment(number, _fields(note))

        return self._ask("change our comment", write)

    def delete(self, number: int, comment: Comment) -> None:
        """Remove a comment."""
        self._ask(
            "remove our second comment",
            lambda: self._notes(number).delete(comment.number, obey_rate_limit=False),
        )

    def _notes(self, number: int) -> Any:
        return self._project.mergerequests.get(number, lazy=True).notes

    def _comment(self, number: int, note: Mapping[str, Any]) -> Comment:
        return Comment(
            number=int(note["id"]),
            author=str(note["author"]["username"]),
            text=str(note["body"]),
            url=self._url(number, int(note["id"])),
        )

    def _url(self, number: int, note: int) -> str:
        """Notes have no URL of their own in the API's answers."""
        page = self._pages.get(number, "")
        return f"{page}#note_{note}" if page else ""

    def _ask(self, step: str, ask: Callable[[], _T]) -> _T:
        with self._told(step):
            return ask()

    @contextmanager
    def _told(self, step: str) -> Iterator[None]:
        """Whatever python-gitlab raises, as a ``PlatformProblem``."""
        try:
            yield
        except _ODD as odd:
            _LOG.debug("%s: %s", step, type(odd).__name__)
            raise self._interpreter.of_odd_answer(step, odd) from None
        except LeftTheServer:
            raise self._interpreter.elsewhere(step) from None
        except requests.RequestException as failure:
            _LOG.debug("%s: %s", step, type(failure).__name__)
            raise self._interpreter.of_no_answer(step, failure) from None
        except GitlabError as refused:
            problem = self._refused(step, refused)
            _LOG.debug("%s: HTTP %s, %s", step, problem.status, problem.kind.value)
            raise problem from None
        _LOG.debug("%s: answered", step)

    def _refused(self, step: str, refused: GitlabError) -> PlatformProblem:
        status = refused.response_code or 0
        return self._interpreter.of_answer(
            step, status, self._session.answered, str(refused.error_message)
        )


def _pull_request(fields: Any) -> PullRequest:
    found = _fields(fields)
    merged = found["state"] == "merged"
    commits = (found.get("merge_commit_sha"), found.get("squash_commit_sha"))
    return PullRequest(
        number=int(found["iid"]),
        head=str(found["sha"]),
        is_merged=merged,
        merge_commits=tuple(str(commit) for commit in commits if commit) if merged else (),
    )


def _fields(answer: object) -> Mapping[str, Any]:
    """An answer's JSON object; ``TypeError`` for what is none."""
    if not isinstance(answer, Mapping):
        raise TypeError("not an object")
    return answer
