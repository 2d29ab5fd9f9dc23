"""A sandbox over HTTP, the command, and somebody who changes pools by hand."""

from tests.e2e.conftest import account, idpool, sandbox

__all__ = ["account", "idpool", "sandbox"]
