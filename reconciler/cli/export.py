"""``idpool export``: what other tools need to take pools over."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.streams import open_streams

app = typer.Typer(
    name="export",
    help="Write specs as a CloudFormation template or a Terraform configuration.",
    no_args_is_help=True,
)


class TemplateFormat(StrEnum):
    """How a template is written."""

    YAML = "yaml"
    JSON = "json"


Out = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", help="Write here. Default: to stdout.", show_default=False
    ),
]
Ids = Annotated[
    list[str] | None,
    typer.Option(
        "--id",
        metavar="NAME=ID",
        help="The live pool of a spec; repeatable. Default: what metadata.adopt says.",
        show_default=False,
    ),
]
Target = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="NAME",
        help="Only specs that go to this target, with the ids they adopt there.",
        show_default=False,
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")]


@app.command()
def cloudformation(
    specs: options.Specs = None,
    project: options.ProjectFile = None,
    format_: Annotated[
        TemplateFormat, typer.Option("--format", help="How the template is written.")
    ] = TemplateFormat.YAML,
    out: Out = None,
    import_file: Annotated[
        Path | None,
        typer.Option(
            "--import-file",
            metavar="FILE",
            help="Write the resources to import here, for create-change-set.",
            show_default=False,
        ),
    ] = None,
    ids: Ids = None,
    target: Target = None,
    force: Force = False,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Write a template of the specs' pools, and say how a stack takes over the live ones.

    Example: idpool export cloudformation specs/ --out template.yaml --import-file imports.json
    """
    from reconciler.cli.exporting import Files, deliver, exported
    from reconciler.converters import to_cloudformation

    streams = open_streams(quiet=quiet, no_color=no_color)
    selection = exported(specs, project, target, ids, streams)
    export = to_cloudformation(selection.pools, as_json=format_ is TemplateFormat.JSON)
    return deliver(export, selection, Files(out, import_file, force=force), streams)


@app.command()
def terraform(
    specs: options.Specs = None,
    project: options.ProjectFile = None,
    out: Out = None,
    ids: Ids = None,
    target: Target = None,
    force: Force = False,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Write a configuration of the specs' pools, with import blocks for the live ones.

    Example: idpool export terraform specs/ --id storefront=eu-west-1:0f1e2d3c-... --out pools.tf
    """
    from reconciler.cli.exporting import Files, deliver, exported
    from reconciler.converters import to_terraform

    streams = open_streams(quiet=quiet, no_color=no_color)
    selection = exported(specs, project, target, ids, streams)
    export = to_terraform(selection.pools)
    return deliver(export, selection, Files(out, None, force=force), streams)
