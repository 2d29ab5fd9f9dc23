"""What GitHub and GitLab have in common, in one shape."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, TypeAlias

from pydantic import BaseModel, ConfigDict

from reconciler.bounded_answers import bound_answers
from reconciler.model.errors import IdpoolError


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


class Part(BaseModel):
    """What is read of a document that a platform wrote; there is more in it."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


@dataclass(frozen=True, slots=True)
class Access:
    """One repository behind one API.  ``author``: the token's own login, "" to ask for it."""

    api_url: str
    token: str = field(repr=False)
    repository: str
    author: str = ""


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


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a platform has things, by ``{number}``, ``{commit}`` and ``{comment}``."""

    pull: str
    of_commit: str
    comments: str
    comment: str


Asking: TypeAlias = Callable[[str], AbstractContextManager[None]]


class Platform(ABC):
    """One repository on one platform.

    What sends something sends it once, and raises ``PlatformProblem``.
    """

    words: ClassVar[Words]
    paths: ClassVar[Paths]
    editing: ClassVar[str]  # the verb that gives a comment another text
    no_such_commit: ClassVar[frozenset[int]]  # what the API answers of an unknown one
    oldest_first: ClassVar[Mapping[str, str]] = {}

    def __init__(self, access: Access, root: str, asking: Asking) -> None:
        """``paths`` are below ``root``; ``asking`` makes problems of what the library raises."""
        bound_answers()
        self._access = access
        self._root = root
        self._asking = asking

    @abstractmethod
    def close(self) -> None:
        """Close the connections."""

    def author(self) -> frozenset[str]:
        """The login of the token's own user, in each way that comments may show it."""
        if self._access.author:
            return frozenset({self._access.author.casefold()})
        with self._asking("say whose the token is"):
            return frozenset({self._login(self._send("GET", "/user")).casefold()})

    def pull_request(self, number: int) -> PullRequest:
        """One pull request."""
        path = self._root + self.paths.pull.format(number=number)
        with self._asking(f"show {self.words.numbered(number)} of {self._access.repository}"):
            return self._pull_request(self._send("GET", path))

    def of_commit(self, commit: str) -> Sequence[PullRequest]:
        """Those that have the commit, or that it came from; none for an unknown one."""
        path = self._root + self.paths.of_commit.format(commit=commit)
        try:
            with self._asking(f"say which {self.words.request}s have this commit"):
                return [self._pull_request(each) for each in self._all(path, {})]
        except PlatformProblem as problem:
            if problem.status in self.no_such_commit:
                return []
            raise

    @abstractmethod
    def of_head(self, head: Head) -> Sequence[PullRequest]:
        """The open pull requests that come from a branch."""

    def comments(self, number: int) -> Sequence[Comment]:
        """All comments, oldest first; those on lines of code may be left out."""
        path = self._root + self.paths.comments.format(number=number)
        with self._asking(f"list the comments of {self.words.numbered(number)}"):
            return [self._comment(number, each) for each in self._all(path, self.oldest_first)]

    def create(self, number: int, text: str) -> Comment:
        """Add a comment.  Twice is two comments."""
        path = self._root + self.paths.comments.format(number=number)
        with self._asking("take a new comment"):
            return self._comment(number, self._send("POST", path, {"body": text}))

    def edit(self, number: int, comment: Comment, text: str) -> Comment:
        """Give a comment another text."""
        with self._asking("change our comment"):
            path = self._path_of(number, comment)
            return self._comment(number, self._send(self.editing, path, {"body": text}))

    def delete(self, number: int, comment: Comment) -> None:
        """Remove a comment."""
        with self._asking("remove our second comment"):
            self._send("DELETE", self._path_of(number, comment))

    def _path_of(self, number: int, comment: Comment) -> str:
        return self._root + self.paths.comment.format(number=number, comment=comment.number)

    def _send(self, verb: str, path: str, content: dict[str, str] | None = None) -> Any:
        text = self._answer(verb, path, content)
        return json.loads(text) if text else {}

    @abstractmethod
    def _answer(self, verb: str, path: str, content: dict[str, str] | None) -> str:
        """The text of an answer that is 2xx.  Raises what the client library raises."""

    @abstractmethod
    def _all(self, path: str, query: Mapping[str, str]) -> Iterable[Any]:
        """What is in all the pages of a list."""

    @abstractmethod
    def _login(self, user: Any) -> str:
        """An account's login, by the API's JSON; as of the next ones, any error will do."""

    @abstractmethod
    def _pull_request(self, found: Any) -> PullRequest: ...

    @abstractmethod
    def _comment(self, number: int, found: Any) -> Comment: ...
