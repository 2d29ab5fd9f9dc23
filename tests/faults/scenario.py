"""A plan with every write operation in it, and what must be true however it goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from reconciler.live.retry import Budget
from reconciler.model.plan import Plan
from reconciler.model.receipt import ActionReceipt, Receipt
from reconciler.sandbox.server import SandboxServer
from tests.faults.proxy import FaultProxy
from tests.support.in_process import Driver
from tests.support.specs import document

USER_POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb"
ROLE = "arn:aws:iam::123456789012:role/shop"
FULL: dict[str, Any] = {
    "AllowClassicFlow": False,
    "SupportedLoginProviders": {"graph.facebook.com": "1"},
    "CognitoIdentityProviders": [{"ProviderName": USER_POOL, "ClientId": "client1"}],
    "IdentityPoolTags": {"team": "shop", "old": "yes"},
    "Roles": {"authenticated": f"{ROLE}-a"},
    "RoleMappings": {
        f"{USER_POOL}:client1": {"Type": "Token", "AmbiguousRoleResolution": "Deny"},
    },
    "PrincipalTagAttributeMaps": {USER_POOL: {"PrincipalTags": {"department": "dept"}}},
}

# A field is somebody else's: tags then go by calls of their own.
SHARED = {"ignoreChanges": ["DeveloperProviderName"]}

# What is there before, and what the specs then say: each write operation once.
BEFORE = [
    document("updated", FULL),
    document("tagged", FULL, lifecycle=SHARED),
    document("deleted", {"AllowClassicFlow": True}),
]
WANTED = [
    document("created", FULL),
    document("updated", {**FULL, "AllowUnauthenticatedIdentities": True}),
    document(
        "tagged", {**FULL, "IdentityPoolTags": {"team": "other", "new": "yes"}}, lifecycle=SHARED
    ),
    document("deleted", {"AllowClassicFlow": True}, lifecycle={"delete": True}),
]
OPERATIONS = (
    "CreateIdentityPool",
    "SetIdentityPoolRoles",
    "SetPrincipalTagAttributeMap",
    "UpdateIdentityPool",
    "TagResource",
    "UntagResource",
    "DeleteIdentityPool",
)


@contextmanager
def impatient(url: str, **settings: Any) -> Iterator[Driver]:
    """A driver that gives up on answers soon, so that a hanging server costs little."""
    quick = {"read_seconds": 0.4, "settle_seconds": 0.3, "budget": Budget(20.0)}
    with Driver(url, **{**quick, **settings}) as driver:
        yield driver


def prepare(sandbox: SandboxServer) -> dict[str, str]:
    """Make what is there before; the ids by pool name."""
    with Driver(sandbox.url) as driver:
        driver.apply(*BEFORE)
        return {pool.name: pool.pool_id for pool in driver.connection.listing()}


def assert_converged(sandbox: SandboxServer, ids: dict[str, str]) -> None:
    """One pool a spec, all as specified, none replaced, nothing left to do."""
    with Driver(sandbox.url) as driver:
        pools = driver.connection.listing()
        plan = driver.plan(*WANTED)
    assert sorted(pool.name for pool in pools) == ["created", "tagged", "updated"]
    kept = {pool.name: pool.pool_id for pool in pools if pool.name in ids}
    assert kept.items() <= ids.items()
    assert not plan.has_changes, plan
    assert not list(plan.refusals)


def assert_truthful(plan: Plan, receipt: Receipt, proxy: FaultProxy) -> None:
    """Each action is in the receipt, and its outcome is what the server knows to have happened.

    ``done``: carried out at least once, or found to be so already.  ``failed`` and ``skipped``:
    never carried out.  ``unknown`` may be either.
    """
    planned = [(pool.name, action) for pool in plan.pools for action in pool.actions]
    told = [(pool.name, entry.action) for pool in receipt.pools for entry in pool.actions]
    assert told == planned
    for entry in receipt.actions:
        carried_out = _carried_out(entry, proxy)
        if entry.outcome == "done":
            assert carried_out, entry
        elif entry.outcome in {"failed", "skipped"}:
            assert not carried_out, entry


def _carried_out(entry: ActionReceipt, proxy: FaultProxy) -> bool:
    operation = OPERATION_OF[entry.action.kind]
    return any(r.operation == operation and r.committed is not False for r in proxy.requests)


OPERATION_OF = {
    "CreatePool": "CreateIdentityPool",
    "SetRoles": "SetIdentityPoolRoles",
    "SetPrincipalTags": "SetPrincipalTagAttributeMap",
    "UpdatePool": "UpdateIdentityPool",
    "TagPool": "TagResource",
    "UntagPool": "UntagResource",
    "DeletePool": "DeleteIdentityPool",
}
