"""``idpool drift``: how live has moved away from the specs."""

from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.streams import open_streams


def drift(
    specs: options.Specs = None,
    project: options.ProjectFile = None,
    target: options.Targets = None,
    sandbox: options.Sandbox = None,
    output: options.OutputFormat = options.Format.TEXT,
    who: Annotated[
        bool, typer.Option("--who", help="Ask CloudTrail who made the last writes.")
    ] = False,
    notify: Annotated[
        list[str] | None,
        typer.Option(
            "--notify",
            metavar="KIND=ADDRESS",
            envvar="IDPOOL_NOTIFY",
            show_envvar=True,
            help="Tell slack=URL, webhook=URL or sns=TOPIC-ARN; repeatable.",
            show_default=False,
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state",
            metavar="FILE",
            help="Remember here what was told, to tell it once. Without it every run tells.",
            show_default=False,
        ),
    ] = None,
    metrics: Annotated[
        Path | None,
        typer.Option(
            "--metrics",
            metavar="FILE",
            help="Write metrics here, for Prometheus's textfile collector.",
            show_default=False,
        ),
    ] = None,
    parallelism: options.Parallelism = 16,
    time_budget: options.TimeBudget = options.TIME_BUDGET,
    verbose: options.Verbose = 0,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> int:
    """Show how AWS has moved away from the specs, and change nothing. Exit 2 when it has.

    Example: idpool drift --who --state .idpool/drift.json --metrics drift.prom
    """
    from reconciler.cli.drifting import Watch, find_drift, receivers_of, tell, write_metrics
    from reconciler.cli.exit_codes import exit_code_of_drift
    from reconciler.cli.workflow import Reach
    from reconciler.loader import load_drift_state
    from reconciler.reports.drift_text import drift_text
    from reconciler.reports.json_reports import drift_json

    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    watch = Watch()
    receivers = receivers_of(notify or (), in_sandbox=sandbox is not None)
    known = load_drift_state(state) if state else None
    reach = Reach(target or (), sandbox, parallelism, time_budget)
    found = find_drift(specs, project, reach, watch, streams, who=who)
    as_json = output is options.Format.JSON
    streams.artefact(drift_json(found) if as_json else drift_text(found))
    all_told = tell(found, receivers, known, state, streams)
    if metrics is not None:
        write_metrics(metrics, found, watch)
    return exit_code_of_drift(found, all_told=all_told)
