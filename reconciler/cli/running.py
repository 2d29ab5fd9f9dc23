"""Running one command as typer reads the words of it."""

from typer.exceptions import Abort, TyperException

from reconciler.cli.app import app
from reconciler.cli.boundary import exit_code_of
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.options import spell_out_sandbox
from reconciler.cli.streams import open_streams


def run_command(arguments: list[str]) -> int:
    """Run one command, and give its exit code."""
    return exit_code_of(lambda: _by_typer(arguments))


def _by_typer(arguments: list[str]) -> int | None:
    try:
        code: int | None = app(spell_out_sandbox(arguments), standalone_mode=False)
    except TyperException as misuse:
        return _misuse(misuse)
    except Abort:
        return ExitCode.INTERRUPTED
    return code


def _misuse(misuse: TyperException) -> int:
    context = getattr(misuse, "ctx", None)
    command = context.command_path if context else "idpool"
    message = misuse.format_message()
    if message:  # without one, the help was called for and has been shown
        open_streams().problem(f"error: {message}\n  fix: see {command} --help\n")
    return ExitCode.USAGE
