"""The two streams: the artefact on stdout, everything else on stderr; colour by stream."""

import logging
import os
import sys
from dataclasses import dataclass
from io import TextIOWrapper
from typing import TextIO

from rich.console import Console
from rich.text import Text

_LOG_CALLS = 2


@dataclass(frozen=True, slots=True)
class Streams:
    """Where a command writes.  ``quiet`` silences what is neither artefact nor error."""

    out: Console
    err: Console
    quiet: bool = False

    def artefact(self, text: Text | str) -> None:
        """Write what the command was called for."""
        _print(self.out, text)

    def problem(self, text: Text | str) -> None:
        """Write an error or a warning."""
        _print(self.err, text)

    def note(self, text: Text | str) -> None:
        """Write something that is good to know."""
        if not self.quiet:
            self.problem(text)

    @property
    def shows_progress(self) -> bool:
        """Whether somebody sits in front of stderr: a terminal, and not a pipeline's."""
        return self.err.file.isatty() and not self.quiet and "CI" not in os.environ


def open_streams(*, quiet: bool = False, no_color: bool = False, verbose: int = 0) -> Streams:
    """Open stdout and stderr; FORCE_COLOR and TERM are rich's to respect.

    ``verbose`` 2 logs every call to AWS on stderr: operations and outcomes, never parameters.
    """
    if verbose >= _LOG_CALLS:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        logger = logging.getLogger("reconciler")
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    return Streams(
        out=_console(sys.stdout, no_color=no_color),
        err=_console(sys.stderr, no_color=no_color),
        quiet=quiet,
    )


def _print(console: Console, text: Text | str) -> None:
    """Print whole lines: nothing is wrapped, and the last line is ended."""
    ended = text.plain if isinstance(text, Text) else text
    console.print(text, soft_wrap=True, end="" if ended.endswith("\n") else "\n")


def _console(stream: TextIO, *, no_color: bool) -> Console:
    # rich keeps bold and dim under NO_COLOR; without a colour system it writes no escapes at all.
    plain = no_color or bool(os.environ.get("NO_COLOR"))
    if isinstance(stream, TextIOWrapper):
        # A locale that knows no more than ASCII shows the rest as escapes, and fails on nothing.
        stream.reconfigure(errors="backslashreplace")
    return Console(
        file=stream,
        color_system=None if plain else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )
