"""Documents that mean different things in different targets, in the commands around apply."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.e2e.test_values_per_target import EU, HEAD, SEEDS, SPEC, US, Scene, scene
from tests.faults.faults import Fault, FaultKind
from tests.start.test_commands import completed

__all__ = ["scene"]

REGIONS = {"eu": (EU, "eu-west-1"), "us": (US, "us-east-1")}
PURE = (
    HEAD.format(name="shop")
    + '  IdentityPoolName: shop-${var.stage}\n  Roles: {authenticated: "${role.shop}"}\n'
)
TAGS = {"idpool:owner": "acme/identity", "idpool:name": "shop"}
READS = {"GetParameters", "BatchGetSecretValue", "DescribeStacks", "ListUserPools"}


@pytest.fixture
def clients(scene: Scene) -> Iterator[dict[str, Any]]:
    """Another AWS client for each target."""
    with ExitStack() as stack:
        made: dict[str, Any] = {}
        for target, (account, region) in REGIONS.items():
            made[target] = boto3.Session(
                aws_access_key_id=account, aws_secret_access_key="sandbox", region_name=region
            ).client(
                "cognito-identity",
                endpoint_url=scene.proxy.url,
                config=Config(retries={"total_max_attempts": 1}),
            )
            stack.callback(made[target].close)
        yield made


def made_by_hand(client: Any, name: str = "shop-prod", **fields: Any) -> str:
    """The id of a new pool."""
    flags = {"AllowUnauthenticatedIdentities": False, "AllowClassicFlow": False}
    pool = client.create_identity_pool(IdentityPoolName=name, **flags, **fields)
    return str(pool["IdentityPoolId"])


@pytest.mark.parametrize("spec", [SPEC, PURE], ids=["read", "pure"])
def test_a_pool_in_each_target_is_adopted(scene: Scene, clients: dict[str, Any], spec: str) -> None:
    """One line of the spec as it is written changes, and nothing is read for it."""
    scene.seed(*SEEDS)
    scene.idpool.write("specs/shop.yaml", spec)
    ids = {target: made_by_hand(client) for target, client in clients.items()}
    assert scene.idpool.run("plan").code == 3
    scene.calls()
    adopted = scene.idpool.run("adopt", *(f"shop={pool_id}" for pool_id in ids.values()))
    assert adopted.code == 0, adopted.text
    assert not READS & scene.calls().keys()
    text = (scene.idpool.folder / "specs/shop.yaml").read_text()
    adopts = f"adopt: {{eu: {ids['eu']}, us: {ids['us']}}}"
    assert text == spec.replace("{name: shop}", f"{{name: shop, {adopts}}}")
    assert scene.idpool.run("apply", "--yes").code == 0
    assert scene.idpool.run("plan", "--detailed-exitcode").code == 0


def test_an_adoption_that_a_plan_would_refuse_is_not_written(
    scene: Scene, clients: dict[str, Any]
) -> None:
    taken = made_by_hand(clients["us"], IdentityPoolTags={"idpool:owner": "somebody"})
    refused = scene.idpool.run("adopt", f"shop={taken}")
    assert (refused.code, "Nothing was written" in refused.err) == (3, True), refused.text
    assert (scene.idpool.folder / "specs/shop.yaml").read_text() == SPEC


@pytest.mark.parametrize("spec", [SPEC, PURE], ids=["read", "pure"])
def test_of_two_pools_one_is_kept(scene: Scene, clients: dict[str, Any], spec: str) -> None:
    scene.seed(*SEEDS)
    scene.idpool.write("specs/shop.yaml", spec)
    kept, other = (made_by_hand(clients["us"], IdentityPoolTags=TAGS) for _ in range(2))
    done = scene.idpool.run("adopt", "shop", "--keep", kept, "--yes")
    assert done.code == 0, done.text
    left = clients["us"].describe_identity_pool(IdentityPoolId=other)
    assert left["IdentityPoolTags"] == {}
    assert (scene.idpool.folder / "specs/shop.yaml").read_text() == spec


def test_what_differs_by_target_is_exported_of_one(scene: Scene) -> None:
    scene.idpool.write("specs/shop.yaml", PURE)
    several = scene.idpool.run("export", "cloudformation")
    assert several.code == 64, several.text
    assert "differs by target" in several.err
    assert "--target; it goes to eu, us" in several.err
    one = scene.idpool.run("export", "cloudformation", "--target", "us")
    assert one.code == 0, one.text
    assert f"arn:aws:iam::{US}:role/shop" in one.out
    assert EU not in one.out


def test_what_only_aws_knows_is_not_exported(scene: Scene) -> None:
    text = PURE.replace("${role.shop}", "${stack.shop-base.Role}")
    scene.idpool.write("specs/shop.yaml", text)
    for command in ("cloudformation", "terraform"):
        done = scene.idpool.run("export", command, "--target", "eu")
        assert done.code == 64, done.text
        assert "${stack.shop-base.Role}" in done.err
        assert "idpool render specs/shop.yaml --target eu" in done.err


@pytest.mark.parametrize("spec", [SPEC, PURE], ids=["read", "pure"])
def test_a_run_that_failed_in_one_target_is_resumed(scene: Scene, spec: str) -> None:
    scene.seed(*SEEDS)
    scene.idpool.write("specs/shop.yaml", spec)
    refused = {"CreateIdentityPool"}

    def before(operation: str, number: int) -> Fault | None:
        is_second = operation in refused and number == 2
        return Fault(FaultKind.ACCESS_DENIED) if is_second else None

    scene.proxy.before = before
    assert scene.idpool.run("apply", "--yes", "--journal", "run.jsonl").code == 1
    resumed = scene.idpool.run("apply", "--yes", "--resume", "run.jsonl")
    assert resumed.code == 0, resumed.text
    assert "no pool of that run has a spec" not in resumed.err
    assert scene.idpool.run("plan", "--detailed-exitcode").code == 0


def test_import_knows_the_names_and_the_pools_that_specs_wait_for(
    scene: Scene, clients: dict[str, Any]
) -> None:
    """A spec's name is known though AWS has the rest; and what is imported gets another one."""
    waited_for = made_by_hand(clients["eu"])
    made_by_hand(clients["eu"], "shop")
    listed = scene.idpool.run("import", "--target", "eu")
    assert f"idpool adopt shop={waited_for}" in listed.out, listed.text
    done = scene.idpool.run("import", "shop", "--target", "eu")
    assert done.code == 0, done.text
    assert (scene.idpool.folder / "specs/shop.yaml").read_text() == SPEC
    files = sorted(path.name for path in (scene.idpool.folder / "specs").iterdir())
    assert (len(files), files[0][:5], files[1]) == (2, "shop-", "shop.yaml")


def test_names_are_completed_once(scene: Scene) -> None:
    scene.idpool.write("specs/pure.yaml", PURE.replace("name: shop", "name: pure"))
    assert completed(scene.idpool, "pull", "") == ["pure", "shop"]
