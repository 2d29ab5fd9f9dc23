"""The command's entry point and outermost boundary: every error becomes a sentence and a code."""

import gc
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import click

from reconciler.cli.help import hint_of
from reconciler.cli.options import spelled_out
from reconciler.cli.program import program
from reconciler.model.errors import IdpoolError, Problems, UsageProblem
from reconciler.model.secrets import forget_secrets
from reconciler.terminal.exit_codes import ExitCode
from reconciler.terminal.streams import open_streams

# A start makes 60,000 objects which stay. With Python's 700 the collector goes through them again
# and again, for 70 of the 485 ms of a plan; and at the exit, for 40 ms, unless they are frozen.
_NEW_OBJECTS_BETWEEN_COLLECTIONS = 1_000_000


def main() -> NoReturn:
    """Run the command line and exit with the documented code."""
    gc.set_threshold(_NEW_OBJECTS_BETWEEN_COLLECTIONS)
    # No plugin of what else is installed beside us looks into specs; to look for one takes 5 ms.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    code = run(sys.argv[1:])
    try:
        if sys.stdout is not None:  # closed by whoever has started us
            sys.stdout.flush()  # else it is flushed at the very end, and fails with Python's code
    except OSError as error:
        code = _no_output(error)
    gc.freeze()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command, and give its exit code."""
    forget_secrets()
    try:
        code = program.main(spelled_out(arguments), "idpool", standalone_mode=False)
    except click.ClickException as misuse:
        return _misuse(misuse, arguments)
    except UsageProblem as problem:
        _report(problem)
        return ExitCode.USAGE
    except IdpoolError as problem:
        _report(problem)
        return ExitCode.FAILED
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except Exception as bug:  # noqa: BLE001 - the outermost boundary: nobody above can handle it
        return _unforeseen(bug)
    return int(code or ExitCode.DONE)


def _misuse(misuse: click.ClickException, arguments: list[str]) -> int:
    message = misuse.format_message()
    context = getattr(misuse, "ctx", None)
    if isinstance(misuse, click.exceptions.NoArgsIsHelpError):
        open_streams().problem(message)
        return ExitCode.USAGE
    command = context.command_path if context else "idpool"
    hint = hint_of(misuse, arguments) or f"see {command} --help"
    open_streams().problem(f"error: {message}\n  fix: {hint}\n")
    return ExitCode.USAGE


def _no_output(error: OSError) -> int:
    """Whatever else touches files has errors of its own: this is a stream that takes no more."""
    # What is still in its buffer is dropped: each flush, the last one of Python's too, would fail.
    with suppress(OSError):
        sys.stdout.close()
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end
    problem = f"error: what there is to say cannot be written: {error.strerror or error}\n"
    open_streams().problem(problem)
    return ExitCode.FAILED


def _report(problem: IdpoolError) -> None:
    streams = open_streams()
    for each in problem.problems if isinstance(problem, Problems) else [problem]:
        streams.error(each)


def _unforeseen(bug: Exception) -> int:
    """Ask for a report.  The exception's text is left out: it may quote a secret."""
    if isinstance(bug, OSError):
        return _no_output(bug)
    incident = os.urandom(6).hex()
    streams = open_streams()
    streams.problem(
        f"error: idpool has a bug: {type(bug).__name__} (incident {incident})\n"
        "  fix: please report it with the incident's number and what follows\n"
    )
    streams.problem("".join(traceback.format_tb(bug.__traceback__)))
    return ExitCode.FAILED


if __name__ == "__main__":
    main()
