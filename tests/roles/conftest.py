"""A sandbox with seeded roles, over HTTP, and the command beside it."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from moto.iam.models import iam_backends

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.support.cli import ACCOUNT, REGION, Idpool, aws_environment

COGNITO = "cognito-identity.amazonaws.com"
POOL_ID = f"{REGION}:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"

Seeds: TypeAlias = Callable[..., None]


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


ANYTHING = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})


def role_arn(name: str, account: str = ACCOUNT) -> str:
    """The ARN of a role without a path."""
    return f"arn:aws:iam::{account}:role/{name}"


def trust(
    amr: str | list[str] = "authenticated",
    aud: Any = POOL_ID,
    *,
    action: Any = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession"),
) -> dict[str, Any]:
    """A trust policy as AWS's console writes it."""
    condition = {
        "StringEquals": {f"{COGNITO}:aud": aud},
        "ForAnyValue:StringLike": {f"{COGNITO}:amr": amr},
    }
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": COGNITO},
        "Action": action if isinstance(action, str) else list(action),
        "Condition": condition,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.fixture(autouse=True)
def no_roles_of_others() -> None:
    """moto has one IAM for all sandboxes of a process."""
    iam_backends.reset()


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    """The command, in a folder of the test's own."""
    return Idpool(tmp_path)


@pytest.fixture
def seed(idpool: Idpool) -> Seeds:
    """Puts things into the state of the sandbox."""

    def put(**things: Mapping[str, Any]) -> None:
        one = {"account": ACCOUNT, "region": REGION, **things}
        file = {"apiVersion": "idpool/v1", "kind": "SandboxSeed", "seeds": [one]}
        idpool.write("seeds.yaml", json.dumps(file))
        result = idpool.run("sandbox", "seed", "seeds.yaml", "state.json")
        assert result.code == 0, result.text

    return put


@pytest.fixture
def sandbox(idpool: Idpool) -> Iterator[SandboxServer]:
    """The sandbox with that state; seeds may come later, too."""
    with SandboxServer(SandboxSettings(file=idpool.folder / "state.json")) as server:
        yield server


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What a test opens."""
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def reached(idpool: Idpool, sandbox: SandboxServer) -> Idpool:
    """The command, pointed at the sandbox by the usual AWS variables."""
    return Idpool(idpool.folder, aws_environment(sandbox.url))
