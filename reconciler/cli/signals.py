"""Ctrl-C and SIGTERM while an apply is under way."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_HANDLED = (signal.SIGINT, signal.SIGTERM)


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
            os._exit(128 + number)
        caught.number = number
        interrupt()
        say("Finishing the writes that are under way. Once more to stop at once.\n")

    before = {number: signal.signal(number, handle) for number in _HANDLED}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
