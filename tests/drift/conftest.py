"""A sandbox, the command, two applied pools, and somebody who changes them by hand."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from botocore.config import Config

from reconciler.sandbox.server import SandboxServer
from tests.drift.receiver import Receiver
from tests.e2e.conftest import Account, account, idpool, sandbox
from tests.support.cli import ACCOUNT, REGION, Idpool
from tests.support.specs import document, yaml_of

__all__ = ["account", "idpool", "receiver", "sandbox"]

ClientOf = Callable[..., Any]
SHOP = {"IdentityPoolTags": {"team": "shop", "stage": "prod"}, "AllowClassicFlow": False}


@pytest.fixture
def client_of(sandbox: SandboxServer) -> Iterator[ClientOf]:
    """Makes clients of the sandbox, of any service and with any credentials."""
    with ExitStack() as clients:

        def make(service: str = "cognito-identity", region: str = REGION, **keys: Any) -> Any:
            given = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "sandbox", **keys}
            made = boto3.session.Session(region_name=region).client(
                service,  # type: ignore[call-overload]
                endpoint_url=sandbox.url,
                config=Config(retries={"total_max_attempts": 1}),
                **given,
            )
            clients.callback(made.close)
            return made

        yield make


@pytest.fixture
def session(client_of: ClientOf) -> Callable[[str, str], Any]:
    """A client that acts as a role, in a session of this name."""

    def assume(role: str, name: str) -> Any:
        answer = client_of("sts").assume_role(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName=name
        )
        keys = answer["Credentials"]
        return client_of(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

    return assume


@pytest.fixture
def shop(idpool: Idpool, account: Account) -> str:
    """The id of the pool of spec ``shop``, which is applied."""
    idpool.write("specs/shop.yaml", yaml_of(document("shop", SHOP)))
    applied = idpool.run("apply", "specs", "--yes")
    assert applied.code == 0, applied.text
    return account.only_id()


def change(client: Any, pool_id: str, **fields: Any) -> None:
    """Change a pool by hand, as a careful person does: what is not changed is sent back."""
    pool = client.describe_identity_pool(IdentityPoolId=pool_id)
    del pool["ResponseMetadata"]
    client.update_identity_pool(**{**pool, **fields})


def project(**more: Any) -> str:
    """A project file with owner ``default``, to which applied pools belong."""
    head = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "default", "specs": ["specs/"]}
    return yaml_of({**head, **more})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server that answers 200."""
    with Receiver() as running:
        yield running
