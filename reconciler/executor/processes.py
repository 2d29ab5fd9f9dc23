"""Whether the process that a lock names still lives, as far as this one can see.

A process id says nothing by itself: it is used again after its process has ended, and containers
that share a host's name count their processes each for themselves.  So a lock also says by which
count (``space``), and when the process started.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

# Fields of /proc/PID/stat after the command's name, which may hold anything (proc_pid_stat(5)).
_STATE, _STARTED = 0, 19
_ENDED_STATES = frozenset("ZXx")


def process_space() -> str:
    """What process ids count in here: this boot's PID namespace; "" where there is no /proc."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    return ""


def process_started(pid: int) -> str:
    """When a process started, by the kernel's count; "" where it has ended or nobody can say."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[_STATE] in _ENDED_STATES else fields[_STARTED]


def lives(pid: int, space: str, started: str) -> bool | None:
    """Whether a process of this host lives; ``None``: it cannot be seen from here.

    ``space`` and ``started`` are what ``process_space`` and ``process_started`` gave there.
    """
    is_seen = bool(space) or sys.platform != "linux"  # without /proc: no containers, either
    if space != process_space() or not is_seen:
        return None
    if started:
        return process_started(pid) == started
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # it is somebody else's, or no id that can be
        return True
    return True
