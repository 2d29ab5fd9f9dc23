"""``--format NAME[=FILE]``: what is planned, done or wrong, in every format that was asked for."""

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from reconciler.model.errors import UnwritableFile, UsageProblem
from reconciler.reports.format_names import Format
from reconciler.terminal.files import EVERYBODY_READS, write_whole
from reconciler.terminal.streams import Streams

_STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
_STDOUT = "-"
_MAX_SUMMARY_BYTES = 1024 * 1024  # of one step, says GitHub


@dataclass(frozen=True, slots=True)
class Outputs:
    """The formats asked for.  ``stdout`` is text unless another one takes the stream."""

    stdout: Format = Format.TEXT
    files: tuple[tuple[Format, Path], ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether stdout is for people."""
        return self.stdout is Format.TEXT

    def only(self, formats: Collection[Format]) -> Self:
        """Those of the outputs that have one of these formats; without one, text on stdout."""
        stdout = self.stdout if self.stdout in formats else Format.TEXT
        files = tuple(each for each in self.files if each[0] in formats)
        return replace(self, stdout=stdout, files=files)

    def write(
        self,
        streams: Streams,
        render: Callable[[Format], str],
        markdown: Callable[[int], str],
    ) -> None:
        """Write all but the text for people, whose colours the command knows.

        ``markdown``, which gets the room in bytes, is for the step's summary where GitHub reads
        one.  Raises ``UnwritableFile`` after everything else has been written.
        """
        self._write_summary(streams, markdown)
        shown = "" if self.is_text else render(self.stdout)
        if shown:  # nothing to annotate is no line at all
            streams.artefact(shown)
        problems = []
        for name, path in self.files:
            try:
                write_whole(path, render(name), EVERYBODY_READS)
            except UnwritableFile as problem:
                problems.append(problem)
        if problems:
            raise problems[0]

    def _write_summary(self, streams: Streams, markdown: Callable[[int], str]) -> None:
        """Append to the summary.

        That nothing could be written there is only noted: what the command did is worth more than
        the page about it.
        """
        summary = os.environ.get(_STEP_SUMMARY)
        if not summary or Format.GITHUB not in (self.stdout, *(name for name, _ in self.files)):
            return
        path = Path(summary)
        try:
            used = path.stat().st_size if path.exists() else 0
            with path.open("a", encoding="utf-8") as file:
                file.write(markdown(_MAX_SUMMARY_BYTES - used - 1) + "\n")
        except (OSError, ValueError) as error:
            streams.note(f"The step's summary was not written: {type(error).__name__}.\n")


def outputs_of(
    words: Sequence[str] | None, known: Collection[Format], beside: Sequence[Path | None] = ()
) -> Outputs:
    """What the options ask for; ``beside`` are the command's other files.

    Raises ``UsageProblem``.
    """
    asked = [_asked(word, known) for word in words or ()]
    to_stdout = [name for name, path in asked if path is None]
    files = tuple((name, path) for name, path in asked if path is not None)
    if len(to_stdout) > 1:
        raise UsageProblem(
            f"{' and '.join(to_stdout)} cannot both go to stdout",
            hint=f"give all but one a file, such as --format {to_stdout[0]}=FILE",
        )
    _require_different_files([*(path for _, path in files), *filter(None, beside)])
    return Outputs(to_stdout[0] if to_stdout else Format.TEXT, files)


def _asked(word: str, known: Collection[Format]) -> tuple[Format, Path | None]:
    name, equals, file = word.partition("=")
    if name not in known:
        raise UsageProblem(
            f"there is no format {name!r} here", hint=f"the formats are: {', '.join(known)}"
        )
    if equals and not file:
        raise UsageProblem(
            f"--format {word} names no file", hint=f"write {name}=FILE, or {name} for stdout"
        )
    return Format(name), None if file in ("", _STDOUT) else Path(file)


def _require_different_files(paths: Sequence[Path]) -> None:
    places = [os.path.realpath(path) for path in paths]
    twice = next((path for path, at in zip(paths, places, strict=True) if places.count(at) > 1), "")
    if twice:
        raise UsageProblem(f"two outputs would go to {twice}", hint="name a file for each")
