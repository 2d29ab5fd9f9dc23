"""The way that fmt goes: load, write anew, compare.  Only the order; no decisions."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.inputs import inputs_of, load_project_alone
from reconciler.cli.rewriting import LeftAlone, TextFile
from reconciler.cli.spec_paths import projects_of
from reconciler.cli.streams import Streams
from reconciler.model.errors import InvalidSpecs, UsageProblem
from reconciler.model.findings import Finding
from reconciler.model.project import Project

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


def is_stdin(specs: Sequence[Path] | None) -> bool:
    """Whether the text comes from stdin.  Raises ``UsageProblem`` if files do, too."""
    names = [str(path) for path in specs or ()]
    if _STDIN in names and len(names) > 1:
        raise UsageProblem("- is stdin, and stands alone", hint="name either files or -")
    return _STDIN in names


def format_stdin(project_file: Path | None, streams: Streams) -> Formatting:
    """Read one file's text from stdin.  Raises ``InvalidSpecs`` and ``LeftAlone``."""
    file = TextFile(Path("<stdin>"), sys.stdin.buffer.read())
    done = _formatted(file, load_project_alone(project_file, streams).project)
    if done.problem is not None:
        raise done.problem
    return done


def print_text(done: Formatting) -> None:
    """Write the text to stdout, byte by byte as it is."""
    sys.stdout.buffer.write(done.file.encoded(done.text))
    sys.stdout.buffer.flush()


def format_files(
    specs: Sequence[Path] | None, project_file: Path | None, streams: Streams
) -> list[Formatting]:
    """Read the files, each in its own project, and find their canonical texts.

    Raises ``InvalidSpecs`` with every finding of all.
    """
    files: dict[str, Project] = {}
    findings: list[Finding] = []
    for project, paths in projects_of(specs, project_file, streams):
        try:
            loaded = inputs_of(paths, project).loaded
        except InvalidSpecs as invalid:
            findings += invalid.findings
        else:
            files |= dict.fromkeys((spec.source.file for spec in loaded.specs), project)
    if findings:
        raise InvalidSpecs(findings)
    return [_formatted(TextFile(Path(file)), project) for file, project in files.items()]


def write_files(done: Sequence[Formatting]) -> list[Formatting]:
    """Write the files that change."""
    return list(map(_written, done))


def show_diff(done: Sequence[Formatting], streams: Streams) -> None:
    """Show how the files change, secrets masked."""
    from reconciler.cli.diffs import diff_of

    for each in _changed(done):
        streams.artefact(diff_of(each.file.path, each.file.text, each.text))


def list_files(done: Sequence[Formatting], streams: Streams) -> None:
    """Name the files that change, one a line."""
    from reconciler.reports.escape import escape

    for each in _changed(done):
        streams.artefact(escape(str(each.file.path)))


def tell(done: Sequence[Formatting], streams: Streams, *, is_written: bool) -> None:
    """Say how many files change, and why some do not."""
    from reconciler.reports.numbers import plural

    for problem in (each.problem for each in done if each.problem):
        _tell_problem(problem, streams)
    changed = len(list(_changed(done)))
    word = "Formatted" if is_written else "To format"
    streams.note(f"{word}: {plural(changed, 'file')}. {len(done) - changed} left as they are.\n")


def _tell_problem(problem: LeftAlone, streams: Streams) -> None:
    from reconciler.reports.error_text import error_text

    streams.problem(error_text(problem))


def exit_code_of_fmt(done: Sequence[Formatting], *, is_check: bool) -> ExitCode:
    """Errors before changes, which count only where they were asked for."""
    if any(each.problem for each in done):
        return ExitCode.FAILED
    return ExitCode.CHANGES if is_check and any(_changed(done)) else ExitCode.DONE


def _changed(done: Sequence[Formatting]) -> Iterator[Formatting]:
    return (each for each in done if each.is_changed)


def _formatted(file: TextFile, project: Project) -> Formatting:
    from reconciler.writeback.fmt import format_text
    from reconciler.writeback.tree import Strange

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
