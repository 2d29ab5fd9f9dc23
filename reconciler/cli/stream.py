"""One stream of text.  rich is imported for styles on a terminal, and not for anything else."""

import os
from functools import cached_property
from io import TextIOWrapper
from threading import Lock
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from rich.console import Console

    from reconciler.reports.styled_text import Text

# rich drops the controls and makes spaces of tabs.  Everything else in a str it writes as it is.
_CHANGED_BY_RICH: Final = "\a\b\t\v\f\r"
# Without these a stream is a terminal for rich where it is one, and elsewhere there are no styles.
_TELL_WHETHER_TERMINAL: Final = ("FORCE_COLOR", "TTY_COMPATIBLE")


class Stream:
    """stdout or stderr; ``None`` where whoever has started us has closed it."""

    def __init__(self, file: TextIO | None, *, no_color: bool) -> None:
        self._file = file
        self._no_color = no_color
        self._has_console = False
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

        self._has_console = True
        # rich keeps bold and dim under NO_COLOR; without a colour system it writes no escapes.
        plain = self._no_color or bool(os.environ.get("NO_COLOR"))
        return Console(
            file=self._file,
            color_system=None if plain else "auto",
            highlight=False,
            markup=False,
            emoji=False,
        )

    def write(self, text: "Text | str") -> None:
        """Write whole lines: nothing is wrapped, and the last line is ended."""
        shown = text if isinstance(text, str) else text.plain
        end = "" if shown.endswith("\n") else "\n"
        with self._lock:
            file = self._file if self._is_as_rich_would(text, shown) else None
            if file is None:
                self.console.print(text, soft_wrap=True, end=end)
            else:
                self._write_plain(file, shown + end)

    def _is_as_rich_would(self, text: "Text | str", shown: str) -> bool:
        """Whether rich would write a text as it is: then it need not, which is much faster."""
        if any(sign in shown for sign in _CHANGED_BY_RICH):
            return False
        if isinstance(text, str) and not self._has_console:
            return True
        told = any(name in os.environ for name in _TELL_WHETHER_TERMINAL)
        return self._file is not None and not told and not self._file.isatty()

    def _write_plain(self, file: TextIO, text: str) -> None:
        try:
            file.write(text)
            file.flush()
        except BrokenPipeError:
            self.console.on_broken_pipe()
