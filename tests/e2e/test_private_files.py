"""Files that may hold more than everybody should know are their owner's alone to read."""

import json
import os
import stat
from collections.abc import Iterator

import pytest

from tests.drift.conftest import change
from tests.e2e.conftest import Account
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

LOGINS = {"api.twitter.com": "key;hush-hush"}


@pytest.fixture(autouse=True)
def _no_umask() -> Iterator[None]:
    """The umask of somebody who keeps nothing to himself."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_all(idpool: Idpool, *names: str) -> None:
    """Files of these names that everybody may read and write."""
    for name in names:
        idpool.write(name, "{}").chmod(0o666)


def modes(idpool: Idpool, *names: str) -> set[int]:
    return {stat.S_IMODE((idpool.folder / name).stat().st_mode) for name in names}


@pytest.mark.parametrize("are_there", [False, True])
def test_what_a_run_writes_down(idpool: Idpool, account: Account, are_there: bool) -> None:
    """Plans, receipts, journals and states; what they replace had another mode."""
    idpool.write("specs/shop.yaml", yaml_of(document("shop", {"SupportedLoginProviders": LOGINS})))
    plans, receipts = ("plan.json",), ("receipt.json", "back.json")
    journals = ("journal.jsonl", "back.jsonl")
    if are_there:
        open_to_all(idpool, "plan.json", *receipts)
    said = [
        idpool.run("plan", "specs", "--out", "plan.json"),
        idpool.run("apply", "plan.json", "--receipt", receipts[0], "--journal", journals[0]),
    ]
    change(account.client, account.only_id(), AllowClassicFlow=True)
    said += [idpool.run("drift", "specs", "--state", "state.json")]
    (idpool.folder / "state.json").chmod(0o666 if are_there else 0o600)
    said += [idpool.run("drift", "specs", "--state", "state.json")]
    idpool.write("specs/shop.yaml", yaml_of(document("shop", {"AllowClassicFlow": True})))
    written = ("--receipt", receipts[0], "--journal", "second.jsonl")
    said += [
        idpool.run("apply", "specs", "--yes", *written),
        idpool.run("rollback", receipts[0], "--apply", "--yes", "--receipt", receipts[1]),
    ]
    assert [result.code for result in said] == [0, 0, 2, 2, 0, 3]
    named = (*plans, receipts[0], journals[0], "second.jsonl", "state.json")
    assert modes(idpool, *named) == {0o600}
    for name in named:
        assert "hush" not in (idpool.folder / name).read_text(), name


def test_what_is_for_others_to_read(idpool: Idpool) -> None:
    """Reports hold no secret, and go to whoever reviews: a web server has to read them."""
    idpool.write("specs/shop.yaml", yaml_of(document("shop", {"SupportedLoginProviders": LOGINS})))
    assert idpool.run("plan", "specs", "--format", "html=plan.html").code == 0
    assert modes(idpool, "plan.html") == {0o644}
    assert "hush" not in (idpool.folder / "plan.html").read_text()


def test_what_holds_a_secret_on_request(idpool: Idpool, account: Account) -> None:
    """import, convert and export write it for its owner alone, and say that it is in there."""
    account.create("shop", SupportedLoginProviders=LOGINS)
    pool = {
        "Type": "AWS::Cognito::IdentityPool",
        "Properties": {"IdentityPoolName": "bird", "SupportedLoginProviders": LOGINS},
    }
    idpool.write("t.json", json.dumps({"Resources": {"Bird": pool}}))
    names = ("out/bird.yaml", "pools.tf", "pools.yaml")
    open_to_all(idpool, *names)
    to = ("--force", "--out")
    said = [
        idpool.run("import", "shop", "--with-secrets"),
        idpool.run("convert", "cloudformation", "t.json", *to, "out"),
        idpool.run("export", "terraform", "specs", *to, names[1]),
        idpool.run("export", "cloudformation", "specs", *to, names[2]),
    ]
    assert [result.code for result in said] == [0] * 4, [result.text for result in said]
    for result, name in zip(said, ("specs/shop.yaml", *names), strict=True):
        assert modes(idpool, name) == {0o600}
        assert "hush-hush" in (idpool.folder / name).read_text()
        assert "hush" not in result.text
        assert name in result.err
        assert "holds the secret of api.twitter.com" in result.err or (
            "it holds a secret, and only you can read it" in result.err
        )


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (0o644, "Not only you can read it (mode 0644): chmod 600 puts that right"),
        (0o600, "Only you can read it (mode 0600)"),
    ],
)
def test_a_pull_with_secrets(idpool: Idpool, account: Account, mode: int, said: str) -> None:
    """The file is the user's, and keeps its mode; who can read it is said, also with --quiet."""
    spec = idpool.write("specs/shop.yaml", yaml_of(document("shop")))
    assert idpool.run("apply", "specs", "--yes").code == 0
    change(account.client, account.only_id(), SupportedLoginProviders=LOGINS)
    spec.chmod(mode)
    shown = idpool.run("pull", "--spec", "specs", "--with-secrets", "--diff")
    assert "keep it out of Git" not in shown.text
    result = idpool.run("pull", "--spec", "specs", "--with-secrets", "--quiet")
    assert result.code == 0, result.text
    assert f"holds the secret of api.twitter.com: keep it out of Git. {said}" in result.err
    assert modes(idpool, "specs/shop.yaml") == {mode}
    assert "hush-hush" in spec.read_text()
    assert "hush" not in result.text + shown.text
