"""A file of another kind: the message says what it is, and which command takes it."""

import pytest

from tests.saved_plan.conftest import account, idpool, sandbox, write_spec
from tests.support.cli import Idpool

__all__ = ["account", "idpool", "sandbox"]

SPEC = "specs/shop.yaml"
FILES = {
    "spec": (SPEC, "this is a spec, ", "plan --out"),
    "project": ("project.yaml", "this is a project file, ", "--project"),
    "saved plan": ("plan.json", "this is a saved plan, ", "idpool show"),
    "receipt": ("receipt.json", "this is a receipt, ", "idpool rollback"),
    "journal": ("journal.json", "this is a journal, ", "idpool apply --resume"),
    "plan": ("printed.json", "this is a plan as --format json prints it, ", "idpool plan --out"),
    "drift": ("drift.json", "this is drift as --format json prints it, ", "no command"),
    "state": ("state.json", "this is what drift has remembered, ", "drift --state"),
}
TAKES = {
    "validate": "spec",
    "plan": "spec",
    "show": "saved plan",
    "rollback": "receipt",
    "apply specs --yes --resume": "journal",
}


@pytest.fixture
def files(idpool: Idpool) -> Idpool:
    """One file of each kind that idpool reads or writes."""
    write_spec(idpool)
    idpool.write("project.yaml", "apiVersion: idpool/v1\nkind: Project\nowner: default\n")
    for name, arguments in (
        ("printed.json", ("plan", SPEC, "--format", "json")),
        ("drift.json", ("drift", SPEC, "--format", "json", "--state", "state.json")),
    ):
        idpool.write(name, idpool.run(*arguments).out)
    assert idpool.run("plan", SPEC, "--out", "plan.json").code == 0
    records = ("--receipt", "receipt.json", "--journal", "journal.json")
    assert idpool.run("apply", "plan.json", *records).code == 0
    return idpool


def test_each_command_says_what_it_was_given(files: Idpool) -> None:
    """Exit 1, one error, and no word of fields that are missing."""
    for command, takes in TAKES.items():
        for kind, (file, what, way) in FILES.items():
            if kind == takes or (takes == "spec" and kind == "project"):
                continue
            result = files.run(*command.split(), file)
            assert result.code == 1, (command, kind, result.text)
            assert what in result.err, (command, kind)
            assert way in result.err, (command, kind)
            assert "missing" not in result.err, (command, kind, result.err)


@pytest.mark.parametrize("kind", ["receipt", "journal", "plan", "drift", "state"])
def test_apply_takes_specs_and_saved_plans(files: Idpool, kind: str) -> None:
    """Any other JSON is named for what it is."""
    file, what, way = FILES[kind]
    result = files.run("apply", file, "--yes")
    assert result.code == 1, result.text
    assert what in result.err
    assert way in result.err


def test_a_damaged_file_is_still_damaged(files: Idpool) -> None:
    """What was changed in a receipt is told as before."""
    path = files.folder / "receipt.json"
    path.write_text(path.read_text().replace('"planDigest"', '"planDigest": 1, "foo"'))
    result = files.run("rollback", "receipt.json")
    assert result.code == 1
    assert "this is" not in result.err
    assert "fix: name a file that idpool has written" in result.err


@pytest.mark.parametrize("command", ["validate", "plan", "apply --yes"])
def test_stdin_is_no_file(idpool: Idpool, command: str) -> None:
    """As other tools have it; here it is a name like any other."""
    result = idpool.run(*command.split(), "-", stdin="apiVersion: idpool/v1\n")
    assert result.code == 1, result.text
    assert "idpool reads no specs from stdin" in result.err
