"""What can go wrong with the sandbox itself, as opposed to what its API answers."""

from pathlib import Path

from reconciler.model.errors import IdpoolError


class SandboxError(IdpoolError):
    """Base of everything that keeps the sandbox from running."""


class SandboxMissing(SandboxError):
    """The packages of the `sandbox` extra are not installed."""

    def __init__(self, module: str) -> None:
        self.module = module
        super().__init__(f"the sandbox needs the package {module!r}: pip install 'idpool[sandbox]'")


class SandboxStateError(SandboxError):
    """The state file cannot be used; nothing in it has been changed."""

    def __init__(self, file: Path, reason: str) -> None:
        self.file = file
        self.reason = reason
        super().__init__(
            f"sandbox state {file}: {reason} (`idpool sandbox reset` starts it afresh)"
        )


class SandboxResetError(SandboxError):
    """The state file cannot be removed."""

    def __init__(self, file: Path, reason: str) -> None:
        self.file = file
        super().__init__(f"sandbox state {file} cannot be reset: {reason}")


class SandboxForeignFile(SandboxError):
    """The file that is to be removed was never a sandbox's."""

    hint = "name the sandbox's own file; this one is left as it is"

    def __init__(self, file: Path) -> None:
        self.file = file
        super().__init__(f"{file} is not a sandbox's state, and is not removed")


class SandboxHostError(SandboxError, ValueError):
    """The sandbox knows no authentication, so it serves this machine alone."""

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(f"the sandbox listens on a loopback address only, not on {host!r}")


class SandboxRateError(SandboxError, ValueError):
    """A rate at which no request would ever be admitted."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        super().__init__(f"the sandbox's rate must be above zero, not {rate:g}")


class SandboxPortError(SandboxError):
    """The address cannot be listened on."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        self.host = host
        self.port = port
        super().__init__(f"the sandbox cannot listen on {host}:{port}: {reason}")
