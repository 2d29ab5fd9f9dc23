"""``idpool pull`` as a process of its own, against the sandbox."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from reconciler.sandbox.server import SandboxServer
from tests.drift.conftest import change
from tests.e2e.conftest import Account
from tests.support.cli import ACCOUNT, Idpool
from tests.support.specs import document, yaml_of
from tests.writeback.texts import CORPUS

SHOP = """\
# The shop's pool.
apiVersion: idpool/v1
kind: IdentityPool
metadata: {name: shop}
spec:
  IdentityPoolName: shop
  AllowClassicFlow: false  # never
  IdentityPoolTags:
    team: shop   # who pays
    stage: prod
"""


@pytest.fixture
def shop(idpool: Idpool, account: Account) -> str:
    """The id of the pool of spec ``shop``, which is applied."""
    return applied(idpool, account, SHOP)


def applied(idpool: Idpool, account: Account, text: str, name: str = "specs/shop.yaml") -> str:
    """Write a spec and apply it; the pool's id."""
    idpool.write(name, text)
    done = idpool.run("apply", "specs", "--yes")
    assert done.code == 0, done.text
    return account.only_id()


def pull(idpool: Idpool, *arguments: str) -> Any:
    """Run pull on the folder of specs."""
    return idpool.run("pull", "--spec", "specs", *arguments)


def is_planned(idpool: Idpool) -> bool:
    """Whether there is something to apply."""
    code = idpool.run("plan", "specs", "--detailed-exitcode").code
    assert code in (0, 2)
    return code == 2


def test_a_change_by_hand_is_written_into_the_spec(
    idpool: Idpool, account: Account, shop: str
) -> None:
    """Two lines change, and the plan is empty."""
    change(account.client, shop, AllowClassicFlow=True)
    account.client.tag_resource(ResourceArn=arn(shop), Tags={"team": "yes", "new": "1"})
    done = pull(idpool)
    assert (done.code, done.out) == (0, "")
    assert "Pulled: 1 spec." in done.err
    assert "AllowClassicFlow: specs say false, live has true" in done.err
    text = SHOP.replace("Flow: false", "Flow: true").replace("team: shop", 'team: "yes"')
    assert Path(idpool.folder, "specs/shop.yaml").read_text() == text + '    new: "1"\n'
    assert not is_planned(idpool)


@pytest.mark.usefixtures("shop")
def test_without_drift_nothing_is_touched(idpool: Idpool) -> None:
    """Not even the file's time."""
    file = Path(idpool.folder, "specs/shop.yaml")
    before = file.stat()
    done = pull(idpool)
    assert (done.code, done.out) == (0, "")
    assert "Nothing to pull" in done.err
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_diff_shows_and_check_counts_and_neither_writes(
    idpool: Idpool, account: Account, shop: str
) -> None:
    """Exit 0 and exit 2."""
    change(account.client, shop, AllowClassicFlow=True)
    shown, checked = pull(idpool, "--diff"), pull(idpool, "--check")
    assert (shown.code, checked.code, checked.out) == (0, 2, "")
    assert shown.out.startswith("--- specs/shop.yaml\n+++ specs/shop.yaml\n@@ -4,7 +4,7 @@\n")
    assert (
        "\n-  AllowClassicFlow: false  # never\n+  AllowClassicFlow: true  # never\n" in shown.out
    )
    assert Path(idpool.folder, "specs/shop.yaml").read_text() == SHOP
    assert is_planned(idpool)
    assert pull(idpool).code == 0
    assert pull(idpool, "--check").code == 0


def test_one_field_is_pulled_and_the_rest_stays_to_be_applied(
    idpool: Idpool, account: Account, shop: str
) -> None:
    """And a second --field takes the second one."""
    change(account.client, shop, AllowClassicFlow=True, IdentityPoolName="renamed")
    assert pull(idpool, "shop", "--field", "IdentityPoolName").code == 0
    text = SHOP.replace("Name: shop", "Name: renamed")
    assert Path(idpool.folder, "specs/shop.yaml").read_text() == text
    assert is_planned(idpool)
    fields = ("--field", "AllowClassicFlow", "--field", "Roles")
    assert pull(idpool, *fields).code == 0
    assert not is_planned(idpool)


def test_what_the_plan_refuses_is_accepted(idpool: Idpool, account: Account, shop: str) -> None:
    """A developer provider, which nobody can take back."""
    change(account.client, shop, DeveloperProviderName="login.hand")
    assert idpool.run("plan", "specs").code == 3
    assert pull(idpool).code == 0
    assert not is_planned(idpool)


def test_mode_links_mark_and_line_ends_stay(idpool: Idpool, account: Account) -> None:
    """A file with a byte order mark and CRLF, read through a link."""
    content = b"\xef\xbb\xbf" + SHOP.replace("\n", "\r\n").encode()
    kept = Path(idpool.folder, "kept/shop.yaml")
    idpool.write("kept/shop.yaml", "")
    kept.write_bytes(content)
    kept.chmod(0o640)
    link = Path(idpool.folder, "specs/shop.yaml")
    link.parent.mkdir()
    link.symlink_to(kept)
    assert idpool.run("apply", "specs", "--yes").code == 0
    change(account.client, account.only_id(), AllowClassicFlow=True)
    assert pull(idpool).code == 0
    assert kept.read_bytes() == content.replace(b"Flow: false", b"Flow: true")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640
    assert link.is_symlink()
    assert [each.name for each in kept.parent.iterdir()] == ["shop.yaml"]


GAME = (
    "apiVersion: idpool/v1\nkind: IdentityPool\nmetadata: {name: game}\nspec:\n"
    "  IdentityPoolName: game\n  SupportedLoginProviders:\n"
    "    # api.twitter.com: KEY;OLDER-SECRET\n    api.twitter.com: 'KEY;OLD-SECRET'\n"
)
TWITTER = {"api.twitter.com": "KEY;NEW-SECRET"}


@pytest.mark.parametrize("option", [(), ("--diff",), ("--check",)])
def test_no_secret_is_written_unasked(
    idpool: Idpool, account: Account, option: tuple[str, ...]
) -> None:
    """The spec is left as it is, with the way out; other fields can be named."""
    pool_id = applied(idpool, account, GAME)
    tags = {**account.describe(pool_id)["IdentityPoolTags"], "team": "games"}
    change(account.client, pool_id, SupportedLoginProviders=TWITTER, IdentityPoolTags=tags)
    left = pull(idpool, *option)
    assert left.code == 1
    assert "it would get the secret of api.twitter.com, which does not belong in Git" in left.err
    assert "--with-secrets" in left.err
    assert "SECRET" not in left.text
    file = Path(idpool.folder, "specs/shop.yaml")
    assert file.read_text() == GAME
    assert pull(idpool, "--field", "IdentityPoolTags").code == 0
    assert file.read_text() == f"{GAME}  IdentityPoolTags:\n    team: games\n"


def test_what_is_no_new_secret_is_pulled(idpool: Idpool, account: Account) -> None:
    """A provider beside it comes, and the secret that the spec has stays."""
    pool_id = applied(idpool, account, GAME)
    logins = {"api.twitter.com": "KEY;OLD-SECRET", "graph.facebook.com": "42"}
    change(account.client, pool_id, SupportedLoginProviders=logins)
    assert pull(idpool).code == 0
    assert "graph.facebook.com: " in Path(idpool.folder, "specs/shop.yaml").read_text()


def test_secrets_that_are_asked_for_are_written_and_never_shown(
    idpool: Idpool, account: Account
) -> None:
    """The old one, the new one, and one that is commented out."""
    text = GAME
    pool_id = applied(idpool, account, text)
    change(account.client, pool_id, SupportedLoginProviders=TWITTER)
    shown = pull(idpool, "--diff", "--with-secrets")
    done = pull(idpool, "--with-secrets")
    assert (shown.code, done.code) == (0, 0)
    assert "-    api.twitter.com: 'KEY;****'\n+    api.twitter.com: 'KEY;****'\n" in shown.out
    assert "SECRET" not in shown.text + done.text
    written = Path(idpool.folder, "specs/shop.yaml").read_text()
    assert written == text.replace("OLD-SECRET", "NEW-SECRET")
    assert not is_planned(idpool)


def test_a_pool_that_is_gone_cannot_be_pulled(idpool: Idpool, account: Account, shop: str) -> None:
    """It is said, the others are pulled, and the exit code is 1."""
    idpool.write("specs/other.yaml", yaml_of(document("other")))
    assert idpool.run("apply", "specs", "--yes").code == 0
    other = next(p for p, d in account.pools().items() if d["IdentityPoolName"] == "other")
    account.client.delete_identity_pool(IdentityPoolId=shop)
    change(account.client, other, AllowClassicFlow=True)
    done = pull(idpool)
    assert done.code == 1
    assert "target default has no pool of this spec: there is nothing to accept" in done.err
    assert "Pulled: 1 spec. 1 left as it is." in done.err
    assert Path(idpool.folder, "specs/shop.yaml").read_text() == SHOP
    assert '"AllowClassicFlow": true' in Path(idpool.folder, "specs/other.yaml").read_text()


def test_orphans_are_named(idpool: Idpool, shop: str) -> None:
    """There is no spec to pull them into."""
    Path(idpool.folder, "specs/shop.yaml").unlink()
    idpool.write("specs/other.yaml", yaml_of(document("other")))
    done = pull(idpool, "--check")
    assert f"{shop} (shop) carries our tags and has no spec" in done.err
    named = pull(idpool, "shop")
    assert named.code == 64
    assert "there is no spec shop" in named.err


def test_what_would_be_no_valid_spec_is_left(idpool: Idpool, account: Account, shop: str) -> None:
    """With the reason, the values, and the file as it was."""
    account.client.tag_resource(ResourceArn=arn(shop), Tags={"IDPOOL:x": "v"})
    done = pull(idpool)
    assert done.code == 1
    assert "what live has is no valid spec: spec.IdentityPoolTags" in done.err
    assert "IDPOOL:x" in done.err
    assert "way out: edit it by hand" in done.err
    assert Path(idpool.folder, "specs/shop.yaml").read_text() == SHOP


@pytest.mark.parametrize(
    "path", [p for p in CORPUS if p.name[:2] in ("03", "08", "13", "17", "42")]
)
def test_odd_specs_are_pulled_over_http(path: Path, idpool: Idpool, account: Account) -> None:
    """Name, flag, tags and roles at once; the plan is empty after it."""
    Path(idpool.folder, "specs").mkdir()
    Path(idpool.folder, "specs/odd.yaml").write_bytes(path.read_bytes())
    assert idpool.run("apply", "specs", "--yes").code == 0
    pool_id = account.only_id()
    change(account.client, pool_id, IdentityPoolName="by hand", AllowClassicFlow=True)
    account.client.tag_resource(ResourceArn=arn(pool_id), Tags={"by": "hand"})
    roles = account.roles(pool_id)
    roles["Roles"]["authenticated"] = f"arn:aws:iam::{ACCOUNT}:role/by-hand"
    account.client.set_identity_pool_roles(IdentityPoolId=pool_id, **roles)
    assert pull(idpool).code == 0
    assert not is_planned(idpool)


@pytest.fixture
def regional(sandbox: SandboxServer) -> Callable[[str], Any]:
    """Makes clients of one region each."""

    def make(region: str) -> Any:
        return boto3.session.Session(
            aws_access_key_id=ACCOUNT, aws_secret_access_key="sandbox", region_name=region
        ).client(
            "cognito-identity",
            endpoint_url=sandbox.url,
            config=Config(retries={"total_max_attempts": 1}),
        )

    return make


def test_targets_that_differ_cannot_be_pulled_into_one_spec(
    idpool: Idpool, regional: Callable[[str], Any]
) -> None:
    """Both values are told, and nothing is touched; alike, they are pulled."""
    targets = {
        name: {"account": ACCOUNT, "region": region}
        for name, region in (("eu", "eu-west-1"), ("us", "us-east-1"))
    }
    head = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "me", "specs": ["specs/"]}
    idpool.write("idpool.yaml", yaml_of({**head, "targets": targets}))
    file = idpool.write("specs/shop.yaml", SHOP)
    assert idpool.run("apply", "--yes").code == 0
    eu, us = regional("eu-west-1"), regional("us-east-1")
    rename(eu, "renamed")
    done = idpool.run("pull", "shop")
    assert done.code == 1
    assert 'eu has "renamed"; us has "shop"' in done.err
    alone = idpool.run("pull", "--target", "eu")
    assert alone.code == 1
    assert "the spec goes to us, too, which was not read" in alone.err
    assert file.read_text() == SHOP
    rename(us, "renamed")
    assert idpool.run("pull").code == 0
    assert file.read_text() == SHOP.replace("Name: shop", "Name: renamed")
    assert idpool.run("plan", "--detailed-exitcode").code == 0
    for client in (eu, us):
        client.close()


def rename(client: Any, name: str) -> None:
    """Give the one pool of a region another name."""
    (pool,) = client.list_identity_pools(MaxResults=60)["IdentityPools"]
    change(client, pool["IdentityPoolId"], IdentityPoolName=name)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nope",), "there is no spec nope"),
        (("--field", "Nope"), "a pool has no field Nope"),
        (("--target", "nope"), "there is no target nope"),
        (("--nope",), "No such option"),
    ],
)
def test_wrong_calls_are_named(idpool: Idpool, arguments: tuple[str, ...], said: str) -> None:
    """Exit 64, before AWS is called."""
    idpool.write("specs/shop.yaml", SHOP)
    done = pull(idpool, *arguments)
    assert done.code == 64
    assert said in done.err


def test_a_file_that_may_not_be_written_is_left(
    idpool: Idpool, account: Account, shop: str
) -> None:
    """A second name of it would keep the old text, so it is not replaced."""
    change(account.client, shop, AllowClassicFlow=True)
    file = Path(idpool.folder, "specs/shop.yaml")
    os.link(file, Path(idpool.folder, "second"))
    done = pull(idpool)
    assert done.code == 1
    assert "hard links" in done.err
    assert file.read_text() == SHOP


def arn(pool_id: str) -> str:
    """The ARN that tags are written by."""
    return f"arn:aws:cognito-identity:eu-west-1:{ACCOUNT}:identitypool/{pool_id}"
