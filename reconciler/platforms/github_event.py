"""The file that GitHub Actions writes about the event that started a run."""

import os
import stat
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reconciler.platforms.problems import UnusableEvent

_MOST_BYTES = 32 * 1024 * 1024  # a webhook's payload has at most 25 MB, say GitHub's docs
_Commit = Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
_Name = Annotated[str, Field(min_length=1, max_length=1024)]
_Number = Annotated[int, Field(gt=0, lt=2**63)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class EventHead(_Part):
    """The commit that a pull request would merge."""

    sha: _Commit


class EventPullRequest(_Part):
    """The pull request that an event is about."""

    number: _Number
    head: EventHead


class EventOwner(_Part):
    """Whose a repository is."""

    login: _Name


class EventRepository(_Part):
    """The repository of a branch."""

    full_name: _Name
    owner: EventOwner


class EventRun(_Part):
    """The run whose end started this one.  Its list of pull requests is empty for forks."""

    id: _Number
    event: _Name
    head_sha: _Commit
    head_branch: _Name | None = None
    head_repository: EventRepository | None = None


class Event(_Part):
    """The parts of an event that say where a comment belongs."""

    pull_request: EventPullRequest | None = None
    workflow_run: EventRun | None = None


def read_event(path: str) -> Event:
    """Read the event's file, in bounded size.  Raises ``UnusableEvent``."""
    if not path:
        raise UnusableEvent("GITHUB_EVENT_PATH", "it is not set")
    try:
        return Event.model_validate_json(_content(path))
    except ValidationError as invalid:
        # `from None`: the cause would quote the file.
        error = invalid.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(step) for step in error["loc"]) or "the file"
        raise UnusableEvent(path, f"{where}: {error['msg']}") from None


def _content(path: str) -> bytes:
    try:
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
        with os.fdopen(os.open(Path(path), flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UnusableEvent(path, "this is not a regular file")
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UnusableEvent(path, f"it cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # NUL in the name
        raise UnusableEvent(path, "there is no such file") from error
    if len(content) > _MOST_BYTES:
        raise UnusableEvent(path, f"it is larger than {_MOST_BYTES // 1024 // 1024} MiB")
    return content
