"""The whole way: a pool that Terraform made is converted, applied, and left as it was."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.converters.cases import PROVIDER, storefront
from tests.converters.conftest import CORPUS
from tests.e2e.conftest import Account, client_of
from tests.support.cli import Idpool, aws_environment


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A sandbox in memory."""
    with SandboxServer(SandboxSettings(file=None)) as server:
        yield server


@pytest.fixture
def at_sandbox(sandbox: SandboxServer, tmp_path: Path) -> Idpool:
    """The command, pointed at the sandbox by the usual AWS variables."""
    return Idpool(tmp_path, aws_environment(sandbox.url))


@pytest.fixture
def account(sandbox: SandboxServer) -> Account:
    """The account as Terraform sees it."""
    return Account(client_of(sandbox))


def made_elsewhere(account: Account) -> str:
    """The pool of the corpus, as if Terraform had made it."""
    spec = storefront()
    maps = spec.pop("PrincipalTagAttributeMaps")
    roles = {key: spec.pop(key) for key in ("Roles", "RoleMappings")}
    pool_id = str(account.client.create_identity_pool(**spec)["IdentityPoolId"])
    account.client.set_identity_pool_roles(IdentityPoolId=pool_id, **roles)
    for provider, tags in maps.items():
        account.client.set_principal_tag_attribute_map(
            IdentityPoolId=pool_id, IdentityProviderName=provider, **tags
        )
    return pool_id


def live(account: Account, pool_id: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """All that AWS keeps of the pool."""
    tags = account.client.get_principal_tag_attribute_map(
        IdentityPoolId=pool_id, IdentityProviderName=PROVIDER
    )
    del tags["ResponseMetadata"]
    return account.describe(pool_id), account.roles(pool_id), tags


def state_text(pool_id: str) -> str:
    """The state that Terraform has kept of it."""
    state = (CORPUS / "terraform/storefront-state.tfstate").read_text()
    kept = json.loads(state)["resources"][2]["instances"][0]["attributes"]["id"]
    return state.replace(kept, pool_id)


def test_a_state_is_converted_and_applied_and_only_the_tags_change(
    at_sandbox: Idpool, account: Account
) -> None:
    pool_id = made_elsewhere(account)
    before = live(account, pool_id)
    at_sandbox.write("terraform.tfstate", state_text(pool_id))
    converted = at_sandbox.run("convert", "terraform", "terraform.tfstate", "--out", "specs")
    assert converted.code == 0, converted.text

    applied = at_sandbox.run("apply", "specs", "--yes")
    assert applied.code == 0, applied.text
    assert "calls: TagResource\n" in applied.out
    after = live(account, pool_id)
    ours = {"idpool:owner": "default", "idpool:name": "storefront"}
    assert after[0].pop("IdentityPoolTags") == {**before[0].pop("IdentityPoolTags"), **ours}
    assert after == before
    assert list(account.pools()) == [pool_id]
    assert at_sandbox.run("plan", "specs", "--detailed-exitcode").code == 0


def test_a_template_is_converted_and_applied_and_only_the_tags_change(
    at_sandbox: Idpool, account: Account
) -> None:
    pool_id = made_elsewhere(account)
    template = str(CORPUS / "cloudformation/storefront-literal.yaml")
    arguments = ("--set", f"Storefront={pool_id}", "--out", "specs")
    converted = at_sandbox.run("convert", "cloudformation", template, *arguments)
    assert converted.code == 0, converted.text
    plan = at_sandbox.run("plan", "specs")
    assert plan.code == 0, plan.text
    assert "calls: TagResource\n" in plan.out
    assert at_sandbox.run("apply", "specs", "--yes").code == 0
    assert at_sandbox.run("plan", "specs", "--detailed-exitcode").code == 0
