"""The two streams: the artefact on stdout, everything else on stderr; colour by stream."""

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.cli.stream import Stream

if TYPE_CHECKING:
    from reconciler.reports.styled_text import Text

_LOG_CALLS = 2


@dataclass(frozen=True, slots=True)
class Streams:
    """Where a command writes.  ``quiet`` silences what is neither artefact nor error."""

    out: Stream
    err: Stream
    quiet: bool = False

    def artefact(self, text: "Text | str") -> None:
        """Write what the command was called for."""
        self.out.write(text)

    def problem(self, text: "Text | str") -> None:
        """Write an error or a warning."""
        self.err.write(text)

    def note(self, text: "Text | str") -> None:
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
    )


def _log_calls() -> None:
    import logging

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.getLogger("reconciler")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
