"""``idpool fmt``: specs in one order and one style."""

from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.streams import open_streams


def fmt(
    specs: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="SPEC",
            help="Spec files or folders; - for stdin to stdout. Default: the project's specs.",
            show_default=False,
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; list what would change, and exit 2.")
    ] = False,
    diff: options.ShowDiff = False,
    project: options.ProjectFile = None,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Put fields into their documented order and one style; comments and meaning stay.

    Example: idpool fmt --check specs/
    """
    from reconciler.cli import formatting

    streams = open_streams(quiet=quiet, no_color=no_color)
    from_stdin = formatting.is_stdin(specs)
    done = (
        [formatting.format_stdin(project, streams)]
        if from_stdin
        else formatting.format_files(specs, project, streams)
    )
    is_written = not (check or diff)
    if diff:
        formatting.show_diff(done, streams)
    elif check:
        formatting.list_files(done, streams)
    elif from_stdin:
        formatting.print_text(done[0])
    else:
        done = formatting.write_files(done)
    if not from_stdin:
        formatting.tell(done, streams, is_written=is_written)
    return formatting.exit_code_of_fmt(done, is_check=check)
