"""``idpool apply``: make live what the specs say."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode
from reconciler.cli.streams import Streams, open_streams
from reconciler.model.errors import UsageProblem

if TYPE_CHECKING:
    from reconciler.cli.outputs import Outputs
    from reconciler.model.plan import Plan
    from reconciler.model.receipt import Receipt


def apply(
    specs: options.SpecsOrPlan = None,
    project: options.ProjectFile = None,
    target: options.Targets = None,
    sandbox: options.Sandbox = None,
    update_semantics: options.UpdateSemantics = options.Semantics.RESET,
    formats: options.Formats = None,
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
    """Show the plan, ask, and make live what the specs say; or apply a saved plan, unasked.

    Example: idpool apply specs/ --sandbox --yes

    Example: idpool apply plan.json
    """
    from reconciler.cli.applying import apply_plan
    from reconciler.cli.applying_saved import apply_saved, saved_plan_in
    from reconciler.cli.outputs import outputs_of
    from reconciler.cli.resuming import pools_to_resume
    from reconciler.cli.workflow import Reach, load_inputs, make_plan, open_targets
    from reconciler.planner.resumption import only
    from reconciler.reports import findings_text, plan_text
    from reconciler.reports.formats import RECEIPT_FORMATS

    outputs = outputs_of(formats, RECEIPT_FORMATS)
    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    show = streams.artefact if outputs.is_text else streams.note
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
    saved = saved_plan_in(specs, alone=not (target or resume))
    if saved is not None:
        applied = apply_saved(saved, project, reach, streams, show, journal, receipt)
        if applied.done is not None:
            _report(outputs, streams, *applied.done)
        return applied.code
    require_somebody_to_ask(yes=yes)
    inputs = load_inputs(specs, project)
    if inputs.loaded.warnings:
        streams.note(findings_text(inputs.loaded.warnings))
    resumed = pools_to_resume(resume, inputs, target or (), streams) if resume else None
    if resume and not resumed:
        return ExitCode.DONE
    with open_targets(inputs, reach) as opened:
        plan = make_plan(inputs, opened, streams)
        plan = plan if resumed is None else only(plan, resumed)
        show(plan_text(plan, verbose=verbose > 0))
        if plan.has_changes and not (yes or agrees(streams)):
            return ExitCode.FAILED
        written, code = apply_plan(plan, opened, streams, journal, receipt)
    _report(outputs, streams, written, plan)
    return code


def _report(outputs: "Outputs", streams: Streams, written: "Receipt", plan: "Plan") -> None:
    """Tell what was done, in every format that was asked for."""
    from reconciler.reports import receipt_text
    from reconciler.reports.formats import RECEIPT_FORMATS
    from reconciler.reports.markdown_receipt import receipt_markdown

    if outputs.is_text and plan.has_changes:
        streams.artefact(receipt_text(written, plan))
    outputs.write_summary(streams, lambda room: receipt_markdown(written, plan, max_bytes=room))
    outputs.write(streams, lambda name: RECEIPT_FORMATS[name](written, plan))


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
