"""``idpool convert``: specs from what other tools keep."""

from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.streams import open_streams

app = typer.Typer(
    name="convert",
    help="Make specs from a CloudFormation template, or a Terraform state or plan.",
    no_args_is_help=True,
)

Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Write DIR/NAME.yaml for each pool. Default: all to stdout.",
        show_default=False,
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")]
Target = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="NAME",
        help="The specs go to this target of the project, and adopt its pools.",
        show_default=False,
    ),
]
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A value that the file does not say, by the name that a finding gives; repeatable.",
        show_default=False,
    ),
]


@app.command()
def cloudformation(
    template: Annotated[Path, typer.Argument(metavar="TEMPLATE", help="YAML or JSON; - is stdin.")],
    out: Out = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter",
            metavar="NAME=VALUE",
            help="A parameter's value, or AWS::StackName's; repeatable. Default: its default.",
            show_default=False,
        ),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(
            "--account", metavar="ID", help="The stack's AWS account.", show_default=False
        ),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option("--region", metavar="NAME", help="The stack's region.", show_default=False),
    ] = None,
    values: Values = None,
    target: Target = None,
    force: Force = False,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Make a spec of each identity pool in a template, and say how the stack lets go of it.

    Example: idpool convert cloudformation template.yaml --set UserPool=eu-west-1_Ab1 --out specs/
    """
    from reconciler.cli.converting import (
        Destination,
        deliver,
        project_for,
        template_given,
        template_source,
    )
    from reconciler.converters import from_cloudformation

    streams = open_streams(quiet=quiet, no_color=no_color)
    project = project_for(target, out, streams)
    given = template_given(parameter, account, region, values, project)
    source = template_source(template)
    conversion = from_cloudformation(source.name, source.text, given, target)
    return deliver(conversion, Destination(out, force=force), streams)


@app.command()
def terraform(
    state: Annotated[
        Path,
        typer.Argument(
            metavar="STATE_OR_PLAN_JSON",
            help="A state file, or what terraform show -json prints; - is stdin.",
        ),
    ],
    out: Out = None,
    values: Values = None,
    target: Target = None,
    force: Force = False,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Make a spec of each identity pool in a state or plan, and say how Terraform forgets it.

    Example: terraform state pull | idpool convert terraform - --out specs/
    """
    from reconciler.cli.converting import (
        Destination,
        deliver,
        project_for,
        state_given,
        state_source,
    )
    from reconciler.converters import from_terraform

    streams = open_streams(quiet=quiet, no_color=no_color)
    given = state_given(values, project_for(target, out, streams))
    source = state_source(state)
    conversion = from_terraform(source.name, source.text, given, target)
    return deliver(conversion, Destination(out, force=force), streams)
