"""Where a receipt goes: whole or not at all, private, through links and pipes."""

import json
import os
import resource
import subprocess
import threading
from pathlib import Path

import pytest

from tests.e2e.conftest import Account
from tests.support.cli import IDPOOL, Idpool
from tests.support.specs import document, yaml_of

APPLY = ("apply", "specs", "--yes", "--receipt")
OLD = '{"old": "receipt"}\n'
LONG = {"IdentityPoolTags": {f"key-{n}": "x" * 200 for n in range(40)}}
ROOM = 6_000  # for the journal, and not for the receipt of a pool with long tags


@pytest.fixture
def spec(idpool: Idpool) -> None:
    """One spec whose receipt is long."""
    idpool.write("specs/a.yaml", yaml_of(document("shop", LONG)))


def apply_with_little_room(idpool: Idpool, receipt: str) -> "subprocess.CompletedProcess[str]":
    """Apply where a file cannot grow beyond `ROOM`, which fails as a full disk does."""
    return subprocess.run(
        [str(IDPOOL), *APPLY, receipt],
        cwd=idpool.folder,
        env=dict(idpool.environment),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM)),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.usefixtures("spec")
def test_a_full_disk_leaves_the_old_receipt(idpool: Idpool, account: Account) -> None:
    """What was done is told on stdout, the exit code is 1, and no half of a file is left."""
    receipt = idpool.write("out/receipt.json", OLD)
    result = apply_with_little_room(idpool, "out/receipt.json")
    assert result.returncode == 1, result.stderr
    assert "out/receipt.json cannot be written" in result.stderr
    assert "created shop" in result.stdout
    assert account.only_id()
    assert receipt.read_text() == OLD
    assert list(receipt.parent.iterdir()) == [receipt]


@pytest.mark.usefixtures("spec")
def test_a_full_disk_leaves_no_half_receipt(idpool: Idpool) -> None:
    """Where there was none, there is none."""
    result = apply_with_little_room(idpool, "out/receipt.json")
    assert result.returncode == 1, result.stderr
    assert list((idpool.folder / "out").iterdir()) == []


@pytest.mark.usefixtures("spec")
def test_a_pipe_is_written_through(idpool: Idpool) -> None:
    """Somebody waits at its other end, and it stays a pipe."""
    pipe = idpool.folder / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    result = idpool.run(*APPLY, "pipe")
    reader.join()
    assert result.code == 0, result.text
    assert json.loads(read[0])["pools"][0]["name"] == "shop"
    assert pipe.is_fifo()


@pytest.mark.usefixtures("spec")
def test_a_stream_of_the_process_is_written_through(idpool: Idpool) -> None:
    """Also where the shell has made it a file: what is there already stays."""
    out = idpool.folder / "out.txt"
    with out.open("w") as stream:
        subprocess.run(
            [str(IDPOOL), *APPLY, "/dev/stdout", "--quiet"],
            cwd=idpool.folder,
            env=dict(idpool.environment),
            stdout=stream,
            check=True,
        )
    text = out.read_text()
    assert "+ create shop" in text
    assert '"planDigest"' in text


@pytest.mark.usefixtures("spec")
def test_a_link_to_a_file_that_is_not_there_yet(idpool: Idpool) -> None:
    """It is made where the link leads."""
    (idpool.folder / "receipt.json").symlink_to("elsewhere/receipt.json")
    assert idpool.run(*APPLY, "receipt.json").code == 0
    target = idpool.folder / "elsewhere" / "receipt.json"
    assert json.loads(target.read_text())["pools"]
    assert target.stat().st_mode & 0o777 == 0o600
    assert (idpool.folder / "receipt.json").is_symlink()


@pytest.mark.usefixtures("spec")
@pytest.mark.parametrize("place", ["specs", "specs/a.yaml/receipt.json"])
def test_a_place_without_room_for_a_file_is_said_first(
    idpool: Idpool, account: Account, place: str
) -> None:
    """Before anything is sent."""
    result = idpool.run(*APPLY, place)
    assert result.code == 1, result.text
    assert f"{place} cannot be written" in result.err
    assert account.pools() == {}


def test_a_file_that_cannot_be_replaced_is_written_over(tmp_path: Path) -> None:
    """A mount point of its own, as a container has it: the whole text, and nothing of the old."""
    from reconciler.terminal import files as whole_files

    place = tmp_path / "receipt.json"
    for old, new in (("a long text", "short"), ("short", "a longer text\n")):
        place.write_text(old)
        whole_files._overwrite(place, new.encode(), 0o600)
        assert place.read_text() == new
