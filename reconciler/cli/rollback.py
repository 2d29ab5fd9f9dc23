"""``idpool rollback``: take back what an apply did."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reconciler.cli import options
from reconciler.cli.streams import open_streams

if TYPE_CHECKING:
    from reconciler.model.plan import Plan


def rollback(
    receipt: Annotated[
        Path, typer.Argument(metavar="RECEIPT", help="What apply --receipt has written.")
    ],
    project: options.ProjectFile = None,
    target: options.Targets = None,
    sandbox: options.Sandbox = None,
    output: options.OutputFormat = options.Format.TEXT,
    apply: Annotated[
        bool, typer.Option("--apply", help="Do it, after asking. Otherwise it is only shown.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; for pipelines.")] = False,
    new_receipt: options.ReceiptFile = None,
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
    """Show what takes an apply back, pool by pool, and say what cannot be undone.

    Example: idpool rollback receipt.json --sandbox
    """
    from reconciler.cli.applying import Records
    from reconciler.cli.asking import require_somebody_to_ask
    from reconciler.cli.outputs import Outputs
    from reconciler.cli.reporting import report_receipt
    from reconciler.cli.rolling_back import apply_rollback, read_record, show_rollback
    from reconciler.cli.workflow import Reach
    from reconciler.reports.format_names import Format
    from reconciler.reports.rollback_text import rollback_text

    streams = open_streams(quiet=quiet, no_color=no_color, verbose=verbose)
    if apply:
        require_somebody_to_ask(yes=yes)
    record = read_record(receipt, project, target or (), streams)
    reach = Reach(
        record.targets,
        sandbox,
        parallelism,
        time_budget,
        settle,
        lock_life,
        lock_wait,
    )
    outputs = Outputs(Format(output))
    if not apply:
        return show_rollback(record, reach, outputs, streams, verbose=verbose > 0)
    tell = streams.artefact if outputs.is_text else streams.note

    def show(plan: "Plan") -> None:
        tell(rollback_text(plan, verbose=verbose > 0))

    records = Records(journal, new_receipt, again=f"idpool rollback {receipt} --apply")
    applied = apply_rollback(record, reach, streams, show, records, yes=yes)
    report_receipt(applied, outputs, streams)
    return applied.code
