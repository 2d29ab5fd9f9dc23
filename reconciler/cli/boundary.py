"""The outermost boundary of the program: every error becomes a sentence and an exit code."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.streams import open_streams
from reconciler.model.errors import IdpoolError, InvalidSpecs, Problems, UsageProblem


def exit_code_of(command: Callable[[], int | None]) -> int:
    """Run a command; what it raises is told on stderr."""
    try:
        code = command()
    except UsageProblem as problem:
        _report(problem)
        return ExitCode.USAGE
    except IdpoolError as problem:
        _report(problem)
        return ExitCode.FAILED
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as bug:  # noqa: BLE001 - the outermost boundary: nobody above can handle it
        return _unforeseen(bug)
    return int(code or ExitCode.DONE)


def no_output(error: OSError) -> int:
    """Whatever else touches files has errors of its own: this is a stream that takes no more."""
    _give_up_stdout()
    streams = open_streams()
    streams.problem(f"error: what there is to say cannot be written: {error.strerror or error}\n")
    return ExitCode.FAILED


def _give_up_stdout() -> None:
    """Drop what is still in its buffer: each flush, the last one of Python's too, would fail."""
    with suppress(OSError):
        sys.stdout.close()
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end


def _report(problem: IdpoolError) -> None:
    from reconciler.reports.error_text import error_text
    from reconciler.reports.findings_text import findings_text

    streams = open_streams()
    if isinstance(problem, InvalidSpecs):
        streams.problem(findings_text(problem.findings))
        return
    for each in problem.problems if isinstance(problem, Problems) else [problem]:
        streams.problem(error_text(each))


def _unforeseen(bug: Exception) -> int:
    """Ask for a report.  The exception's text is left out: it may quote a secret."""
    if isinstance(bug, OSError):
        return no_output(bug)
    import traceback
    import uuid

    incident = uuid.uuid4().hex[:12]
    streams = open_streams()
    streams.problem(
        f"error: idpool has a bug: {type(bug).__name__} (incident {incident})\n"
        "  fix: please report it with the incident's number and what follows\n"
    )
    streams.problem("".join(traceback.format_tb(bug.__traceback__)))
    return ExitCode.FAILED
