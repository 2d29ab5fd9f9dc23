"""Telling what was planned and what was done, in every format that was asked for."""

from reconciler.cli.applying import Applied
from reconciler.cli.outputs import Outputs
from reconciler.cli.streams import Streams
from reconciler.model.plan import Plan
from reconciler.reports import plan_text, receipt_text
from reconciler.reports.formats import PLAN_FORMATS, RECEIPT_FORMATS
from reconciler.reports.markdown_receipt import receipt_markdown
from reconciler.reports.markdown_report import plan_markdown


def report_plan(plan: Plan, outputs: Outputs, streams: Streams, *, verbose: bool) -> None:
    """Tell what an apply would do.  Raises ``UnwritableFile``."""
    if outputs.is_text:
        streams.artefact(plan_text(plan, verbose=verbose))
    outputs.write_summary(streams, lambda room: plan_markdown(plan, max_bytes=room))
    outputs.write(streams, lambda name: PLAN_FORMATS[name](plan))


def report_receipt(applied: Applied, outputs: Outputs, streams: Streams) -> None:
    """Tell what was done, if anything was to be.  Raises ``UnwritableFile``."""
    if applied.done is None:
        return
    receipt, plan = applied.done
    if outputs.is_text and plan.has_changes:
        streams.artefact(receipt_text(receipt, plan))
    outputs.write_summary(streams, lambda room: receipt_markdown(receipt, plan, max_bytes=room))
    outputs.write(streams, lambda name: RECEIPT_FORMATS[name](receipt, plan))
