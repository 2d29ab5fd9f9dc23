"""``idpool apply``: make live what the specs say."""

import sys
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.streams import Streams, open_streams
from reconciler.model.errors import UsageProblem


def apply(
    specs: options.Specs = None,
    project: options.ProjectFile = None,
    target: options.Targets = None,
    sandbox: options.Sandbox = None,
    update_semantics: options.UpdateSemantics = options.Semantics.RESET,
    output: options.OutputFormat = options.Format.TEXT,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; for pipelines.")] = False,
    resume: options.ResumedJournal = None,
    receipt: options.ReceiptFile = None,
    journal: options.JournalFile = None,
    time_budget: options.TimeBudget = 3600,
    settle: options.Settle = 10,
    lock_life: options.LockLife = 600,
    lock_wait: options.LockWait = 0,
    parallelism: options.Parallelism = 16,
    verbose: options.Verbose = 0,
    quiet: options.Quiet = False,
    no_color: options.NoColor = False,
) -> int:
    """Show the plan, ask, and make live what the specs say.

    Example: idpool apply specs/ --sandbox --yes
    """
    from reconciler.cli.applying import apply_plan
    from reconciler.cli.resuming import pools_to_resume
    from reconciler.cli.workflow import Reach, load_inputs, make_plan, open_targets
    from reconciler.planner.resumption import only
    from reconciler.reports import findings_text, plan_text, receipt_json, receipt_text

    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    require_somebody_to_ask(yes=yes)
    inputs = load_inputs(specs, project)
    if inputs.loaded.warnings:
        streams.note(findings_text(inputs.loaded.warnings))
    resumed = pools_to_resume(resume, inputs, target or (), streams) if resume else None
    if resume and not resumed:
        return ExitCode.DONE
    as_json = output is options.Format.JSON
    reach = Reach(
        target or (),
        sandbox,
        update_semantics,
        parallelism,
        time_budget,
        settle,
        lock_life,
        lock_wait,
    )
    with open_targets(inputs, reach) as opened:
        plan = make_plan(inputs, opened, streams)
        plan = plan if resumed is None else only(plan, resumed)
        show = streams.note if as_json else streams.artefact
        show(plan_text(plan, verbose=verbose > 0))
        if plan.has_changes and not (yes or agrees(streams)):
            return ExitCode.FAILED
        written, code = apply_plan(plan, opened, streams, journal, receipt)
    if as_json:
        streams.artefact(receipt_json(written))
    elif plan.has_changes:
        streams.artefact(receipt_text(written, plan))
    return code


def require_somebody_to_ask(*, yes: bool) -> None:
    """Refuse early where a question could not be answered.  Raises ``UsageProblem``."""
    if not yes and (sys.stdin is None or not sys.stdin.isatty()):
        raise UsageProblem(
            "apply asks before it writes, and there is no terminal to ask on",
            hint="pass --yes to apply what the plan shows",
        )


def agrees(streams: Streams) -> bool:
    """Ask on the terminal; only ``yes`` is yes."""
    streams.err.print("\nApply this plan? Only 'yes' is taken as an answer: ", end="")
    if sys.stdin.readline().strip() == "yes":
        return True
    streams.problem("Nothing was applied.\n")
    return False
