"""``idpool pull`` of what specs do not say themselves: references, defaults and overlays."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.drift.conftest import change
from tests.e2e.test_values_per_target import EU, HEAD, PROJECT, SECRET, SEEDS, US, Scene, scene
from tests.support.cli import Result

__all__ = ["scene"]

REGIONS = {"eu": (EU, "eu-west-1"), "us": (US, "us-east-1")}
SPEC = (
    HEAD.format(name="shop")
    + """\
  IdentityPoolName: shop-${var.stage}  # one name
  IdentityPoolTags:
    team: shop
    region: ${target.region}
    price: "$${x}"
  SupportedLoginProviders:
    graph.facebook.com: "${ssm./shop/facebook}"
  CognitoIdentityProviders:
    - {ProviderName: "${userPool.users}", ClientId: "${userPoolClient.users/web}"}
  Roles: {authenticated: "${role.shop}"}
  RoleMappings:
    "${userPool.users}:${userPoolClient.users/web}":
      Type: Rules
      AmbiguousRoleResolution: Deny
      RulesConfiguration:
        Rules:
          - {Claim: a, MatchType: Equals, Value: b, RoleARN: "${role.shop-admin}"}
perTarget:
  us: {AllowUnauthenticatedIdentities: true, IdentityPoolTags: {stage: us}}
"""
)


class Hands:
    """Somebody who changes the pool of one target by hand."""

    def __init__(self, scene: Scene, target: str) -> None:
        account, region = REGIONS[target]
        self.region = region
        self.client: Any = boto3.Session(
            aws_access_key_id=account, aws_secret_access_key="sandbox", region_name=region
        ).client(
            "cognito-identity",
            endpoint_url=scene.proxy.url,
            config=Config(retries={"total_max_attempts": 1}),
        )
        (pool,) = self.client.list_identity_pools(MaxResults=60)["IdentityPools"]
        self.pool_id: str = pool["IdentityPoolId"]

    def change(self, **fields: Any) -> None:
        change(self.client, self.pool_id, **fields)

    def tag(self, *gone: str, **tags: str) -> None:
        """Set tags, and take those away that are named."""
        pool = self.client.describe_identity_pool(IdentityPoolId=self.pool_id)
        now = {**pool["IdentityPoolTags"], **tags}
        change(
            self.client,
            self.pool_id,
            IdentityPoolTags={key: value for key, value in now.items() if key not in gone},
        )


@pytest.fixture
def hands(scene: Scene) -> Iterator[dict[str, Hands]]:
    """The spec is applied in both targets."""
    scene.seed(*SEEDS)
    scene.idpool.write("specs/shop.yaml", SPEC)
    applied = scene.idpool.run("apply", "--yes")
    assert applied.code == 0, applied.text
    found = {target: Hands(scene, target) for target in REGIONS}
    yield found
    for each in found.values():
        each.client.close()


def text_of(scene: Scene, name: str = "specs/shop.yaml") -> str:
    return Path(scene.idpool.folder, name).read_text()


def changes_left(scene: Scene) -> bool:
    code = scene.idpool.run("plan", "--detailed-exitcode").code
    assert code in (0, 2)
    return code == 2


def pull(scene: Scene, *arguments: str) -> Result:
    """No secret is in what it says."""
    done = scene.idpool.run("pull", *arguments)
    assert SECRET not in done.text
    return done


@pytest.mark.usefixtures("hands")
def test_nothing_is_pulled_where_all_is_as_it_means(scene: Scene) -> None:
    assert pull(scene).code == 0
    assert text_of(scene) == SPEC


def test_what_is_the_specs_own_is_pulled_and_all_else_stays_as_written(
    scene: Scene, hands: dict[str, Hands]
) -> None:
    """A tag that holds ``${`` is written so that it means itself."""
    for each in hands.values():
        each.tag(team="store", new="${y}")
    done = pull(scene)
    assert done.code == 0, done.text
    expected = SPEC.replace("team: shop", "team: store").replace(
        '    price: "$${x}"\n', '    price: "$${x}"\n    new: "$${y}"\n'
    )
    assert text_of(scene) == expected
    assert not changes_left(scene)


def test_a_reference_is_never_replaced_by_its_value(scene: Scene, hands: dict[str, Hands]) -> None:
    """It is told where the value comes from; the spec's own members are pulled."""
    for each in hands.values():
        each.tag(team="store", region="mars")
        each.change(SupportedLoginProviders={"graph.facebook.com": f"{SECRET}9"})
        client, pool = each.client, each.pool_id
        role = client.get_identity_pool_roles(IdentityPoolId=pool)
        (mapping,) = role["RoleMappings"].values()
        mapping["RulesConfiguration"]["Rules"][0]["RoleARN"] += "s"
        mapping["RulesConfiguration"]["Rules"][0]["Value"] = "c"
        client.set_identity_pool_roles(
            IdentityPoolId=pool, Roles={}, RoleMappings=role["RoleMappings"]
        )
    done = pull(scene)
    assert done.code == 1, done.text
    expected = SPEC.replace("team: shop", "team: store").replace("Value: b", "Value: c")
    assert text_of(scene) == expected
    assert "left in eu, us: it comes from ssm./shop/facebook\n" in done.err
    for expression in ("target.region", "role.shop", "role.shop-admin"):
        for target in REGIONS:
            assert f"left in {target}: it comes from {expression}\n" in done.err
    assert "by hand" in done.err
    again = pull(scene)
    assert (again.code, text_of(scene)) == (1, expected)
    assert re.search("^! left shop", again.err, re.MULTILINE)


def test_what_a_layer_says_is_left_and_told_with_its_place(
    scene: Scene, hands: dict[str, Hands]
) -> None:
    hands["us"].tag(stage="moon")
    hands["us"].change(AllowUnauthenticatedIdentities=False)
    hands["eu"].tag(**{"managed-by": "hand"})
    done = pull(scene)
    assert (done.code, text_of(scene)) == (1, SPEC)
    assert "left in us: it comes from perTarget.us specs/shop.yaml:23" in done.err
    assert "left in eu: it comes from defaults idpool.yaml:5" in done.err
    assert "--into perTarget" in done.err


def test_into_chooses_the_layer(scene: Scene, hands: dict[str, Hands]) -> None:
    hands["us"].tag(stage="moon")
    hands["us"].change(AllowUnauthenticatedIdentities=False)
    done = pull(scene, "--into", "perTarget")
    assert done.code == 0, done.text
    line = "us: {AllowUnauthenticatedIdentities: true, IdentityPoolTags: {stage: us}}"
    expected = SPEC.replace(line, line.replace("true", "false").replace(": us}", ": moon}"))
    assert text_of(scene) == expected
    assert not changes_left(scene)


@pytest.mark.parametrize(
    ("into", "line"),
    [
        ("spec", '    managed-by: "hand"\n'),
        ("defaults", ""),
        ("perTarget", "  eu: {IdentityPoolTags: {managed-by: hand}}\n"),
    ],
)
def test_a_default_goes_where_it_is_said(
    scene: Scene, hands: dict[str, Hands], into: str, line: str
) -> None:
    for each in hands.values():
        each.tag(**{"managed-by": "hand"})
    done = pull(scene, "--into", into)
    assert done.code == 0, done.text
    assert line in text_of(scene)
    changed = PROJECT.replace("managed-by: idpool", "managed-by: hand")
    assert text_of(scene, "idpool.yaml") == (changed if into == "defaults" else PROJECT)
    assert (text_of(scene) == SPEC) == (into == "defaults")
    assert not changes_left(scene)


def test_a_default_that_is_gone_becomes_null(scene: Scene, hands: dict[str, Hands]) -> None:
    for each in hands.values():
        each.tag("managed-by")
    assert pull(scene, "--into", "spec").code == 0
    assert "    managed-by: null\n" in text_of(scene)
    assert not changes_left(scene)


def test_targets_that_differ_are_pulled_into_overlays(
    scene: Scene, hands: dict[str, Hands]
) -> None:
    hands["eu"].tag(team="one")
    hands["us"].tag(team="two")
    left = pull(scene)
    assert (left.code, text_of(scene)) == (1, SPEC)
    assert "IdentityPoolTags differs by target" in left.err
    assert "--into perTarget" in left.err
    assert pull(scene, "--into", "perTarget").code == 0
    assert text_of(scene).startswith(SPEC[: SPEC.index("perTarget:")])
    assert not changes_left(scene)


def test_what_only_one_target_reads_is_pulled_for_all_or_not_at_all(
    scene: Scene, hands: dict[str, Hands]
) -> None:
    hands["eu"].tag(team="store")
    left = pull(scene, "--target", "eu")
    assert (left.code, text_of(scene)) == (1, SPEC)
    assert "run it without --target" in left.err


OTHER = HEAD.format(name="other") + "  IdentityPoolName: other\n"


def with_other(scene: Scene, text: str) -> None:
    """A second spec, which is applied."""
    scene.idpool.write("specs/other.yaml", text)
    applied = scene.idpool.run("apply", "--yes")
    assert applied.code == 0, applied.text


def test_a_default_that_other_specs_have_is_not_changed_for_one(
    scene: Scene, hands: dict[str, Hands]
) -> None:
    """They are named with their targets, before anything is written."""
    for each in hands.values():
        each.tag(**{"managed-by": "hand"})
    scene.idpool.write("specs/other.yaml", OTHER)
    left = pull(scene, "shop", "--into", "defaults")
    assert left.code == 1, left.text
    assert "as a default it would change other specs, too: other (in eu and us)\n" in left.err
    assert "way out: pull it with --into spec or --into perTarget" in left.err
    assert text_of(scene, "idpool.yaml") == PROJECT
    assert text_of(scene) == SPEC


@pytest.mark.parametrize(
    "own",
    [
        "  IdentityPoolTags: {managed-by: others}\n",
        "  IdentityPoolTags: null\n",
        "perTarget: {eu: {IdentityPoolTags: null}, us: {IdentityPoolTags: {managed-by: us}}}\n",
    ],
)
def test_a_default_changes_where_other_specs_say_it_themselves(
    scene: Scene, hands: dict[str, Hands], own: str
) -> None:
    with_other(scene, OTHER + own)
    for each in hands.values():
        each.tag(**{"managed-by": "hand"})
    done = pull(scene, "shop", "--into", "defaults")
    assert done.code == 0, done.text
    assert text_of(scene, "idpool.yaml") == PROJECT.replace(": idpool}", ": hand}")
    assert not changes_left(scene)


def test_a_default_changes_where_it_does_so_in_all_pools(
    scene: Scene, hands: dict[str, Hands]
) -> None:
    """Somebody has changed each of them by hand."""
    with_other(scene, OTHER)
    for each in hands.values():
        pools = each.client.list_identity_pools(MaxResults=60)["IdentityPools"]
        for each.pool_id in [pool["IdentityPoolId"] for pool in pools]:
            each.tag(**{"managed-by": "hand"})
    done = pull(scene, "--into", "defaults")
    assert done.code == 0, done.text
    assert text_of(scene, "idpool.yaml") == PROJECT.replace(": idpool}", ": hand}")
    assert not changes_left(scene)


def test_a_default_is_pulled_only_where_all_specs_are_read(
    scene: Scene, hands: dict[str, Hands]
) -> None:
    for each in hands.values():
        each.tag(**{"managed-by": "hand"})
    scene.idpool.write("specs/other.yaml", OTHER)
    done = pull(scene, "--spec", "specs/shop.yaml", "--into", "defaults")
    assert (done.code, "not all are read" in done.err) == (64, True), done.text
    assert text_of(scene, "idpool.yaml") == PROJECT


def test_a_default_that_another_spec_needs_is_not_removed(
    scene: Scene, hands: dict[str, Hands]
) -> None:
    login = "defaults: {SupportedLoginProviders: {www.amazon.com: amzn1}, "
    project = PROJECT.replace("defaults: {", login)
    scene.idpool.write("idpool.yaml", project)
    mapping = "{www.amazon.com: {Type: Token, AmbiguousRoleResolution: Deny}}"
    with_other(scene, OTHER + f"  RoleMappings: {mapping}\n")
    for each in hands.values():
        each.change(SupportedLoginProviders={"graph.facebook.com": f"{SECRET}1"})
    left = pull(scene, "shop", "--into", "defaults")
    assert left.code == 1, left.text
    assert "another spec would not be valid with this default: specs/other.yaml:6: " in left.err
    assert (text_of(scene), text_of(scene, "idpool.yaml")) == (SPEC, project)
