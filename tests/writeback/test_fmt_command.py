"""``idpool fmt`` as a process of its own."""

import stat
from pathlib import Path

import pytest

from tests.support.cli import Idpool, Result

ODD = (
    "kind: 'IdentityPool'   # kind\napiVersion: idpool/v1\nmetadata: {name: odd}\nspec:\n"
    "    IdentityPoolName: odd"
)
TIDY = (
    'apiVersion: idpool/v1\nkind: "IdentityPool"   # kind\nmetadata: {name: odd}\nspec:\n'
    "  IdentityPoolName: odd\n"
)
PLAIN = TIDY.replace("odd", "plain")


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    """The command, with one odd spec and one that is in order."""
    command = Idpool(tmp_path)
    command.write("specs/odd.yaml", ODD)
    command.write("specs/plain.yaml", PLAIN)
    return command


def texts(idpool: Idpool) -> tuple[str, str]:
    """Both files."""
    return tuple(Path(idpool.folder, f"specs/{n}.yaml").read_text() for n in ("odd", "plain"))  # type: ignore[return-value]


def test_files_are_put_in_order(idpool: Idpool) -> None:
    """Only those that are not; the mode stays."""
    Path(idpool.folder, "specs/odd.yaml").chmod(0o600)
    done = idpool.run("fmt", "specs")
    assert (done.code, done.out) == (0, "")
    assert "Formatted: 1 file. 1 left as they are." in done.err
    assert texts(idpool) == (TIDY, PLAIN)
    assert stat.S_IMODE(Path(idpool.folder, "specs/odd.yaml").stat().st_mode) == 0o600
    assert idpool.run("fmt", "specs", "--check").code == 0


def test_check_lists_and_diff_shows_and_neither_writes(idpool: Idpool) -> None:
    """Exit 2 for --check alone."""
    checked = idpool.run("fmt", "--check", "specs")
    assert (checked.code, checked.out) == (2, "specs/odd.yaml\n")
    shown = idpool.run("fmt", "--diff", "specs")
    assert shown.code == 0
    assert "-kind: 'IdentityPool'   # kind\n" in shown.out
    assert '+kind: "IdentityPool"   # kind\n' in shown.out
    assert texts(idpool) == (ODD, PLAIN)


def test_stdin_goes_to_stdout(idpool: Idpool) -> None:
    """For editors; with --check there is no text."""
    done = idpool.run("fmt", "-", stdin=ODD)
    assert (done.code, done.out, done.err) == (0, TIDY, "")
    assert idpool.run("fmt", "-", "--check", stdin=ODD).code == 2
    assert idpool.run("fmt", "-", "--check", stdin=TIDY).code == 0


def test_one_invalid_spec_stops_all(idpool: Idpool) -> None:
    """Its findings are told, and nothing is written."""
    idpool.write("specs/wrong.yaml", "apiVersion: idpool/v1\nkind: IdentityPool\nnope: 1\n")
    done = idpool.run("fmt", "specs")
    assert done.code == 1
    assert 'specs/wrong.yaml:3:1: error: nope: unknown field "nope"' in done.err
    assert texts(idpool) == (ODD, PLAIN)
    from_stdin = idpool.run("fmt", "-", stdin="nope: 1\n")
    assert (from_stdin.code, from_stdin.out) == (1, "")
    assert "<stdin>:1:1" in from_stdin.err


def test_text_that_is_none_is_named(idpool: Idpool) -> None:
    """A control character, and stdin beside a file."""
    done: Result = idpool.run("fmt", "-", stdin="a: \x07\n")
    assert (done.code, done.out) == (1, "")
    assert "U+0007" in done.err
    assert idpool.run("fmt", "-", "specs").code == 64


def test_without_specs_the_project_says_which(idpool: Idpool) -> None:
    """And the project file itself is left alone."""
    project = "kind: Project\napiVersion: idpool/v1\nowner:   me\nspecs: [specs/]\n"
    file = idpool.write("idpool.yaml", project)
    assert idpool.run("fmt").code == 0
    assert texts(idpool) == (TIDY, PLAIN)
    assert file.read_text() == project
