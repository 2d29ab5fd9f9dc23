"""``idpool plan``: show what apply would do."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode, exit_code_of_plan
from reconciler.cli.streams import open_streams
from reconciler.model.errors import InvalidSpecs

if TYPE_CHECKING:
    from reconciler.cli.saving import Saving
    from reconciler.model.project import Project


def plan(
    specs: options.Specs = None,
    project: options.ProjectFile = None,
    target: options.Targets = None,
    sandbox: options.Sandbox = None,
    formats: options.Formats = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Save the plan here, for show and apply.",
            show_default=False,
        ),
    ] = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 2 when there is something to do.")
    ] = False,
    parallelism: options.Parallelism = 16,
    time_budget: options.TimeBudget = options.TIME_BUDGET,
    verbose: options.Verbose = 0,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Show what apply would do, and change nothing.

    Example: idpool plan specs/ --sandbox --format markdown=plan.md
    """
    from reconciler.cli.inputs import inputs_of
    from reconciler.cli.outputs import outputs_of
    from reconciler.cli.reporting import report_plan, write_findings_in_place_of_a_plan
    from reconciler.cli.spec_paths import project_of
    from reconciler.cli.workflow import Reach, make_plan, open_targets
    from reconciler.reports.findings_text import findings_text
    from reconciler.reports.format_names import OF_PLANS

    outputs = outputs_of(formats, OF_PLANS, beside=[out])
    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    try:
        here = project_of(specs, project, streams)
        saving = _saving(out, specs, here) if out else None
        inputs = inputs_of(specs, here)
    except InvalidSpecs as invalid:
        write_findings_in_place_of_a_plan(invalid.findings, outputs, streams)
        raise
    if inputs.loaded.warnings:
        streams.note(findings_text(inputs.loaded.warnings))
    reach = Reach(target or (), sandbox, parallelism, time_budget)
    with open_targets(inputs, reach, streams) as opened:
        made = make_plan(inputs, opened, streams).plan
    if saving is not None:
        saving.save(made, inputs)
        streams.note(f"Saved: idpool apply {saving.path} applies this plan and no other.\n")
    report_plan(made, outputs, streams, verbose=verbose > 0)
    return exit_code_of_plan(made, detailed=detailed_exitcode)


def _saving(out: Path, specs: list[Path] | None, project: "Project") -> "Saving":
    # With it come the models of all records, which a plan that is only shown does not need.
    from reconciler.cli.saving import prepare_saving

    return prepare_saving(out, specs, project)
