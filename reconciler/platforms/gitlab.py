"""GitLab, through python-gitlab: each request sent once, no answer taken on trust."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final
from urllib.parse import quote

import requests
from gitlab import Gitlab
from gitlab.exceptions import GitlabError, GitlabParsingError

from reconciler.platforms.answers import ODD, Interpreter, Refusal
from reconciler.platforms.platform import Access, Comment, Head, Paths, Platform, PullRequest, Words

_TIMEOUT: Final = 20.0  # seconds, to connect and between two bytes
_PAGE: Final = 100
_HINTS: Final[Mapping[int, str]] = {
    401: "check GITLAB_TOKEN: a project access token with the scope api; CI_JOB_TOKEN cannot write "
    "comments",
    403: "give the token of GITLAB_TOKEN the scope api and the role Reporter or higher",
    404: "check --repository and --merge-request, and that the token may see them",
}


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


class GitLab(Platform):
    """One project on GitLab."""

    words = Words("GitLab", "merge request", "!")
    paths = Paths(
        pull="/merge_requests/{number}",
        of_commit="/repository/commits/{commit}/merge_requests",
        comments="/merge_requests/{number}/notes",
        comment="/merge_requests/{number}/notes/{comment}",
    )
    editing = "PUT"
    no_such_commit = frozenset({404})
    oldest_first: ClassVar = {"sort": "asc", "order_by": "created_at"}

    def __init__(self, access: Access) -> None:
        name, token, odd = self.words.platform, access.token, (GitlabParsingError, *ODD)
        interpreter = Interpreter(
            name, _HINTS, token, GitlabError, self._refusal, LeftTheServer, odd
        )
        project = quote(access.repository, safe="")
        super().__init__(access, f"/projects/{project}", interpreter.asking)
        base = access.api_url.removesuffix("/api/v4")
        self._session = GitlabSession(base)
        self._gitlab = Gitlab(
            base,
            private_token=access.token,
            timeout=_TIMEOUT,
            user_agent="idpool",
            retry_transient_errors=False,
            keep_base_url=True,
            session=self._session,
        )
        self._pages: dict[int, str] = {}

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def of_head(self, head: Head) -> Sequence[PullRequest]:  # noqa: ARG002
        """Nobody asks: a pipeline of GitLab knows its merge request or its commit."""
        return []

    def _answer(self, verb: str, path: str, content: dict[str, str] | None) -> str:
        return self._gitlab.http_request(verb, path, post_data=content, obey_rate_limit=False).text

    def _all(self, path: str, query: Mapping[str, str]) -> Iterator[Any]:
        """Every page, without GitLab's own notes."""
        asked = {**query, "per_page": _PAGE}
        found = self._gitlab.http_list(path, asked, iterator=True, obey_rate_limit=False)
        return (each for each in map(_fields, found) if not each.get("system"))

    def _refusal(self, refused: GitlabError) -> Refusal:
        return refused.response_code or 0, self._session.answered, str(refused.error_message)

    def _login(self, user: Any) -> str:
        """A project's token has a user of its own."""
        return str(_fields(user)["username"])

    def _pull_request(self, found: Any) -> PullRequest:
        fields = _fields(found)
        number, merged = int(fields["iid"]), fields["state"] == "merged"
        self._pages[number] = str(fields["web_url"])
        commits = (fields.get("merge_commit_sha"), fields.get("squash_commit_sha"))
        return PullRequest(
            number=number,
            head=str(fields["sha"]),
            is_merged=merged,
            merge_commits=tuple(str(commit) for commit in commits if commit) if merged else (),
        )

    def _comment(self, number: int, found: Any) -> Comment:
        """Notes have no URL of their own in the API's answers."""
        note = _fields(found)
        page = self._pages.get(number, "")
        return Comment(
            number=int(note["id"]),
            author=str(note["author"]["username"]),
            text=str(note["body"]),
            url=f"{page}#note_{int(note['id'])}" if page else "",
        )


def _fields(answer: object) -> Mapping[str, Any]:
    """An answer's JSON object; ``TypeError`` for what is none."""
    if not isinstance(answer, Mapping):
        raise TypeError("not an object")
    return answer
