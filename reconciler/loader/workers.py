"""Many files are checked by several processes: the wait is shorter, the outcome the same.

A worker is a fork of this process, so it starts with all that is imported and compiled.  It gets
its share of the files when it is made and sends one brief back; nothing else is said between the
two, so neither can wait for the other in vain:

- whatever keeps a worker from sending its brief, its share is done here, as if it had never been;
- a worker looks before each file whether there is anybody left to work for, and ends if not;
- whatever ends the work here, Ctrl-C included, ends the workers first.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Final, NoReturn, TypeAlias

from reconciler.loader.briefs import Files, brief_of, packed, unpacked
from reconciler.loader.reading import Brief
from reconciler.model.project import Project

# Measured, in CPU: 1,000 files 240 ms; a worker 4 ms, and up to 30 ms for each 1,000 files of its.
_LEAST_FILES: Final = 1_000
# A container sees the processors of its machine, not how many of them it may keep busy.
_MOST_PROCESSES: Final = 4

_Share: TypeAlias = Sequence[tuple[Path, bool]]


def brief_of_all(files: _Share, project: Project) -> Brief:
    """Check files in as many processes as pays.  The outcome is that of ``brief_of``."""
    own, *others = _shares(files, _processes(len(files)))
    with ExitStack() as stack:
        workers = [stack.enter_context(_at_work(share, project)) for share in others]
        whole = brief_of(own, project)
        for share, worker in zip(others, workers, strict=True):
            done = worker.brief() if worker else None
            whole.add(done or brief_of(share, project))
    return whole


def _processes(files: int) -> int:
    """One where nothing is gained, and where a fork is not safe: on macOS, beside other threads."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return max(1, min(files // _LEAST_FILES, len(os.sched_getaffinity(0)), _MOST_PROCESSES))


def _shares(files: _Share, count: int) -> list[_Share]:
    ends = [len(files) * number // count for number in range(count + 1)]
    return [files[begin:end] for begin, end in pairwise(ends)]


class _Worker:
    """A process, and the end of the pipe from which its brief is read."""

    def __init__(self, process: int, readable: int) -> None:
        self._process = process
        self._answer = os.fdopen(readable, "rb")
        self._ended = False

    def brief(self) -> Brief | None:
        """Wait for what it finds; ``None`` where it did not come to its end."""
        data = self._answer.read()
        return None if self._end() else unpacked(data)

    def stop(self) -> None:
        """See to it that the process is gone."""
        self._answer.close()
        if not self._ended:
            os.kill(self._process, signal.SIGKILL)
            self._end()

    def _end(self) -> int:
        _, status = os.waitpid(self._process, 0)
        self._ended = True  # its number may be another process's from now on
        return status


@contextmanager
def _at_work(share: _Share, project: Project) -> Iterator[_Worker | None]:
    """A worker with its share, gone after the block; ``None`` where the system grants none."""
    try:
        worker = _fork(share, project)
    except OSError:
        yield None
        return
    try:
        yield worker
    finally:
        worker.stop()


def _fork(share: _Share, project: Project) -> _Worker:
    main = os.getpid()
    readable, writable = os.pipe()
    # A Ctrl-C waits until it is settled which process it interrupts.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process = os.fork()
        if not process:
            _work(_while_wanted(share, main), project, writable, before)
    except OSError:
        os.close(readable)
        raise
    finally:
        os.close(writable)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return _Worker(process, readable)


def _work(
    share: Files, project: Project, writable: int, signals: Iterable[signal.Signals | int]
) -> NoReturn:
    """What the worker does.  It ends without a word, and without what Python does at its end."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, signals)
        brief = brief_of(share, project)
        with os.fdopen(writable, "wb") as answer:
            answer.write(packed(brief))
        code = 0
    finally:
        os._exit(code)


def _while_wanted(share: _Share, main: int) -> Iterator[tuple[Path, bool]]:
    for file in share:
        if os.getppid() != main:
            os._exit(1)
        yield file
