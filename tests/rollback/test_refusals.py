"""What cannot be undone is said, with the reason and a way out; exit 3, and nothing is written."""

import json
from typing import Any

import pytest

from tests.e2e.conftest import Account
from tests.rollback.conftest import Apply
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

TWITTER = {"api.twitter.com": "key;hush1", "graph.facebook.com": "1"}


def _assert_refused(idpool: Idpool, account: Account, rule: str, *fragments: str) -> None:
    before = account.pools()
    shown = idpool.run("rollback", "receipt.json", "--format", "json")
    applied = idpool.run("rollback", "receipt.json", "--apply", "--yes")
    plan = json.loads(shown.out)
    refusals = [
        refusal
        for target in plan["targets"]
        for refusal in (*target["refusals"], *(r for p in target["pools"] for r in p["refusals"]))
    ]
    assert shown.code == applied.code == 3, applied.text
    assert [refusal["rule"] for refusal in refusals] == [rule]
    assert refusals[0]["wayOut"]
    for fragment in fragments:
        assert fragment in refusals[0]["reason"]
    assert account.pools() == before


def test_a_created_pool_is_not_deleted(idpool: Idpool, account: Account, apply: Apply) -> None:
    """The way out is a tombstone."""
    apply({})
    _assert_refused(idpool, account, "created", account.only_id())


def test_a_deleted_pool_does_not_come_back(idpool: Idpool, account: Account, apply: Apply) -> None:
    """Its id and its identities are gone."""
    apply({})
    pool_id = account.only_id()
    apply({}, lifecycle={"delete": True})
    _assert_refused(idpool, account, "deleted", pool_id)


def test_a_developer_provider_is_not_unset(idpool: Idpool, account: Account, apply: Apply) -> None:
    """AWS lets it be set once."""
    apply({})
    apply({"DeveloperProviderName": "login.game"})
    _assert_refused(idpool, account, "developer-provider", "login.game", "never")


@pytest.mark.parametrize(
    "after",
    [
        {**TWITTER, "api.twitter.com": "key;hush2"},
        {**TWITTER, "api.twitter.com": "other;hush1"},
        {"graph.facebook.com": "1"},
    ],
    ids=["another secret", "another key", "removed"],
)
def test_a_secret_is_not_restored(
    idpool: Idpool, account: Account, apply: Apply, after: dict[str, str]
) -> None:
    """No receipt has it."""
    apply({"SupportedLoginProviders": TWITTER})
    apply({"SupportedLoginProviders": after})
    _assert_refused(idpool, account, "secret-unknown", "api.twitter.com", "no secrets")


def test_a_secret_that_the_run_left_alone_is_kept(
    idpool: Idpool, account: Account, apply: Apply
) -> None:
    """Live knows it, and sends it back with the rest."""
    apply({"SupportedLoginProviders": TWITTER})
    apply({"SupportedLoginProviders": {**TWITTER, "graph.facebook.com": "2"}})
    result = idpool.run("rollback", "receipt.json", "--apply", "--yes")
    assert result.code == 0, result.text
    assert account.describe(account.only_id())["SupportedLoginProviders"] == TWITTER
    assert "secret-kept" in result.out


def test_live_that_has_moved_since(idpool: Idpool, account: Account, apply: Apply) -> None:
    """Whoever changed it had a reason; the fields are named."""
    apply({"AllowClassicFlow": False})
    apply({"AllowClassicFlow": True})
    live = account.describe(account.only_id())
    account.client.update_identity_pool(**{**live, "AllowUnauthenticatedIdentities": True})
    _assert_refused(idpool, account, "stale", "AllowUnauthenticatedIdentities")


def test_a_pool_that_is_gone(idpool: Idpool, account: Account, apply: Apply) -> None:
    """Somebody has deleted it."""
    apply({})
    apply({"AllowClassicFlow": True})
    account.client.delete_identity_pool(IdentityPoolId=account.only_id())
    _assert_refused(idpool, account, "gone")


def test_a_pool_that_is_not_ours_any_more(idpool: Idpool, account: Account, apply: Apply) -> None:
    """Its tags decide."""
    apply({})
    apply({"AllowClassicFlow": True})
    tags = {"idpool:owner": "them", "idpool:name": "storefront"}
    live = account.describe(account.only_id())
    account.client.update_identity_pool(**{**live, "IdentityPoolTags": tags})
    _assert_refused(idpool, account, "not-ours")


def _edit_receipt(idpool: Idpool, **changes: Any) -> None:
    path = idpool.folder / "receipt.json"
    receipt = json.loads(path.read_text())
    idpool.write("receipt.json", json.dumps({**receipt, **changes}))


def test_another_account(idpool: Idpool, account: Account, apply: Apply) -> None:
    """The same target name means another place by now."""
    apply({})
    apply({"AllowClassicFlow": True})
    there = {"name": "default", "account": "111122223333", "region": "eu-west-1", "roleArn": None}
    _edit_receipt(idpool, targets=[there])
    _assert_refused(idpool, account, "other-place", "111122223333")


def test_a_pool_is_not_given_to_another_owner(
    idpool: Idpool, account: Account, apply: Apply
) -> None:
    """A receipt that says so was not written by idpool."""
    apply({})
    apply({"AllowClassicFlow": True})
    receipt = json.loads((idpool.folder / "receipt.json").read_text())
    receipt["pools"][0]["before"]["IdentityPoolTags"]["idpool:owner"] = "them"
    _edit_receipt(idpool, pools=receipt["pools"])
    _assert_refused(idpool, account, "other-owner")


@pytest.mark.parametrize(
    "project", ["owner: them\n", "owner: default\ntargets:\n  prod: {account: '1', region: x}\n"]
)
def test_a_receipt_of_another_project(idpool: Idpool, apply: Apply, project: str) -> None:
    """One sentence, exit 1: another owner, or a target that is not here."""
    apply({})
    text = project.replace("'1'", '"123456789012"').replace("region: x", "region: eu-west-1")
    idpool.write("idpool.yaml", f"apiVersion: idpool/v1\nkind: Project\n{text}")
    result = idpool.run("rollback", "receipt.json")
    assert result.code == 1
    assert result.err.startswith("error: receipt.json is about ")
    assert "Traceback" not in result.err


def test_one_refused_pool_does_not_stop_the_others(idpool: Idpool, account: Account) -> None:
    """The new pool stays; the other is taken back."""
    idpool.write("specs/a.yaml", yaml_of(document("a")))
    idpool.run("apply", "specs", "--yes")
    pool_id = account.only_id()
    idpool.write("specs/a.yaml", yaml_of(document("a", {"AllowClassicFlow": True}), document("b")))
    idpool.run("apply", "specs", "--yes", "--receipt", "receipt.json")

    result = idpool.run("rollback", "receipt.json", "--apply", "--yes")

    assert result.code == 3, result.text
    assert len(account.pools()) == 2
    assert not account.describe(pool_id).get("AllowClassicFlow")


def test_without_apply_nothing_is_written_and_without_yes_nobody_is_asked(
    idpool: Idpool, account: Account, apply: Apply
) -> None:
    """Shown first; a pipeline has to say yes."""
    apply({})
    apply({"AllowClassicFlow": True})
    before = account.pools()
    shown = idpool.run("rollback", "receipt.json")
    unasked = idpool.run("rollback", "receipt.json", "--apply")
    assert (shown.code, unasked.code) == (0, 64)
    assert "~ AllowClassicFlow: true -> false" in shown.out
    assert account.pools() == before


def test_a_bad_receipt_is_one_sentence(idpool: Idpool) -> None:
    """Place, reason and fix; no traceback."""
    idpool.write("receipt.json", '{\n"pools": NaN}')
    result = idpool.run("rollback", "receipt.json")
    assert result.code == 1
    assert result.err.startswith("error: receipt.json:2: ")
    assert result.out == ""
