"""``import --fold``: pools of one name in several targets become one spec."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from reconciler.sandbox.server import SandboxServer
from tests.e2e.conftest import sandbox
from tests.support.cli import Idpool, Result, aws_environment

__all__ = ["sandbox"]

REGIONS = ("eu-west-1", "us-east-1", "eu-central-1")
ACCOUNTS = {f"t{number}": (f"{number}" * 12, REGIONS[number % 3]) for number in range(1, 7)}
FACEBOOK = {"graph.facebook.com": "1"}
OTHER: dict[str, Any] = {
    "SupportedLoginProviders": FACEBOOK,
    "AllowUnauthenticatedIdentities": True,
}


@pytest.fixture
def idpool(sandbox: SandboxServer, tmp_path: Path) -> Idpool:
    """A project of six accounts."""
    command = Idpool(tmp_path, aws_environment(sandbox.url))
    targets = "".join(
        f'  {name}: {{account: "{account}", region: {region}, '
        'roleArn: "arn:aws:iam::${target.account}:role/idpool"}\n'
        for name, (account, region) in ACCOUNTS.items()
    )
    head = "apiVersion: idpool/v1\nkind: Project\nowner: acme\n"
    command.write("idpool.yaml", f"{head}targets:\n{targets}")
    return command


@pytest.fixture
def clients(sandbox: SandboxServer) -> Iterator[dict[str, Any]]:
    """Another AWS client in each account."""
    with ExitStack() as stack:
        made: dict[str, Any] = {}
        for name, (account, region) in ACCOUNTS.items():
            made[name] = boto3.Session(
                aws_access_key_id=account, aws_secret_access_key="sandbox", region_name=region
            ).client(
                "cognito-identity",
                endpoint_url=sandbox.url,
                config=Config(retries={"total_max_attempts": 1}),
            )
            stack.callback(made[name].close)
        yield made


def create(client: Any, name: str, roles: dict[str, str] | None = None, **fields: Any) -> str:
    flags = {"AllowUnauthenticatedIdentities": False, "AllowClassicFlow": False}
    made = client.create_identity_pool(IdentityPoolName=name, **{**flags, **fields})
    if roles:
        client.set_identity_pool_roles(IdentityPoolId=made["IdentityPoolId"], Roles=roles)
    return str(made["IdentityPoolId"])


def files(idpool: Idpool) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted((idpool.folder / "specs").iterdir())}


def fold(idpool: Idpool, *arguments: str) -> Result:
    done = idpool.run("import", "--all", "--fold", *arguments)
    assert done.code == 0, done.text
    return done


def assert_only_ownership(idpool: Idpool) -> None:
    """The plan changes tags that say whose the pools are; after it there is nothing left."""
    planned = idpool.run("plan", "--format", "json")
    assert planned.code == 0, planned.text
    pools = [pool for target in json.loads(planned.out)["targets"] for pool in target["pools"]]
    edits = [edit for pool in pools for change in pool["changes"] for edit in change["edits"]]
    assert {edit["path"][0] for edit in edits} == {"idpool:owner", "idpool:name"}
    assert idpool.run("apply", "--yes").code == 0
    assert idpool.run("plan", "--detailed-exitcode").code == 0


def test_what_is_alike_is_said_once(idpool: Idpool, clients: dict[str, Any]) -> None:
    """Accounts and regions become references; what differs, an overlay."""
    for name in ("t1", "t2"):
        account, region = ACCOUNTS[name]
        create(
            clients[name],
            "Shop",
            {"authenticated": f"arn:aws:iam::{account}:role/app/shop"},
            SamlProviderARNs=[f"arn:aws:iam::{account}:saml-provider/Okta"],
            SupportedLoginProviders=FACEBOOK,
            IdentityPoolTags={"team": "shop", "place": f"in {region}", "stage": name},
        )
    fold(idpool)
    (text,) = files(idpool).values()
    assert "  SamlProviderARNs:\n    - ${samlProvider.Okta}\n" in text
    assert "authenticated: ${role.app/shop}" in text
    assert "place: in ${target.region}" in text
    assert "  targets: [t1, t2]\n" in text
    assert "\nperTarget:\n  t2:\n    IdentityPoolTags:\n      stage: t2\n" in text
    assert_only_ownership(idpool)


def test_what_has_little_in_common_gets_a_spec_each(
    idpool: Idpool, clients: dict[str, Any]
) -> None:
    """And the reason is told."""
    create(clients["t1"], "Shop", IdentityPoolTags={"a": "1"})
    create(clients["t2"], "Shop", DeveloperProviderName="x", AllowClassicFlow=True, **OTHER)
    create(clients["t1"], "Twice")
    create(clients["t1"], "Twice")
    done = fold(idpool)
    assert len(files(idpool)) == 4
    assert "not folded: Shop (" in done.err
    assert "3 of 8 fields are alike" in done.err
    assert "several of them are in one target" in done.err
    assert idpool.run("validate").code == 0


@pytest.mark.slow
def test_forty_pools_in_six_accounts(idpool: Idpool, clients: dict[str, Any]) -> None:
    for number in range(40):
        for name, client in clients.items():
            role = f"arn:aws:iam::{ACCOUNTS[name][0]}:role/r{number}"
            tags = {"n": str(number), **({"stage": name} if number % 5 == 0 else {})}
            create(client, f"pool{number}", {"authenticated": role}, IdentityPoolTags=tags)
    fold(idpool)
    assert len(files(idpool)) == 40
    assert_only_ownership(idpool)


def test_secrets_stay_out(idpool: Idpool, clients: dict[str, Any]) -> None:
    """Unless they are asked for, and then in a file that is the owner's alone."""
    logins = {"api.twitter.com": "key;Zk8wQvPx2LmT"}
    for name in ("t1", "t2"):
        create(clients[name], "Shop", SupportedLoginProviders=logins)
    done = fold(idpool)
    (text,) = files(idpool).values()
    assert "Zk8wQvPx2LmT" not in text + done.text
    assert "[SupportedLoginProviders]" in text
    (idpool.folder / "specs/shop.yaml").unlink()
    done = fold(idpool, "--with-secrets")
    assert "Zk8wQvPx2LmT" not in done.text
    assert (idpool.folder / "specs/shop.yaml").stat().st_mode & 0o077 == 0


def test_one_target_is_nothing_to_fold(idpool: Idpool) -> None:
    (idpool.folder / "idpool.yaml").unlink()
    done = idpool.run("import", "--all", "--fold")
    assert (done.code, "there is one target" in done.err) == (64, True), done.text
