"""The command in this process: its own entry point, with streams, folder and environment lent.

What a process would end with is put back: the streams, the folder, the environment, the handlers
of signals and of logs, and what ``main`` sets in Python's collector.
"""

import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import pytest

from reconciler.cli.main import main

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_here(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], stdin: str
) -> tuple[int, str, str]:
    """Run one command to its end: exit code, stdout, stderr."""
    assert threading.current_thread() is threading.main_thread(), "signals need the main thread"
    assert _settings_of_python(environment) == _settings_of_python(os.environ), "run a process"
    with ExitStack() as stack:
        given, out, err = (stack.enter_context(TemporaryFile()) for _ in range(3))
        given.write(stdin.encode())
        given.seek(0)
        stack.enter_context(_environment(environment))
        stack.enter_context(_folder(folder))
        stack.enter_context(_collector())
        stack.enter_context(_logging())
        stack.enter_context(_streams(["idpool", *arguments], given, out, err))
        code = _exit_code()
        assert [signal.getsignal(each) for each in _SIGNALS] == _BEFORE, "handlers are left"
        return code, _text(out), _text(err)


def _settings_of_python(environment: Mapping[str, str]) -> dict[str, str]:
    """What Python reads when it starts, and here has read already."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith("PYTHON") and name != "PYTHONUNBUFFERED"
    }


_BEFORE = [signal.getsignal(each) for each in _SIGNALS]


def _exit_code() -> int:
    with pytest.raises(SystemExit) as end:
        main()
    assert isinstance(end.value.code, int)
    return int(end.value.code)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    # As subprocess reads text: universal newlines.
    return file.read().decode().replace("\r\n", "\n").replace("\r", "\n")


@contextmanager
def _streams(words: list[str], given: IO[bytes], out: IO[bytes], err: IO[bytes]) -> Iterator[None]:
    before = sys.argv, sys.stdin, sys.stdout, sys.stderr
    lent = [
        TextIOWrapper(os.fdopen(os.dup(file.fileno()), mode), encoding="utf-8", line_buffering=line)
        for file, mode, line in ((given, "rb", False), (out, "wb", False), (err, "wb", True))
    ]
    sys.argv, (sys.stdin, sys.stdout, sys.stderr) = words, lent
    try:
        with _descriptors(given, out, err):
            yield
    finally:
        mine = sys.stdout
        sys.argv, sys.stdin, sys.stdout, sys.stderr = before
        for each in {*lent, mine}:
            each.close()


@contextmanager
def _descriptors(*files: IO[bytes]) -> Iterator[None]:
    """0, 1 and 2 are these files, for what reads and writes past Python's streams."""
    before = [os.dup(number) for number in range(len(files))]
    try:
        for number, file in enumerate(files):
            os.dup2(file.fileno(), number)
        yield
    finally:
        for number, kept in enumerate(before):
            os.dup2(kept, number)
            os.close(kept)


@contextmanager
def _environment(environment: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    _replace_environment(environment)
    try:
        yield
    finally:
        _replace_environment(before)


def _replace_environment(environment: Mapping[str, str]) -> None:
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    for name, value in environment.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


@contextmanager
def _folder(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def _collector() -> Iterator[None]:
    before = gc.get_threshold()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


@contextmanager
def _logging() -> Iterator[None]:
    logger = logging.getLogger("reconciler")
    handlers, level = list(logger.handlers), logger.level
    try:
        yield
    finally:
        logger.handlers[:] = handlers
        logger.setLevel(level)
