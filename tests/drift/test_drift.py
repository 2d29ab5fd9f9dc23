"""What has moved away in AWS, as the command tells it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reconciler.specs.schema_texts import schema_text
from tests.drift.conftest import SHOP, ClientOf, change, project
from tests.e2e.conftest import Account
from tests.support.cli import ACCOUNT, Idpool
from tests.support.specs import document, yaml_of

SCHEMA = Path(__file__).parents[2] / "schemas" / "drift.schema.json"


def as_json(idpool: Idpool, *arguments: str) -> dict[str, Any]:
    """The report for programs, which its published schema describes."""
    drift = json.loads(idpool.run("drift", "specs", "--format", "json", *arguments).out)
    jsonschema.Draft7Validator(json.loads(SCHEMA.read_bytes())).validate(drift)
    return drift


@pytest.mark.usefixtures("shop")
def test_what_is_as_specified_is_no_drift(idpool: Idpool) -> None:
    """Exit 0, and one line."""
    result = idpool.run("drift", "specs")
    assert (result.code, result.out) == (0, "No drift: 1 as specified.\n")
    assert as_json(idpool)["isClean"] is True


def test_a_hand_change_is_told_by_field(idpool: Idpool, account: Account, shop: str) -> None:
    """What the specs say and what live has, from AWS's side: what was added there is a plus."""
    tags = account.describe(shop)["IdentityPoolTags"]
    del tags["stage"]
    change(
        account.client,
        shop,
        AllowClassicFlow=True,
        IdentityPoolTags={**tags, "team": "x", "new": "y"},
    )

    result = idpool.run("drift", "specs")

    assert result.code == 2, result.text
    assert f"~ drifted shop  {shop}  specs/shop.yaml:1" in result.out
    assert "AllowClassicFlow: specs say false, live has true" in result.out
    assert "+ new: specs have none, live has y" in result.out
    assert "- stage: specs say prod, live has none" in result.out
    assert "~ team: specs say shop, live has x" in result.out
    assert result.out.endswith("Drift: 1 drifted.\n")


def test_drift_clears_when_it_is_applied(idpool: Idpool, account: Account, shop: str) -> None:
    """Apply repairs, and drift has nothing to tell."""
    change(account.client, shop, AllowClassicFlow=True)
    assert idpool.run("drift", "specs").code == 2
    assert idpool.run("apply", "specs", "--yes").code == 0
    assert idpool.run("drift", "specs").code == 0


def test_drift_changes_nothing(idpool: Idpool, account: Account, shop: str) -> None:
    """It only reads."""
    change(account.client, shop, AllowClassicFlow=True)
    before = account.pools()
    idpool.run("drift", "specs", "--who")
    assert account.pools() == before


def test_a_pool_deleted_by_hand_is_missing(idpool: Idpool, account: Account, shop: str) -> None:
    """Without listing every field of it, which would say nothing."""
    account.client.delete_identity_pool(IdentityPoolId=shop)
    result = idpool.run("drift", "specs")
    assert result.code == 2, result.text
    assert "- missing shop" in result.out
    assert "IdentityPoolTags" not in result.out
    (pool,) = as_json(idpool)["targets"][0]["pools"]
    assert (pool["kind"], pool["poolId"], pool["fields"]) == ("missing", None, [])


@pytest.mark.usefixtures("shop")
def test_an_orphan_is_drift(idpool: Idpool, account: Account) -> None:
    """Somebody made a pool with our tags, or removed a spec without a tombstone."""
    tags = {"idpool:owner": "default", "idpool:name": "gone"}
    orphan = account.create("lost", IdentityPoolTags=tags)
    result = idpool.run("drift", "specs")
    assert result.code == 2, result.text
    assert f"? orphan lost  {orphan}" in result.out
    assert "Drift: 1 orphan, 1 as specified." in result.out


@pytest.mark.usefixtures("shop")
def test_a_tombstone_whose_pool_is_there_is_drift(idpool: Idpool) -> None:
    """The specs say that it must not exist."""
    idpool.write("specs/shop.yaml", yaml_of(document("shop", SHOP, lifecycle={"delete": True})))
    result = idpool.run("drift", "specs")
    assert result.code == 2, result.text
    assert "+ not deleted shop" in result.out


def test_refusals_come_before_drift(idpool: Idpool, account: Account, shop: str) -> None:
    """The order of a plan's exit codes: 3, 2; and the drift is told all the same."""
    change(account.client, shop, AllowClassicFlow=True)
    account.create("stranger")
    idpool.write("specs/more.yaml", yaml_of(document("stranger")))
    refused = idpool.run("drift", "specs")
    tags = {"idpool:owner": "default", "idpool:name": "twin"}
    ids = [account.create("twin", IdentityPoolTags=tags) for _ in range(2)]
    idpool.write("specs/twin.yaml", yaml_of(document("twin")))
    twins = idpool.run("drift", "specs")

    assert refused.code == 3, refused.text
    assert "! refused stranger" in refused.out
    assert "way out: adopt it" in refused.out
    assert twins.code == 3, twins.text
    assert all(pool_id in twins.out for pool_id in ids)
    for result in (refused, twins):
        assert "AllowClassicFlow: specs say false, live has true" in result.out


def test_a_secret_half_is_masked_and_its_drift_is_seen(idpool: Idpool, account: Account) -> None:
    """Two secrets that differ look alike, so it is said."""
    logins = {"SupportedLoginProviders": {"api.twitter.com": "key;in-the-specs"}}
    idpool.write("specs/a.yaml", yaml_of(document("shop", logins)))
    idpool.run("apply", "specs", "--yes")
    change(
        account.client,
        account.only_id(),
        SupportedLoginProviders={"api.twitter.com": "key;by-hand"},
    )
    for output in ("text", "json"):
        result = idpool.run("drift", "specs", "--format", output, "--who", "-vv")
        assert result.code == 2, result.text
        assert "in-the-specs" not in result.text
        assert "by-hand" not in result.text
    assert "the secret part differs" in idpool.run("drift", "specs").out


def test_targets_are_told_apart(idpool: Idpool, client_of: ClientOf) -> None:
    """One target has drifted, the other has not; --target asks one alone."""
    targets = {
        name: {"account": ACCOUNT, "region": region}
        for name, region in (("eu", "eu-west-1"), ("us", "us-east-1"))
    }
    idpool.write("idpool.yaml", project(targets=targets))
    idpool.write("specs/shop.yaml", yaml_of(document("shop", SHOP)))
    assert idpool.run("apply", "--yes").code == 0
    us = client_of(region="us-east-1")
    (pool,) = us.list_identity_pools(MaxResults=60)["IdentityPools"]
    change(us, pool["IdentityPoolId"], AllowClassicFlow=True)

    both, eu = idpool.run("drift", "--who"), idpool.run("drift", "--target", "eu")

    assert both.code == 2, both.text
    assert "Target us:" in both.out
    assert "Target eu:" not in both.out
    assert "by user moto" in both.out
    assert "1 drifted, 1 as specified" in both.out
    assert eu.code == 0, eu.text


def test_the_digest_is_that_of_what_has_drifted(
    idpool: Idpool, account: Account, shop: str
) -> None:
    """The same while the same differs, wherever the spec stands and whoever is asked."""
    clean = as_json(idpool)["digest"]
    change(account.client, shop, AllowClassicFlow=True)
    first = as_json(idpool)["digest"]
    idpool.write("specs/shop.yaml", "\n\n" + yaml_of(document("shop", SHOP)))
    assert as_json(idpool, "--who")["digest"] == first != clean
    change(account.client, shop, AllowUnauthenticatedIdentities=True)
    assert as_json(idpool)["digest"] not in (first, clean)


@pytest.mark.parametrize("arguments", [["--bogus"], ["--format", "xml"], ["--target", "nowhere"]])
@pytest.mark.usefixtures("shop")
def test_a_wrong_call_does_not_read_as_drift(idpool: Idpool, arguments: list[str]) -> None:
    """64, never 2."""
    assert idpool.run("drift", "specs", *arguments).code == 64


def test_the_committed_schema_is_what_the_models_say() -> None:
    """`idpool schema --out schemas` brings them in step."""
    assert SCHEMA.read_text(encoding="utf-8") == schema_text("drift")
