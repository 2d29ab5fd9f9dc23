"""``idpool adopt``: let a spec take over a pool that exists already."""

from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.streams import open_streams


def adopt(
    pairs: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME=ID",
            help="A spec (metadata.name) and the id of its pool; repeatable. With --keep: NAME.",
        ),
    ],
    keep: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Of several pools with the tags of spec NAME keep this one: the others lose them.",
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="With --keep: do not ask; for pipelines.")
    ] = False,
    diff: options.ShowDiff = False,
    spec: options.SpecPaths = None,
    project: options.ProjectFile = None,
    target: options.Targets = None,
    sandbox: options.Sandbox = None,
    parallelism: options.Parallelism = 16,
    time_budget: options.TimeBudget = options.TIME_BUDGET,
    verbose: options.Verbose = 0,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> int:
    """Write metadata.adopt into specs, so that apply takes over pools that exist already.

    Nothing is changed in AWS, but with --keep: that takes tags away, and asks before. Of several
    pairs all are written, or none.

    Example: idpool adopt storefront=eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0 --diff

    Example: idpool adopt storefront --keep eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
    """
    from reconciler.cli.adopting import adopt_pools, kept_of, pairs_of
    from reconciler.cli.inputs import load_inputs
    from reconciler.cli.workflow import Reach
    from reconciler.reports.findings_text import findings_text

    asked = () if keep is not None else pairs_of(pairs)
    keeping = kept_of(pairs, keep, yes=yes, diff=diff)
    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    inputs = load_inputs(spec, project, streams)
    if inputs.loaded.warnings:
        streams.note(findings_text(inputs.loaded.warnings))
    reach = Reach(target or (), sandbox, parallelism, time_budget)
    if keeping is None:
        return adopt_pools(asked, inputs, reach, streams, is_shown=diff)
    from reconciler.cli.keeping import keep_pool
    from reconciler.cli.outputs import Outputs
    from reconciler.cli.reporting import report_receipt
    from reconciler.reports.format_names import Format
    from reconciler.reports.plan_text import plan_text

    applied = keep_pool(
        keeping, inputs, reach, streams, lambda plan: streams.artefact(plan_text(plan)), yes=yes
    )
    report_receipt(applied, Outputs(Format.TEXT), streams)
    return applied.code
