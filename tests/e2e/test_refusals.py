"""What AWS can never take back is refused, and the rest goes on."""

import pytest

from tests.e2e.conftest import Account
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of


@pytest.mark.parametrize("new", ["login.other", None], ids=["changed", "removed"])
def test_a_developer_provider_is_never_changed_or_removed(
    idpool: Idpool, account: Account, new: str | None
) -> None:
    """Exit 3, the reason and the way out; other pools are applied all the same."""
    old = {"DeveloperProviderName": "login.game"}
    idpool.write("specs/a.yaml", yaml_of(document("game", old), document("other")))
    assert idpool.run("apply", "specs", "--yes").code == 0
    game = next(i for i, p in account.pools().items() if p["IdentityPoolName"] == "game")
    before = account.describe(game)
    changed = {"DeveloperProviderName": new} if new else {}
    other = document("other", {"AllowClassicFlow": True})
    idpool.write("specs/a.yaml", yaml_of(document("game", changed), other))

    planned = idpool.run("plan", "specs")
    result = idpool.run("apply", "specs", "--yes")

    assert planned.code == result.code == 3, result.text
    assert "never" in result.out
    assert "way out" in result.out
    assert "login.game" in result.out
    assert account.describe(game) == before
    flags = [p.get("AllowClassicFlow") for p in account.pools().values() if p != before]
    assert flags == [True]


def test_a_first_developer_provider_is_allowed_and_marked(idpool: Idpool, account: Account) -> None:
    """Setting it once is what AWS lets one do; the plan says that there is no way back."""
    idpool.write("specs/a.yaml", yaml_of(document("game")))
    idpool.run("apply", "specs", "--yes")
    idpool.write("specs/a.yaml", yaml_of(document("game", {"DeveloperProviderName": "login.game"})))

    result = idpool.run("apply", "specs", "--yes")

    assert result.code == 0, result.text
    assert "cannot be undone" in result.out
    assert account.describe(account.only_id())["DeveloperProviderName"] == "login.game"


def test_the_wrong_account_is_refused_before_anything_is_read(
    idpool: Idpool, account: Account
) -> None:
    """The account that answers must be the one that the target names."""
    idpool.write(
        "idpool.yaml",
        "apiVersion: idpool/v1\nkind: Project\nowner: acme\n"
        'targets:\n  prod: {account: "111122223333", region: eu-west-1}\n',
    )
    idpool.write("specs/a.yaml", yaml_of(document("shop")))

    result = idpool.run("apply", "--yes")

    assert result.code == 3, result.text
    assert "111122223333" in result.out
    assert "123456789012" in result.out
    assert account.pools() == {}


def test_roles_empty_are_managed_and_left_out_are_not(idpool: Idpool, account: Account) -> None:
    """``Roles: {}`` takes roles away; without the line they are nobody's business here."""
    role = "arn:aws:iam::123456789012:role/by-hand"
    idpool.write("specs/a.yaml", yaml_of(document("shop")))
    idpool.run("apply", "specs", "--yes")
    pool_id = account.only_id()
    by_hand = {"authenticated": role}
    account.client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=by_hand)

    unmanaged = idpool.run("apply", "specs", "--yes")
    left = account.roles(pool_id)
    idpool.write("specs/a.yaml", yaml_of(document("shop", {"Roles": {}})))
    managed = idpool.run("apply", "specs", "--yes")

    assert unmanaged.code == managed.code == 0, managed.text
    assert left["Roles"] == by_hand
    assert account.roles(pool_id) == {"Roles": {}, "RoleMappings": {}}
    assert idpool.run("plan", "specs", "--detailed-exitcode").code == 0


def test_ignored_fields_keep_what_another_owner_writes(idpool: Idpool, account: Account) -> None:
    """OpenSearch adds its client; an update of ours sends it back."""
    lifecycle = {"ignoreChanges": ["CognitoIdentityProviders"]}
    idpool.write("specs/a.yaml", yaml_of(document("shop", lifecycle=lifecycle)))
    idpool.run("apply", "specs", "--yes")
    pool_id = account.only_id()
    theirs = [
        {
            "ProviderName": "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_X",
            "ClientId": "opensearch",
        }
    ]
    live = {**account.describe(pool_id), "CognitoIdentityProviders": theirs}
    account.client.update_identity_pool(**live)

    quiet = idpool.run("plan", "specs", "--detailed-exitcode")
    changed = document("shop", {"AllowClassicFlow": True}, lifecycle=lifecycle)
    idpool.write("specs/a.yaml", yaml_of(changed))
    result = idpool.run("apply", "specs", "--yes")

    assert quiet.code == 0, quiet.text
    assert result.code == 0, result.text
    after = account.describe(pool_id)
    assert after["AllowClassicFlow"] is True
    assert [c["ClientId"] for c in after["CognitoIdentityProviders"]] == ["opensearch"]
