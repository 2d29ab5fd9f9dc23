"""Commands that work with other tools: platforms, CloudFormation, Terraform, other AWS clients."""

from pathlib import Path
from typing import Any, get_args

import click

from reconciler.cli import options
from reconciler.cli.completion import complete_targets
from reconciler.cli.help import Group, Part
from reconciler.cli.options import PATH, Decorator, argument, flag, option, path_option, together
from reconciler.model.request import DEFAULT_SANDBOX
from reconciler.sandbox.settings import SandboxSettings, UpdateSemantics
from reconciler.terminal.streams import Streams, open_streams

commands = Group()


@commands.group()
def comment() -> None:
    """Keep one comment on a pull request that says what the plan is, and what became of it."""


_STORY = together(
    argument(
        "plan",
        "[PLAN]",
        "What plan --out has written. Without it: --state superseded or failed.",
        type=PATH,
    ),
    path_option("--receipt FILE", help="The receipt of the apply of PLAN: say what came of it."),
    option(
        "--state",
        type=click.Choice(["planned", "superseded", "failed"]),
        help="Where things stand. Default: planned; with --receipt as that says.",
    ),
    options.project,
    options.targets,
    option(
        "--id TEXT",
        "label",
        default="",
        help="Keep this comment apart from others for the same targets.",
    ),
)
_RUN = together(
    option(
        "--commit SHA",
        help="The commit that this is about. Default: as the pipeline's variables say.",
    ),
    option("--api-url URL", help="The API. Default: as the pipeline's variables say."),
    option(
        "--author LOGIN", help="The login of the token's own user, where the API does not tell it."
    ),
    option("--link URL", help="Where the whole log is. Default: the page of the run."),
    options.seconds(
        "--time-budget",
        120,
        "How long failed requests may be repeated, over the whole run.",
        part=Part.OWN,
    ),
    options.streams(says="Say what was done; twice: log every request to the platform."),
)


def _most_bytes(default: int) -> Decorator:
    return option(
        "--max-bytes N",
        type=click.IntRange(1000),
        default=default,
        show_default=True,
        help="The longest comment.",
    )


@comment.command()
@_STORY
@option(
    "--repository OWNER/NAME",
    help="The repository that the pull request is for. Default: as the variables say.",
)
@option(
    "--pull-request NUMBER",
    "number",
    type=click.IntRange(1),
    help="The pull request. Default: the one of the event, the branch or the commit.",
)
@_most_bytes(65_000)
@_RUN
def github(streams: Streams, **asked: Any) -> None:
    """Say on a pull request of GitHub what the plan is, in one comment that is kept up to date.

    Example: idpool comment github plan.json
    """
    from reconciler.flows import comment as flow

    flow.comment("github", flow.Request(**asked), streams)


@comment.command()
@_STORY
@option(
    "--repository ID|PATH",
    help="The project that the merge request is for. Default: as the variables say.",
)
@option(
    "--merge-request NUMBER",
    "number",
    type=click.IntRange(1),
    help="The merge request. Default: the one of the pipeline or the commit.",
)
@_most_bytes(999_000)
@_RUN
def gitlab(streams: Streams, **asked: Any) -> None:
    """Say on a merge request of GitLab what the plan is, in one comment that is kept up to date.

    Example: idpool comment gitlab plan.json
    """
    from reconciler.flows import comment as flow

    flow.comment("gitlab", flow.Request(**asked), streams)


@commands.group()
def convert() -> None:
    """Make specs from a CloudFormation template, or a Terraform state or plan."""


_DESTINATION = together(
    path_option(
        "--out DIR", "folder", help="Write DIR/NAME.yaml for each pool. Default: all to stdout."
    ),
    option(
        "--target NAME",
        shell_complete=complete_targets,
        help="The specs go to this target of the project, and adopt its pools.",
    ),
    options.force,
)
_VALUES = options.pairs(
    "--set",
    "values",
    help="A value that the file does not say, by the name that a finding gives; repeatable.",
)


@convert.command("cloudformation")
@argument("file", "TEMPLATE", "YAML or JSON; - is stdin.", type=PATH)
@options.pairs(
    "--parameter",
    "parameters",
    help="A parameter's value, or AWS::StackName's; repeatable. Default: its default.",
)
@option("--account ID", help="The stack's AWS account.")
@option("--region NAME", help="The stack's region.")
@_VALUES
@_DESTINATION
@options.streams(verbose=False)
def convert_cloudformation(streams: Streams, **asked: Any) -> int:
    """Make a spec of each identity pool in a template, and say how the stack lets go of it.

    Example: idpool convert cloudformation template.yaml --set UserPool=eu-west-1_Ab1 --out specs/
    """
    from reconciler.flows import convert as flow

    return flow.convert_template(flow.Request(**asked), streams)


@convert.command("terraform")
@argument(
    "file",
    "STATE_OR_PLAN_JSON",
    "A state file, or what terraform show -json prints; - is stdin.",
    type=PATH,
)
@_VALUES
@_DESTINATION
@options.streams(verbose=False)
def convert_terraform(streams: Streams, **asked: Any) -> int:
    """Make a spec of each identity pool in a state or plan, and say how Terraform forgets it.

    Example: terraform state pull | idpool convert terraform - --out specs/
    """
    from reconciler.flows import convert as flow

    return flow.convert_state(flow.Request(**asked), streams)


@commands.group()
def export() -> None:
    """Write specs as a CloudFormation template or a Terraform configuration."""


_EXPORTED = together(
    options.named(),
    path_option("--out FILE", help="Write here. Default: to stdout."),
    options.pairs(
        "--id",
        "ids",
        form="NAME=ID",
        help="The live pool of a spec; repeatable. Default: what metadata.adopt says.",
    ),
    option(
        "--target NAME",
        shell_complete=complete_targets,
        help="Only specs that go to this target, with the ids they adopt there.",
    ),
    options.force,
    options.streams(verbose=False),
)


@export.command("cloudformation")
@option(
    "--format",
    part=Part.OUTPUT,
    type=click.Choice(["yaml", "json"]),
    default="yaml",
    show_default=True,
    help="How the template is written.",
)
@path_option(
    "--import-file FILE",
    "imports",
    help="Write the resources to import here, for create-change-set.",
)
@_EXPORTED
def export_cloudformation(streams: Streams, **asked: Any) -> None:
    """Write a template of the specs' pools, and say how a stack takes over the live ones.

    Example: idpool export cloudformation specs/ --out template.yaml --import-file imports.json
    """
    from reconciler.flows import export as flow

    flow.export(flow.Request(**asked), streams)


@export.command("terraform")
@_EXPORTED
def export_terraform(streams: Streams, **asked: Any) -> None:
    """Write a configuration of the specs' pools, with import blocks for the live ones.

    Example: idpool export terraform specs/ --id storefront=eu-west-1:0f1e2d3c-... --out pools.tf
    """
    from reconciler.flows import export as flow

    flow.export(flow.Request(format="terraform", **asked), streams)


@commands.group()
def sandbox() -> None:
    """Identity pools without AWS: moto, taught the rules of the service."""


_STATE = argument(
    "file",
    "[FILE]",
    f"The sandbox's state. Default: {DEFAULT_SANDBOX}.",
    type=PATH,
    default=Path(DEFAULT_SANDBOX),
)


@sandbox.command()
@_STATE
@option(
    "--port N", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: a free one."
)
@option(
    "--update-semantics",
    type=click.Choice(get_args(UpdateSemantics)),
    default="aws",
    show_default=True,
    help="What an update does with fields that a call leaves out: as measured in AWS; all get "
    "their defaults; all stay.",
)
@flag("--rate-limits", help="Throttle as AWS documents it.")
@option("--rate N", type=float, help="At most N requests a second in all.")
def serve(**settings: Any) -> None:
    """Serve the sandbox on loopback for any AWS client, until interrupted.

    Example: idpool sandbox serve --port 5000
    """
    from reconciler.flows import sandbox as flow

    flow.serve(SandboxSettings(**settings), open_streams())


@sandbox.command()
@argument("seeds", "SEEDS", "What is to be there, a YAML file.", type=PATH)
@_STATE
def seed(seeds: Path, file: Path) -> None:
    """Put parameters, secrets, stacks and user pools there that specs refer to.

    Example: idpool sandbox seed seeds.yaml
    """
    from reconciler.flows import sandbox as flow

    flow.seed(seeds, file, open_streams())


@sandbox.command()
@_STATE
def reset(file: Path) -> None:
    """Forget every pool of the sandbox.

    Example: idpool sandbox reset
    """
    from reconciler.flows import sandbox as flow

    flow.forget(file, open_streams())
