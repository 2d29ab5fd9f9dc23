"""``idpool trust``: the trust policies that the roles of pools need."""

import json
from typing import Any

import pytest

from reconciler.checks.trust import Token, Use, trusts
from reconciler.checks.trust_needs import TrustedPool, needed_trust
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.roles.conftest import COGNITO, POOL_ID, Seeds, policy, role_arn, trust
from tests.roles.pools import OTHER_POOL, TAGS, USERS, pool
from tests.support.cli import ACCOUNT, REGION, Idpool, aws_environment
from tests.support.specs import document, yaml_of

READS = policy(
    {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team}",
    }
)
ROLES = {"authenticated": role_arn("user"), "unauthenticated": role_arn("guest")}
SPEC = {
    "AllowUnauthenticatedIdentities": True,
    "CognitoIdentityProviders": [{"ProviderName": USERS, "ClientId": "web1"}],
    "Roles": ROLES,
    "PrincipalTagAttributeMaps": TAGS,
}


def printed(idpool: Idpool, *options: str) -> dict[str, Any]:
    """What the command prints as JSON, by the roles' names."""
    result = idpool.run("trust", "specs", "--format", "json", *options)
    assert result.code == 0, result.text
    roles = json.loads(result.out)["roles"]
    return {each["arn"].rpartition("/")[2]: each for each in roles}


def test_with_the_printed_policies_nothing_is_wrong_with_the_roles(
    reached: Idpool, seed: Seeds
) -> None:
    """And each of them is what AWS documents."""
    reached.write("specs/shop.yaml", yaml_of(document("shop", SPEC)))
    assert reached.run("apply", "specs", "--yes", "--settle", "0.1").code == 0
    roles = printed(reached)
    here = roles["user"]["users"][0]["poolId"]
    assert roles["user"]["trustPolicy"] == trust("authenticated", here)
    bare = "sts:AssumeRoleWithWebIdentity"
    assert roles["guest"]["trustPolicy"] == trust("unauthenticated", here, action=bare)
    both = {name: {"trust": each["trustPolicy"]} for name, each in roles.items()}
    seed(role={**both, "user": {**both["user"], "policies": {"read": READS}}})
    checked = reached.run("check", "specs", "--roles")
    assert "role-" not in checked.out, checked.out
    assert checked.code == 0


def test_for_people_each_policy_stands_below_its_role(reached: Idpool) -> None:
    reached.write("specs/shop.yaml", yaml_of(document("shop", SPEC)))
    result = reached.run("trust", "specs")
    guest, user = result.out.split("\n\n")
    assert guest.splitlines()[:3] == [
        f"# {role_arn('guest')}",
        "# guests of shop in default, where there is no pool yet",
        "{",
    ]
    assert user.splitlines()[1].startswith("# signed-in users of shop in default, with principal")
    assert json.loads("\n".join(user.splitlines()[2:]))["Version"] == "2012-10-17"


def test_of_a_pool_that_is_not_there_yet_a_placeholder_stands_for_the_id(reached: Idpool) -> None:
    """It is told, and nobody can take the role with it."""
    reached.write("specs/shop.yaml", yaml_of(document("shop", SPEC)))
    result = reached.run("trust", "specs")
    assert result.code == 0
    assert (
        "There is no pool shop in target default yet: REPLACE-WITH-ID-OF-shop-IN-def" in result.err
    )
    made = printed(reached)["user"]
    assert made["users"][0]["poolId"] is None
    assert trusts(made["trustPolicy"], Token(COGNITO, POOL_ID, "authenticated")) is False


def test_a_spec_without_roles_needs_none(reached: Idpool) -> None:
    reached.write("specs/shop.yaml", yaml_of(document("shop")))
    assert reached.run("trust", "specs").out == "No pool names a role.\n"
    assert printed(reached) == {}


def test_a_pool_that_is_to_go_needs_none(reached: Idpool) -> None:
    gone = document("shop", SPEC, lifecycle={"delete": True})
    reached.write("specs/shop.yaml", yaml_of(gone))
    assert printed(reached) == {}


def test_only_the_targets_that_are_named_count(reached: Idpool) -> None:
    targets = {
        "dev": {"account": ACCOUNT, "region": REGION},
        "prod": {"account": ACCOUNT, "region": "us-east-1"},
    }
    project = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "a", "targets": targets}
    reached.write("idpool.yaml", json.dumps(project))
    reached.write("specs/shop.yaml", yaml_of(document("shop", SPEC)))
    both = printed(reached)["user"]
    assert [each["target"] for each in both["users"]] == ["dev", "prod"]
    (statement,) = both["trustPolicy"]["Statement"]
    assert len(statement["Condition"]["StringEquals"][f"{COGNITO}:aud"]) == 2
    assert [each["target"] for each in printed(reached, "--target", "prod")["user"]["users"]] == [
        "prod"
    ]


def test_whose_pool_it_is_has_to_be_known(reached: Idpool) -> None:
    """Another's id in a trust policy would let its users in."""
    reached.write("specs/shop.yaml", yaml_of(document("shop", SPEC)))
    assert reached.run("apply", "specs", "--yes", "--settle", "0.1").code == 0
    other = document("other", {**SPEC, "IdentityPoolName": "shop"})
    reached.write("specs/shop.yaml", yaml_of(other))
    result = reached.run("trust", "specs")
    assert (result.code, result.out) == (3, "No pool names a role.\n")
    assert "shop" in result.err


def test_a_pool_that_cannot_be_read_is_a_failure(reached: Idpool) -> None:
    reached.write("specs/shop.yaml", yaml_of(document("shop", SPEC)))
    assert reached.run("apply", "specs", "--yes", "--settle", "0.1").code == 0
    url = reached.environment["AWS_ENDPOINT_URL"]
    with FaultProxy(url, [Fault(FaultKind.ACCESS_DENIED, "DescribeIdentityPool")]) as proxy:
        result = Idpool(reached.folder, aws_environment(proxy.url)).run("trust", "specs")
    assert result.code == 1
    assert "DescribeIdentityPool" in result.err


def test_a_format_of_reports_is_none_of_this(reached: Idpool) -> None:
    reached.write("specs/shop.yaml", yaml_of(document("shop", SPEC)))
    result = reached.run("trust", "specs", "--format", "html")
    assert (result.code, "the formats are: text, json" in result.err) == (64, True)


# Of several pools

HERE = TrustedPool("shop", "dev", COGNITO, POOL_ID)
THERE = TrustedPool("blog", "dev", COGNITO, OTHER_POOL)


@pytest.mark.parametrize(
    ("pool_id", "amr", "is_let_in"),
    [
        (POOL_ID, "authenticated", True),
        (POOL_ID, "unauthenticated", False),
        (OTHER_POOL, "authenticated", False),
        (OTHER_POOL, "unauthenticated", True),
    ],
)
def test_of_each_pool_the_policy_lets_in_those_who_get_the_role_there(
    pool_id: str, amr: Use, is_let_in: bool
) -> None:
    """One pool's users, and another one's guests."""
    users: Any = pool(Roles={"authenticated": role_arn("one")})
    guests: Any = pool(Roles={"unauthenticated": role_arn("one")})
    (role,) = needed_trust([(HERE, users), (THERE, guests)])
    assert trusts(role.policy, Token(COGNITO, pool_id, amr)) is is_let_in


def test_a_role_for_all_has_one_statement() -> None:
    both: Any = pool(Roles=dict.fromkeys(ROLES, role_arn("one")))
    (role,) = needed_trust([(HERE, both), (THERE, both)])
    assert role.policy == trust(
        ["authenticated", "unauthenticated"],
        sorted([POOL_ID, OTHER_POOL]),
        action="sts:AssumeRoleWithWebIdentity",
    )
