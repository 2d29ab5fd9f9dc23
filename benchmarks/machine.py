"""Where and with what it was measured."""

import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.aws import ROOT

_LIBRARIES: Final = (
    "boto3", "botocore", "urllib3", "pydantic", "pydantic-core", "jsonschema-rs", "ruamel.yaml",
    "ruamel.yaml.clib", "deepdiff", "tenacity", "typer", "rich",
)  # fmt: skip
# More than this share of the cores busy with something else, and figures are not to be trusted.
_BUSY: Final = 0.25


def is_busy() -> bool:
    """Whether something else kept the machine busy in the last minute."""
    return os.getloadavg()[0] > _BUSY * _cores()


def facts() -> dict[str, str]:
    """All of it, as it is now: to be asked for before the first measurement."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "idpool": f"{version('idpool')}, {_commit()}",
        "machine": f"{_cpu()}, {_cores()} cores, {_memory()}, {platform.system()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": ", ".join(f"{name} {version(name)}" for name in _LIBRARIES),
        "load average at the start": _load(),
    }


def _load() -> str:
    load = " ".join(f"{load:.2f}" for load in os.getloadavg())
    return f"{load}: busy, so the figures are not to be trusted" if is_busy() else load


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _commit() -> str:
    """The commit, and whether the tree is another by now; the results themselves do not count."""
    commit = _git("rev-parse", "--short=12", "HEAD")
    if not commit:
        return "no Git commit"
    changed = _git("status", "--porcelain", "--", ".", ":!benchmarks/RESULTS.md")
    return f"commit {commit}{' with changes' if changed else ''}"


def _git(*arguments: str) -> str:
    with suppress(OSError, subprocess.CalledProcessError):
        told = subprocess.run(
            ["git", *arguments],  # noqa: S607 - wherever it is installed
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return told.stdout.strip()
    return ""


def _cpu() -> str:
    models = _values("/proc/cpuinfo", "model name")
    return next(models, platform.processor() or platform.machine())


def _memory() -> str:
    for value in _values("/proc/meminfo", "MemTotal"):
        return f"{int(value.split()[0]) / 1024**2:.0f} GB"
    return "memory unknown"


def _values(file: str, name: str) -> Iterator[str]:
    with suppress(OSError):
        for line in Path(file).read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == name:
                yield value.strip()
