"""How much memory a command and its children hold at once, looked at from outside (Linux)."""

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

_EVERY_SECONDS: Final = 0.02
_PROC: Final = Path("/proc")


@dataclass(frozen=True)
class Memory:
    """Peaks in MB.

    ``process`` and ``child`` (the largest one) are resident, as the kernel keeps the mark;
    ``together`` counts pages that processes share once, and is looked at 50 times a second.
    """

    process: float = 0.0
    child: float = 0.0
    together: float = 0.0


def watch(command: Sequence[str | Path], folder: Path, settings: Mapping[str, str]) -> Memory:
    """Run to the end, and look at it on the way; looking costs CPU, so nothing else is measured."""
    memory = Memory()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None:
            memory = _higher(memory, _look(process.pid))
            time.sleep(_EVERY_SECONDS)
    return memory


def _look(pid: int) -> Memory:
    children = list(_descendants(pid))
    return Memory(
        process=_field(pid, "status", "VmHWM:"),
        child=max((_field(child, "status", "VmHWM:") for child in children), default=0.0),
        together=sum(_field(each, "smaps_rollup", "Pss:") for each in (pid, *children)),
    )


def _higher(one: Memory, other: Memory) -> Memory:
    return Memory(
        max(one.process, other.process),
        max(one.child, other.child),
        max(one.together, other.together),
    )


def at_least(memory: Memory, largest: float) -> Memory:
    """With the kernel's word on the largest process: the last look may have come too early."""
    if memory.child > memory.process:
        return replace(memory, child=max(memory.child, largest))
    return replace(memory, process=max(memory.process, largest))


def _descendants(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for task in (_PROC / str(pid) / "task").iterdir():
            for child in (task / "children").read_text().split():
                yield int(child)
                yield from _descendants(int(child))


def _field(pid: int, file: str, name: str) -> float:
    """A field of kB as MB; 0 for a process that has ended meanwhile."""
    with suppress(OSError):
        for line in (_PROC / str(pid) / file).read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1024
    return 0.0
