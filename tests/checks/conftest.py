"""A sandbox, the command, and the account as somebody else sees it."""

from tests.e2e.conftest import account, sandbox

__all__ = ["account", "sandbox"]
