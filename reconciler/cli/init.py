"""``idpool init``: the files that a repository begins with."""

from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.starters import Host
from reconciler.cli.streams import open_streams


def init(
    host: Annotated[Host, typer.Argument(help="Whose pipelines are to run idpool.")],
    folder: Annotated[
        Path, typer.Option("--folder", metavar="DIR", help="Where to write. Default: here.")
    ] = Path(),
    owner: Annotated[
        str | None,
        typer.Option(
            "--owner",
            metavar="TEXT",
            help="Tag idpool:owner of all pools. Default: the name of the Git remote or folder.",
            show_default=False,
        ),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(
            "--account",
            metavar="ID",
            help="The AWS account. Default: the role's.",
            show_default=False,
        ),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option("--region", metavar="NAME", help="The AWS region.", show_default=False),
    ] = None,
    role_arn: Annotated[
        str | None,
        typer.Option(
            "--role-arn",
            metavar="ARN",
            help="The role that pipelines assume where their variables name no other.",
            show_default=False,
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="SOURCE",
            help="Where pipelines install idpool from: git+URL@COMMIT, a wheel's path or URL with "
            "#sha256=HASH, or 'idpool==VERSION --hash=sha256:HASH'. Default: where this one came "
            "from, if its metadata says so.",
            show_default=False,
        ),
    ] = None,
    forks: Annotated[
        bool,
        typer.Option("--forks", help="GitHub: also what plans pull requests from forks."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files that are there and differ.")
    ] = False,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Write a project file, a first spec and pipelines. What is there already is left alone.

    Example: idpool init github --role-arn arn:aws:iam::111122223333:role/idpool --region eu-west-1
    """
    from reconciler.cli.starting import Answers, start

    answers = Answers(host, owner, account, region, role_arn, source, forks=forks)
    start(folder, answers, open_streams(quiet=quiet, no_color=no_color), force=force)
    return ExitCode.DONE
