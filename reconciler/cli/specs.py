"""Commands that work on files alone."""

from pathlib import Path
from typing import Any

import click

from reconciler.cli import options
from reconciler.cli.help import Group
from reconciler.cli.options import flag, option, path_option
from reconciler.model.request import SCHEMAS, Named
from reconciler.terminal.streams import Streams, open_streams

commands = Group()


@commands.command()
@click.argument(
    "host",
    type=click.Choice(["github", "gitlab"]),
    required=False,
    help="Whose pipelines are to run idpool. With --targets it may be left out: no pipelines.",
)
@path_option("--folder DIR", default=Path(), help="Where to write. Default: here.")
@option(
    "--owner TEXT",
    help="Tag idpool:owner of all pools. Default: the name of the Git remote or folder.",
)
@option(
    "--targets NAMES",
    help="Names of targets, with commas between them: accounts are to be filled in, and the first "
    "spec goes to all.",
)
@option("--account ID", help="The AWS account. Default: the role's.")
@option("--region NAME", help="The AWS region.")
@option(
    "--role-arn ARN", help="The role that pipelines assume where their variables name no other."
)
@option(
    "--from SOURCE",
    "source",
    help="Where pipelines install idpool from: git+URL@COMMIT, a wheel's path or URL with "
    "#sha256=HASH, or 'idpool==VERSION --hash=sha256:HASH'. Default: where this one came from, if "
    "its metadata says so.",
)
@flag("--forks", help="GitHub: also what plans pull requests from forks.")
@flag("--force", help="Overwrite files that are there and differ.")
@options.streams(verbose=False)
def init(folder: Path, streams: Streams, *, force: bool, **answers: Any) -> None:
    """Write a project file, a first spec and pipelines. What is there already is left alone.

    Example: idpool init github --role-arn arn:aws:iam::111122223333:role/idpool --region eu-west-1
    """
    from reconciler.flows.init import Answers, start

    start(folder, Answers(**answers), streams, force=force)


@commands.command()
@options.named()
@options.formats
@flag("--strict", help="Warnings are errors, too.")
@options.streams(says="Notes of checks, too.")
def validate(named: Named, formats: tuple[str, ...], streams: Streams, *, strict: bool) -> int:
    """Check specs and the project file, without AWS.

    Example: idpool validate specs/
    """
    from reconciler.flows import validate as flow

    return flow.validate(named, formats, streams, strict=strict)


@commands.command()
@options.named()
@options.targets
@options.formats
@options.streams(verbose=False)
def check(
    named: Named, targets: tuple[str, ...], formats: tuple[str, ...], streams: Streams
) -> int:
    """Say what specs allow that they should not: who gets in, and with which role. Without AWS.

    Example: idpool check specs/ --target prod-eu
    """
    from reconciler.flows import check as flow

    return flow.check(named, targets, formats, streams)


@commands.command()
@options.named("Spec files or folders; - for stdin to stdout. Default: the project's specs.")
@flag("--check", help="Write nothing; list what would change, and exit 2.")
@options.show_diff
@options.streams(verbose=False)
def fmt(named: Named, streams: Streams, *, check: bool, diff: bool) -> int:
    """Put fields into their documented order and one style; comments and meaning stay.

    Example: idpool fmt --check specs/
    """
    from reconciler.flows import fmt as flow

    return flow.fmt(named, streams, check=check, diff=diff)


@commands.command()
@click.argument(
    "name",
    required=False,
    type=click.Choice(SCHEMAS),
    default=SCHEMAS[0],
    help="Which schema to print.",
)
@path_option("--out FOLDER", help="Write all schemas into this folder.")
def schema(name: str, out: Path | None) -> None:
    """Print the JSON Schema of specs and projects, or of a file that idpool writes.

    Example: idpool schema project
    """
    from reconciler.flows import schema as flow

    flow.schema(name, out, open_streams())


@commands.command()
@click.argument("job", type=click.Choice(["plan", "apply", "drift"]), help="What is to be allowed.")
@options.named()
@options.targets
@flag("--who", help="For drift --who, too.")
@option("--notify-topic ARN", "topic", help="For drift --notify sns=ARN, too.")
@flag("--with-delete", "delete", help="For specs with lifecycle.delete, too.")
@flag("--any-role", help="Let pools have every role, not only those of the specs.")
@flag("--user-pool-names", "user_pools", help="For import --user-pool-names, too.")
@flag("--caller", help="For who assumes the targets' roles, not for these.")
@option(
    "--partition NAME", help="aws, aws-cn, aws-us-gov, ... Default: that of the targets' regions."
)
@options.streams(verbose=False)
def iam_policy(named: Named, targets: tuple[str, ...], streams: Streams, **wanted: Any) -> None:
    """Print the least IAM policy for a job, as JSON: narrowed to the project's targets and roles.

    Example: idpool iam-policy apply --target prod-eu
    """
    from reconciler.flows import iam_policy as flow
    from reconciler.planner.grants import Wanted

    flow.iam_policy(named, targets, Wanted(**wanted), streams)
