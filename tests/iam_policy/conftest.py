"""A sandbox, a project with a target that is reached by a role, and the command."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox.server import SandboxServer
from tests.drift.conftest import client_of
from tests.e2e.conftest import sandbox
from tests.iam_policy.guard import Guard, guarding
from tests.support.cli import ACCOUNT, REGION, Idpool, Result, aws_environment
from tests.support.specs import yaml_of

__all__ = ["client_of", "sandbox"]

ROLE = f"arn:aws:iam::{ACCOUNT}:role/idpool"
BUCKET = "iam-policy-locks"


def project(**more: Any) -> str:
    """A project file with one target, its role, and a lock."""
    target = {"account": ACCOUNT, "region": REGION, "roleArn": ROLE}
    head = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "acme", "specs": ["specs/"]}
    rest = {"targets": {"prod": target}, "lock": f"s3://{BUCKET}/idpool"}
    return yaml_of({**head, **rest, **more})


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    """The command, with no way to AWS."""
    return Idpool(tmp_path)


def policy_of(idpool: Idpool, *arguments: str) -> dict[str, Any]:
    """The policy that iam-policy prints."""
    result = idpool.run("iam-policy", *arguments)
    assert result.code == 0, result.text
    return json.loads(result.out)


class Guarded:
    """The command behind guards: one for each job, kept to compare policies with what was used."""

    def __init__(self, idpool: Idpool, sandbox: SandboxServer, stack: ExitStack) -> None:
        self._idpool = idpool
        self._sandbox = sandbox
        self._stack = stack
        self.guards: dict[str, Guard] = {}

    def grant(self, name: str, *job: str, caller: tuple[str, ...] = ()) -> None:
        """From now on ``name`` stands for a role with the policy of ``job``."""
        role = policy_of(self._idpool, *job)
        who_assumes = policy_of(self._idpool, job[0], "--caller", *caller)
        guard = self._stack.enter_context(guarding(self._sandbox.url, role, who_assumes))
        self.guards[name] = guard

    def run(self, name: str, *arguments: str, code: int = 0) -> Result:
        """Run the command as ``name``; nothing may be denied."""
        guard = self.guards[name]
        result = Idpool(self._idpool.folder, aws_environment(guard.url)).run(*arguments)
        assert not guard.denied, (guard.denied, result.text)
        assert result.code == code, result.text
        return result


@pytest.fixture
def guarded(idpool: Idpool, sandbox: SandboxServer) -> Iterator[Guarded]:
    """The command behind guards of the test's own."""
    with ExitStack() as stack:
        yield Guarded(idpool, sandbox, stack)
