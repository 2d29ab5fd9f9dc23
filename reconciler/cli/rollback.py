"""``idpool rollback``: take back what an apply did."""

from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.exit_codes import ExitCode, exit_code_of_plan
from reconciler.cli.streams import open_streams


def rollback(
    receipt: Annotated[
        Path, typer.Argument(metavar="RECEIPT", help="What apply --receipt has written.")
    ],
    project: options.ProjectFile = None,
    target: options.Targets = None,
    sandbox: options.Sandbox = None,
    update_semantics: options.UpdateSemantics = options.Semantics.RESET,
    output: options.OutputFormat = options.Format.TEXT,
    apply: Annotated[
        bool, typer.Option("--apply", help="Do it, after asking. Otherwise it is only shown.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; for pipelines.")] = False,
    new_receipt: options.ReceiptFile = None,
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
    """Show what takes an apply back, pool by pool, and say what cannot be undone.

    Example: idpool rollback receipt.json --sandbox
    """
    from reconciler.cli.apply import agrees, require_somebody_to_ask
    from reconciler.cli.applying import apply_plan
    from reconciler.cli.rolling_back import open_rollback, plan_rollback, read_record
    from reconciler.cli.workflow import Reach
    from reconciler.reports import plan_json, receipt_json, receipt_text, rollback_text

    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    if apply:
        require_somebody_to_ask(yes=yes)
    record = read_record(receipt, project, target or ())
    reach = Reach(
        record.targets,
        sandbox,
        update_semantics,
        parallelism,
        time_budget,
        settle,
        lock_life,
        lock_wait,
    )
    as_json = output is options.Format.JSON
    with open_rollback(record, reach) as opened:
        plan = plan_rollback(record, opened, streams)
        show = streams.note if as_json and apply else streams.artefact
        as_text = rollback_text(plan, verbose=verbose > 0)
        show(plan_json(plan) if as_json and not apply else as_text)
        if not apply:
            return exit_code_of_plan(plan, detailed=False)
        if plan.has_changes and not (yes or agrees(streams)):
            return ExitCode.FAILED
        written, code = apply_plan(plan, opened, streams, journal, new_receipt)
    if as_json:
        streams.artefact(receipt_json(written))
    elif plan.has_changes:
        streams.artefact(receipt_text(written, plan))
    return code
