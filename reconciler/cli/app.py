"""The program: its own options, and the commands, of which one is imported when it is called."""

import sys
from typing import Annotated

import typer

from reconciler import __version__
from reconciler.cli.commands import Commands

app = typer.Typer(
    name="idpool",
    cls=Commands,
    help="Keep Amazon Cognito identity pools as YAML specs in Git say.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        if sys.stdout is not None:  # closed by whoever has started us
            sys.stdout.write(f"idpool {__version__}\n")
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
