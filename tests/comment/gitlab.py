"""A GitLab of our own: the part of its API that comments need, and its rules.

``with GitLabServer() as gitlab:`` serves it; look at ``notes``, ``bodies`` and ``requests``; change
``merge_requests``, ``users``, ``faults``.  The rules: pages with Link and X-Next-Page, 401 for an
unknown token, 404 for what is not there, 403 for a token without the scope, 400 for a note that is
too long.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.comment.server import Answer, ApiServer, Refused, Request, counting, links, page_of

PROJECT = "acme/identity"
PROJECT_ID = "42"
TOKEN = "glpat-0123456789abcdefHush"
LIMIT = 1_000_000  # characters
HEAD = "b" * 40


@dataclass
class User:
    """Whose a token is."""

    username: str
    writes: bool = True


@dataclass
class MergeRequest:
    """A merge request and the commits that it has."""

    iid: int
    sha: str = HEAD
    state: str = "opened"
    merge_commit: str | None = None
    squash_commit: str | None = None
    commits: set[str] = field(default_factory=set)


@dataclass
class Note:
    """A note on a merge request."""

    id: int
    iid: int
    username: str
    body: str
    system: bool = False


class GitLabServer(ApiServer):
    """One project, its merge requests and their notes."""

    def __init__(self, prefix: str = "/api/v4", *, limit: int = LIMIT) -> None:
        super().__init__(prefix)
        self.limit = limit
        self.users = {TOKEN: User("project_42_bot_0f1e2d")}
        self.merge_requests = {7: MergeRequest(7)}
        self.notes: list[Note] = []
        self._ids = counting(501)

    def add(self, username: str, body: str, iid: int = 7, *, system: bool = False) -> Note:
        """A note that somebody has written before."""
        note = Note(next(self._ids), iid, username, body, system)
        self.notes.append(note)
        return note

    @property
    def bodies(self) -> list[str]:
        """What the notes say, oldest first."""
        return [note.body for note in self.notes]

    def is_list_of_comments(self, request: Request) -> bool:
        return request.verb == "GET" and request.path.endswith("/notes")

    def handle(self, request: Request) -> Answer:
        user = self.users.get(request.headers.get("PRIVATE-TOKEN", ""))
        if user is None:
            raise Refused(401, {"message": "401 Unauthorized"})
        if request.path == "/user":
            return Answer(200, {"id": 11, "username": user.username})
        found = re.fullmatch(rf"/projects/(?:{PROJECT}|{PROJECT_ID})/(.*)", request.path)
        if found is None:
            raise Refused(404, {"message": "404 Project Not Found"})
        return self._in_project(found[1], request, user)

    def _in_project(self, path: str, request: Request, user: User) -> Answer:
        match [request.verb, *path.split("/")]:
            case ["GET", "merge_requests", iid]:
                return Answer(200, self._request_json(self._request(iid)))
            case ["GET", "repository", "commits", sha, "merge_requests"]:
                return self._list(self._of_commit(sha), request)
            case ["GET", "merge_requests", iid, "notes"]:
                here = [note for note in self.notes if note.iid == self._request(iid).iid]
                if request.query.get("sort", "desc") == "desc":
                    here.reverse()
                return self._list([_note_json(note) for note in here], request)
            case ["POST", "merge_requests", iid, "notes"]:
                self._require_writing(user)
                body = self._body(request)
                note = self.add(user.username, body, self._request(iid).iid)
                return Answer(201, _note_json(note))
            case ["PUT", "merge_requests", _, "notes", number]:
                self._require_writing(user)
                note = self._note(number)
                note.body = self._body(request)
                return Answer(200, _note_json(note))
            case ["DELETE", "merge_requests", _, "notes", number]:
                self._require_writing(user)
                self.notes.remove(self._note(number))
                return Answer(204)
        raise Refused(404, {"error": "404 Not Found"})

    def _require_writing(self, user: User) -> None:
        if not user.writes:
            content = {"error": "insufficient_scope", "scope": "api"}
            raise Refused(403, content)

    def _body(self, request: Request) -> str:
        body = str(request.content["body"])
        if len(body) > self.limit:
            told = f"is too long (maximum is {self.limit} characters)"
            raise Refused(400, {"message": f'400 Bad request - Note {{:note=>["{told}"]}}'})
        return body

    def _request(self, iid: str) -> MergeRequest:
        found = self.merge_requests.get(int(iid))
        if found is None:
            raise Refused(404, {"message": "404 Not found"})
        return found

    def _note(self, number: str) -> Note:
        found = next((note for note in self.notes if note.id == int(number)), None)
        if found is None:
            raise Refused(404, {"message": "404 Note Not Found"})
        return found

    def _of_commit(self, sha: str) -> list[dict[str, Any]]:
        found = [
            self._request_json(each)
            for each in self.merge_requests.values()
            if sha in {each.sha, each.merge_commit, each.squash_commit, *each.commits}
        ]
        if not found and sha.startswith("0"):
            raise Refused(404, {"message": "404 Commit Not Found"})
        return found

    def _list(self, items: list[Any], request: Request) -> Answer:
        shown, number, pages = page_of(items, request)
        headers = {
            "X-Page": str(number),
            "X-Per-Page": request.query.get("per_page", "20"),
            "X-Next-Page": str(number + 1) if number < pages else "",
            "X-Total": str(len(items)),
            "X-Total-Pages": str(pages),
        }
        return Answer(200, shown, {**headers, **links(self.url, request, number, pages)})

    def _request_json(self, request: MergeRequest) -> dict[str, Any]:
        return {
            "id": 70_000 + request.iid,
            "iid": request.iid,
            "project_id": int(PROJECT_ID),
            "state": request.state,
            "sha": request.sha,
            "merge_commit_sha": request.merge_commit,
            "squash_commit_sha": request.squash_commit,
            "web_url": f"{self.origin}/{PROJECT}/-/merge_requests/{request.iid}",
        }


def _note_json(note: Note) -> dict[str, Any]:
    return {
        "id": note.id,
        "body": note.body,
        "system": note.system,
        "author": {"id": 11, "username": note.username},
        "created_at": "2026-11-23T00:00:00.000Z",
    }
