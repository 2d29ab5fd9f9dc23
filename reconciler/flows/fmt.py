"""``idpool fmt``: load, write anew, compare."""

import sys
from collections.abc import Sequence
from pathlib import Path

from reconciler.flows.inputs import for_all, inputs_of, load_project_alone, projects_of
from reconciler.flows.rewriting import Rewrite, show_diffs
from reconciler.model.errors import UsageProblem
from reconciler.model.project import Project
from reconciler.model.request import Named
from reconciler.reports.escape import escape
from reconciler.reports.lines import plural
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.files import LeftAlone, TextFile
from reconciler.terminal.streams import Streams
from reconciler.text.tree import Strange
from reconciler.writeback.fmt import format_text

_STDIN = "-"


def fmt(named: Named, streams: Streams, *, check: bool, diff: bool) -> ExitCode:
    """Write the files in canonical style; ``check``: name them; ``diff``: show the changes.

    Raises ``InvalidSpecs``, ``UsageProblem``, and ``LeftAlone`` for stdin.
    """
    from_stdin = _is_stdin(named.specs)
    done = [_of_stdin(named, streams)] if from_stdin else _of_files(named, streams)
    if diff:
        show_diffs(done, streams)
    elif check:
        for each in done:
            if each.is_changed:
                streams.artefact(escape(str(each.file.path)))
    elif from_stdin:  # byte by byte as it is
        sys.stdout.buffer.write(done[0].file.encoded(done[0].text))
        sys.stdout.buffer.flush()
    else:
        done = [each.written() for each in done]
    changed = sum(each.is_changed for each in done)
    if not from_stdin:
        _tell(done, changed, "To format" if check or diff else "Formatted", streams)
    if any(each.problem for each in done):
        return ExitCode.FAILED
    return ExitCode.CHANGES if check and changed else ExitCode.DONE


def _is_stdin(specs: Sequence[Path]) -> bool:
    """Whether the text comes from stdin.  Raises ``UsageProblem`` if files do, too."""
    names = [str(path) for path in specs]
    if _STDIN in names and len(names) > 1:
        raise UsageProblem("- is stdin, and stands alone", hint="name either files or -")
    return _STDIN in names


def _of_stdin(named: Named, streams: Streams) -> Rewrite:
    """Read one file's text from stdin.  Raises ``InvalidSpecs`` and ``LeftAlone``."""
    file = TextFile(Path("<stdin>"), sys.stdin.buffer.read())
    done = _formatted(file, load_project_alone(named.project, streams).project)
    if done.problem is not None:
        raise done.problem
    return done


def _of_files(named: Named, streams: Streams) -> list[Rewrite]:
    """Read the files, each in its own project, and find their canonical texts.

    Raises ``InvalidSpecs`` with every finding of all.
    """
    shares = projects_of(named, streams)
    found = for_all(lambda share: (share[0], inputs_of(share[1], share[0]).loaded), shares)
    files = {
        each.source.file: project
        for project, loaded in found
        for each in (*loaded.documents, *loaded.tests)
    }
    return [_formatted(TextFile(Path(file)), project) for file, project in files.items()]


def _formatted(file: TextFile, project: Project) -> Rewrite:
    try:
        return Rewrite(file, format_text(str(file.path), file.text, project))
    except Strange as strange:
        hint = "format it by hand, or simplify what is unusual in it"
        return Rewrite(file, file.text, LeftAlone(file.path, str(strange), hint))


def _tell(done: Sequence[Rewrite], changed: int, word: str, streams: Streams) -> None:
    """Say how many files change, and why some do not."""
    for each in done:
        if each.problem:
            streams.error(each.problem)
    streams.note(f"{word}: {plural(changed, 'file')}. {len(done) - changed} left as they are.\n")
