"""Ctrl-C and SIGTERM: before anything is written, and while an apply is under way."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_Handler = Callable[[int, FrameType | None], None]
_HANDLED = (signal.SIGINT, signal.SIGTERM)
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
    interrupt: Callable[[], None], say: Callable[[str], None]
) -> Iterator[Caught]:
    """The first signal calls ``interrupt``; a second one ends the process at once."""
    caught = Caught()

    def handle(number: int, _frame: FrameType | None) -> None:
        if caught.number is not None:
            # The journal has been on disk since before each request: nothing is lost by leaving.
            _leave(number)
        caught.number = number
        interrupt()
        say("Finishing the writes that are under way. Once more to stop at once.\n")

    with _handled_by(handle):
        yield caught


@contextmanager
def leaving_on_signals() -> Iterator[None]:
    """A signal ends the process at once, for as long as nothing is written.

    Python alone would wait for its threads, and so for answers that may never come.
    """
    with _handled_by(lambda number, _frame: _leave(number)):
        yield


def _leave(number: int) -> NoReturn:
    if sys.stderr.isatty():
        os.write(sys.stderr.fileno(), _SHOW_CURSOR)
    os._exit(128 + number)


@contextmanager
def _handled_by(handler: _Handler) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in _HANDLED}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
