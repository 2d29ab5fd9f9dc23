"""A rollback that ended halfway is finished by the same command."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox.server import SandboxServer
from tests.e2e.conftest import Account
from tests.faults.commands import command
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.faults.scenario import FULL, ROLE, USER_POOL
from tests.rollback.conftest import live_pool
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

SET_ROLES = "SetIdentityPoolRoles"
# Creating and deleting are not taken back; roles are written once here.
WRITES = [
    (SET_ROLES, 1),
    ("UpdateIdentityPool", 1),
    ("SetPrincipalTagAttributeMap", 1),
    ("SetPrincipalTagAttributeMap", 2),
    ("TagResource", 1),
    ("UntagResource", 1),
]
# Where somebody else writes, too, tags go by calls of their own.
SHARED = {"ignoreChanges": ["SamlProviderARNs"]}
OTHER = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Zb129faZz"
EARLIER = (
    document("all", FULL),
    document("tags", FULL, lifecycle=SHARED),
)
LATER = (
    document(
        "all",
        {
            **FULL,
            "AllowUnauthenticatedIdentities": True,
            "CognitoIdentityProviders": [
                {"ProviderName": USER_POOL, "ClientId": "client1"},
                {"ProviderName": OTHER, "ClientId": "client2"},
            ],
            "IdentityPoolTags": {"team": "other"},
            "Roles": {"authenticated": f"{ROLE}-b"},
            "PrincipalTagAttributeMaps": {
                USER_POOL: {"PrincipalTags": {"department": "other"}},
                OTHER: {"PrincipalTags": {"department": "dept"}},
            },
        },
    ),
    document(
        "tags", {**FULL, "IdentityPoolTags": {"team": "other", "new": "yes"}}, lifecycle=SHARED
    ),
)
ADOPTED = {"Roles": {"authenticated": f"{ROLE}-a"}}


@pytest.fixture
def proxy(sandbox: SandboxServer) -> Iterator[FaultProxy]:
    """What stands between the command and the account."""
    with FaultProxy(sandbox.url) as running:
        yield running


@pytest.fixture
def idpool(tmp_path: Path, proxy: FaultProxy) -> Idpool:
    """The command with the earlier specs, its calls through the proxy."""
    return command(tmp_path, proxy.url, *EARLIER)


def _applied(idpool: Idpool, *documents: Any) -> None:
    idpool.write("specs/pools.yaml", yaml_of(*documents))
    result = idpool.run("apply", "specs", "--yes", "--receipt", "receipt.json")
    assert result.code == 0, result.text


def _taken_back_in_two(idpool: Idpool, proxy: FaultProxy, fault: Fault) -> None:
    """Roll back until the fault, and again; a third time there is nothing left to do."""
    proxy.add(fault)
    first = idpool.run("rollback", "receipt.json", "--apply", "--yes")
    assert first.code == 1, first.text
    assert not proxy.unmet()
    proxy.clear()
    second = idpool.run("rollback", "receipt.json", "--apply", "--yes")
    assert second.code == 0, second.text
    third = idpool.run("rollback", "receipt.json")
    assert third.code == 0, third.text


@pytest.mark.parametrize(("operation", "occurrence"), WRITES)
def test_it_is_finished_by_the_same_command(
    idpool: Idpool, proxy: FaultProxy, account: Account, operation: str, occurrence: int
) -> None:
    """Whichever write it was that did not come through, field by field and key by key."""
    _applied(idpool, *EARLIER)
    earlier = {pool_id: live_pool(account, pool_id) for pool_id in account.pools()}
    _applied(idpool, *LATER)
    before = proxy.counts().get(operation, 0)
    _taken_back_in_two(
        idpool, proxy, Fault(FaultKind.ACCESS_DENIED, operation, before + occurrence)
    )
    assert {pool_id: live_pool(account, pool_id) for pool_id in account.pools()} == earlier


def test_so_is_one_that_gives_an_adopted_pool_away(
    idpool: Idpool, proxy: FaultProxy, account: Account
) -> None:
    """Its tags are not ours any more, as they were not before."""
    pool_id = account.create("older")
    earlier = live_pool(account, pool_id)
    spec = {"IdentityPoolName": "older", "AllowClassicFlow": True, **ADOPTED}
    _applied(idpool, document("shop", spec, metadata={"adopt": pool_id}))
    _taken_back_in_two(idpool, proxy, Fault(FaultKind.ACCESS_DENIED, SET_ROLES, 2))
    assert live_pool(account, pool_id) == earlier


def test_what_somebody_else_changed_meanwhile_stays_refused(
    idpool: Idpool, proxy: FaultProxy, account: Account
) -> None:
    """A value that is neither the earlier nor the later one is theirs."""
    _applied(idpool, *EARLIER)
    _applied(idpool, *LATER)
    proxy.add(Fault(FaultKind.ACCESS_DENIED, SET_ROLES, proxy.counts()[SET_ROLES] + 1))
    assert idpool.run("rollback", "receipt.json", "--apply", "--yes").code == 1
    ids = {pool["IdentityPoolName"]: pool_id for pool_id, pool in account.pools().items()}
    account.client.set_identity_pool_roles(IdentityPoolId=ids["all"], Roles={})
    result = idpool.run("rollback", "receipt.json")
    assert result.code == 3
    assert f"somebody has changed {ids['all']} since the run: Roles" in result.out
