"""Each field that an apply has changed comes back exactly, and so does the change itself."""

import pytest

from tests.e2e.conftest import Account
from tests.e2e.test_every_field import CASES, FULL, Case
from tests.rollback.conftest import Apply, live_pool
from tests.support.cli import Idpool

_CHANGES = [case for case in CASES if case.label != "secret half"]


@pytest.mark.parametrize("case", _CHANGES, ids=lambda case: case.label)
def test_a_changed_field_comes_back(
    idpool: Idpool, account: Account, apply: Apply, case: Case
) -> None:
    """Back, and back again by the rollback's own receipt; nothing else moves."""
    is_flow = case.field == "AllowClassicFlow"  # with guests, a check refuses it
    spec = {**FULL, "AllowUnauthenticatedIdentities": False} if is_flow else FULL
    apply(spec)
    pool_id = account.only_id()
    before = live_pool(account, pool_id)
    apply({**spec, case.field: case.changed})
    after = live_pool(account, pool_id)

    back = idpool.run("rollback", "receipt.json", "--apply", "--yes", "--receipt", "back.json")
    there = live_pool(account, pool_id)
    again = idpool.run("rollback", "back.json", "--apply", "--yes")

    assert back.code == again.code == 0, back.text + again.text
    assert before != after
    assert there == before
    assert live_pool(account, pool_id) == after


def test_everything_at_once_comes_back(idpool: Idpool, account: Account, apply: Apply) -> None:
    """Providers that leave and come take their roles and principal tags along."""
    bare = {
        "IdentityPoolName": "other name",
        "SupportedLoginProviders": {"api.twitter.com": "key;secret"},
        "DeveloperProviderName": "login.storefront",
        "Roles": {},
        "PrincipalTagAttributeMaps": {},
    }
    apply(bare)
    before = live_pool(account, account.only_id())
    apply(FULL)

    back = idpool.run("rollback", "receipt.json", "--apply", "--yes")

    assert back.code == 0, back.text
    assert live_pool(account, account.only_id()) == before
    again = idpool.run("rollback", "receipt.json")
    assert (again.code, "Nothing to take back" in again.out) == (0, True)


def test_what_was_not_managed_stays_so(idpool: Idpool, account: Account, apply: Apply) -> None:
    """Roles set by hand after the run are nobody's business here."""
    apply({"AllowClassicFlow": False})
    apply({"AllowClassicFlow": True})
    pool_id, role = account.only_id(), "arn:aws:iam::123456789012:role/by-hand"
    account.client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles={"authenticated": role})

    result = idpool.run("rollback", "receipt.json", "--apply", "--yes")

    assert result.code == 0, result.text
    assert account.roles(pool_id)["Roles"] == {"authenticated": role}
    assert not account.describe(pool_id).get("AllowClassicFlow")


def test_what_the_spec_ignored_stays_as_it_is_now(
    idpool: Idpool, account: Account, apply: Apply
) -> None:
    """The other owner has written it since; that is neither stale nor taken back."""
    lifecycle = {"ignoreChanges": ["SamlProviderARNs"]}
    apply({"AllowClassicFlow": False}, lifecycle=lifecycle)
    apply({"AllowClassicFlow": True}, lifecycle=lifecycle)
    saml = ["arn:aws:iam::123456789012:saml-provider/Theirs"]
    live = account.describe(account.only_id())
    account.client.update_identity_pool(**{**live, "SamlProviderARNs": saml})

    result = idpool.run("rollback", "receipt.json", "--apply", "--yes")

    assert result.code == 0, result.text
    after = account.describe(account.only_id())
    assert after["SamlProviderARNs"] == saml
    assert not after.get("AllowClassicFlow")
