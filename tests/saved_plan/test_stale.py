"""Specs or live have moved since: exit 4, what has moved, and nothing is written."""

import json

import pytest

from reconciler.sandbox.server import SandboxServer
from reconciler.specs.records import load_saved_plan
from tests.e2e.conftest import Account
from tests.saved_plan.conftest import (
    Save,
    apply_specs,
    assert_stale,
    reseal,
    update,
    write_spec,
)
from tests.support.cli import ACCOUNT, Idpool, aws_environment
from tests.support.specs import document, yaml_of

ROLE = "arn:aws:iam::123456789012:role/shop"


@pytest.fixture
def changed(idpool: Idpool, account: Account, save: Save) -> str:
    """A pool that is live, and a saved plan that changes a flag of it; the pool's id."""
    write_spec(idpool, Roles={"authenticated": ROLE})
    apply_specs(idpool)
    write_spec(idpool, AllowClassicFlow=True, Roles={"authenticated": ROLE})
    save()
    return account.only_id()


@pytest.mark.usefixtures("changed")
def test_a_spec_that_was_edited(idpool: Idpool, account: Account) -> None:
    """The file is named, and how the plan would differ."""
    before = account.pools()
    write_spec(idpool, IdentityPoolName="renamed", Roles={"authenticated": ROLE})
    result = idpool.run("apply", "plan.json")
    assert_stale(
        result,
        "~ spec changed shop  specs/shop.yaml",
        "the plan was to update AllowClassicFlow, and would be to update IdentityPoolName",
    )
    assert account.pools() == before


def test_a_spec_that_was_edited_to_no_effect_today(
    idpool: Idpool, account: Account, save: Save
) -> None:
    """It says something else than what was reviewed, and some day that has an effect."""
    write_spec(idpool)
    apply_specs(idpool)
    save()
    adopt = {"adopt": account.only_id()}
    idpool.write("specs/shop.yaml", yaml_of(document("shop", metadata=adopt)))
    result = idpool.run("apply", "plan.json")
    assert_stale(result, "~ spec changed shop  specs/shop.yaml")
    assert "default shop" not in result.err


@pytest.mark.usefixtures("changed")
def test_a_spec_that_came_and_one_that_went(idpool: Idpool, account: Account) -> None:
    """Both are named, with their files."""
    before = account.pools()
    (idpool.folder / "specs/shop.yaml").unlink()
    write_spec(idpool, "other")
    result = idpool.run("apply", "plan.json")
    assert_stale(result, "- spec removed shop  specs/shop.yaml", "+ spec added other  specs/other")
    assert account.pools() == before


def test_live_that_was_edited_in_a_field_the_plan_does_not_change(
    idpool: Idpool, account: Account, changed: str
) -> None:
    """Then and now, field by field; what the plan is about stays out of it."""
    tags = account.describe(changed)["IdentityPoolTags"] | {"team": "by-hand"}
    update(account, AllowUnauthenticatedIdentities=True, IdentityPoolTags=tags)
    before = account.pools()
    result = idpool.run("apply", "plan.json")
    assert_stale(
        result,
        f"default shop  {changed}",
        "live has changed, then -> now:",
        "~ AllowUnauthenticatedIdentities: false -> true",
        "+ team: by-hand",
    )
    assert "spec changed" not in result.err
    assert account.pools() == before


def test_roles_that_were_edited(idpool: Idpool, account: Account, changed: str) -> None:
    """Also what DescribeIdentityPool does not tell."""
    account.client.set_identity_pool_roles(
        IdentityPoolId=changed, Roles={"authenticated": f"{ROLE}-by-hand"}
    )
    assert_stale(idpool.run("apply", "plan.json"), "~ Roles", f"{ROLE} -> {ROLE}-by-hand")
    assert account.roles(changed)["Roles"] == {"authenticated": f"{ROLE}-by-hand"}


def test_a_pool_that_was_given_away(idpool: Idpool, account: Account, changed: str) -> None:
    """Its tags decide whose it is."""
    update(account, IdentityPoolTags={})
    result = idpool.run("apply", "plan.json")
    assert_stale(result, f"its pool {changed} is gone, or is not ours any more", "[name-taken]")


@pytest.mark.usefixtures("changed")
def test_live_that_is_as_wished_already(idpool: Idpool, account: Account) -> None:
    """Somebody has done by hand what the plan says: that is another plan, too."""
    update(account, AllowClassicFlow=True)
    result = idpool.run("apply", "plan.json")
    assert_stale(result, "~ AllowClassicFlow: false -> true", "and would be to keep it")


def test_a_pool_that_was_deleted(idpool: Idpool, account: Account, changed: str) -> None:
    """It is not made again without a look."""
    account.client.delete_identity_pool(IdentityPoolId=changed)
    result = idpool.run("apply", "plan.json")
    assert_stale(result, f"its pool {changed} is gone", "and would be to create it")
    assert account.pools() == {}


def test_a_strangers_pool_of_the_same_name(idpool: Idpool, account: Account, save: Save) -> None:
    """The creation would be refused now; the plan said nothing of that."""
    write_spec(idpool)
    save()
    stranger = account.create("shop")
    result = idpool.run("apply", "plan.json")
    assert_stale(result, "refused now: ", stranger, "[name-taken]", "the plan was to create it")
    assert list(account.pools()) == [stranger]


def test_a_pool_that_another_run_has_made(idpool: Idpool, account: Account, save: Save) -> None:
    """From the same specs: there is nothing left to do, and nothing is doubled."""
    write_spec(idpool)
    save()
    apply_specs(idpool)
    assert_stale(idpool.run("apply", "plan.json"), f"there is a pool now: {account.only_id()}")
    assert len(account.pools()) == 1


def test_a_refusal_that_has_gone(idpool: Idpool, account: Account, save: Save) -> None:
    """The plan said that nothing would be made."""
    stranger = account.create("shop")
    write_spec(idpool)
    save(code=3)
    account.client.delete_identity_pool(IdentityPoolId=stranger)
    assert_stale(idpool.run("apply", "plan.json"), "was to refuse it, and would be to create it")
    assert account.pools() == {}


def test_an_orphan_that_has_appeared(idpool: Idpool, account: Account, save: Save) -> None:
    """The reviewer did not see it."""
    write_spec(idpool)
    save()
    tags = {"idpool:owner": "default", "idpool:name": "lost"}
    orphan = account.create("lost", IdentityPoolTags=tags)
    assert_stale(idpool.run("apply", "plan.json"), f"target default: {orphan} is an orphan now")
    assert list(account.pools()) == [orphan]


@pytest.mark.parametrize(
    ("settings", "fact"),
    [
        ({"AWS_ACCESS_KEY_ID": "444455556666"}, "account was 123456789012 and is 444455556666"),
        ({"AWS_REGION": "us-east-1"}, "region was eu-west-1 and is us-east-1"),
    ],
    ids=["account", "region"],
)
def test_another_place(
    idpool: Idpool, sandbox: SandboxServer, save: Save, settings: dict[str, str], fact: str
) -> None:
    """The credentials, or the project, lead elsewhere now."""
    write_spec(idpool)
    save()
    there = Idpool(idpool.folder, {**aws_environment(sandbox.url), **settings})
    assert_stale(there.run("apply", "plan.json"), f"target default: {fact}")
    assert "1 to create" in there.run("plan", "specs").out


def test_what_is_left_alone_is_not_the_same(idpool: Idpool, save: Save) -> None:
    """The project file is not a spec, but decides what a plan does."""
    project = "apiVersion: idpool/v1\nkind: Project\nowner: default\n"
    idpool.write("idpool.yaml", project)
    write_spec(idpool)
    save()
    idpool.write("idpool.yaml", project + 'ignoreTags: ["cost:*"]\n')
    assert_stale(idpool.run("apply", "plan.json"), "what is left alone is not the same")


@pytest.mark.parametrize(
    ("project", "fragment"),
    [
        ("owner: them\n", "the pools of owner 'default'"),
        (
            'owner: default\ntargets: {prod: {account: "123456789012", region: eu-west-1}}\n',
            "target 'default'",
        ),
    ],
    ids=["owner", "target"],
)
def test_the_plan_of_another_project(
    idpool: Idpool, account: Account, save: Save, project: str, fragment: str
) -> None:
    """Not stale but wrong: exit 1."""
    write_spec(idpool)
    save()
    idpool.write("idpool.yaml", f"apiVersion: idpool/v1\nkind: Project\n{project}")
    result = idpool.run("apply", "plan.json")
    assert result.code == 1
    assert result.err.startswith(f"error: plan.json is about {fragment}")
    assert account.pools() == {}


def test_specs_that_are_wrong_by_now(idpool: Idpool, account: Account, save: Save) -> None:
    """Findings, as from any command."""
    write_spec(idpool)
    save()
    write_spec(idpool, Colour="red")
    result = idpool.run("apply", "plan.json")
    assert result.code == 1
    assert result.err.startswith("specs/shop.yaml:")
    assert account.pools() == {}


@pytest.mark.parametrize("version", ["0.0.9", "99.0.0"])
def test_another_version_of_idpool_is_a_warning(
    idpool: Idpool, account: Account, save: Save, version: str
) -> None:
    """What counts is that it would plan the same."""
    write_spec(idpool)
    path = save()
    data = json.loads(path.read_text())
    data["origin"]["toolVersion"] = version
    reseal(path, data)
    result = idpool.run("apply", "plan.json")
    assert result.code == 0, result.text
    assert f"warning: the plan was saved by idpool {version}, and this is 0.1.0" in result.err
    assert len(account.pools()) == 1


def test_every_pool_that_has_moved_is_named(idpool: Idpool, account: Account, save: Save) -> None:
    """And only those."""
    names = ("a", "b", "c")
    idpool.write("specs/all.yaml", yaml_of(*map(document, names)))
    apply_specs(idpool)
    save()
    for pool_id, pool in account.pools().items():
        if pool["IdentityPoolName"] != "b":
            account.client.update_identity_pool(**{**pool, "AllowClassicFlow": True})
            assert pool_id
    result = idpool.run("apply", "plan.json")
    assert_stale(result, "default a  ", "default c  ")
    assert "default b  " not in result.err


LEFT_ALONE = {"ignoreChanges": ["SamlProviderARNs"]}
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/Theirs"


@pytest.fixture
def unchanged(idpool: Idpool, account: Account, save: Save) -> str:
    """A pool that the saved plan leaves as it is, beside one that it creates; the pool's id."""
    spec = {"Roles": {"authenticated": ROLE}, "IdentityPoolTags": {"team": "shop"}}
    idpool.write("specs/shop.yaml", yaml_of(document("shop", spec, lifecycle=LEFT_ALONE)))
    apply_specs(idpool)
    write_spec(idpool, "other")
    save()
    return account.only_id()


def test_an_unchanged_pool_that_was_edited(
    idpool: Idpool, account: Account, unchanged: str
) -> None:
    """The plan has a digest of it alone, and yet knows what live was: as desired."""
    tags = account.describe(unchanged)["IdentityPoolTags"] | {"team": "by-hand"}
    update(account, AllowUnauthenticatedIdentities=True, IdentityPoolTags=tags)
    before = account.pools()
    assert_stale(
        idpool.run("apply", "plan.json"),
        f"default shop  {unchanged}",
        "live has changed, then -> now:",
        "~ AllowUnauthenticatedIdentities: false -> true",
        "~ team: shop -> by-hand",
        "the plan was to keep it, and would be to update",
    )
    assert account.pools() == before


def test_an_unchanged_pool_that_is_gone(idpool: Idpool, account: Account, unchanged: str) -> None:
    """It would be made anew, which nobody has seen."""
    account.client.delete_identity_pool(IdentityPoolId=unchanged)
    assert_stale(
        idpool.run("apply", "plan.json"), f"its pool {unchanged} is gone", "would be to create it"
    )
    assert account.pools() == {}


def test_an_unchanged_pool_in_which_something_was_added_that_is_ignored(
    idpool: Idpool, account: Account, unchanged: str
) -> None:
    """Nothing was to be compared there, so nothing is stale."""
    update(account, SamlProviderARNs=[SAML])
    result = idpool.run("apply", "plan.json")
    assert result.code == 0, result.text
    assert account.describe(unchanged)["SamlProviderARNs"] == [SAML]
    assert len(account.pools()) == 2


@pytest.mark.usefixtures("unchanged")
def test_an_unchanged_pool_whose_spec_and_live_moved_alike(
    idpool: Idpool, account: Account
) -> None:
    """It is unchanged again, and another one than was planned."""
    update(account, AllowClassicFlow=True)
    spec = {"Roles": {"authenticated": ROLE}, "IdentityPoolTags": {"team": "shop"}}
    flow = {**spec, "AllowClassicFlow": True}
    idpool.write("specs/shop.yaml", yaml_of(document("shop", flow, lifecycle=LEFT_ALONE)))
    assert_stale(
        idpool.run("apply", "plan.json"),
        "~ spec changed shop",
        "it was unchanged and is, but live, or what is left alone of it, is not the same",
    )


def test_an_unchanged_pool_that_a_plan_lies_about(
    idpool: Idpool, account: Account, unchanged: str
) -> None:
    """A digest, an id or a pool that is made up is another plan."""
    path = idpool.folder / "plan.json"
    saved = load_saved_plan(path)
    (pool,) = saved.unchanged["default"]
    lies = (
        (pool.model_copy(update={"digest": "sha256:" + "0" * 64}),),
        (pool.model_copy(update={"pool_id": f"{unchanged[:-1]}x"}),),
        (pool, pool.model_copy(update={"name": "none"})),
        (pool, pool),
        (),
    )
    for lie in lies:
        told = saved.model_copy(update={"unchanged": {"default": lie}})
        edited = told.model_copy(update={"plan_digest": told.whole.digest})
        reseal(path, edited.model_dump(mode="json"))
        result = idpool.run("apply", "plan.json")
        assert result.code == 4, result.text
        assert list(account.pools()) == [unchanged]
