"""The artefact on stdout, everything else on stderr: colour, questions and progress by stream."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import TextIOWrapper
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Final, TextIO

from reconciler.model.errors import IdpoolError, UsageProblem
from reconciler.reports.error_text import error_text
from reconciler.reports.lines import Text

if TYPE_CHECKING:
    from rich.console import Console


# rich drops the controls and makes spaces of tabs.  Everything else in a str it writes as it is.
_CHANGED_BY_RICH: Final = "\a\b\t\v\f\r"
# Without these a stream is a terminal for rich where it is one, and elsewhere there are no styles.
_TELL_WHETHER_TERMINAL: Final = ("FORCE_COLOR", "TTY_COMPATIBLE")
_LOG_CALLS = 2


class Stream:
    """stdout or stderr; ``None`` where whoever has started us has closed it."""

    def __init__(self, file: TextIO | None, *, no_color: bool) -> None:
        self._file = file
        self._no_color = no_color
        self._lock = Lock()  # threads write, too
        if isinstance(file, TextIOWrapper):
            # A locale that knows no more than ASCII shows the rest as escapes; nothing fails.
            file.reconfigure(errors="backslashreplace")

    @property
    def is_terminal(self) -> bool:
        """Whether somebody may sit in front of it."""
        return (self._file or self.console.file).isatty()

    @cached_property
    def console(self) -> "Console":
        """The stream as rich sees it.

        Once there is one, all text takes this way: what moves on a terminal, a line of progress,
        has to know what is written beside it.
        """
        from rich.console import Console

        # rich keeps bold and dim under NO_COLOR; without a colour system it writes no escapes.
        plain = self._no_color or bool(os.environ.get("NO_COLOR"))
        return Console(
            file=self._file,
            color_system=None if plain else "auto",
            highlight=False,
            markup=False,
            emoji=False,
        )

    def write(self, text: Text | str) -> None:
        """Write whole lines: nothing is wrapped, and the last line is ended."""
        shown = text if isinstance(text, str) else text.plain
        end = "" if shown.endswith("\n") else "\n"
        with self._lock:
            file = self._file if self._is_as_rich_would(text, shown) else None
            if file is None:
                self.console.print(text, soft_wrap=True, end=end)
            else:
                self._write_plain(file, shown + end)

    def _is_as_rich_would(self, text: Text | str, shown: str) -> bool:
        """Whether rich would write a text as it is: then it need not, which is much faster."""
        if any(sign in shown for sign in _CHANGED_BY_RICH):
            return False
        if isinstance(text, str) and "console" not in vars(self):
            return True
        told = any(name in os.environ for name in _TELL_WHETHER_TERMINAL)
        return self._file is not None and not told and not self._file.isatty()

    def _write_plain(self, file: TextIO, text: str) -> None:
        try:
            file.write(text)
            file.flush()
        except BrokenPipeError:
            self.console.on_broken_pipe()


@dataclass(frozen=True, slots=True)
class Streams:
    """Where a command writes.  ``quiet`` silences what is neither artefact nor error.

    ``verbose``: whoever reads wants more than the changes.
    """

    out: Stream
    err: Stream
    quiet: bool = False
    verbose: bool = False

    def artefact(self, text: Text | str) -> None:
        """Write what the command was called for."""
        self.out.write(text)

    def problem(self, text: Text | str) -> None:
        """Write an error or a warning."""
        self.err.write(text)

    def error(self, problem: IdpoolError) -> None:
        """Write what is wrong, and what to do."""
        self.problem(error_text(problem))

    def note(self, text: Text | str) -> None:
        """Write something that is good to know."""
        if not self.quiet:
            self.problem(text)

    @property
    def shows_progress(self) -> bool:
        """Whether somebody sits in front of stderr: a terminal, and not a pipeline's."""
        return self.err.is_terminal and not self.quiet and "CI" not in os.environ


def open_streams(*, quiet: bool = False, no_color: bool = False, verbose: int = 0) -> Streams:
    """Open stdout and stderr; FORCE_COLOR and TERM are rich's to respect.

    ``verbose`` 2 logs every call to AWS on stderr: operations and outcomes, never parameters.
    """
    if verbose >= _LOG_CALLS:
        _log_calls()
    return Streams(
        out=Stream(sys.stdout, no_color=no_color),
        err=Stream(sys.stderr, no_color=no_color),
        quiet=quiet,
        verbose=verbose > 0,
    )


def _log_calls() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.getLogger("reconciler")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)


def require_somebody_to_ask(
    *,
    yes: bool,
    command: str = "apply",
    before: str = "it writes",
    hint: str = "pass --yes to apply what the plan shows",
) -> None:
    """Refuse early where a question could not be answered.  Raises ``UsageProblem``."""
    if not yes and (sys.stdin is None or not sys.stdin.isatty()):
        raise UsageProblem(
            f"{command} asks before {before}, and there is no terminal to ask on", hint=hint
        )


def agrees(
    streams: Streams, question: str = "Apply this plan?", otherwise: str = "Nothing was applied."
) -> bool:
    """Ask on the terminal; only ``yes`` is yes."""
    streams.err.console.print(f"\n{question} Only 'yes' is taken as an answer: ", end="")
    if sys.stdin.readline().strip() == "yes":
        return True
    streams.problem(f"{otherwise}\n")
    return False


@contextmanager
def reading(streams: Streams, target: str) -> Iterator[Callable[[int, int], None]]:
    """A line that counts the pools read; nothing where nobody watches."""
    with _progress(streams, f"reading {target}") as update:
        yield lambda done, total: update(f"reading {target}: {done} of {total} pools")


@contextmanager
def applying(streams: Streams, total: int) -> Iterator[Callable[[object], None]]:
    """A line that counts the pools applied; nothing where nobody watches."""
    done = count(1)
    with _progress(streams, f"applying {total} pools") as update:
        yield lambda _receipt: update(f"applying: {next(done)} of {total} pools")


@contextmanager
def _progress(streams: Streams, begin: str) -> Iterator[Callable[[str], None]]:
    if not streams.shows_progress:
        yield lambda _text: None
        return
    with streams.err.console.status(begin) as status:
        yield status.update
