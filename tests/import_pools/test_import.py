"""What is listed, what is written, and what is left alone."""

import json
import re
from pathlib import Path

import pytest

from tests.drift.conftest import ClientOf, client_of, project
from tests.faults.proxy import FaultProxy
from tests.import_pools.conftest import Account, Imports, Refuse
from tests.support.cli import ACCOUNT, Idpool
from tests.support.specs import document, yaml_of

__all__ = ["client_of"]

ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
USER_POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb"
FACEBOOK = {"graph.facebook.com": "7346241598935555"}
TWITTER = {"api.twitter.com": "consumer;s3cr3t-h4lf"}
TERRAFORM = {"ManagedBy": "terraform"}

TIDY = """\
apiVersion: idpool/v1
kind: IdentityPool

metadata:
  name: shop
  adopt: "{pool_id}"

spec:
  IdentityPoolName: Shop
  AllowClassicFlow: true

  SupportedLoginProviders:
    graph.facebook.com: "7346241598935555"

  DeveloperProviderName: login.shop

  CognitoIdentityProviders:
    - ProviderName: cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb
      ClientId: 7lhlkkfbfb4q5kpp90urffao
      ServerSideTokenCheck: true

  IdentityPoolTags:
    "on": "yes"
    team: shop

  Roles:
    authenticated: arn:aws:iam::123456789012:role/shop

  RoleMappings:
    graph.facebook.com:
      Type: Token
      AmbiguousRoleResolution: Deny

  PrincipalTagAttributeMaps:
    graph.facebook.com:
      UseDefaults: true
"""


def full(account: Account) -> str:
    """A pool with some of everything."""
    client = {"ProviderName": USER_POOL, "ClientId": "7lhlkkfbfb4q5kpp90urffao"}
    pool_id = account.create(
        "Shop",
        AllowClassicFlow=True,
        DeveloperProviderName="login.shop",
        SupportedLoginProviders=FACEBOOK,
        CognitoIdentityProviders=[{**client, "ServerSideTokenCheck": True}],
        IdentityPoolTags={"team": "shop", "on": "yes"},
    )
    account.client.set_identity_pool_roles(
        IdentityPoolId=pool_id,
        Roles={"authenticated": f"{ROLE}shop"},
        RoleMappings={"graph.facebook.com": {"Type": "Token", "AmbiguousRoleResolution": "Deny"}},
    )
    account.client.set_principal_tag_attribute_map(
        IdentityPoolId=pool_id,
        IdentityProviderName="graph.facebook.com",
        UseDefaults=True,
        PrincipalTags={"username": "sub", "client": "aud"},
    )
    return pool_id


def owned(name: str, owner: str = "default") -> dict[str, str]:
    """The tags of a pool of an owner."""
    return {"idpool:owner": owner, "idpool:name": name}


def test_a_pool_becomes_one_tidy_file(account: Account, imported: Imports) -> None:
    """Documented order, no defaults, no AWS default mapping spelled out; nothing on stdout."""
    pool_id = full(account)
    assert imported("Shop") == {"shop.yaml": TIDY.format(pool_id=pool_id)}
    assert imported.result.out == ""
    assert f"Wrote specs/shop.yaml for {pool_id}" in imported.result.err


def test_without_names_pools_are_listed_with_what_stands_against_them(
    account: Account, imported: Imports, idpool: Idpool
) -> None:
    """Nothing is written, and the table is the artefact."""
    idpool.write("specs/known.yaml", yaml_of(document("known")))
    assert idpool.run("apply", "specs", "--yes").code == 0
    free = account.create("free pool")
    account.create("tf", IdentityPoolTags=TERRAFORM)
    account.create("theirs", IdentityPoolTags=owned("theirs", "acme"))
    before = imported.files()

    assert imported() == before
    rows = [re.split(r"  +", row.strip()) for row in imported.result.out.splitlines()[2:6]]
    assert rows[0][:2] == ['+ "free pool"', free]
    assert rows[1][0] == "= known"
    assert rows[1][2] == "spec known has it already: specs/known.yaml:1"
    assert rows[2][2] == "Terraform owns it: tag ManagedBy=terraform"
    assert rows[3][2] == "owner 'acme' of idpool owns it: tag idpool:owner=acme"
    summary = "4 pools: 1 can be imported, 1 with a spec already, 2 left out unless named."
    assert imported.result.out.splitlines()[-1] == summary


def test_all_leaves_out_what_others_own_and_a_name_takes_it(
    account: Account, imported: Imports
) -> None:
    """Both say why."""
    account.create("free")
    account.create("tf", IdentityPoolTags=TERRAFORM)
    assert list(imported("--all")) == ["free.yaml"]
    assert "left out: tf (" in imported.result.err
    assert list(imported("tf")) == ["free.yaml", "tf.yaml"]
    assert "was named: Terraform owns it" in imported.result.err


def test_tags_of_aws_and_ignored_ones_are_not_written(tmp_path: Path) -> None:
    """CloudFormation's tags say whose the pool is, and its plan is still its tags alone."""
    idpool = Idpool(tmp_path)
    tags = {"team": "shop", "cost:centre": "7"}
    idpool.write("idpool.yaml", project(owner="acme", ignoreTags=["cost:*"]))
    idpool.write("stack/stack.yaml", yaml_of(document("stack", {"IdentityPoolTags": tags})))
    assert idpool.run("apply", "stack", "--sandbox", "--yes").code == 0
    state = json.loads((tmp_path / ".idpool/sandbox.json").read_text())
    live = state["pools"][0]["settings"]
    live["IdentityPoolTags"] = {**tags, "aws:cloudformation:stack-name": "shop"}
    (tmp_path / ".idpool/sandbox.json").write_text(json.dumps(state))

    listed = idpool.run("import", "--sandbox")
    assert "CloudFormation owns it: tag aws:cloudformation:stack-name=shop" in listed.out
    assert idpool.run("import", "--all", "--sandbox").code == 0
    assert not (tmp_path / "specs").exists()
    assert idpool.run("import", "stack", "--sandbox").code == 0
    text = (tmp_path / "specs/stack.yaml").read_text()
    assert "IdentityPoolTags:\n    team: shop\n" in text
    plan = idpool.run("plan", "--sandbox")
    assert "calls: TagResource\n" in plan.out, plan.text
    assert "cost" not in plan.out


def test_a_name_that_fits_no_pool_or_two_is_an_error_and_nothing_is_written(
    account: Account, imported: Imports
) -> None:
    """All such names in one go, with the ids to choose from."""
    ids = [account.create("twin"), account.create("twin"), account.create("other")]
    assert imported("other", "twin", "nobody", code=64) == {}
    error = imported.result.err
    assert all(pool_id in error for pool_id in ids[:2])
    assert "'nobody'" in error
    assert imported("other", "--all", code=64) == {}
    assert list(imported(ids[0])) == [f"twin-{ids[0].partition(':')[2][:8]}.yaml"]


def test_names_are_the_same_whichever_pool_is_imported_first(
    account: Account, imported: Imports, idpool: Idpool
) -> None:
    """Pools whose names come to the same get a part of their id."""
    ids = [account.create("Web EU"), account.create("web-eu"), account.create("web")]
    one_by_one = [imported(pool_id) for pool_id in ids][-1]
    for path in (idpool.folder / "specs").iterdir():
        path.unlink()
    at_once = imported("--all")
    digits = [pool_id.partition(":")[2][:8] for pool_id in ids[:2]]
    assert one_by_one == at_once
    assert list(at_once) == sorted(["web.yaml", *(f"web-eu-{each}.yaml" for each in digits)])


def test_what_is_there_is_neither_overwritten_nor_imported_twice(
    account: Account, imported: Imports, idpool: Idpool
) -> None:
    """A file of another spec keeps its name; a pool that has a spec is told and skipped."""
    pool_id = account.create("web")
    idpool.write("specs/web.yaml", yaml_of(document("something-else")))
    name = f"web-{pool_id.partition(':')[2][:8]}"
    first = imported("web")
    assert list(first) == [f"{name}.yaml", "web.yaml"]
    assert f"name: {name}\n" in first[f"{name}.yaml"]
    assert imported("web") == first
    assert "Nothing was imported" in imported.result.err
    assert imported("--all") == first


def test_an_orphan_keeps_its_key_and_its_plan_is_empty(
    account: Account, imported: Imports, idpool: Idpool
) -> None:
    """Our tags are on it already."""
    account.create("Renamed Since", IdentityPoolTags=owned("shop"))
    assert list(imported("--all")) == ["shop.yaml"]
    assert idpool.run("plan", "specs", "--detailed-exitcode").code == 0


def test_of_two_pools_with_our_tags_each_is_imported_only_by_its_id(
    account: Account, imported: Imports, idpool: Idpool
) -> None:
    """Then it gets a key of its own, which settles whose it is."""
    ids = [account.create("shop", IdentityPoolTags=owned("shop")) for _ in range(2)]
    assert imported("--all") == {}
    assert "another pool has the same tag idpool:name=shop" in imported.result.err
    imported(*ids)
    assert idpool.run("apply", "specs", "--yes").code == 0
    assert idpool.run("plan", "specs", "--detailed-exitcode").code == 0


def test_a_pool_that_a_waiting_spec_may_mean_is_left_to_adopt(
    account: Account, imported: Imports, idpool: Idpool
) -> None:
    """Two specs for one pool would be refused."""
    pool_id = account.create("shop")
    idpool.write("specs/mine.yaml", yaml_of(document("mine", {"IdentityPoolName": "shop"})))
    assert list(imported("--all")) == ["mine.yaml"]
    assert f"idpool adopt mine={pool_id}" in imported.result.err


@pytest.mark.parametrize(
    ("operation", "listed"), [("DescribeIdentityPool", 1), ("GetIdentityPoolRoles", 0)]
)
def test_a_pool_that_cannot_be_read_is_told_and_the_others_go_on(
    account: Account, imported: Imports, refuse: Refuse, operation: str, listed: int
) -> None:
    """Its spec is not written without what could not be read."""
    ids = {account.create("one"), account.create("two")}
    refuse(min(ids), operation)
    (name,) = imported("--all", code=1)
    assert min(ids) in imported.result.err
    assert max(ids) in imported.files()[name]
    assert imported.result.err.count("error:") == 1
    imported(code=listed)


def test_a_secret_is_left_to_aws_unless_it_is_asked_for(
    account: Account, imported: Imports, idpool: Idpool
) -> None:
    """It lands in no file silently, and on no stream at all."""
    account.create("Shop", SupportedLoginProviders={**TWITTER, **FACEBOOK})
    text = imported("Shop")["shop.yaml"]
    assert "  ignoreChanges: [SupportedLoginProviders]\n" in text
    assert "  # SupportedLoginProviders is left as it is in AWS: it holds the secret" in text
    assert "consumer;****" in text
    assert "--with-secrets" in text
    assert "SupportedLoginProviders is ignored" in imported.result.err
    shown = text + imported.result.text
    assert "s3cr3t" not in shown

    (idpool.folder / "specs/shop.yaml").unlink()
    text = imported("Shop", "--with-secrets", "--quiet")["shop.yaml"]
    assert "api.twitter.com: consumer;s3cr3t-h4lf\n" in text
    assert (idpool.folder / "specs/shop.yaml").stat().st_mode & 0o777 == 0o600
    assert "specs/shop.yaml holds the secret of api.twitter.com: keep it out of Git" in (
        imported.result.err
    )
    assert "s3cr3t" not in imported.result.text


def test_what_a_spec_may_not_hold_is_ignored_with_the_reason(
    account: Account, imported: Imports, idpool: Idpool
) -> None:
    """The field is left as it is, and everything else is managed."""
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/https://example.com"
    tags = {"Idpool:colour": "blue", "idpool:old": "1", "on\x1b[31m": "x"}
    account.create("odd", OpenIdConnectProviderARNs=[provider], IdentityPoolTags=tags)
    text = imported("odd")["odd.yaml"]
    assert "ignoreChanges: [OpenIdConnectProviderARNs, IdentityPoolTags]" in text
    assert "holds its host and path, no https://" in " ".join(text.replace("#", " ").split())
    assert "apply will remove the tags idpool:old" in imported.result.err
    assert "\x1b" not in text + imported.result.text
    assert idpool.run("apply", "specs", "--yes").code == 0
    (pool,) = account.pools().values()
    kept = {"Idpool:colour": "blue", "on\x1b[31m": "x"}
    assert pool["IdentityPoolTags"] == {**kept, **owned("odd")}
    assert pool["OpenIdConnectProviderARNs"] == [provider]


def test_a_pool_with_no_room_for_our_tags_is_told_and_the_others_go_on(
    account: Account, imported: Imports
) -> None:
    """AWS takes 50 tags, and two are ours."""
    account.create("full", IdentityPoolTags={f"key{n}": "" for n in range(49)})
    account.create("almost", IdentityPoolTags={f"key{n}": "" for n in range(48)})
    assert list(imported("--all", code=1)) == ["almost.yaml"]
    assert "AWS allows 50" in imported.result.err


def test_with_several_targets_a_spec_goes_to_the_one_that_has_its_pool(
    imported: Imports, idpool: Idpool, client_of: ClientOf
) -> None:
    """Its id stands beside the target's name; pools of one name are told apart by their ids."""
    regions = {"eu": "eu-west-1", "us": "us-east-1"}
    targets = {name: {"account": ACCOUNT, "region": region} for name, region in regions.items()}
    idpool.write("idpool.yaml", project(targets=targets))
    ids = {
        name: client_of(region=region).create_identity_pool(
            IdentityPoolName="shop", AllowUnauthenticatedIdentities=False
        )["IdentityPoolId"]
        for name, region in regions.items()
    }
    imported("shop", code=64)
    assert all(f"{ids[name]} (target {name})" in imported.result.err for name in ids)
    files = imported("--all")
    for name, pool_id in ids.items():
        text = files[f"shop-{pool_id.partition(':')[2][:8]}.yaml"]
        assert f'  targets: [{name}]\n  adopt: {{{name}: "{pool_id}"}}\n' in text
    assert idpool.run("apply", "--yes").code == 0
    assert idpool.run("plan", "--detailed-exitcode").code == 0
    assert "2 with a spec already" in idpool.run("import").out


def test_an_account_that_the_project_does_not_name_is_not_imported_from(
    account: Account, imported: Imports, idpool: Idpool
) -> None:
    """As a plan would be refused."""
    account.create("shop")
    elsewhere = {"account": "999999999999", "region": "eu-west-1"}
    idpool.write("idpool.yaml", project(targets={"eu": elsewhere}))
    assert imported("--all", code=1) == {}
    assert "target eu is account 999999999999" in imported.result.err


def test_specs_name_the_schema_that_is_there(
    account: Account, imported: Imports, idpool: Idpool
) -> None:
    """So that editors know the fields from the first day."""
    assert idpool.run("schema", "--out", "schemas").code == 0
    account.create("shop")
    line = "# yaml-language-server: $schema=../schemas/identity-pool.schema.json\n"
    assert imported("shop")["shop.yaml"].startswith(line)


def test_an_invalid_spec_stops_everything_before_aws_is_asked(
    imported: Imports, idpool: Idpool, proxy: FaultProxy
) -> None:
    """Whose pools those are could not be told."""
    idpool.write("specs/bad.yaml", "kind: IdentityPool\n")
    imported("--all", code=1)
    assert "specs/bad.yaml:1" in imported.result.err
    assert not proxy.counts()


def test_a_place_that_takes_no_file_is_said(account: Account, idpool: Idpool) -> None:
    """A file where the folder should be."""
    account.create("shop")
    idpool.write("specs/there", "")
    result = idpool.run("import", "shop", "--out", "specs/there/deep")
    assert result.code == 1
    assert "specs/there/deep" in result.err
