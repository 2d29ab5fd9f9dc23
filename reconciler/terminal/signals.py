"""Ctrl-C and SIGTERM: before anything is written, and while an apply is under way."""

import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

_HANDLED = (signal.SIGINT, signal.SIGTERM)
_NO_SIGNAL = b"\0"
# A line of progress hides it, and cannot show it again when the process is left.
_SHOW_CURSOR = b"\x1b[?25h"


class Caught:
    """The first signal that came, if any."""

    def __init__(self) -> None:
        self.number: int | None = None

    @property
    def exit_code(self) -> int | None:
        """128 plus the signal's number, as shells say it."""
        return None if self.number is None else 128 + self.number


@contextmanager
def finishing_on_signals(
    interrupt: Callable[[], None], say: Callable[[str], None], last_words: Callable[[], str]
) -> Iterator[Caught]:
    """The first signal calls ``interrupt``; a second one ends the process at once.

    ``last_words`` is what to say on stderr then.
    """
    caught = Caught()

    def handle(number: int) -> None:
        if caught.number is not None:
            # The journal has been on disk since before each request: nothing is lost by leaving.
            _say_at_once(last_words())
            _leave(number)
        caught.number = number
        interrupt()
        with suppress(OSError):  # nobody reads stderr any more; the next signal must be heard
            say("Finishing the writes that are under way. Once more to stop at once.\n")

    with _handled_by(handle):
        yield caught


@contextmanager
def leaving_on_signals() -> Iterator[None]:
    """A signal ends the process at once, for as long as nothing is written.

    Python alone would wait for its threads, and so for answers that may never come.
    """
    with _handled_by(_leave):
        yield


def _say_at_once(words: str) -> None:
    """Write to stderr if it takes it: whoever leaves does not wait for a reader."""
    error = sys.stderr.fileno()
    with suppress(OSError):
        if select.select([], [error], [], 0)[1]:
            os.write(error, words.encode(errors="backslashreplace")[: select.PIPE_BUF])


def _leave(number: int) -> NoReturn:
    if sys.stderr.isatty():
        os.write(sys.stderr.fileno(), _SHOW_CURSOR)
    os._exit(128 + number)


@contextmanager
def _handled_by(handle: Callable[[int], None]) -> Iterator[None]:
    """Call ``handle`` with the number of each signal, from a thread of its own.

    Python runs its handlers in the main thread.  That one may have begun to wait for a worker just
    before the signal came, and then hears of it when the worker is done: after the write, not
    before.  The wakeup descriptor is written to at once, whatever the main thread does.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)

    def listen() -> None:
        while number := os.read(reading, 1)[0]:
            handle(number)

    listener = threading.Thread(target=listen, name="signals", daemon=True)
    listener.start()
    earlier = signal.set_wakeup_fd(writing)
    before = {number: signal.signal(number, _heard_elsewhere) for number in _HANDLED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(earlier)
        os.write(writing, _NO_SIGNAL)
        listener.join()
        os.close(reading)
        os.close(writing)


def _heard_elsewhere(_number: int, _frame: FrameType | None) -> None:
    """The listener has it; without a handler the signal would end the process."""
