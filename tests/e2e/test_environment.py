"""Odd surroundings: files that are not ours, streams that take no more, wrong addresses."""

import os
import subprocess
from pathlib import Path

from tests.e2e.conftest import Account
from tests.support.cli import IDPOOL, Idpool, aws_environment
from tests.support.specs import document, yaml_of


def test_reset_removes_nothing_but_a_sandboxs_state(idpool: Idpool) -> None:
    """A spec that is named by mistake survives."""
    spec = idpool.write("victim.yaml", yaml_of(document("shop")))
    result = idpool.run("sandbox", "reset", "victim.yaml")
    assert result.code == 1, result.text
    assert "not a sandbox's state" in result.err
    assert spec.read_text(encoding="utf-8") == yaml_of(document("shop"))


def test_a_receipt_that_cannot_be_written_is_said_before_the_first_write(
    idpool: Idpool, account: Account
) -> None:
    """A folder is no file; nothing is applied."""
    idpool.write("specs/a.yaml", yaml_of(document("shop")))
    result = idpool.run("apply", "specs", "--yes", "--receipt", "specs")
    assert result.code == 1, result.text
    assert "specs cannot be written" in result.err
    assert account.pools() == {}


def test_a_receipt_goes_where_a_link_leads(idpool: Idpool) -> None:
    """The link stays one, and its target is private."""
    idpool.write("specs/a.yaml", yaml_of(document("shop")))
    target = idpool.write("elsewhere/receipt.json", "old and longer than nothing")
    link = idpool.folder / "receipt.json"
    link.symlink_to(target)
    result = idpool.run("apply", "specs", "--yes", "--receipt", "receipt.json")
    assert result.code == 0, result.text
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8").startswith("{")
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_full_disk_behind_stdout_is_no_bug(idpool: Idpool) -> None:
    """One sentence, exit 1."""
    idpool.write("specs/a.yaml", yaml_of(document("shop")))
    with Path("/dev/full").open("wb") as full:
        run = subprocess.run(
            [str(IDPOOL), "plan", "specs"],
            cwd=idpool.folder,
            env=dict(idpool.environment),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert run.returncode == 1
    assert "cannot be written" in run.stderr
    assert "bug" not in run.stderr
    assert "Traceback" not in run.stderr


def test_an_ascii_terminal_shows_the_rest_as_escapes(idpool: Idpool) -> None:
    """A tag in another script is legible, and no error."""
    idpool.write("specs/a.yaml", yaml_of(document("shop", {"IdentityPoolTags": {"team": "ünï"}})))
    ascii_only = Idpool(idpool.folder, {**idpool.environment, "PYTHONIOENCODING": "ascii"})
    result = ascii_only.run_process("plan", "specs")
    assert result.code == 0, result.text
    assert "\\xfc" in result.out


def test_a_wrong_address_is_one_sentence(tmp_path: Path) -> None:
    """It names the address and the variable."""
    idpool = Idpool(tmp_path, aws_environment("garbage"))
    idpool.write("specs/a.yaml", yaml_of(document("shop")))
    result = idpool.run("plan", "specs")
    assert result.code == 1, result.text
    assert "garbage" in result.err
    assert "AWS_ENDPOINT_URL" in result.err
    assert "bug" not in result.err


def test_apply_without_a_stdin_asks_for_yes(idpool: Idpool) -> None:
    """A closed stdin is nobody to ask."""
    idpool.write("specs/a.yaml", yaml_of(document("shop")))
    run = subprocess.run(
        ["sh", "-c", f"exec {IDPOOL} apply specs <&-"],
        cwd=idpool.folder,
        env={**os.environ, **idpool.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 64, run.stderr
    assert "--yes" in run.stderr
