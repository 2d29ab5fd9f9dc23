"""A GitHub of our own: the part of its API that comments need, and its rules.

``with GitHubServer() as github:`` serves it; ``GitHubServer(prefix="/api/v3")`` as an Enterprise
Server does.  Look at ``comments``, ``bodies`` and ``requests``; change ``pulls``, ``users``,
``faults``.  The rules: pages of at most 100 with a Link header, 401 for an unknown token, 404 for
what is not there, 403 for an installation's token on /user and for one that only reads, 422 for a
body that is too long.  Who may write may change everybody's comments: not to do so is the client's.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.comment.server import Answer, ApiServer, Refused, Request, counting, links, page_of

REPOSITORY = "acme/identity"
TOKEN = "ghs_0123456789abcdefHush"
LIMIT = 65_536  # characters
HEAD = "a" * 40
_DOCS = "https://docs.github.com/rest"


@dataclass
class User:
    """Whose a token is.  ``installation``: an app's, as that of GitHub Actions."""

    login: str
    installation: bool = False
    writes: bool = True


@dataclass
class Pull:
    """A pull request; ``repository`` is where its branch is, ``commits`` what it has."""

    number: int
    head: str = HEAD
    branch: str = "change"
    repository: str = REPOSITORY
    state: str = "open"
    merge_commit: str = "e" * 40
    merged: bool = False
    commits: set[str] = field(default_factory=set)


@dataclass
class Comment:
    """A comment on a pull request."""

    id: int
    pull: int
    login: str
    body: str


class GitHubServer(ApiServer):
    """One repository, its pull requests and their comments."""

    def __init__(self, prefix: str = "", *, limit: int = LIMIT) -> None:
        super().__init__(prefix)
        self.limit = limit
        self.users = {TOKEN: User("github-actions[bot]", installation=True)}
        self.pulls = {5: Pull(5)}
        self.comments: list[Comment] = []
        self._ids = counting(1001)

    def add(self, login: str, body: str, pull: int = 5) -> Comment:
        """A comment that somebody has written before."""
        comment = Comment(next(self._ids), pull, login, body)
        self.comments.append(comment)
        return comment

    @property
    def bodies(self) -> list[str]:
        """What the comments say, oldest first."""
        return [comment.body for comment in self.comments]

    def is_list_of_comments(self, request: Request) -> bool:
        return request.verb == "GET" and request.path.endswith("/comments")

    def handle(self, request: Request) -> Answer:
        user = self._user(request)
        graphql = "/api/graphql" if self.prefix else "/graphql"
        if request.path == graphql and request.verb == "POST":
            return Answer(200, {"data": {"viewer": {"login": user.login}}})
        if request.path == "/user":
            return self._me(user)
        found = re.fullmatch(rf"/repos/{REPOSITORY}(/.*)", request.path)
        if found is None:
            raise _not_found()
        return self._in_repository(found[1], request, user)

    def _in_repository(self, path: str, request: Request, user: User) -> Answer:
        steps = path.strip("/").split("/")
        return (
            self._read(steps, request)
            if request.verb == "GET"
            else self._write(steps, request, user)
        )

    def _read(self, steps: list[str], request: Request) -> Answer:
        match steps:
            case ["pulls"]:
                return self._list(self._searched(request), request)
            case ["pulls", number]:
                return Answer(200, self._pull_json(self._pull(number)))
            case ["commits", sha, "pulls"]:
                return self._list(self._of_commit(sha), request)
            case ["issues", number, "comments"]:
                here = [c for c in self.comments if c.pull == self._pull(number).number]
                return self._list([self._comment_json(c) for c in here], request)
        raise _not_found()

    def _write(self, steps: list[str], request: Request, user: User) -> Answer:
        self._require_writing(user)
        match [request.verb, *steps]:
            case ["POST", "issues", number, "comments"]:
                body = self._body(request)
                return Answer(
                    201, self._comment_json(self.add(user.login, body, self._pull(number).number))
                )
            case ["PATCH", "issues", "comments", comment]:
                changed = self._comment(comment)
                changed.body = self._body(request)
                return Answer(200, self._comment_json(changed))
            case ["DELETE", "issues", "comments", comment]:
                self.comments.remove(self._comment(comment))
                return Answer(204)
        raise _not_found()

    def _user(self, request: Request) -> User:
        token = request.headers.get("Authorization", "").removeprefix("token ")
        user = self.users.get(token.removeprefix("Bearer "))
        if user is None:
            raise Refused(401, {"message": "Bad credentials", "documentation_url": _DOCS})
        return user

    def _me(self, user: User) -> Answer:
        if user.installation:
            raise _forbidden()
        return Answer(200, {"login": user.login, "id": 1, "type": "User"})

    def _require_writing(self, user: User) -> None:
        if not user.writes:
            raise _forbidden()

    def _body(self, request: Request) -> str:
        body = request.content["body"]
        if len(body) > self.limit:
            message = f"Body is too long (maximum is {self.limit} characters)"
            error = {"resource": "IssueComment", "code": "unprocessable", "field": "data"}
            raise Refused(
                422, {"message": "Validation Failed", "errors": [{**error, "message": message}]}
            )
        return str(body)

    def _pull(self, number: str) -> Pull:
        pull = self.pulls.get(int(number))
        if pull is None:
            raise _not_found()
        return pull

    def _comment(self, number: str) -> Comment:
        found = next((c for c in self.comments if c.id == int(number)), None)
        if found is None:
            raise _not_found()
        return found

    def _searched(self, request: Request) -> list[dict[str, Any]]:
        """``head`` is OWNER:BRANCH; the owner may have several forks."""
        owner, _, branch = request.query.get("head", ":").partition(":")
        state = request.query.get("state", "open")
        return [
            self._pull_json(pull)
            for pull in self.pulls.values()
            if state in ("all", pull.state)
            and (not branch or (pull.repository.split("/")[0], pull.branch) == (owner, branch))
        ]

    def _of_commit(self, sha: str) -> list[dict[str, Any]]:
        pulls = [
            pull
            for pull in self.pulls.values()
            if pull.repository == REPOSITORY
            and sha in {pull.head, *pull.commits, *([pull.merge_commit] if pull.merged else [])}
        ]
        if not pulls and sha.startswith("0"):
            raise Refused(422, {"message": f"No commit found for SHA: {sha}"})
        return [self._pull_json(pull) for pull in pulls]

    def _list(self, items: list[Any], request: Request) -> Answer:
        shown, number, pages = page_of(items, request)
        return Answer(200, shown, links(self.url, request, number, pages))

    def _pull_json(self, pull: Pull) -> dict[str, Any]:
        owner = pull.repository.split("/")[0]
        return {
            "id": 90_000 + pull.number,
            "number": pull.number,
            "state": pull.state,
            "html_url": f"{self.origin}/{REPOSITORY}/pull/{pull.number}",
            "url": f"{self.url}/repos/{REPOSITORY}/pulls/{pull.number}",
            "merged_at": "2026-11-23T01:00:00Z" if pull.merged else None,
            "merge_commit_sha": pull.merge_commit,
            "head": {
                "sha": pull.head,
                "ref": pull.branch,
                "label": f"{owner}:{pull.branch}",
                "repo": {
                    "id": 7,
                    "full_name": pull.repository,
                    "owner": {"login": owner, "id": 3},
                },
            },
        }

    def _comment_json(self, comment: Comment) -> dict[str, Any]:
        page = f"{self.origin}/{REPOSITORY}/pull/{comment.pull}#issuecomment-{comment.id}"
        return {
            "id": comment.id,
            "url": f"{self.url}/repos/{REPOSITORY}/issues/comments/{comment.id}",
            "html_url": page,
            "body": comment.body,
            "user": {
                "login": comment.login,
                "id": 41,
                "type": "Bot" if comment.login.endswith("[bot]") else "User",
            },
            "created_at": "2026-11-23T00:00:00Z",
            "updated_at": "2026-11-23T00:00:00Z",
        }


def _not_found() -> Refused:
    return Refused(404, {"message": "Not Found", "documentation_url": _DOCS, "status": "404"})


def _forbidden() -> Refused:
    return Refused(403, {"message": "Resource not accessible by integration", "status": "403"})
