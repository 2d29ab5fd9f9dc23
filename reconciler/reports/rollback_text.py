"""A plan that takes a run back, for people."""

from reconciler.model.plan import Plan
from reconciler.reports.lines import STRONG, joined, line
from reconciler.reports.plan_text import plan_text
from reconciler.reports.pool_text import notice_lines
from reconciler.reports.styled_text import Text


def rollback_text(plan: Plan, *, verbose: bool = False) -> Text:
    """As any plan, but that nothing is to do means something else: no spec was asked."""
    if plan.has_changes or any(plan.refusals):
        return plan_text(plan, verbose=verbose)
    notes = notice_lines(dict.fromkeys(n for pool in plan.pools for n in pool.notices))
    why = (
        "Live is as it was before the run." if any(plan.pools) else "The run changed nothing here."
    )
    nothing = line(("Nothing to take back.", STRONG), f" {why}")
    return joined([*notes, nothing])
