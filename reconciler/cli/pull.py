"""``idpool pull``: accept what was changed by hand, by changing the specs."""

from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.streams import open_streams


def pull(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME", help="Names of specs (metadata.name). Default: all.", show_default=False
        ),
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(
            "--field", metavar="FIELD", help="Only this field; repeatable.", show_default=False
        ),
    ] = None,
    with_secrets: Annotated[
        bool, typer.Option("--with-secrets", help="Write new secrets of login providers, too.")
    ] = False,
    diff: options.ShowDiff = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 2 if something would be pulled.")
    ] = False,
    spec: options.SpecPaths = None,
    project: options.ProjectFile = None,
    target: options.Targets = None,
    sandbox: options.Sandbox = None,
    parallelism: options.Parallelism = 16,
    time_budget: options.TimeBudget = options.TIME_BUDGET,
    verbose: options.Verbose = 0,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Accept what was changed in AWS: write it into the specs, and touch no other line of them.

    Example: idpool pull storefront --field IdentityPoolTags --diff
    """
    from reconciler.cli.pulling import (
        Wish,
        chosen_fields,
        exit_code_of_pull,
        pull_specs,
        show_diff,
        write_files,
    )
    from reconciler.cli.workflow import Reach
    from reconciler.reports.pull_text import pull_text

    fields = chosen_fields(field or ())
    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    reach = Reach(target or (), sandbox, parallelism, time_budget)
    wish = Wish(tuple(names or ()), fields, with_secrets)
    pulls = pull_specs(wish, spec, project, reach, streams)
    if diff:
        show_diff(pulls, streams)
    is_written = not (diff or check)
    if is_written:
        pulls = write_files(pulls, streams)
    pools = [pool for each in pulls for pool in each.pools]
    told = streams.note if all(pool.is_pulled for pool in pools) else streams.problem
    told(pull_text(pools, is_written=is_written))
    return exit_code_of_pull(pulls, is_check=check)
