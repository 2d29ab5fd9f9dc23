"""`idpool graph`: pictures of specs and of a saved plan."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.reports.test_graphs import read_off
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

ROOT = Path(__file__).parents[2]
SANDBOX = "--sandbox=state.json"
ROLE = "arn:aws:iam::123456789012:role/"


def spec(name: str, **fields: Any) -> dict[str, Any]:
    return document(name, {"DeveloperProviderName": f"login.{name}", **fields})


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    return Idpool(tmp_path)


def drawn(idpool: Idpool, *words: str) -> str:
    result = idpool.run("graph", *words)
    assert result.code == 0, result.text
    return result.out


def planned(idpool: Idpool, before: dict[str, Any], after: dict[str, Any]) -> None:
    """``plan.json`` takes a pool that is there to what the spec says then."""
    idpool.write("specs/shop.yaml", yaml_of(before))
    assert idpool.run("apply", "specs", SANDBOX, "--yes").code == 0
    idpool.write("specs/shop.yaml", yaml_of(after))
    assert idpool.run("plan", "specs", SANDBOX, "--out", "plan.json").code in (0, 3)


WHO_GETS_WHAT = {
    "analytics-guests": [("everybody", "analytics-guest")],
    "game": [
        ("everybody", "dragons-guest"),
        ("isTester is yes", "dragons-tester"),
        ("no rule matches", "dragons-player"),
        ("everybody", "dragons-player"),
    ],
    "github-actions": [
        ("repository_owner is not acme", "github-nothing"),
        ("environment is production", "github-deploy"),
        ("ref starts with refs/tags/", "github-release"),
        ("no rule matches", "github-reader"),
    ],
    "webapp": [
        ("everybody", "webapp-visitor"),
        ("cognito:groups contains suspended", "webapp-nothing"),
        ("cognito:groups contains merchants", "webapp-merchant"),
        ("custom:plan is premium", "webapp-premium"),
        ("no rule matches", "webapp-customer"),
        ("the token names one role", "the role that the token names"),
        ("it names none, or several", "no credentials"),
        ("everybody", "webapp-customer"),
    ],
    "workforce-saml": [
        ("groups contains aws-admins", "workforce-admin"),
        ("groups contains aws-developers", "workforce-developer"),
        ("no rule matches", "no credentials"),
        ('department starts with "audit-"', "workforce-auditor"),
        ("no rule matches", "no credentials"),
    ],
}


@pytest.mark.parametrize("name", WHO_GETS_WHAT)
def test_who_gets_which_role_of_the_examples_is_read_off_their_pictures(
    idpool: Idpool, name: str
) -> None:
    svg = drawn(idpool, str(ROOT / "specs" / f"{name}.yaml"), "--format", "svg")
    assert sorted(read_off(svg)) == sorted(WHO_GETS_WHAT[name])


def test_each_example_has_its_picture_looked_at() -> None:
    assert {each.stem for each in (ROOT / "specs").glob("*.yaml")} == set(WHO_GETS_WHAT)


def test_a_folder_is_one_file_with_a_picture_of_each_pool(idpool: Idpool) -> None:
    idpool.write("specs/all.yaml", yaml_of(spec("shop"), spec("game")))
    chart = drawn(idpool, "specs")
    assert chart.startswith("flowchart LR\n")
    assert chart.count("subgraph") == 2
    assert drawn(idpool, "specs", "--format", "svg").count('class="title"') == 2


def test_out_writes_a_file(idpool: Idpool) -> None:
    idpool.write("specs/shop.yaml", yaml_of(spec("shop")))
    result = idpool.run("graph", "specs", "--format", "svg", "--out", "shop.svg")
    assert (result.code, result.out) == (0, "")
    assert (idpool.folder / "shop.svg").read_text(encoding="utf-8").startswith("<svg ")


def project(idpool: Idpool) -> None:
    target = {"account": "123456789012", "region": "eu-west-1"}
    targets = {
        "prod-eu": target,
        "prod-us": {**target, "region": "us-east-1"},
        "dev": {**target, "region": "eu-north-1"},
    }
    content = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "acme", "specs": ["specs"]}
    idpool.write("idpool.yaml", json.dumps({**content, "targets": targets}))


def test_what_is_the_same_in_several_targets_is_drawn_once(idpool: Idpool) -> None:
    project(idpool)
    shop = spec("shop", Roles={"authenticated": ROLE + "customer"})
    shop["perTarget"] = {"dev": {"Roles": {"authenticated": ROLE + "tester"}}}
    idpool.write("specs/shop.yaml", yaml_of(shop))
    svg = drawn(idpool, "--format", "svg")
    assert svg.count('class="title"') == 2
    assert "shop in prod-eu, prod-us<" in svg
    assert "shop in dev<" in svg
    only = drawn(idpool, "--format", "svg", "--target", "prod-us")
    assert "shop in prod-us<" in only
    assert "tester" not in only


def test_what_only_aws_knows_is_drawn_as_it_is_written(idpool: Idpool) -> None:
    """No AWS is asked: the environment has none."""
    project(idpool)
    client = {"ProviderName": "${userPool.users}", "ClientId": "${userPoolClient.users/web}"}
    idpool.write("specs/shop.yaml", yaml_of(spec("shop", CognitoIdentityProviders=[client])))
    assert "${userPool.users}" in drawn(idpool, "--format", "svg")


def test_a_pool_that_a_check_calls_wrong_is_drawn(idpool: Idpool) -> None:
    both = {"authenticated": ROLE + "all", "unauthenticated": ROLE + "all"}
    idpool.write(
        "specs/shop.yaml", yaml_of(spec("shop", AllowUnauthenticatedIdentities=True, Roles=both))
    )
    assert "guests" in drawn(idpool, "specs")


def test_a_tombstone_is_nothing_to_draw(idpool: Idpool) -> None:
    idpool.write("specs/shop.yaml", yaml_of(document("shop", lifecycle={"delete": True})))
    result = idpool.run("graph", "specs")
    assert (result.code, result.out) == (0, "")
    assert "There is nothing to draw." in result.err


def test_a_plan_is_drawn_with_what_changes(idpool: Idpool) -> None:
    roles = {"authenticated": ROLE + "customer"}
    guests = {"AllowUnauthenticatedIdentities": True}
    planned(
        idpool,
        spec("shop", Roles=roles),
        spec("shop", Roles={**roles, "unauthenticated": ROLE + "visitor"}, **guests),
    )
    svg = drawn(idpool, "--plan", "plan.json", "--format", "svg")
    for told in ("+ guests (no", "+ everybody", "+ visitor", ">customer<", "+ added, - removed"):
        assert told in svg, told
    chart = drawn(idpool, "--plan", "plan.json")
    assert "classDef added" in chart
    assert "linkStyle" in chart


def test_a_plan_that_changes_no_pool_is_nothing_to_draw(idpool: Idpool) -> None:
    planned(idpool, spec("shop"), spec("shop"))
    result = idpool.run("graph", "--plan", "plan.json")
    assert (result.code, result.out) == (0, "")
    assert "There is nothing to draw." in result.err


def test_specs_narrow_a_plan(idpool: Idpool) -> None:
    idpool.write("specs/game.yaml", yaml_of(spec("game")))
    planned(idpool, spec("shop"), spec("shop", Roles={"authenticated": ROLE + "customer"}))
    idpool.write("specs/game.yaml", yaml_of(spec("game", Roles={"authenticated": ROLE + "gamer"})))
    assert idpool.run("plan", "specs", SANDBOX, "--out", "plan.json").code == 0
    both = drawn(idpool, "--plan", "plan.json")
    assert "customer" in both
    assert "gamer" in both
    assert "customer" not in drawn(idpool, "specs/game.yaml", "--plan", "plan.json")


def test_a_refused_pool_is_drawn_as_refused(idpool: Idpool) -> None:
    planned(idpool, spec("shop"), spec("shop", DeveloperProviderName="login.other"))
    svg = drawn(idpool, "--plan", "plan.json", "--format", "svg")
    assert "shop (refused)" in svg
    assert "+ developer provider" in svg
    assert "- developer provider" in svg


def test_a_target_that_the_plan_does_not_have_is_named(idpool: Idpool) -> None:
    planned(idpool, spec("shop"), spec("shop"))
    result = idpool.run("graph", "--plan", "plan.json", "--target", "nowhere")
    assert result.code == 64
    assert "there is no target nowhere" in result.err


def test_a_secret_is_in_no_picture(idpool: Idpool) -> None:
    secret = {"api.twitter.com": "key;swordfish"}
    planned(idpool, spec("shop"), spec("shop", SupportedLoginProviders=secret))
    for words in (["specs"], ["--plan", "plan.json"]):
        for name in ("mermaid", "svg"):
            told = drawn(idpool, *words, "--format", name)
            assert "api" in told
            assert "swordfish" not in told
