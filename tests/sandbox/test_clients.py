"""Clients that others have written, each in an environment of its own, against `sandbox serve`.

`make clients` installs them: the AWS SDK for JavaScript into `.node`, cloud-custodian into
`.venv-custodian`.
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.support.chromium import ask
from tests.support.cli import Idpool, aws_environment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
SOURCES = Path(__file__).parent / "javascript"
MODULES = ROOT / ".node" / "node_modules"
CUSTODIAN = ROOT / ".venv-custodian" / "bin" / "custodian"
ACCOUNT = "123456789012"
REGION = "eu-west-1"
GUEST = f"arn:aws:sts::{ACCOUNT}:assumed-role/shop-guest/CognitoIdentityCredentials"
CUSTOMER = f"arn:aws:sts::{ACCOUNT}:assumed-role/shop-customer/CognitoIdentityCredentials"
PASSWORD = "Pass-w0rd"
# Runs the app once with these settings, in Node or in a browser.
App = Callable[[dict[str, Any]], Any]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The address that `idpool sandbox serve` prints."""
    process = Idpool(tmp_path).start("sandbox", "serve")
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


@pytest.fixture
def connect(url: str) -> Iterator[Callable[[str], Any]]:
    """Makes boto3 clients of the sandbox."""
    session = boto3.session.Session(ACCOUNT, "secret", region_name=REGION)
    clients: list[Any] = []

    def made(service: str) -> Any:
        clients.append(session.client(service, endpoint_url=url))  # type: ignore[call-overload]
        return clients[-1]

    yield made
    for client in clients:
        client.close()


class Shop:
    """A user pool with Ann in it, and an identity pool that takes its users, and guests."""

    def __init__(self, url: str, connect: Callable[[str], Any], *, guests: bool = True) -> None:
        self._idp = connect("cognito-idp")
        users = self._idp.create_user_pool(PoolName="shop")["UserPool"]["Id"]
        app = self._idp.create_user_pool_client(UserPoolId=users, ClientName="web")
        self._app = app["UserPoolClient"]["ClientId"]
        self._idp.admin_create_user(UserPoolId=users, Username="ann", MessageAction="SUPPRESS")
        self._idp.admin_set_user_password(
            UserPoolId=users, Username="ann", Password=PASSWORD, Permanent=True
        )
        self._provider = f"cognito-idp.{REGION}.amazonaws.com/{users}"
        identity = connect("cognito-identity")
        pool_id = identity.create_identity_pool(
            IdentityPoolName="shop",
            AllowUnauthenticatedIdentities=guests,
            CognitoIdentityProviders=[{"ProviderName": self._provider, "ClientId": self._app}],
        )["IdentityPoolId"]
        roles = {
            "authenticated": f"arn:aws:iam::{ACCOUNT}:role/shop-customer",
            "unauthenticated": f"arn:aws:iam::{ACCOUNT}:role/shop-guest",
        }
        identity.set_identity_pool_roles(IdentityPoolId=pool_id, Roles=roles)
        self.guest = {"endpoint": url, "region": REGION, "identityPoolId": pool_id}

    def ann(self) -> dict[str, Any]:
        """The settings of an app in which Ann has signed in."""
        tokens = self._idp.initiate_auth(
            ClientId=self._app,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ann", "PASSWORD": PASSWORD},
        )["AuthenticationResult"]
        return {**self.guest, "logins": {self._provider: tokens["IdToken"]}}


@pytest.fixture(params=["node", "chromium"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> App:
    """The app, in Node as it is, or bundled into a page."""
    assert MODULES.is_dir(), "`make clients` installs the AWS SDK for JavaScript"
    folder = tmp_path / "app"
    shutil.copytree(SOURCES, folder)
    (folder / "node_modules").symlink_to(MODULES)
    if request.param == "node":
        return lambda settings: json.loads(_run(folder, "node", "node.mjs", json.dumps(settings)))
    bundling = ("--bundle", "--minify", "--global-name=app", "--charset=ascii")
    script = _run(folder, "node_modules/.bin/esbuild", "sign_in.mjs", *bundling)
    page = f"<!doctype html><script>{script}</script>"
    runs = iter(range(100))

    def in_a_page(settings: dict[str, Any]) -> Any:
        question = f"page => page.app.signIn({json.dumps(settings)})"
        return ask(page, question, tmp_path / f"profile{next(runs)}")[0]

    return in_a_page


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_javascript_as_a_guest(url: str, connect: Callable[[str], Any], app: App) -> None:
    """A guest gets credentials once, for an hour, and uses them for all that follows."""
    seen = app(Shop(url, connect).guest)
    assert seen.get("callers") == [GUEST] * 3, seen
    assert seen["calls"] == ["GetIdCommand", "GetCredentialsForIdentityCommand"]
    left = datetime.fromisoformat(seen["expiration"]) - datetime.now(UTC)
    assert timedelta(minutes=50) < left <= timedelta(hours=1)


def test_javascript_as_a_user(url: str, connect: Callable[[str], Any], app: App) -> None:
    """A user of the user pool is the same identity at each sign-in, in the role for users."""
    shop = Shop(url, connect)
    first, second = app(shop.ann()), app(shop.ann())
    assert first.get("callers") == second.get("callers") == [CUSTOMER] * 3, (first, second)
    assert first["identityId"] == second["identityId"]


def test_javascript_reads_refusals(url: str, connect: Callable[[str], Any], app: App) -> None:
    """A refusal reaches the app with its code and message, in a browser, too."""
    assert app(Shop(url, connect, guests=False).guest) == {
        "error": "NotAuthorizedException",
        "message": "Unauthenticated access is not supported for this identity pool.",
    }


POLICIES = """policies:
  - name: without-an-owner
    resource: identity-pool
    filters:
      - "tag:owner": absent
    actions:
      - type: tag
        tags: {owner: nobody, seen-by: custodian}
  - name: of-nobody
    resource: identity-pool
    filters:
      - "tag:owner": nobody
    actions:
      - type: remove-tag
        tags: [seen-by]
"""


def test_custodian_lists_and_tags_pools(
    url: str, connect: Callable[[str], Any], tmp_path: Path
) -> None:
    """cloud-custodian finds pools by their tags, and tags and untags them."""
    assert CUSTODIAN.is_file(), "`make clients` installs cloud-custodian"
    client = connect("cognito-identity")
    tags = {"shop": {"owner": "ann", "team": "shop"}, "till": {"team": "till"}, "bare": {}}
    ids = {
        name: client.create_identity_pool(
            IdentityPoolName=name, AllowUnauthenticatedIdentities=False, IdentityPoolTags=chosen
        )["IdentityPoolId"]
        for name, chosen in tags.items()
    }
    (tmp_path / "policies.yml").write_text(POLICIES)
    output = tmp_path / "output"
    environment = aws_environment(url, AWS_DEFAULT_REGION=REGION, HOME=str(tmp_path))
    done = subprocess.run(
        [CUSTODIAN, "run", "--region", REGION, "--cache", str(tmp_path / "cache"),
         "--cache-period", "0", "--output-dir", str(output), "policies.yml"],
        cwd=tmp_path, env={**environment, "PATH": os.environ["PATH"]},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for policy in ("without-an-owner", "of-nobody"):
        found = json.loads((output / policy / "resources.json").read_text())
        assert {pool["IdentityPoolName"] for pool in found} == {"till", "bare"}, done.stderr
    now = {
        name: client.describe_identity_pool(IdentityPoolId=key).get("IdentityPoolTags", {})
        for name, key in ids.items()
    }
    nobody = {"owner": "nobody"}
    assert now == {"shop": tags["shop"], "till": {"team": "till", **nobody}, "bare": nobody}
