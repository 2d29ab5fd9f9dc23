"""Which pools of a report are drawn, and how: those of which somebody gets another role."""

from reconciler.checks.graph import PoolGraph
from reconciler.checks.graph_changes import graph_of_plan
from reconciler.reports.sections import Entry, Report

_MOST_DRAWN = 20  # more pools than a reader takes in at a glance


def is_drawn(report: Report) -> bool:
    """Whether the report is short: of hundreds of pools nobody looks at pictures."""
    return len(report.folded) <= _MOST_DRAWN


def picture(entry: Entry) -> PoolGraph | None:
    """Who gets which role, and what changes of that; None where it changes for nobody.

    Where an entry holds in several targets, it is that of the first: others have roles of other
    accounts.
    """
    if entry.plan is None or entry.plan.verb == "keep":
        return None
    where = f"as in {entry.places[0].target.name}" if len(entry.places) > 1 else ""
    refused = "(refused)" if entry.refusals else ""
    graph = graph_of_plan(entry.plan, f"{where} {refused}".strip())
    return graph if graph.has_changes else None
