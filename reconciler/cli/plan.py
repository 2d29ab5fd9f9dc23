"""``idpool plan``: show what apply would do."""

from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode, exit_code_of_plan
from reconciler.cli.streams import open_streams


def plan(
    specs: options.Specs = None,
    project: options.ProjectFile = None,
    target: options.Targets = None,
    sandbox: options.Sandbox = None,
    update_semantics: options.UpdateSemantics = options.Semantics.RESET,
    output: options.OutputFormat = options.Format.TEXT,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 2 when there is something to do.")
    ] = False,
    parallelism: options.Parallelism = 16,
    verbose: options.Verbose = 0,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Show what apply would do, and change nothing.

    Example: idpool plan specs/ --sandbox
    """
    from reconciler.cli.workflow import Reach, load_inputs, make_plan, open_targets
    from reconciler.reports import findings_text, plan_json, plan_text

    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    inputs = load_inputs(specs, project)
    if inputs.loaded.warnings:
        streams.note(findings_text(inputs.loaded.warnings))
    reach = Reach(target or (), sandbox, update_semantics, parallelism)
    with open_targets(inputs, reach) as opened:
        made = make_plan(inputs, opened, streams)
    as_json = output is options.Format.JSON
    streams.artefact(plan_json(made) if as_json else plan_text(made, verbose=verbose > 0))
    return exit_code_of_plan(made, detailed=detailed_exitcode)
