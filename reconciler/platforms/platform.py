"""What GitHub and GitLab have in common, in one shape."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Words:
    """What a platform calls things.  ``sign`` stands before a number."""

    platform: str
    request: str
    sign: str

    def numbered(self, number: int) -> str:
        """``pull request #5``, ``merge request !5``."""
        return f"{self.request} {self.sign}{number}"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request, or a merge request.

    ``head`` is the commit that it would merge now; ``merge_commits`` are those that it has become
    on the branch it was merged into.
    """

    number: int
    head: str
    is_merged: bool = False
    merge_commits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as the platform has it; ``number`` grows with each one, ``author`` is a login."""

    number: int
    author: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Head:
    """The branch that a pull request comes from; ``repository`` is ``owner/name``, maybe a fork."""

    owner: str
    repository: str
    branch: str


class Platform(Protocol):
    """One repository on one platform.

    What sends something sends it once, and raises ``PlatformProblem``.
    """

    def close(self) -> None:
        """Close the connections."""
        ...

    @property
    def words(self) -> Words:
        """What the platform calls things."""
        ...

    def author(self) -> frozenset[str]:
        """The login of the token's own user, in each way that comments may show it."""
        ...

    def pull_request(self, number: int) -> PullRequest:
        """One pull request."""
        ...

    def of_commit(self, commit: str) -> Sequence[PullRequest]:
        """The pull requests that have something to do with a commit; none for an unknown one."""
        ...

    def of_head(self, head: Head) -> Sequence[PullRequest]:
        """The open pull requests that come from a branch."""
        ...

    def comments(self, number: int) -> Sequence[Comment]:
        """All comments of a pull request."""
        ...

    def create(self, number: int, text: str) -> Comment:
        """Add a comment.  Twice is two comments."""
        ...

    def edit(self, number: int, comment: Comment, text: str) -> Comment:
        """Give a comment another text."""
        ...

    def delete(self, number: int, comment: Comment) -> None:
        """Remove a comment."""
        ...
