"""Who wrote: CloudTrail's events as something a person knows, within a bound on calls."""

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.live import trail
from reconciler.live.aws import Aws
from reconciler.live.calls import DOCUMENTED_RATES
from reconciler.live.retry import Budget
from reconciler.live.trail import who_of
from reconciler.model.live import Asked
from reconciler.model.project import Target
from reconciler.sandbox.server import SandboxServer
from tests.drift.conftest import change
from tests.e2e.conftest import Account
from tests.support.answering import answering
from tests.support.cli import Idpool

SSO = "AWSReservedSSO_AdministratorAccess_0123456789abcdef"


def assumed(role: str, session: str, **context: Any) -> dict[str, Any]:
    """A userIdentity of CloudTrail's for an assumed role."""
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{session}",
        "arn": f"arn:aws:sts::123456789012:assumed-role/{role}/{session}",
        "sessionContext": {"sessionIssuer": {"type": "Role", "userName": role}, **context},
    }


WHO: list[tuple[dict[str, Any], str]] = [
    ({"type": "IAMUser", "userName": "alice"}, "user alice"),
    ({"type": "Root", "arn": "arn:aws:iam::123456789012:root"}, "the account's root user"),
    (assumed("admin", "jane"), "role admin, session jane"),
    (assumed(SSO, "jane@example.com"), "jane@example.com (Identity Center, AdministratorAccess)"),
    (assumed("ci", "run-7", sourceIdentity="jane"), "role ci, session run-7, for jane"),
    (
        {"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/admin/jane"},
        "role admin, session jane",
    ),
    ({"type": "AssumedRole", "principalId": "AROA:jane"}, "role unknown, session jane"),
    (
        {"type": "AWSService", "invokedBy": "cloudformation.amazonaws.com"},
        "AWS service cloudformation.amazonaws.com",
    ),
    ({"type": "FederatedUser", "arn": "arn:aws:sts::1:federated-user/bob"}, "user bob"),
    ({"type": "AssumedRole", "arn": 7, "sessionContext": "cut off"}, "role unknown"),
    ({}, ""),
]


@pytest.mark.parametrize(("identity", "who"), WHO)
def test_identities_are_people(identity: dict[str, Any], who: str) -> None:
    """The shapes of CloudTrail's userIdentity element, and broken ones."""
    assert who_of(identity).startswith(who)
    assert bool(who) == bool(who_of(identity))


def test_a_hand_change_names_who_when_which_and_where(
    idpool: Idpool, session: Callable[[str, str], Any], shop: str
) -> None:
    """The newest write first; calls that cannot have made the drift are not asked for."""
    change(session("admin", "jane@example.com"), shop, AllowClassicFlow=True)
    result = idpool.run("drift", "specs", "--who", "-vv")
    assert result.code == 2, result.text
    line = next(row for row in result.out.splitlines() if "by " in row)
    assert "by role admin, session jane@example.com" in line
    assert "UpdateIdentityPool" in line
    assert "from 127.0.0.1" in line
    assert result.err.count("LookupEvents in default: answered") == 1


def test_who_deleted_a_pool_is_found_by_its_tags(
    idpool: Idpool, session: Callable[[str, str], Any], shop: str
) -> None:
    """Its id is known only from the call that made it."""
    session("admin", "mallory").delete_identity_pool(IdentityPoolId=shop)
    result = idpool.run("drift", "specs", "--who")
    assert "by role admin, session mallory" in result.out
    assert "DeleteIdentityPool" in result.out


def test_clean_pools_are_not_asked_about(idpool: Idpool, shop: str) -> None:
    """No drift, no call."""
    assert shop
    result = idpool.run("drift", "specs", "--who", "-vv")
    assert result.code == 0
    assert "LookupEvents" not in result.err


def test_a_trail_that_may_not_be_read_does_not_hide_the_drift(
    idpool: Idpool, account: Account, shop: str
) -> None:
    """An error on stderr with the permission, and the report and exit code as without --who."""
    change(account.client, shop, AllowClassicFlow=True)
    with answering("AccessDeniedException", "no") as url:
        environment = {**idpool.environment, "AWS_ENDPOINT_URL_CLOUDTRAIL": url}
        result = Idpool(idpool.folder, environment).run("drift", "specs", "--who")
    assert result.code == 2, result.text
    assert "allow cloudtrail:LookupEvents" in result.err
    assert "AllowClassicFlow" in result.out


def test_calls_are_bounded(
    sandbox: SandboxServer, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages are turned only for pools that nothing was found of, and never without end."""
    pool_id = account.create("quiet")
    other = account.create("loud")
    for number in range(110):
        account.client.update_identity_pool(
            IdentityPoolId=other if number else pool_id,
            IdentityPoolName=f"n{number}",
            AllowUnauthenticatedIdentities=False,
        )
    aws = Aws(Budget(), sandbox_url=sandbox.url)
    connection = aws.open(Target(name="t"))
    asked = [Asked(owner="o", name="n", pool_id=pool_id, calls=("UpdateIdentityPool",))]

    found = trail.last_writes(connection, asked)
    monkeypatch.setattr(trail, "MOST_CALLS", 2)
    cut = trail.last_writes(connection, asked)
    aws.close()

    assert [e.write.call for e in found if e.pool_id == pool_id] == ["UpdateIdentityPool"]
    assert not [e for e in cut if e.pool_id == pool_id]
    assert DOCUMENTED_RATES["LookupEvents"] == 2.0
