"""``idpool iam-policy``: what idpool has to be allowed in AWS, and nothing more."""

from enum import StrEnum
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.streams import open_streams


class Job(StrEnum):
    """What the role that gets the policy is to do."""

    PLAN = "plan"
    APPLY = "apply"
    DRIFT = "drift"


def iam_policy(
    job: Annotated[Job, typer.Argument(help="What is to be allowed.")],
    specs: options.Specs = None,
    project: options.ProjectFile = None,
    target: options.Targets = None,
    who: Annotated[bool, typer.Option("--who", help="For drift --who, too.")] = False,
    notify_topic: Annotated[
        str | None,
        typer.Option(
            "--notify-topic",
            metavar="ARN",
            help="For drift --notify sns=ARN, too.",
            show_default=False,
        ),
    ] = None,
    with_delete: Annotated[
        bool, typer.Option("--with-delete", help="For specs with lifecycle.delete, too.")
    ] = False,
    any_role: Annotated[
        bool,
        typer.Option("--any-role", help="Let pools have every role, not only those of the specs."),
    ] = False,
    user_pool_names: Annotated[
        bool, typer.Option("--user-pool-names", help="For import --user-pool-names, too.")
    ] = False,
    caller: Annotated[
        bool, typer.Option("--caller", help="For who assumes the targets' roles, not for these.")
    ] = False,
    partition: Annotated[
        str | None,
        typer.Option(
            "--partition",
            metavar="NAME",
            help="aws, aws-cn, aws-us-gov, ... Default: that of the targets' regions.",
            show_default=False,
        ),
    ] = None,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Print the least IAM policy for a job, as JSON: narrowed to the project's targets and roles.

    Example: idpool iam-policy apply --target prod-eu
    """
    from reconciler.cli.permitting import remarks, require_sense, subject_of
    from reconciler.planner.grants import Wanted, grant_of
    from reconciler.reports.escape import escape
    from reconciler.reports.iam_policy import MOST_CHARACTERS, counted_characters, iam_policy_json

    streams = open_streams(quiet=quiet, no_color=no_color)
    wanted = Wanted(
        job.value,
        who,
        notify_topic,
        with_delete,
        any_role,
        caller,
        user_pool_names,
        partition,
    )
    subject = subject_of(specs, project, target or (), streams)
    require_sense(wanted, subject.targets)
    grant = grant_of(wanted, subject)
    policy = iam_policy_json(grant)
    streams.artefact(policy)
    for remark in remarks(wanted, subject, grant):
        streams.note(f"{escape(remark)}\n")
    size = counted_characters(policy)
    if size > MOST_CHARACTERS:
        streams.problem(
            f"warning: {size} characters, and a managed policy has {MOST_CHARACTERS} at most: "
            "print one for each --target, or pass --any-role\n"
        )
    return ExitCode.DONE
