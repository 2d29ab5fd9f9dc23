"""What can go wrong, as classes: each owns its sentence and carries its data."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # errors are known before pydantic is: --help needs them, and no model
    from reconciler.model.findings import Finding


class IdpoolError(Exception):
    """Base of every error that a person is meant to read.  ``str()`` is one clear sentence."""

    hint: str = ""


class InvalidSpecs(IdpoolError):
    """Specs or the project file cannot be used; carries every finding."""

    def __init__(self, findings: "Sequence[Finding]") -> None:
        super().__init__(f"{len(findings)} problem(s) found")
        self.findings = tuple(findings)


class UsageProblem(IdpoolError):
    """The command was called in a way that cannot work; exit code 64."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class AwsProblem(IdpoolError):
    """AWS could not be asked, or answered no.

    ``target``: the target's name, or "" before one is known; ``code``: AWS's error code, or the
    name of the client-side failure; ``operation``: the API call, where there was one;
    ``unreachable``: nothing answered at all.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        operation: str = "",
        target: str = "",
        hint: str = "",
        unreachable: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.operation = operation
        self.target = target
        self.hint = hint
        self.unreachable = unreachable


class PoolProblem(AwsProblem):
    """One pool could not be read; others may be.  ``sentence`` is what happened."""

    def __init__(
        self, sentence: str, *, code: str, operation: str, target: str, pool_id: str, hint: str = ""
    ) -> None:
        super().__init__(
            f"target {target}: pool {pool_id}: {sentence}",
            code=code,
            operation=operation,
            target=target,
            hint=hint,
        )
        self.sentence = sentence
        self.pool_id = pool_id


class Problems(IdpoolError):
    """Several targets have a problem each; all are reported."""

    def __init__(self, problems: Sequence[IdpoolError]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class ForeignRecord(IdpoolError):
    """A receipt or journal of another owner, or of a target that is not here."""

    def __init__(self, path: str, what: str, theirs: str, ours: str) -> None:
        super().__init__(f"{path} is about {what} {theirs!r}, and this project has {ours}")
        self.path = path
        self.hint = "run it in the project that has written the file"


class UnwritableFile(IdpoolError):
    """A file that the user asked for cannot be written."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be written: {reason}")
        self.path = path
        self.hint = "name a place that can be written to"
