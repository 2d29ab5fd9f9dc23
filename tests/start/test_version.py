"""``idpool --version`` is answered before typer is there, and as typer would answer it."""

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler import __version__
from tests.start.imports import run
from tests.support.cli import IDPOOL, clean_environment
from tests.support.specs import document, yaml_of

# Any variable that a shell's question could be in: then the answer is left to typer.
CAREFULLY = {"_SOME_OTHER_COMPLETE": ""}


def test_it_is_what_the_distribution_says() -> None:
    assert importlib.metadata.version("idpool") == __version__


def test_both_ways_say_the_same(tmp_path: Path) -> None:
    fast, careful = run(tmp_path, "--version"), run(tmp_path, "--version", **CAREFULLY)
    assert fast.result == careful.result
    assert fast.result.out == f"idpool {__version__}\n"
    assert (fast.heavy, careful.heavy) == (set(), {"typer"})


@pytest.mark.parametrize(
    ("words", "code", "out"),
    [
        ("--version plan", 0, f"idpool {__version__}\n"),
        ("--version --no-such-option", 64, ""),
        ("--version --version", 0, f"idpool {__version__}\n"),
        ("plan --version", 64, ""),
        ("--versio", 64, ""),
        ("--version=1", 64, ""),
        ("-- --version", 0, f"idpool {__version__}\n"),
    ],
)
def test_with_other_words_it_is_typers(tmp_path: Path, words: str, code: int, out: str) -> None:
    told = run(tmp_path, *words.split())
    assert (told.result.code, told.result.out) == (code, out), told.result.text
    assert "typer" in told.heavy


def test_a_shell_that_asks_for_completion_gets_it(tmp_path: Path) -> None:
    settings = {"COMP_WORDS": "idpool valid", "COMP_CWORD": "1"}
    told = run(tmp_path, "--version", _IDPOOL_COMPLETE="complete_bash", **settings)
    assert told.result.out == "validate\n"


@pytest.mark.parametrize("command", ["--version", "validate .", "schema"])
def test_nobody_to_tell_is_no_error(tmp_path: Path, command: str) -> None:
    """Whoever has started us may have closed stdout."""
    (tmp_path / "a.yaml").write_text(yaml_of(document("a")))
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {IDPOOL} {command} >&-"],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("settings", [{}, CAREFULLY])
@pytest.mark.parametrize("buffered", [{}, {"PYTHONUNBUFFERED": "1"}])
def test_a_stdout_that_takes_nothing_is_told_in_both_ways(
    settings: dict[str, str], buffered: dict[str, str]
) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, str(IDPOOL), "--version"],
            env=clean_environment(**settings, **buffered),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    told = "error: what there is to say cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, told)


@pytest.mark.parametrize("settings", [{}, CAREFULLY])
@pytest.mark.parametrize("buffered", [{}, {"PYTHONUNBUFFERED": "1"}])
def test_a_reader_that_is_gone_is_no_traceback_in_both_ways(
    settings: dict[str, str], buffered: dict[str, str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        done = subprocess.run(
            [sys.executable, str(IDPOOL), "--version"],
            env=clean_environment(**settings, **buffered),
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    said = "" if buffered else "error: what there is to say cannot be written: Broken pipe\n"
    assert (done.returncode, done.stderr) == (1, said)
