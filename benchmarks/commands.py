"""Running a command as its users do, and what the kernel says that it cost."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.aws import ROOT, Aws
from benchmarks.specs import ACCOUNT, REGION

IDPOOL: Final = Path(sys.executable).parent / "idpool"
PASS: Final = (sys.executable, "-c", "pass")
# -I and -S: nothing of the environment's, which is the command's, and nothing that takes memory.
_LAUNCHER: Final = (sys.executable, "-I", "-S", str(ROOT / "benchmarks" / "launcher.py"))
_KEPT: Final = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR")
_TOLD: Final = 2000


class Failed(RuntimeError):
    """A command ended otherwise than it should; what it took says nothing then."""


@dataclass(frozen=True)
class Run:
    """A command that has ended.

    ``wall`` and ``cpu`` are seconds, ``cpu`` user and system of the process and of all children
    that it waited for; ``peak`` is the resident memory of the largest of them, in MB.
    """

    wall: float
    cpu: float
    peak: float
    out: str
    err: str


def environment(aws: Aws | None = None) -> dict[str, str]:
    """What users have: no AWS settings but those that lead to ``aws``, no colours, no CI."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    nowhere = {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    there = {
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_ENDPOINT_URL": aws.url if aws else "",
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": "benchmark",
    }
    return {**kept, **nowhere, **(there if aws else {})}


def run(command: Sequence[str | Path], folder: Path, settings: Mapping[str, str]) -> Run:
    """Run to the end.  Raises ``Failed`` for any exit code but 0."""
    with tempfile.TemporaryDirectory() as kept:
        streams = Path(kept, "out"), Path(kept, "err")
        told = json.loads(
            subprocess.run(
                [*_LAUNCHER, *streams, *command],
                cwd=folder,
                env=settings,
                stdout=subprocess.PIPE,
                check=True,
            ).stdout
        )
        out, err = (stream.read_text(errors="replace") for stream in streams)
    code = told.pop("code")
    if code != 0:
        called = " ".join(map(str, command))
        raise Failed(f"{called}: exit {code}\n" + f"{out}\n{err}"[-_TOLD:])
    return Run(**told, out=out, err=err)


def idpool(
    *arguments: str, folder: Path, aws: Aws | None = None, settings: Mapping[str, str] | None = None
) -> Run:
    """Run the installed command; ``settings`` come on top of the environment."""
    return run([IDPOOL, *arguments], folder, {**environment(aws), **(settings or {})})
