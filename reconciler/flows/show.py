"""``idpool show``: print a saved plan."""

from collections.abc import Sequence
from pathlib import Path

from reconciler.flows.reporting import write_report
from reconciler.reports.format_names import OF_PLANS
from reconciler.reports.plan_report import plan_report
from reconciler.reports.record_text import saved_plan_text
from reconciler.specs.records import load_saved_plan
from reconciler.terminal.outputs import outputs_of
from reconciler.terminal.streams import Streams


def show(file: Path, formats: Sequence[str], streams: Streams) -> None:
    """Print it as plan did, with where it comes from.  Raises ``UnusableRecord``."""
    outputs = outputs_of(formats, OF_PLANS, beside=[file])
    saved = load_saved_plan(file)
    if outputs.is_text:
        streams.artefact(saved_plan_text(saved, verbose=streams.verbose))
    write_report(plan_report(saved.whole, verbose=streams.verbose), outputs, streams)
