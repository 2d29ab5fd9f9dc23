"""``idpool import``: write specs of pools that exist already."""

from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.streams import open_streams


def import_pools(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME|ID",
            help="Names or ids of pools. Default: only list what could be imported.",
            show_default=False,
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every pool that has no spec and no other owner.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Write DIR/NAME.yaml for each pool. Default: the project's folder of specs, or "
            "specs/.",
            show_default=False,
        ),
    ] = None,
    with_secrets: Annotated[
        bool,
        typer.Option(
            "--with-secrets",
            help="Write secrets of login providers, too, into files that only you can read.",
        ),
    ] = False,
    user_pool_names: Annotated[
        bool,
        typer.Option(
            "--user-pool-names",
            help="Say in comments what user pools are called, where AWS tells "
            "(cognito-idp:DescribeUserPool).",
        ),
    ] = False,
    project: options.ProjectFile = None,
    target: options.Targets = None,
    sandbox: options.Sandbox = None,
    parallelism: options.Parallelism = 16,
    time_budget: options.TimeBudget = options.TIME_BUDGET,
    verbose: options.Verbose = 0,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Write one spec for each pool that exists already, so that idpool can take it over.

    Nothing is changed in AWS, and no file is overwritten.

    Example: idpool import storefront --out specs/ --sandbox
    """
    from reconciler.cli.importing import Wish, import_specs, list_candidates, require_one_way
    from reconciler.cli.workflow import Reach

    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    reach = Reach(target or (), sandbox, parallelism, time_budget)
    wish = Wish(tuple(names or ()), out, project, with_secrets, user_pool_names)
    require_one_way(wish, reach, every=every)
    if not (names or every):
        return list_candidates(wish, reach, streams)
    return import_specs(wish, reach, streams)
