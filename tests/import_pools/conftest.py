"""A sandbox, the command, and an account whose pools others have made."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reconciler.sandbox.server import SandboxServer
from tests.e2e.conftest import Account, account, sandbox
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.support.cli import Idpool, aws_environment

__all__ = ["Account", "account", "sandbox"]

Refuse = Callable[[str, str], None]


@pytest.fixture
def proxy(sandbox: SandboxServer) -> Iterator[FaultProxy]:
    """A proxy in front of the sandbox."""
    with FaultProxy(sandbox.url) as running:
        yield running


@pytest.fixture
def idpool(tmp_path: Path, proxy: FaultProxy) -> Idpool:
    """The command, which reaches the sandbox through the proxy."""
    return Idpool(tmp_path, aws_environment(proxy.url))


@pytest.fixture
def imported(idpool: Idpool) -> "Imports":
    """Imports that must go well."""
    return Imports(idpool)


class Imports:
    """The command import, and the files that it leaves."""

    def __init__(self, idpool: Idpool) -> None:
        self._idpool = idpool

    def __call__(self, *arguments: str, code: int = 0) -> dict[str, str]:
        """Run it; gives the text of each file in specs/ by its name."""
        self.result = self._idpool.run("import", *arguments)
        assert self.result.code == code, self.result.text
        return self.files()

    def files(self) -> dict[str, str]:
        """What is in specs/."""
        folder = self._idpool.folder / "specs"
        found = sorted(folder.iterdir()) if folder.is_dir() else []
        return {path.name: path.read_text("utf-8") for path in found}


@pytest.fixture
def refuse(proxy: FaultProxy) -> Refuse:
    """From now on calls of an operation are denied that are about a pool."""

    def refused(pool_id: str, operation: str) -> None:
        def before(asked: str, number: int) -> Fault | None:
            of_the_pool = any(
                (request.body or {}).get("IdentityPoolId") == pool_id
                for request in proxy.requests
                if (request.operation, request.number) == (asked, number)
            )
            is_denied = asked == operation and of_the_pool
            return Fault(FaultKind.ACCESS_DENIED) if is_denied else None

        proxy.before = before

    return refused
