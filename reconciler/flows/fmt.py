"""``idpool fmt``: load, write anew, compare."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.flows.inputs import inputs_of, load_project_alone, projects_of
from reconciler.model.errors import InvalidSpecs, UsageProblem
from reconciler.model.findings import Finding
from reconciler.model.project import Project
from reconciler.model.request import Named
from reconciler.reports.error_text import error_text
from reconciler.reports.escape import escape
from reconciler.reports.lines import plural
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.files import LeftAlone, TextFile
from reconciler.terminal.streams import Streams
from reconciler.text.tree import Strange
from reconciler.writeback.fmt import format_text
from reconciler.writeback.masking import diff_of

_STDIN = "-"


@dataclass(frozen=True, slots=True)
class Formatting:
    """One file before and after; ``problem``: why it was left as it is."""

    file: TextFile
    text: str
    problem: LeftAlone | None = None

    @property
    def is_changed(self) -> bool:
        """Whether the file is not in canonical style."""
        return self.text != self.file.text


def fmt(named: Named, streams: Streams, *, check: bool, diff: bool) -> ExitCode:
    """Write the files in canonical style; ``check``: name them; ``diff``: show the changes.

    Raises ``InvalidSpecs``, ``UsageProblem``, and ``LeftAlone`` for stdin.
    """
    from_stdin = is_stdin(named.specs)
    done = [format_stdin(named, streams)] if from_stdin else format_files(named, streams)
    is_written = not (check or diff)
    if diff:
        show_diff(done, streams)
    elif check:
        list_files(done, streams)
    elif from_stdin:
        print_text(done[0])
    else:
        done = list(map(_written, done))
    if not from_stdin:
        tell(done, streams, is_written=is_written)
    return exit_code_of_fmt(done, is_check=check)


def is_stdin(specs: Sequence[Path]) -> bool:
    """Whether the text comes from stdin.  Raises ``UsageProblem`` if files do, too."""
    names = [str(path) for path in specs]
    if _STDIN in names and len(names) > 1:
        raise UsageProblem("- is stdin, and stands alone", hint="name either files or -")
    return _STDIN in names


def format_stdin(named: Named, streams: Streams) -> Formatting:
    """Read one file's text from stdin.  Raises ``InvalidSpecs`` and ``LeftAlone``."""
    file = TextFile(Path("<stdin>"), sys.stdin.buffer.read())
    done = _formatted(file, load_project_alone(named.project, streams).project)
    if done.problem is not None:
        raise done.problem
    return done


def print_text(done: Formatting) -> None:
    """Write the text to stdout, byte by byte as it is."""
    sys.stdout.buffer.write(done.file.encoded(done.text))
    sys.stdout.buffer.flush()


def format_files(named: Named, streams: Streams) -> list[Formatting]:
    """Read the files, each in its own project, and find their canonical texts.

    Raises ``InvalidSpecs`` with every finding of all.
    """
    files: dict[str, Project] = {}
    findings: list[Finding] = []
    for project, paths in projects_of(named, streams):
        try:
            loaded = inputs_of(paths, project).loaded
        except InvalidSpecs as invalid:
            findings += invalid.findings
        else:
            files |= dict.fromkeys((spec.source.file for spec in loaded.specs), project)
    if findings:
        raise InvalidSpecs(findings)
    return [_formatted(TextFile(Path(file)), project) for file, project in files.items()]


def show_diff(done: Sequence[Formatting], streams: Streams) -> None:
    """Show how the files change, secrets masked."""

    for each in _changed(done):
        streams.artefact(diff_of(each.file.path, each.file.text, each.text))


def list_files(done: Sequence[Formatting], streams: Streams) -> None:
    """Name the files that change, one a line."""

    for each in _changed(done):
        streams.artefact(escape(str(each.file.path)))


def tell(done: Sequence[Formatting], streams: Streams, *, is_written: bool) -> None:
    """Say how many files change, and why some do not."""

    for problem in (each.problem for each in done if each.problem):
        streams.problem(error_text(problem))
    changed = len(list(_changed(done)))
    word = "Formatted" if is_written else "To format"
    streams.note(f"{word}: {plural(changed, 'file')}. {len(done) - changed} left as they are.\n")


def exit_code_of_fmt(done: Sequence[Formatting], *, is_check: bool) -> ExitCode:
    """Errors before changes, which count only where they were asked for."""
    if any(each.problem for each in done):
        return ExitCode.FAILED
    return ExitCode.CHANGES if is_check and any(_changed(done)) else ExitCode.DONE


def _changed(done: Sequence[Formatting]) -> Iterator[Formatting]:
    return (each for each in done if each.is_changed)


def _formatted(file: TextFile, project: Project) -> Formatting:

    try:
        return Formatting(file, format_text(str(file.path), file.text, project))
    except Strange as strange:
        hint = "format it by hand, or simplify what is unusual in it"
        return Formatting(file, file.text, LeftAlone(file.path, str(strange), hint))


def _written(each: Formatting) -> Formatting:
    if not each.is_changed:
        return each
    try:
        each.file.write(each.text)
    except LeftAlone as problem:
        return Formatting(each.file, each.file.text, problem)
    return each
