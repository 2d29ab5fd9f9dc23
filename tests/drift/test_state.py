"""The state file: what it keeps, and what it may hold after anybody has written to it."""

import json
import os
import stat

import pytest

from tests.drift.conftest import change
from tests.drift.receiver import Receiver
from tests.e2e.conftest import Account
from tests.support.cli import Idpool

DIGEST = "sha256:" + "0" * 64
GOOD = {"schemaVersion": 1, "digest": DIGEST, "clean": True, "told": {}}


def test_it_is_private_and_whole(
    idpool: Idpool, account: Account, shop: str, receiver: Receiver
) -> None:
    """Mode 0600, nothing left beside it, and no address in it."""
    change(account.client, shop, AllowClassicFlow=True)
    notify = ["--notify", f"slack={receiver.url()}"]
    (idpool.folder / "file").touch()
    unwritable = idpool.run("drift", "specs", "--state", "file/s.json", *notify)
    assert idpool.run("drift", "specs", "--state", "state/s.json", *notify).code == 2
    file = idpool.folder / "state" / "s.json"
    state = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]
    assert state["clean"] is False
    assert list(state["told"].values()) == [state["digest"]]
    assert unwritable.code == 1
    assert "file/s.json cannot be written" in unwritable.err
    assert len(receiver.posts) == 1


HOSTILE = {
    "no JSON": b"{]",
    "not UTF-8": b"\xff",
    "too deep": b"[" * 100_000,
    "a list": b"[]",
    "unknown field": json.dumps({**GOOD, "extra": 1}).encode(),
    "other version": json.dumps({**GOOD, "schemaVersion": 2}).encode(),
    "no digest": json.dumps({**GOOD, "digest": "x" * 71}).encode(),
    "text for a truth": json.dumps({**GOOD, "clean": "true"}).encode(),
    "an address in it": json.dumps({**GOOD, "told": {"https://hooks": DIGEST}}).encode(),
    "too many": json.dumps(
        {**GOOD, "told": {f"sha256:{n:064x}": DIGEST for n in range(101)}}
    ).encode(),
    "twice": b'{"clean": true, "clean": false}',
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=list(HOSTILE))
def test_what_idpool_has_not_written_is_refused(idpool: Idpool, content: bytes) -> None:
    """Before anything is read or told; the file is left as it is."""
    file = idpool.folder / "state.json"
    file.write_bytes(content)
    result = idpool.run("drift", "specs", "--state", "state.json")
    assert result.code == 1, result.text
    assert result.err.startswith("error: state.json:1: ")
    assert "Traceback" not in result.err
    assert file.read_bytes() == content


def test_what_is_no_file_is_refused(idpool: Idpool) -> None:
    """A pipe is not waited for, and a link is not followed."""
    os.mkfifo(idpool.folder / "pipe")
    (idpool.folder / "link").symlink_to("elsewhere.json")
    for name in ("pipe", "link", "."):
        result = idpool.run("drift", "specs", "--state", name)
        assert result.code == 1, result.text
        assert not (idpool.folder / "elsewhere.json").exists()


def test_an_old_state_is_written_anew(idpool: Idpool, shop: str) -> None:
    """A good one is read and replaced."""
    file = idpool.folder / "state.json"
    file.write_text(json.dumps(GOOD))
    assert shop
    assert idpool.run("drift", "specs", "--state", "state.json").code == 0
    assert json.loads(file.read_text())["digest"] != DIGEST
