"""What live has already never blocks, and whatever a plan would bring about is refused."""

import json
from typing import Any

import pytest

from reconciler.checks.pool_checks import CHECKS
from reconciler.text.problems import wording
from tests.e2e.conftest import Account, account, idpool, sandbox
from tests.support.cli import ACCOUNT, Idpool
from tests.support.specs import document, yaml_of

__all__ = ["account", "idpool", "sandbox"]

SPEC = "specs/shop.yaml"
ERRORS = {check.rule for check in CHECKS if wording(check.rule).get("severity") is None}
# A pool with every finding of severity error.
BAD: dict[str, Any] = {"AllowUnauthenticatedIdentities": True, "AllowClassicFlow": True}


def role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def both(users: str, guests: str) -> dict[str, str]:
    return {"authenticated": role(users), "unauthenticated": role(guests)}


@pytest.fixture
def adopted(idpool: Idpool, account: Account) -> Idpool:
    """A spec that was imported from a pool with every finding, before its first apply."""
    pool_id = account.create("shop", **BAD)
    account.client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=both("all", "all"))
    result = idpool.run("import", "shop", "--out", "specs")
    assert result.code == 0, result.text
    return idpool


def findings(idpool: Idpool) -> dict[str, bool]:
    """The errors of the plan, and whether live has them."""
    record = json.loads(idpool.run("plan", "specs", "--format", "json").out)
    found = record["targets"][0]["pools"][0]["findings"]
    return {each["rule"]: each["alreadySo"] for each in found if each["severity"] == "error"}


def test_a_pool_with_every_error_is_adopted_as_it_is(adopted: Idpool) -> None:
    """The plan shows two tags and nothing else to change, and what the checks find as it is."""
    result = adopted.run("plan", "specs")
    assert result.code == 0, result.text
    changes = [line.strip() for line in result.out.splitlines() if line.strip()[:2] in ("+ ", "~ ")]
    assert changes[0].startswith("~ update shop")
    assert changes[1:] == ["+ ownership: idpool:owner=default, idpool:name=shop (adopts this pool)"]
    for rule in ERRORS:
        (line,) = (line for line in result.out.splitlines() if f"[{rule}]" in line)
        assert line.strip().startswith("already so: error: specs/")
    assert findings(adopted) == dict.fromkeys(map(str, ERRORS), True)
    assert adopted.run("apply", "specs", "--yes").code == 0
    assert "No changes." in adopted.run("plan", "specs").out
    assert adopted.run("check", "specs").code == 3


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ({"AllowClassicFlow": False}, {}, "classic-flow-with-guests"),
        ({"AllowUnauthenticatedIdentities": False}, {}, "classic-flow-with-guests"),
        ({"AllowUnauthenticatedIdentities": False}, {}, "guest-role-is-users-role"),
        ({"Roles": both("all", "few")}, {}, "guest-role-is-users-role"),
        ({}, {"Roles": both("worse", "worse")}, "guest-role-is-users-role"),
    ],
)
def test_a_change_that_brings_it_about_is_refused(
    idpool: Idpool, account: Account, before: dict[str, Any], after: dict[str, Any], rule: str
) -> None:
    """The last of them is so already, and is changed to something worse."""
    fields = {**BAD, "Roles": both("all", "all"), **before}
    roles = fields.pop("Roles")
    pool_id = account.create("shop", **fields)
    account.client.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles)
    spec = {**BAD, "Roles": both("all", "all"), **after}
    idpool.write(SPEC, yaml_of(document("shop", spec, metadata={"adopt": pool_id})))
    result = idpool.run("plan", "specs")
    assert result.code == 3, result.text
    assert f"[{rule}]\n      way out: " in result.out
    assert idpool.run("apply", "specs", "--yes").code == 3
    assert account.roles(pool_id)["Roles"] == roles


@pytest.mark.parametrize("rule", sorted(ERRORS))
def test_no_pool_is_made_with_it(idpool: Idpool, account: Account, rule: str) -> None:
    spec = {**BAD, "Roles": both("all", "all")}
    idpool.write(SPEC, yaml_of(document("shop", spec)))
    result = idpool.run("apply", "specs", "--yes")
    assert result.code == 3
    assert f"[{rule}]" in result.out
    assert not account.pools()


def test_a_change_of_another_field_is_made(adopted: Idpool, account: Account) -> None:
    assert adopted.run("apply", "specs", "--yes").code == 0
    (path,) = (adopted.folder / "specs").glob("*.yaml")
    path.write_text(path.read_text() + "  IdentityPoolTags: {team: shop}\n")
    result = adopted.run("apply", "specs", "--yes")
    assert result.code == 0, result.text
    assert account.describe(account.only_id())["IdentityPoolTags"]["team"] == "shop"
    assert set(findings(adopted).values()) == {True}


def test_notes_are_told_to_whoever_asks_for_more(idpool: Idpool) -> None:
    client = {"ProviderName": "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb"}
    clients = [{**client, "ClientId": "b"}, {**client, "ClientId": "a"}]
    spec = {"CognitoIdentityProviders": clients, "Roles": {"authenticated": role("users")}}
    idpool.write(SPEC, yaml_of(document("shop", spec)))
    assert "token-check-off" not in idpool.run("plan", "specs").out
    assert "token-check-off" not in idpool.run("validate", "specs").text
    assert idpool.run("validate", "specs", "--strict").code == 0
    assert "token-check-off" in idpool.run("validate", "specs", "-v").err
    told = idpool.run("plan", "specs", "-v").out
    assert "note: specs/shop.yaml" in told
    # AWS's order is not the spec's; the places are.
    checked = idpool.run("check", "specs").out
    places = {line.split()[0].rstrip(":") for line in checked.splitlines() if "note:" in line}
    assert len(places) == 2
    assert all(f"{place}: spec.CognitoIdentityProviders" in told for place in places)
    for index, client_id in enumerate("ba"):
        assert f'CognitoIdentityProviders[{index}]: client "{client_id}"' in told
