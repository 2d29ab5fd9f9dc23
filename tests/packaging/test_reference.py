"""Help has examples that work, and what documents say of the code is what it says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.cli.help import examples_of
from reconciler.cli.options import spelled_out
from reconciler.specs.references import SCHEMES
from tests.packaging.scripts import ROOT, loaded, script
from tests.support.cli import Idpool, clean_environment

SCRIPT = script("reference")
REFERENCE = loaded("reference")
COMMANDS = dict(REFERENCE.commands())
EXAMPLES = [
    (name, example) for name, command in COMMANDS.items() for example in examples_of(command)
]


@pytest.mark.parametrize(
    "settings", [{}, {"COLUMNS": "30", "FORCE_COLOR": "1", "TERM": "xterm", "LC_ALL": "C"}]
)
def test_what_is_written_from_the_code_is_in_step(tmp_path: Path, settings: dict[str, str]) -> None:
    """Written anew it is the same, on whatever terminal; else run `make reference`."""
    subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path)],
        check=True,
        cwd=tmp_path,
        env=clean_environment(**settings),
    )
    for name in ("checks.md", "reference.md", "values.md"):
        committed = ROOT / "docs" / name
        assert committed.read_text(encoding="utf-8") == (tmp_path / name).read_text(
            encoding="utf-8"
        )


def test_the_page_of_references_explains_every_scheme() -> None:
    """One row each, with what a scheme that reads needs."""
    rows = re.findall(r"^\| `\$\{(\w+)\..*\|$", REFERENCE.values_page(), re.MULTILINE)
    assert rows == [*SCHEMES]
    for scheme in SCHEMES.values():
        assert bool(scheme.key) == bool(scheme.calls)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_has_an_example_and_its_options(
    name: str, tmp_path: Path
) -> None:
    """As somebody reads it on a terminal."""
    environment = clean_environment(COLUMNS="200")
    result = Idpool(tmp_path, environment).run(*name.split()[1:], "--help")
    assert result.code == 0, result.text
    assert f"$ {name}" in result.out.partition("\nExample")[2] or "| " + name in result.out
    options = [option for each in COMMANDS[name].params for option in each.opts if option[0] == "-"]
    missing = [option for option in options if option not in result.out]
    assert not missing


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_examples_are_taken(name: str, example: str) -> None:
    """Every word is an option or argument that the command knows, with a value that it takes."""
    (words,) = (w for w in map(shlex.split, example.split(" | ")) if w[0] == "idpool")
    path = name.split()
    assert words[: len(path)] == path
    COMMANDS[name].make_context(name, spelled_out(words[len(path) :]))


def test_a_wrong_example_would_be_noticed() -> None:
    """The parser that judges the examples says no to what the command does not know."""
    with pytest.raises(Exception, match="--no-such-option"):
        COMMANDS["idpool plan"].make_context("idpool plan", ["--no-such-option"])


def test_every_command_is_in_the_reference() -> None:
    """Those of the program's own list."""
    listed = Idpool(ROOT, {**os.environ, "COLUMNS": "200"}).run("--help").out
    assert {name.split()[1] for name in COMMANDS} == {
        line.split()[0]
        for section in re.findall(r"(?m)^(?!Options|Examples)[A-Z][a-z ]+:\n((?:  .*\n)+)", listed)
        for line in section.splitlines()
        if line[2] != " "
    }
