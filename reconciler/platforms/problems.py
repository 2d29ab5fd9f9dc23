"""What can go wrong between us and a platform, and whether trying again could help."""

from enum import Enum

from reconciler.model.errors import IdpoolError


class Kind(Enum):
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
        kind: Kind = Kind.FINAL,
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
