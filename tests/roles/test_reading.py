"""Roles as IAM has them: whole, once each, and with what may not be read said of them alone."""

from contextlib import ExitStack
from typing import Any

import pytest

from reconciler.live.references import Once
from reconciler.live.roles import RoleReader
from reconciler.model.errors import AwsProblem
from reconciler.model.roles import Missing, Role, RoleFacts, Unread, UserPoolClients
from reconciler.sandbox.server import SandboxServer
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.iam_policy.guard import guarding
from tests.roles.conftest import ANYTHING, Seeds, policy, role_arn, trust
from tests.support.cli import ACCOUNT, REGION
from tests.support.in_process import Driver

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
SHOP: dict[str, Any] = {
    "trust": trust(),
    "policies": {"read": policy(READ), "all": ANYTHING},
    "managed": {"more": policy(READ)},
    "boundary": policy(READ),
    "tags": {"team": "shop"},
}
PROVIDER = f"cognito-idp.{REGION}.amazonaws.com/{REGION}_Abc"


def read(
    url: str, *roles: str, clients: tuple[str, ...] = (), once: Once | None = None
) -> RoleFacts:
    """What the reader has of them."""
    with Driver(url) as driver:
        reader = RoleReader(driver.connection, driver.workers, once or Once())
        return reader.facts(roles, clients)


def test_a_role_is_read_with_all_its_policies(sandbox: SandboxServer, seed: Seeds) -> None:
    """Trust, inline and managed policies, boundary and tags; documents are decoded."""
    seed(role={"shop": SHOP})
    role = read(sandbox.url, role_arn("shop")).roles[role_arn("shop")]
    assert isinstance(role, Role)
    assert role.trust == SHOP["trust"]
    assert {policy.name.rpartition("/")[2]: policy.document for policy in role.policies} == {
        "read": SHOP["policies"]["read"],
        "all": ANYTHING,
        "shop-more": SHOP["managed"]["more"],
    }
    assert role.boundary is not None
    assert role.boundary.document == SHOP["boundary"]
    assert role.tags == {"team"}
    assert role.unread == ()


def test_a_role_that_is_seeded_anew_replaces_the_old_one(
    sandbox: SandboxServer, seed: Seeds
) -> None:
    seed(role={"shop": SHOP})
    read(sandbox.url, role_arn("shop"))
    seed(role={"shop": {"trust": trust("unauthenticated")}})
    role = read(sandbox.url, role_arn("shop")).roles[role_arn("shop")]
    assert role == Role(role_arn("shop"), trust("unauthenticated"))


def test_a_role_with_another_path_is_another_role(sandbox: SandboxServer, seed: Seeds) -> None:
    """IAM is asked by name alone: what it answers has to have the ARN that was meant."""
    seed(role={"shop": {"trust": trust(), "path": "/team/"}})
    with_path = f"arn:aws:iam::{ACCOUNT}:role/team/shop"
    found = read(sandbox.url, role_arn("shop"), with_path, role_arn("none")).roles
    assert isinstance(found[with_path], Role)
    assert isinstance(found[role_arn("shop")], Missing)
    assert isinstance(found[role_arn("none")], Missing)


def test_a_role_of_another_account_is_not_asked_for(sandbox: SandboxServer, seed: Seeds) -> None:
    """A role of the same name here would be taken for it."""
    seed(role={"shop": SHOP})
    theirs = role_arn("shop", "999999999999")
    with FaultProxy(sandbox.url) as proxy:
        found = read(proxy.url, theirs).roles[theirs]
        assert "GetRole" not in proxy.counts()
    assert isinstance(found, Unread)


def test_each_role_and_managed_policy_is_read_once(sandbox: SandboxServer, seed: Seeds) -> None:
    """By however many targets of one account, in one run."""
    seed(role={"shop": SHOP, "other": SHOP})
    once = Once()
    with FaultProxy(sandbox.url) as proxy:
        for _ in range(3):
            read(proxy.url, role_arn("shop"), role_arn("other"), role_arn("shop"), once=once)
        counts = proxy.counts()
    assert counts["GetRole"] == 2
    # Each has a policy and a boundary of its own.
    assert counts["GetPolicy"] == counts["GetPolicyVersion"] == 4


@pytest.mark.parametrize(
    ("allowed", "unread"),
    [
        ((), "AWS denied GetRole"),
        (("GetRole",), "AWS denied ListRolePolicies"),
        (("GetRole", "ListRolePolicies"), "policy read: AWS denied GetRolePolicy"),
        (("GetRole", "ListRolePolicies", "GetRolePolicy"), "AWS denied ListAttachedRolePolicies"),
        (
            ("GetRole", "ListRolePolicies", "GetRolePolicy", "ListAttachedRolePolicies"),
            "AWS denied GetPolicy",
        ),
    ],
)
def test_what_may_not_be_read_is_said_of_the_role(
    sandbox: SandboxServer, seed: Seeds, stack: ExitStack, allowed: tuple[str, ...], unread: str
) -> None:
    """It is no failure: the others are read."""
    seed(role={"shop": SHOP})
    actions = [f"iam:{each}" for each in allowed]
    may = policy({"Sid": "A", "Effect": "Allow", "Action": actions, "Resource": "*"})
    guard = stack.enter_context(guarding(sandbox.url, may, may))
    role = read(guard.url, role_arn("shop")).roles[role_arn("shop")]
    if isinstance(role, Unread):
        assert role.why == unread
    else:
        assert isinstance(role, Role)
        assert any(unread in each for each in role.unread), role.unread


def test_a_throttled_call_is_sent_again(sandbox: SandboxServer, seed: Seeds) -> None:
    seed(role={"shop": SHOP})
    throttled = Fault(FaultKind.THROTTLING, "GetRole", occurrence=1)
    with FaultProxy(sandbox.url, [throttled]) as proxy:
        assert isinstance(read(proxy.url, role_arn("shop")).roles[role_arn("shop")], Role)


def test_write_attributes_of_all_clients_are_read(sandbox: SandboxServer, seed: Seeds) -> None:
    """Those that were set; where none were, AWS answers none.  Each client is read once."""
    clients = {"web": {"id": "web1", "writeAttributes": ["custom:role"]}, "app": "app1"}
    seed(userPool={"users": {"id": f"{REGION}_Abc", "clients": clients}})
    keys = tuple(f"{PROVIDER}:{client}" for client in ("web1", "app1", "none"))
    with FaultProxy(sandbox.url) as proxy:
        found = read(proxy.url, clients=(*keys, "graph.facebook.com")).clients
        counts = proxy.counts()
    both = UserPoolClients({"web1": frozenset({"custom:role"}), "app1": None})
    assert (found[keys[0]], found[keys[1]]) == (both, both)
    assert isinstance(found[keys[2]], Missing)
    assert isinstance(found["graph.facebook.com"], Unread)
    assert (counts["ListUserPoolClients"], counts["DescribeUserPoolClient"]) == (1, 2)


@pytest.mark.parametrize("denied", ["ListUserPoolClients", "DescribeUserPoolClient"])
def test_clients_that_may_not_be_read_are_said_so(
    sandbox: SandboxServer, seed: Seeds, denied: str
) -> None:
    seed(userPool={"users": {"id": f"{REGION}_Abc", "clients": {"web": "web1"}}})
    key = f"{PROVIDER}:web1"
    with FaultProxy(sandbox.url, [Fault(FaultKind.ACCESS_DENIED, denied)]) as proxy:
        found = read(proxy.url, clients=(key,)).clients[key]
    assert isinstance(found, Unread)
    assert found.why == f"AWS denied {denied}"


def test_what_is_no_answer_about_a_role_stops_the_target(sandbox: SandboxServer) -> None:
    expired = Fault(FaultKind.EXPIRED_TOKEN, "GetRole")
    with FaultProxy(sandbox.url, [expired]) as proxy, pytest.raises(AwsProblem):
        read(proxy.url, role_arn("shop"))


def test_a_policy_of_a_seed_that_iam_does_not_take_is_told(
    sandbox: SandboxServer, seed: Seeds
) -> None:
    """As IAM tells it, not by a connection that is closed."""
    seed(role={"shop": {"trust": trust(), "policies": {"bad": policy({**READ, "Resource": "b"})}}})
    with pytest.raises(AwsProblem, match="MalformedPolicyDocument"):
        read(sandbox.url, role_arn("shop"))
