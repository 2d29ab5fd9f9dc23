"""The installed command and other processes: run as a user runs them, and what they cost."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.specs import ACCOUNT, REGION

ROOT: Final = Path(__file__).resolve().parents[1]
_IDPOOL: Final = Path(sys.executable).parent / "idpool"
# No settings of the caller's for AWS, colours or CI.
_ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": ACCOUNT,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_SECRET_ACCESS_KEY": "benchmark",
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    **{name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ},
}


@dataclass(frozen=True)
class Run:
    """A process that has ended.

    ``wall`` and ``cpu`` are seconds; ``cpu`` is user and system time, children included. ``peak``
    is the resident memory of the largest process among it and its children, in MB.
    """

    wall: float
    cpu: float
    peak: float
    out: str


def run(command: Sequence[str | Path], folder: Path, url: str = "") -> Run:
    """Run to the end, with AWS at ``url``. Raises ``RuntimeError`` for any exit code but 0.

    Linux counts the memory of the process that starts another one as the other's until that is
    replaced: ``peak`` is right for whatever is larger than the bench, which imports little.
    """
    with tempfile.TemporaryFile("w+", errors="replace") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**_ENVIRONMENT, "AWS_ENDPOINT_URL": url},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        # Only wait4 tells what this one process cost.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read()
    if process.returncode:
        raise RuntimeError(f"{command}: exit {process.returncode}\n{text[-2000:]}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text)


def idpool(*arguments: str, folder: Path, url: str = "") -> Run:
    """Run the installed command."""
    return run([_IDPOOL, *arguments], folder, url)


def python(*arguments: str, folder: Path = ROOT, url: str = "") -> Run:
    """Run the Python that runs the bench."""
    return run([sys.executable, *arguments], folder, url)
