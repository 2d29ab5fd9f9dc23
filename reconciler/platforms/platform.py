"""What GitHub and GitLab have in common, in one shape."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from reconciler.model.errors import IdpoolError, UsageProblem
from reconciler.model.notify import wrong_address

_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")


class ProblemKind(Enum):
    """What a failure says about the request."""

    PASSING = "passing"  # a server fault, a lost answer: may have been carried out
    THROTTLED = "throttled"  # refused unseen, for now
    TOO_LONG = "too long"  # a shorter text may be taken
    FINAL = "final"  # refused for good


class PlatformProblem(IdpoolError):
    """A platform could not be asked, or answered no.

    ``status`` is the HTTP status, 0 where there was no answer; ``wait``: seconds that the platform
    asks for before the next request, ``None`` where it says nothing.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        kind: ProblemKind = ProblemKind.FINAL,
        status: int = 0,
        wait: float | None = None,
    ) -> None:
        super().__init__(message)
        self.hint = hint
        self.kind = kind
        self.status = status
        self.wait = wait


class MissingExtra(IdpoolError):
    """The platform's client library is not installed."""

    def __init__(self, platform: str, extra: str) -> None:
        super().__init__(f"comments on {platform} need its client library, which is not installed")
        self.hint = f"pip install 'idpool[{extra}]'"


class UnusableEvent(IdpoolError):
    """The file that GITHUB_EVENT_PATH names does not say what its event should."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.hint = "give both --pull-request and --commit"


@dataclass(frozen=True, slots=True)
class Access:
    """One repository behind one API.  ``author``: the token's own login, "" to ask for it."""

    api_url: str
    token: str = field(repr=False)
    repository: str
    author: str = ""


def api_address(option: str | None, variable: str, environment: Mapping[str, str]) -> str:
    """The API's URL from an option or a variable, "" without both.  Raises ``UsageProblem``."""
    address = option or environment.get(variable, "")
    wrong = wrong_address(address) if address else ""
    if wrong:
        raise UsageProblem(
            f"{'--api-url' if option else variable}: {wrong}",
            hint="the token goes there: give the https:// URL of the API",
        )
    return address.rstrip("/")


def token_of(variables: tuple[str, ...], environment: Mapping[str, str], hint: str) -> str:
    """The token from the first variable that is set.  Raises ``UsageProblem``, quoting nothing."""
    name = next((name for name in variables if environment.get(name)), None)
    if name is None:
        raise UsageProblem(f"there is no token: {' or '.join(variables)} is not set", hint=hint)
    token = environment[name].strip()
    if not _TOKEN.fullmatch(token):
        raise UsageProblem(f"{name} holds no token: it has spaces or other odd characters", hint)
    return token


def full_commit(text: str | None) -> str:
    """A full hash in lower case, "" for none.  Raises ``UsageProblem``."""
    commit = (text or "").lower()
    if commit and not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", commit):
        raise UsageProblem("--commit is not a full commit hash", hint="see git rev-parse HEAD")
    return commit


@dataclass(frozen=True, slots=True)
class Head:
    """The branch that a pull request comes from; ``repository`` is ``owner/name``, maybe a fork."""

    owner: str
    repository: str
    branch: str


@dataclass(frozen=True, slots=True)
class PipelineRun:
    """How to find the pull request, and what to say about the run.

    ``number`` is 0 where it has to be looked up: by ``head`` where the run says which branch it was
    for, else by ``commit``.  ``commit`` is the one that the run is about, "" where nobody knows.
    ``link`` leads to the run, or is "".
    """

    number: int = 0
    commit: str = ""
    head: Head | None = None
    link: str = ""


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
