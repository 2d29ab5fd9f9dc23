"""``idpool adopt``: let a spec take over a pool that exists already."""

from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.streams import open_streams


def adopt(
    pairs: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME=ID", help="A spec (metadata.name) and the id of its pool; repeatable."
        ),
    ],
    diff: options.ShowDiff = False,
    spec: options.SpecPaths = None,
    project: options.ProjectFile = None,
    target: options.Targets = None,
    sandbox: options.Sandbox = None,
    update_semantics: options.UpdateSemantics = options.Semantics.RESET,
    parallelism: options.Parallelism = 16,
    time_budget: options.TimeBudget = options.TIME_BUDGET,
    verbose: options.Verbose = 0,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Write metadata.adopt into specs, so that apply takes over pools that exist already.

    Nothing is changed in AWS. Of several pairs all are written, or none.

    Example: idpool adopt storefront=eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0 --diff
    """
    from reconciler.cli.adopting import adopt_pools, pairs_of
    from reconciler.cli.inputs import load_inputs
    from reconciler.cli.workflow import Reach
    from reconciler.reports.findings_text import findings_text

    asked = pairs_of(pairs)
    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    inputs = load_inputs(spec, project, streams)
    if inputs.loaded.warnings:
        streams.note(findings_text(inputs.loaded.warnings))
    reach = Reach(target or (), sandbox, update_semantics, parallelism, time_budget)
    return adopt_pools(asked, inputs, reach, streams, is_shown=diff)
