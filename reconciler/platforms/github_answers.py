"""The parts of GitHub's answers that are used; an answer without them is none of its API."""

import json
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

from reconciler.platforms.platform import Comment, Head, PullRequest


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
