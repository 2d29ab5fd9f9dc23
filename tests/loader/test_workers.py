"""Many files are checked by several processes, and nobody can tell but by the clock."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import pytest

from reconciler.loader.briefs import brief_of, packed, unpacked
from reconciler.model.project import Project
from tests.loader.conftest import TWO_TARGETS
from tests.loader.texts import GOOD, HEAD
from tests.support.cli import Result, clean_environment

_T = TypeVar("_T")
# As many files as two processes take; the second begins in their middle.
_FILES = 2_000
_LAST = f"{_FILES - 1}.yaml"
_HEAD = {"apiVersion": "idpool/v1", "kind": "IdentityPool"}
# The machine may have one processor; how many it says it has is all that is made up here.
_ON = "import os; os.sched_getaffinity = lambda _: set(range({})); "
_RUN = "from reconciler.cli.main import main; main()"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Valid specs, one a file."""
    for number in range(_FILES):
        (tmp_path / f"{number}.yaml").write_text(_spec(number), encoding="utf-8")
    return tmp_path


def _spec(number: int, **metadata: object) -> str:
    named = {"metadata": {"name": f"n{number}", **metadata}}
    return json.dumps({**_HEAD, **named, "spec": {"IdentityPoolName": "a"}}, ensure_ascii=False)


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[[int], "subprocess.Popen[str]"]]:
    """Starts to validate all files, in their order, as if there were so many processors."""
    started: list[subprocess.Popen[str]] = []

    def start_one(processors: int) -> "subprocess.Popen[str]":
        names = [f"{number}.yaml" for number in range(_FILES)]
        process = subprocess.Popen(
            [sys.executable, "-c", _ON.format(processors) + _RUN, "validate", *names],
            cwd=folder,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start_one
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _end(process: "subprocess.Popen[str]") -> Result:
    out, err = process.communicate(timeout=60)
    return Result(process.returncode, out, err)


def _worker_of(process: "subprocess.Popen[str]") -> int:
    """The number of its worker, as soon as there is one."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return int(_soon(lambda: children.read_text().split())[0])


def _soon(ask: Callable[[], list[_T]]) -> list[_T]:
    for _ in range(600):
        if answer := ask():
            return answer
        time.sleep(0.05)
    raise AssertionError("it never came")


def _stall(folder: Path) -> Path:
    """Make the last file a pipe: whoever reads it waits for a writer."""
    pipe = folder / _LAST
    pipe.unlink()
    os.mkfifo(pipe)
    return pipe


def test_findings_and_counts_are_those_of_one_process(
    folder: Path, start: Callable[[int], "subprocess.Popen[str]"]
) -> None:
    """In the same order, whichever process found them; and rules across files see all files."""
    assert _end(start(2)) == Result(0, f"{_FILES} specs valid.\n", "")
    good = GOOD.replace("  targets: [prod-eu, prod-us]\n", "")
    (folder / "3.yaml").write_text("a: [", encoding="utf-8")
    (folder / "5.yaml").write_text(good, encoding="utf-8")
    (folder / "1500.yaml").write_text(HEAD + "  Foo: 1\n", encoding="utf-8")
    (folder / "1501.yaml").write_text(good, encoding="utf-8")
    (folder / "1502.yaml").write_text(_spec(7, targets=["b", "ä"]), encoding="utf-8")
    one, two = _end(start(1)), _end(start(2))
    assert one == two
    assert one.code == 1
    assert sorted(line.split(" ")[0] for line in one.err.splitlines() if ": error: " in line) == [
        "1500.yaml:7:3:",
        "1501.yaml:5:9:",
        "1501.yaml:6:11:",
        "1502.yaml:1:74:",
        "1502.yaml:1:92:",
        "1502.yaml:1:97:",
        "3.yaml:1:5:",
        "5.yaml:6:11:",
    ]
    assert '"n7" is the name of another spec already: 7.yaml:1:74' in one.err


def test_a_share_whose_worker_dies_is_done_by_the_main_process(
    folder: Path, start: Callable[[int], "subprocess.Popen[str]"]
) -> None:
    """Killed by whatever: the outcome is the same."""
    pipe = _stall(folder)
    process = start(2)
    os.kill(_worker_of(process), signal.SIGKILL)
    pipe.write_text(_spec(_FILES), encoding="utf-8")
    assert _end(process) == Result(0, f"{_FILES} specs valid.\n", "")


def test_ctrl_c_ends_all_processes_at_once(
    folder: Path, start: Callable[[int], "subprocess.Popen[str]"]
) -> None:
    """Without a word of the worker's."""
    _stall(folder)
    process = start(2)
    worker = _worker_of(process)
    _soon(lambda: ["waits"] if _state(process.pid) == "S" else [])  # for what the worker says
    os.killpg(process.pid, signal.SIGINT)
    assert _end(process) == Result(130, "", "")
    assert not Path(f"/proc/{worker}").exists()


def test_a_worker_does_not_outlive_the_main_process(
    folder: Path, start: Callable[[int], "subprocess.Popen[str]"]
) -> None:
    """It looks before each file; the main process could tell it nothing."""
    pipe = folder / f"{_FILES - 2}.yaml"
    pipe.unlink()
    os.mkfifo(pipe)
    _stall(folder)  # it would wait here for ever
    process = start(2)
    worker = _worker_of(process)
    (end,) = _soon(lambda: _opened(pipe))
    process.kill()
    process.wait()
    os.close(end)
    _soon(lambda: ["gone"] if _is_gone(worker) else [])


def _opened(pipe: Path) -> list[int]:
    """The end of a pipe that is written to, once somebody waits at the other."""
    with suppress(OSError):
        return [os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)]
    return []


def _is_gone(process: int) -> bool:
    return _state(process) in ("", "Z")


def _state(process: int) -> str:
    """How the kernel has it: R runs, S waits for something, Z has ended; "" is none of its."""
    status = Path(f"/proc/{process}/stat")
    return status.read_text().rpartition(")")[2].split()[0] if status.exists() else ""


def test_a_brief_arrives_as_it_was_sent(tmp_path: Path) -> None:
    """Places, targets, pools to adopt, and findings."""
    path = tmp_path / "a.yaml"
    path.write_text(f"{GOOD}---\n{HEAD}  Foo: 1\n---\n[]\n---\na: [", encoding="utf-8")
    brief = brief_of([(path, True)], TWO_TARGETS)
    assert (brief.count, len(brief.headers), len(brief.findings)) == (1, 3, 3)
    assert unpacked(packed(brief)) == brief
    assert unpacked(packed(brief_of([], Project()))) == brief_of([], Project())
