"""Asking for the version, and a stdout that takes nothing."""

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler import __version__
from tests.support.cli import IDPOOL, Idpool, clean_environment
from tests.support.specs import document, yaml_of


def test_it_is_what_the_distribution_says() -> None:
    assert importlib.metadata.version("idpool") == __version__


@pytest.mark.parametrize(
    ("words", "code", "out"),
    [
        ("--version", 0, f"idpool {__version__}\n"),
        ("version", 0, f"idpool {__version__}\n"),
        ("--version plan", 0, f"idpool {__version__}\n"),
        ("--version --no-such-option", 64, ""),
        ("--version --version", 0, f"idpool {__version__}\n"),
        ("plan --version", 64, ""),
        ("--versio", 64, ""),
        ("--version=1", 64, ""),
    ],
)
def test_the_version_is_told(tmp_path: Path, words: str, code: int, out: str) -> None:
    told = Idpool(tmp_path, clean_environment()).run(*words.split())
    assert (told.code, told.out) == (code, out), told.text


def test_the_module_is_the_command(tmp_path: Path) -> None:
    """For whoever names the interpreter."""
    done = subprocess.run(
        [sys.executable, "-m", "idpool", "version"],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"idpool {__version__}\n"


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


@pytest.mark.parametrize("buffered", [{}, {"PYTHONUNBUFFERED": "1"}])
def test_a_stdout_that_takes_nothing_is_told(buffered: dict[str, str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, str(IDPOOL), "--version"],
            env=clean_environment(**buffered),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    told = "error: what there is to say cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, told)


@pytest.mark.parametrize("buffered", [{}, {"PYTHONUNBUFFERED": "1"}])
def test_a_reader_that_is_gone_is_no_traceback(buffered: dict[str, str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        done = subprocess.run(
            [sys.executable, str(IDPOOL), "--version"],
            env=clean_environment(**buffered),
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "")
