"""``idpool apply``: make live what the specs say."""

from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.streams import open_streams


def apply(
    specs: options.SpecsOrPlan = None,
    project: options.ProjectFile = None,
    target: options.Targets = None,
    sandbox: options.Sandbox = None,
    formats: options.Formats = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; for pipelines.")] = False,
    resume: options.ResumedJournal = None,
    receipt: options.ReceiptFile = None,
    journal: options.JournalFile = None,
    time_budget: options.TimeBudget = options.TIME_BUDGET,
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
    from reconciler.cli.applying import Records
    from reconciler.cli.named_plan import saved_plan_in
    from reconciler.cli.outputs import outputs_of
    from reconciler.cli.reporting import report_receipt
    from reconciler.cli.workflow import Reach
    from reconciler.reports.format_names import OF_RECEIPTS

    outputs = outputs_of(formats, OF_RECEIPTS, beside=[journal, receipt])
    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    show = streams.artefact if outputs.is_text else streams.note
    reach = Reach(
        target or (),
        sandbox,
        parallelism,
        time_budget,
        settle,
        lock_life,
        lock_wait,
    )
    records = Records(journal, receipt)
    saved = saved_plan_in(specs, alone=not (target or resume))
    if saved is not None:
        from reconciler.cli.applying_saved import apply_saved

        applied = apply_saved(saved, project, reach, streams, show, records)
    else:
        from reconciler.cli.applying_specs import Wish, apply_specs

        wish = Wish(specs, project, resume, yes, verbose > 0)
        applied = apply_specs(wish, reach, streams, show, records)
    report_receipt(applied, outputs, streams)
    return applied.code
