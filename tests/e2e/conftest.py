"""One sandbox over HTTP, the command in a folder of its own, and an independent client."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import boto3
import pytest
from botocore.config import Config

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings, UpdateSemantics
from tests.support.cli import ACCOUNT, REGION, Idpool, aws_environment


@pytest.fixture(params=get_args(UpdateSemantics))
def semantics(request: pytest.FixtureRequest) -> UpdateSemantics:
    """UpdateIdentityPool as measured, and both ends of what is said about it."""
    found: UpdateSemantics = request.param
    return found


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A sandbox in memory."""
    with SandboxServer(SandboxSettings(file=None)) as server:
        yield server


@pytest.fixture
def idpool(sandbox: SandboxServer, tmp_path: Path) -> Idpool:
    """The command, pointed at the sandbox by the usual AWS variables."""
    return Idpool(tmp_path, aws_environment(sandbox.url))


@dataclass
class Account:
    """The account as another AWS client sees it: nothing of idpool is in the way."""

    client: Any

    def pools(self) -> dict[str, dict[str, Any]]:
        """Every pool, described, by id."""
        pages = self.client.get_paginator("list_identity_pools").paginate(MaxResults=60)
        ids = [pool["IdentityPoolId"] for page in pages for pool in page["IdentityPools"]]
        return {pool_id: self.describe(pool_id) for pool_id in ids}

    def only_id(self) -> str:
        """The id of the one pool there is."""
        (pool_id,) = self.pools()
        return pool_id

    def describe(self, pool_id: str) -> dict[str, Any]:
        """DescribeIdentityPool's answer."""
        answer: dict[str, Any] = self.client.describe_identity_pool(IdentityPoolId=pool_id)
        del answer["ResponseMetadata"]
        return answer

    def roles(self, pool_id: str) -> dict[str, Any]:
        """Roles and RoleMappings."""
        answer = self.client.get_identity_pool_roles(IdentityPoolId=pool_id)
        return {"Roles": answer.get("Roles", {}), "RoleMappings": answer.get("RoleMappings", {})}

    def use(self, pool_id: str, user: str = "ann") -> None:
        """A user has an identity in the pool, which must have Facebook for a provider."""
        self.client.get_id(IdentityPoolId=pool_id, Logins={"graph.facebook.com": user})

    def create(self, name: str, **fields: Any) -> str:
        """A pool made by somebody else, classic flow off; ``None`` leaves a field out."""
        flags = {"AllowUnauthenticatedIdentities": False, "AllowClassicFlow": False}
        told = {"IdentityPoolName": name, **flags, **fields}
        answer = self.client.create_identity_pool(
            **{field: value for field, value in told.items() if value is not None}
        )
        return str(answer["IdentityPoolId"])


def client_of(server: SandboxServer, account: str = ACCOUNT) -> Any:
    """A plain boto3 client of the sandbox."""
    return boto3.Session(
        aws_access_key_id=account, aws_secret_access_key="sandbox", region_name=REGION
    ).client(
        "cognito-identity",
        endpoint_url=server.url,
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=4),
    )


@pytest.fixture
def account(sandbox: SandboxServer) -> Iterator[Account]:
    """The sandbox's account."""
    client = client_of(sandbox)
    yield Account(client)
    client.close()
