"""``idpool show``: print a saved plan."""

from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.streams import open_streams


def show(
    saved_plan: Annotated[
        Path, typer.Argument(metavar="PLAN", help="What plan --out has written.")
    ],
    formats: options.Formats = None,
    verbose: options.Verbose = 0,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> ExitCode:
    """Print a saved plan as plan did, with when it was made, and from which commit; without AWS.

    Example: idpool show plan.json
    """
    from reconciler.cli.consuming import Marker
    from reconciler.cli.outputs import outputs_of
    from reconciler.cli.reporting import write_plan
    from reconciler.loader import load_saved_plan
    from reconciler.reports.format_names import OF_PLANS
    from reconciler.reports.saved_plan_text import saved_plan_text
    from reconciler.reports.staleness_text import applied_text

    outputs = outputs_of(formats, OF_PLANS, beside=[saved_plan])
    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    saved = load_saved_plan(saved_plan)
    if outputs.is_text:
        streams.artefact(saved_plan_text(saved, verbose=verbose > 0))
    write_plan(saved.whole, outputs, streams)
    consumption = Marker(saved_plan, saved.digest).found()
    if consumption is not None:
        streams.note(applied_text(consumption))
    return ExitCode.DONE
