"""``idpool comment``: one comment on the pull request, kept up to date."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode

app = typer.Typer(
    name="comment",
    help="Keep one comment on a pull request that says what the plan is, and what became of it.",
    no_args_is_help=True,
)


class State(StrEnum):
    """What may be said without a receipt, which says for itself whether the apply failed."""

    PLANNED = "planned"
    SUPERSEDED = "superseded"
    FAILED = "failed"


SavedPlanFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="PLAN",
        help="What plan --out has written. Without it: --state superseded or failed.",
        show_default=False,
    ),
]
Receipt = Annotated[
    Path | None,
    typer.Option(
        "--receipt",
        metavar="FILE",
        help="The receipt of the apply of PLAN: say what came of it.",
        show_default=False,
    ),
]
StateOption = Annotated[
    State | None,
    typer.Option(
        "--state",
        help="Where things stand. Default: planned; with --receipt as that says.",
        show_default=False,
    ),
]
Label = Annotated[
    str,
    typer.Option(
        "--id",
        metavar="TEXT",
        help="Keep this comment apart from others for the same targets.",
        show_default=False,
    ),
]
Commit = Annotated[
    str | None,
    typer.Option(
        "--commit",
        metavar="SHA",
        help="The commit that this is about. Default: as the pipeline's variables say.",
        show_default=False,
    ),
]
ApiUrl = Annotated[
    str | None,
    typer.Option(
        "--api-url",
        metavar="URL",
        help="The API. Default: as the pipeline's variables say.",
        show_default=False,
    ),
]
Author = Annotated[
    str | None,
    typer.Option(
        "--author",
        metavar="LOGIN",
        help="The login of the token's own user, where the API does not tell it.",
        show_default=False,
    ),
]
Link = Annotated[
    str | None,
    typer.Option(
        "--link",
        metavar="URL",
        help="Where the whole log is. Default: the page of the run.",
        show_default=False,
    ),
]
Verbose = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        help="Say what was done; twice: log every request to the platform.",
        show_default=False,
    ),
]
Patience = Annotated[
    float,
    typer.Option(
        "--time-budget",
        min=0,
        metavar="SECONDS",
        help="How long failed requests may be repeated, over the whole run.",
    ),
]


@app.command()
def github(
    plan: SavedPlanFile = None,
    receipt: Receipt = None,
    state: StateOption = None,
    project: options.ProjectFile = None,
    target: options.Targets = None,
    label: Label = "",
    repository: Annotated[
        str | None,
        typer.Option(
            "--repository",
            metavar="OWNER/NAME",
            help="The repository that the pull request is for. Default: as the variables say.",
            show_default=False,
        ),
    ] = None,
    pull_request: Annotated[
        int | None,
        typer.Option(
            "--pull-request",
            metavar="NUMBER",
            min=1,
            help="The pull request. Default: the one of the event, the branch or the commit.",
            show_default=False,
        ),
    ] = None,
    commit: Commit = None,
    api_url: ApiUrl = None,
    author: Author = None,
    link: Link = None,
    max_bytes: Annotated[
        int, typer.Option("--max-bytes", min=1000, metavar="N", help="The longest comment.")
    ] = 65_000,
    time_budget: Patience = 120.0,
    verbose: Verbose = 0,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Say on a pull request of GitHub what the plan is, in one comment that is kept up to date.

    Example: idpool comment github plan.json
    """
    from reconciler.cli.commenting import About, Run, comment_github
    from reconciler.cli.streams import open_streams

    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    about = About(plan, receipt, state.value if state else None, project, target or (), label)
    run = Run(repository, pull_request, commit, api_url, author, link, max_bytes, time_budget)
    comment_github(about, run, streams, verbose=verbose > 0)
    return ExitCode.DONE


@app.command()
def gitlab(
    plan: SavedPlanFile = None,
    receipt: Receipt = None,
    state: StateOption = None,
    project: options.ProjectFile = None,
    target: options.Targets = None,
    label: Label = "",
    repository: Annotated[
        str | None,
        typer.Option(
            "--repository",
            metavar="ID|PATH",
            help="The project that the merge request is for. Default: as the variables say.",
            show_default=False,
        ),
    ] = None,
    merge_request: Annotated[
        int | None,
        typer.Option(
            "--merge-request",
            metavar="NUMBER",
            min=1,
            help="The merge request. Default: the one of the pipeline or the commit.",
            show_default=False,
        ),
    ] = None,
    commit: Commit = None,
    api_url: ApiUrl = None,
    author: Author = None,
    link: Link = None,
    max_bytes: Annotated[
        int, typer.Option("--max-bytes", min=1000, metavar="N", help="The longest comment.")
    ] = 999_000,
    time_budget: Patience = 120.0,
    verbose: Verbose = 0,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Say on a merge request of GitLab what the plan is, in one comment that is kept up to date.

    Example: idpool comment gitlab plan.json
    """
    from reconciler.cli.commenting import About, Run, comment_gitlab
    from reconciler.cli.streams import open_streams

    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    about = About(plan, receipt, state.value if state else None, project, target or (), label)
    run = Run(repository, merge_request, commit, api_url, author, link, max_bytes, time_budget)
    comment_gitlab(about, run, streams, verbose=verbose > 0)
    return ExitCode.DONE
