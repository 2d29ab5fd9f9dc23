"""Where a desired value comes from is told beside it, as a plan does."""

import json
from typing import Any

import pytest

from tests.drift.conftest import ClientOf, change, project
from tests.e2e.conftest import Account
from tests.support.cli import ACCOUNT, REGION, Idpool
from tests.support.specs import document, yaml_of

FACEBOOK = "graph.facebook.com"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
RULE = {"Claim": "c", "MatchType": "Equals", "Value": "v", "RoleARN": "${role.admin}"}
SPEC = {
    "IdentityPoolName": "shop-${target.name}",
    "SupportedLoginProviders": {FACEBOOK: "7346241598935555"},
    "Roles": {"authenticated": "${role.customer}"},
    "RoleMappings": {
        FACEBOOK: {
            "Type": "Rules",
            "AmbiguousRoleResolution": "Deny",
            "RulesConfiguration": {"Rules": [RULE]},
        }
    },
}
FORMATS = ("text", "markdown", "html", "json")


@pytest.fixture
def drifted(idpool: Idpool, account: Account, client_of: ClientOf) -> dict[str, str]:
    """The report of a pool in which everything was changed by hand, by format."""
    text = project(
        targets={"prod": {"account": ACCOUNT, "region": REGION}},
        defaults={"IdentityPoolTags": {"team": "shop"}},
        ignore=[{"path": "shop.IdentityPoolTags.own", "reason": "r", "until": "2999-01-01"}],
    )
    idpool.write("idpool.yaml", text)
    idpool.write("specs/shop.yaml", yaml_of(document("shop", SPEC)))
    assert idpool.run("apply", "--yes").code == 0
    pool_id, client = account.only_id(), client_of()
    change(client, pool_id, IdentityPoolName="other")
    client.untag_resource(
        ResourceArn=f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/{pool_id}",
        TagKeys=["team"],
    )
    client.set_identity_pool_roles(
        IdentityPoolId=pool_id,
        Roles={"authenticated": f"{ROLE}other", "unauthenticated": f"{ROLE}guest"},
        RoleMappings={
            FACEBOOK: {
                "Type": "Rules",
                "AmbiguousRoleResolution": "Deny",
                "RulesConfiguration": {"Rules": [{**RULE, "RoleARN": f"{ROLE}other"}]},
            }
        },
    )
    return {name: idpool.run("drift", "--format", name).out for name in FORMATS}


def test_text_and_markdown_name_it_behind_the_value(
    idpool: Idpool, drifted: dict[str, str]
) -> None:
    written = (idpool.folder / "idpool.yaml").read_text(encoding="utf-8").splitlines()
    default = next(n for n, text in enumerate(written, start=1) if "team" in text)
    for name in ("text", "markdown"):
        lines = {
            key: line
            for line in drifted[name].splitlines()
            for key in ("IdentityPoolName", " authenticated", "unauthenticated", "team", "RoleARN")
            if f"{key}: " in line
        }
        assert lines["IdentityPoolName"].endswith("  <- shop-${target.name}")
        assert lines[" authenticated"].endswith("  <- role.customer")
        assert lines["team"].endswith(f"  <- defaults idpool.yaml:{default}")
        assert lines["RoleARN"].endswith("  <- role.admin")
        # What the spec does not have comes from nowhere.
        assert "<-" not in lines["unauthenticated"]


def test_html_names_it(drifted: dict[str, str]) -> None:
    for origin in ("role.customer", "role.admin", "defaults idpool.yaml:"):
        assert f"&lt;- {origin}" in drifted["html"]


def test_json_has_it_with_each_field(drifted: dict[str, str]) -> None:
    (pool,) = json.loads(drifted["json"])["targets"][0]["pools"]
    fields: dict[str, Any] = {each["field"]: each["origins"] for each in pool["fields"]}
    assert {
        (tuple(each["path"]), each["expression"], each["layer"])
        for origins in fields.values()
        for each in origins
    } >= {
        (("IdentityPoolName",), "shop-${target.name}", ""),
        (("Roles", "authenticated"), "role.customer", ""),
        (("IdentityPoolTags", "team"), "", "defaults"),
    }


def test_the_digest_does_not_depend_on_it(idpool: Idpool, drifted: dict[str, str]) -> None:
    """A comment in the project file moves lines, and is no other drift."""
    moved = (idpool.folder / "idpool.yaml").read_text(encoding="utf-8")
    idpool.write("idpool.yaml", f"# a comment\n{moved}")
    again = json.loads(idpool.run("drift", "--format", "json").out)
    assert again["digest"] == json.loads(drifted["json"])["digest"]
    assert again != json.loads(drifted["json"])
