"""The command's entry point, and the outermost boundary of the program."""

import os
import sys
import traceback
import uuid
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.exceptions import Abort, TyperException

from reconciler.cli import (
    adopt,
    apply,
    comment,
    convert,
    drift,
    export,
    fmt,
    iam_policy,
    import_pools,
    init,
    plan,
    pull,
    rollback,
    sandbox,
    schema,
    show,
    unlock,
    validate,
)
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.options import spell_out_sandbox
from reconciler.cli.streams import open_streams
from reconciler.model.errors import IdpoolError, InvalidSpecs, Problems, UsageProblem

app = typer.Typer(
    name="idpool",
    help="Keep Amazon Cognito identity pools as YAML specs in Git say.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(init.init)
app.command()(validate.validate)
app.command()(plan.plan)
app.command()(show.show)
app.command()(apply.apply)
app.command()(drift.drift)
app.command("import")(import_pools.import_pools)
app.command()(adopt.adopt)
app.command()(pull.pull)
app.command()(fmt.fmt)
app.command()(rollback.rollback)
app.command()(schema.schema)
app.command()(iam_policy.iam_policy)
app.command()(unlock.unlock)
app.add_typer(comment.app)
app.add_typer(convert.app)
app.add_typer(export.app)
app.add_typer(sandbox.app)


def _print_version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"idpool {version('idpool')}\n")
        raise typer.Exit


@app.callback()
def _global_options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Options of the program itself."""


def main() -> NoReturn:
    """Run the command line and exit with the documented code."""
    code = run(sys.argv[1:])
    try:
        if sys.stdout is not None:  # closed by whoever has started us
            sys.stdout.flush()  # else it is flushed at the very end, and fails with Python's code
    except OSError as error:
        code = _no_output(error)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command; every error that is foreseen becomes a sentence and an exit code."""
    try:
        code = app(spell_out_sandbox(arguments), standalone_mode=False)
    except TyperException as misuse:
        return _misuse(misuse)
    except UsageProblem as problem:
        _report(problem)
        return ExitCode.USAGE
    except IdpoolError as problem:
        _report(problem)
        return ExitCode.FAILED
    except (KeyboardInterrupt, Abort):
        return ExitCode.INTERRUPTED
    except Exception as bug:  # noqa: BLE001 - the outermost boundary: nobody above can handle it
        return _unforeseen(bug)
    return int(code or ExitCode.DONE)


def _no_output(error: OSError) -> int:
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


def _misuse(misuse: TyperException) -> int:
    context = getattr(misuse, "ctx", None)
    command = context.command_path if context else "idpool"
    message = misuse.format_message()
    if message:  # without one, the help was called for and has been shown
        open_streams().problem(f"error: {message}\n  fix: see {command} --help\n")
    return ExitCode.USAGE


def _report(problem: IdpoolError) -> None:
    from reconciler.reports import error_text, findings_text

    streams = open_streams()
    if isinstance(problem, InvalidSpecs):
        streams.problem(findings_text(problem.findings))
        return
    for each in problem.problems if isinstance(problem, Problems) else [problem]:
        streams.problem(error_text(each))


def _unforeseen(bug: Exception) -> int:
    """Ask for a report.  The exception's text is left out: it may quote a secret."""
    if isinstance(bug, OSError):
        return _no_output(bug)
    incident = uuid.uuid4().hex[:12]
    streams = open_streams()
    streams.problem(
        f"error: idpool has a bug: {type(bug).__name__} (incident {incident})\n"
        "  fix: please report it with the incident's number and what follows\n"
    )
    streams.problem("".join(traceback.format_tb(bug.__traceback__)))
    return ExitCode.FAILED
