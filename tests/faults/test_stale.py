"""Somebody changes a pool between plan and write: exit 4, that one left alone, others done."""

from collections.abc import Callable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox.server import SandboxServer
from tests.e2e.conftest import Account, client_of
from tests.faults.commands import (
    CREATE,
    DELETE,
    LIST,
    RECORDED,
    Boundary,
    command,
    outcomes,
    receipt,
    sendings,
    writes,
)
from tests.faults.commands import journal as journal_of
from tests.faults.proxy import FaultProxy
from tests.faults.scenario import FULL, ROLE, SHARED, USER_POOL
from tests.support.cli import ACCOUNT, REGION, Result
from tests.support.in_process import Driver
from tests.support.specs import document

Slip = Callable[[Any, str], object]

# The first request after the plan was shown: the look for the pool that is to be created.
PLANNED: Boundary = (LIST, 2)
NEW = document("new", FULL)
OTHER = document("other", {"AllowClassicFlow": True})
OTHER_WANTED = document("other", {"AllowClassicFlow": False})
ARN = f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/"
PROJECT = 'apiVersion: idpool/v1\nkind: Project\nowner: default\nignoreTags: ["cost:*"]\n'

# What the spec of `contested` says: each asks for one action.
ACTIONS: dict[str, dict[str, Any]] = {
    "update": {**FULL, "AllowUnauthenticatedIdentities": True},
    "tag": {**FULL, "IdentityPoolTags": {"team": "other", "old": "yes"}},
    "untag": {**FULL, "IdentityPoolTags": {"team": "shop"}},
    "roles": {**FULL, "Roles": {"authenticated": f"{ROLE}-b"}},
    "principal tags": {
        **FULL,
        "PrincipalTagAttributeMaps": {USER_POOL: {"PrincipalTags": {"department": "other"}}},
    },
}


def update(client: Any, pool_id: str, **changes: Any) -> None:
    """Another writer changes settings, and keeps the rest."""
    pool = client.describe_identity_pool(IdentityPoolId=pool_id)
    del pool["ResponseMetadata"]
    client.update_identity_pool(**{**pool, **changes})


def change_a_setting(client: Any, pool_id: str) -> None:
    """A field that no action of the plan is about."""
    update(client, pool_id, AllowClassicFlow=True)


def change_a_tag(client: Any, pool_id: str) -> None:
    """A tag that no action of the plan is about."""
    client.tag_resource(ResourceArn=ARN + pool_id, Tags={"slipped": "in"})


def change_the_owner(client: Any, pool_id: str) -> None:
    """The pool is somebody else's from now on."""
    client.tag_resource(ResourceArn=ARN + pool_id, Tags={"idpool:owner": "somebody"})


def change_roles(client: Any, pool_id: str) -> None:
    """Another role, the mappings kept."""
    now = client.get_identity_pool_roles(IdentityPoolId=pool_id)
    client.set_identity_pool_roles(
        IdentityPoolId=pool_id,
        Roles={"authenticated": f"{ROLE}-slipped"},
        RoleMappings=now.get("RoleMappings", {}),
    )


def change_principal_tags(client: Any, pool_id: str) -> None:
    """One more principal tag."""
    client.set_principal_tag_attribute_map(
        IdentityPoolId=pool_id,
        IdentityProviderName=USER_POOL,
        PrincipalTags={"department": "dept", "slipped": "in"},
    )


def delete(client: Any, pool_id: str) -> None:
    """The pool is deleted by hand."""
    client.delete_identity_pool(IdentityPoolId=pool_id)


SLIPS: tuple[Slip, ...] = (
    change_a_setting,
    change_a_tag,
    change_the_owner,
    change_roles,
    change_principal_tags,
    delete,
)


class Bench:
    """The command with a pool that somebody else writes to, and two that nobody does."""

    def __init__(self, folder: Path, proxy: FaultProxy, sandbox: SandboxServer) -> None:
        self.folder = folder
        self.proxy = proxy
        self.sandbox = sandbox
        self.account = Account(client_of(sandbox))
        self.left: dict[str, Any] | None = None
        with Driver(sandbox.url) as driver:
            driver.apply(document("contested", FULL), OTHER)
            self.ids = {pool.name: pool.pool_id for pool in driver.connection.listing()}
        self.id = self.ids["contested"]

    def state(self, pool_id: str) -> dict[str, Any] | None:
        """All that there is to know of a pool; None: it is gone."""
        client = self.account.client
        try:
            settings = self.account.describe(pool_id)
        except client.exceptions.ResourceNotFoundException:
            return None
        try:
            principal_tags = client.get_principal_tag_attribute_map(
                IdentityPoolId=pool_id, IdentityProviderName=USER_POOL
            )["PrincipalTags"]
        except client.exceptions.ResourceNotFoundException:
            principal_tags = {}
        return {**settings, **self.account.roles(pool_id), "PrincipalTags": principal_tags}

    def slip_in(self, slip: Slip, *, after: Boundary = PLANNED) -> None:
        """Let somebody write when this request was answered; what they leave is in `left`."""

        def write(operation: str, number: int) -> None:
            if (operation, number) == after:
                slip(self.account.client, self.id)
                self.left = self.state(self.id)

        self.proxy.after = write

    def run(self, *documents: dict[str, Any]) -> Result:
        """Apply the new pool, these, and the other."""
        self.idpool = command(self.folder, self.proxy.url, NEW, *documents, OTHER_WANTED)
        result = self.idpool.run(*RECORDED)
        self.proxy.after = None
        return result

    def assert_stale(self, result: Result, *told: str) -> None:
        """That pool is as it was left; the others are done; the receipt and the journal say so."""
        assert result.code == 4, result.text
        assert "live changed" in result.out
        assert self.state(self.id) == self.left
        pools = {pool["name"]: pool for pool in receipt(self.idpool)["pools"]}
        assert [name for name, pool in pools.items() if pool["stale"]] == ["contested"]
        assert outcomes(self.idpool) == {
            "new": ["done", "done", "done"],
            "contested": list(told),
            "other": ["done"],
        }
        assert sendings(journal_of(self.idpool)) == writes(self.proxy.requests)
        self.assert_others_done()

    def assert_others_done(self) -> None:
        """The new pool and the other one are as their specs say."""
        with Driver(self.sandbox.url) as driver:
            plan = driver.plan(NEW, OTHER_WANTED)
        assert not plan.has_changes, plan


@pytest.fixture
def bench(tmp_path: Path, proxy: FaultProxy, sandbox: SandboxServer) -> Iterator[Bench]:
    """Two pools that are there, and the command."""
    made = Bench(tmp_path, proxy, sandbox)
    yield made
    made.account.client.close()


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.__name__)
@pytest.mark.parametrize("action", ACTIONS)
def test_an_existing_pool_was_changed(bench: Bench, action: str, slip: Slip) -> None:
    """Whatever was changed, whatever was to be done."""
    bench.slip_in(slip)
    result = bench.run(document("contested", ACTIONS[action]))
    bench.assert_stale(result, "skipped")
    (pool,) = (p for p in receipt(bench.idpool)["pools"] if p["name"] == "contested")
    assert bench.id in pool["actions"][0]["message"]


@pytest.mark.parametrize(
    "slip", [change_a_setting, change_a_tag, change_the_owner], ids=lambda slip: slip.__name__
)
def test_a_pool_to_be_deleted_was_changed(bench: Bench, slip: Slip) -> None:
    """A deletion is shown with the pool that it deletes: another one is not meant."""
    bench.slip_in(slip)
    result = bench.run(document("contested", FULL, lifecycle={"delete": True}))
    bench.assert_stale(result, "skipped")
    assert (DELETE, bench.id) not in writes(bench.proxy.requests)


def test_a_pool_to_be_deleted_is_in_use_by_now(bench: Bench) -> None:
    """Somebody has signed in since the plan: without deleteIdentities no identity is lost."""
    bench.slip_in(lambda client, pool_id: client.get_id(IdentityPoolId=pool_id))
    tombstone = document(
        "contested", {**FULL, "AllowUnauthenticatedIdentities": True}, lifecycle={"delete": True}
    )
    update(bench.account.client, bench.id, AllowUnauthenticatedIdentities=True)
    result = bench.run(tombstone)
    bench.assert_stale(result, "skipped")
    again = bench.idpool.run("apply", "specs", "--yes")
    assert again.code == 3, again.text
    assert bench.state(bench.id) == bench.left


def test_a_pool_to_be_deleted_is_gone_already(bench: Bench) -> None:
    """That is what was wanted."""
    bench.slip_in(delete)
    result = bench.run(document("contested", FULL, lifecycle={"delete": True}))
    assert result.code == 0, result.text
    assert outcomes(bench.idpool)["contested"] == ["done"]
    assert DELETE not in bench.proxy.counts()
    bench.assert_others_done()


def test_a_pool_to_be_deleted_is_gone_before_its_identities_are_asked_for(bench: Bench) -> None:
    """Between two reads: it is gone, which is no error."""

    def write(operation: str, number: int) -> None:
        if (operation, number) == ("ListIdentities", 2):
            delete(bench.account.client, bench.id)

    bench.proxy.before = write
    result = bench.run(document("contested", FULL, lifecycle={"delete": True}))
    assert result.code == 0, result.text
    assert outcomes(bench.idpool)["contested"] == ["done"]


def test_a_stranger_takes_the_name_before_a_create(bench: Bench) -> None:
    """Names are not unique, so it may be the pool that is meant: nothing is created beside it."""
    taken: list[str] = []

    def take(_client: Any, _pool_id: str) -> None:
        taken.append(bench.account.create("late"))

    bench.slip_in(take, after=(LIST, 1))
    result = bench.run(document("contested", FULL), document("late", FULL))
    assert result.code == 4, result.text
    assert outcomes(bench.idpool) == {
        "new": ["done", "done", "done"],
        "contested": [],
        "late": ["skipped", "skipped", "skipped"],
        "other": ["done"],
    }
    assert taken[0] in result.out
    late = [pool for pool in bench.account.pools().values() if pool["IdentityPoolName"] == "late"]
    assert [pool["IdentityPoolId"] for pool in late] == taken
    assert not late[0].get("IdentityPoolTags")
    bench.assert_others_done()
    again = bench.idpool.run("apply", "specs", "--yes")
    assert again.code == 3, again.text


@pytest.mark.parametrize(
    ("slip", "after", "told"),
    [
        (change_roles, (CREATE, 1), ["done", "skipped", "skipped"]),
        (change_principal_tags, ("SetIdentityPoolRoles", 1), ["done", "done", "skipped"]),
        (delete, (CREATE, 1), ["done", "skipped", "skipped"]),
        (delete, ("SetIdentityPoolRoles", 1), ["done", "done", "skipped"]),
    ],
    ids=["roles", "principal tags", "deleted before roles", "deleted before principal tags"],
)
def test_a_pool_that_was_just_created_is_changed(
    bench: Bench, slip: Slip, after: Boundary, told: list[str]
) -> None:
    """Each later write reads what it is about to replace."""
    raced: list[str] = []
    left: list[dict[str, Any] | None] = []

    def the_new_one(client: Any, _pool_id: str) -> None:
        (pool,) = (p for p in bench.account.pools().values() if p["IdentityPoolName"] == "raced")
        raced.append(pool["IdentityPoolId"])
        slip(client, raced[0])
        left.append(bench.state(raced[0]))

    bench.slip_in(the_new_one, after=after)
    idpool = command(bench.folder, bench.proxy.url, document("raced", FULL))
    result = idpool.run(*RECORDED)
    assert outcomes(idpool) == {"raced": told}
    assert result.code == 4, result.text
    assert [bench.state(raced[0])] == left


@pytest.mark.parametrize(
    ("slip", "after", "told"),
    [
        (change_roles, ("UpdateIdentityPool", 1), ["done", "skipped", "skipped"]),
        (change_principal_tags, ("SetIdentityPoolRoles", 2), ["done", "done", "skipped"]),
        (delete, ("UpdateIdentityPool", 1), ["done", "skipped", "skipped"]),
    ],
    ids=["roles", "principal tags", "deleted"],
)
def test_between_two_writes_to_one_pool(
    bench: Bench, slip: Slip, after: Boundary, told: list[str]
) -> None:
    """What was written before stays; what comes after is left to the next plan."""
    everything = {
        **FULL,
        "AllowClassicFlow": True,
        "Roles": ACTIONS["roles"]["Roles"],
        "PrincipalTagAttributeMaps": ACTIONS["principal tags"]["PrincipalTagAttributeMaps"],
    }
    bench.slip_in(slip, after=after)
    result = bench.run(document("contested", everything))
    bench.assert_stale(result, *told)
    again = bench.idpool.run("apply", "specs", "--yes")
    assert again.code == 0, again.text


@pytest.mark.parametrize("action", ACTIONS)
def test_deleted_between_the_fresh_read_and_the_write(bench: Bench, action: str) -> None:
    """AWS refuses the write because there is no pool: stale as well, and nothing was done."""
    operation = {
        "update": "UpdateIdentityPool",
        "tag": "TagResource",
        "untag": "UntagResource",
        "roles": "SetIdentityPoolRoles",
        "principal tags": "SetPrincipalTagAttributeMap",
    }[action]

    def remove(asked: str, _number: int) -> None:
        body = bench.proxy.requests[-1].body or {}
        about = body.get("IdentityPoolId") or body.get("ResourceArn", "").rpartition("/")[2]
        if asked == operation and about == bench.id:
            delete(bench.account.client, bench.id)

    bench.proxy.before = remove
    lifecycle = SHARED if operation.endswith("Resource") else {}
    result = bench.run(document("contested", ACTIONS[action], lifecycle=lifecycle))
    assert result.code == 4, result.text
    assert outcomes(bench.idpool)["contested"] == ["skipped"]
    assert f"the pool {bench.id} is gone" in result.out
    bench.assert_others_done()


def test_between_tagging_and_untagging(bench: Bench) -> None:
    """The two halves of a change of tags."""
    bench.slip_in(change_a_tag, after=("TagResource", 1))
    wanted = {**FULL, "IdentityPoolTags": {"team": "other"}}
    result = bench.run(document("contested", wanted, lifecycle=SHARED))
    bench.assert_stale(result, "done", "skipped")


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_ignored_may_change(bench: Bench, action: str) -> None:
    """A field and a tag that others write are not stale, and what they wrote survives."""
    clients = [
        {"ProviderName": USER_POOL, "ClientId": name, "ServerSideTokenCheck": False}
        for name in ("client1", "theirs")
    ]

    def write(client: Any, pool_id: str) -> None:
        update(client, pool_id, CognitoIdentityProviders=clients)
        client.tag_resource(ResourceArn=ARN + pool_id, Tags={"cost:center": "42"})

    (bench.folder / "idpool.yaml").write_text(PROJECT, encoding="utf-8")
    ignoring = {"ignoreChanges": ["CognitoIdentityProviders"]}
    bench.slip_in(write)
    result = bench.run(document("contested", ACTIONS[action], lifecycle=ignoring))
    assert result.code == 0, result.text
    pool = bench.account.describe(bench.id)
    assert sorted(pool["CognitoIdentityProviders"], key=itemgetter("ClientId")) == clients
    assert pool["IdentityPoolTags"]["cost:center"] == "42"
    again = bench.idpool.run("plan", "specs", "--detailed-exitcode")
    assert again.code == 0, again.text


def test_ignored_role_mappings_may_change(bench: Bench) -> None:
    """Roles and mappings are one call: the mapping that somebody wrote is sent back."""
    theirs = {f"{USER_POOL}:client1": {"Type": "Token", "AmbiguousRoleResolution": "Deny"}}
    theirs["graph.facebook.com"] = {"Type": "Token", "AmbiguousRoleResolution": "Deny"}

    def write(client: Any, pool_id: str) -> None:
        client.set_identity_pool_roles(
            IdentityPoolId=pool_id,
            Roles={"authenticated": f"{ROLE}-a"},
            RoleMappings=theirs,
        )

    bench.slip_in(write)
    ignoring = {"ignoreChanges": ["RoleMappings"]}
    result = bench.run(document("contested", ACTIONS["roles"], lifecycle=ignoring))
    assert result.code == 0, result.text
    assert bench.account.roles(bench.id) == {
        "Roles": {"authenticated": f"{ROLE}-b"},
        "RoleMappings": theirs,
    }


def test_the_same_change_by_somebody_else_is_no_harm(bench: Bench) -> None:
    """Live as the action leaves it: nothing is sent, and it is done."""
    bench.slip_in(
        lambda client, pool_id: update(client, pool_id, AllowUnauthenticatedIdentities=True)
    )
    result = bench.run(document("contested", ACTIONS["update"]))
    assert result.code == 0, result.text
    assert outcomes(bench.idpool)["contested"] == ["done"]
    assert ("UpdateIdentityPool", bench.id) not in writes(bench.proxy.requests)
    assert bench.proxy.counts()[CREATE] == 1
