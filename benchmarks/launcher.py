"""Starts one command, waits for it, and prints what it took as JSON.

usage: launcher.py STDOUT STDERR COMMAND [ARGUMENT ...]

A process of its own, and a small one: Linux counts the memory of whoever starts a process as that
process's, until it is replaced (`ru_maxrss`), and the bench itself may be larger than idpool.
"""

import json
import os
import sys
import time


def main() -> None:
    """Start it with the streams in these files; everything else it inherits."""
    out, err, *command = sys.argv[1:]
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    streams = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, out, write, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, err, write, 0o600),
    ]
    began = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=streams)
    # Only wait4 tells what this one process cost, and the children that it waited for.
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    told = {
        "code": os.waitstatus_to_exitcode(status),
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss / 1024,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
