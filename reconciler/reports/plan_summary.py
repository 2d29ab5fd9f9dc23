"""The one sentence at the end of a plan."""

from collections import Counter

from reconciler.model.plan import Plan
from reconciler.reports.lines import STRONG, line
from reconciler.reports.numbers import plural
from reconciler.reports.styled_text import Text

_COUNTED = (
    ("create", "to create"),
    ("update", "to update"),
    ("delete", "to delete"),
    ("refuse", "refused"),
)


def plan_summary(plan: Plan) -> Text:
    """``Plan: 2 to create, 1 to update, 1 refused, 14 unchanged.``, or that nothing is to do."""
    if plan.has_changes or any(plan.refusals):
        return line((f"Plan: {_counts(plan)}.", STRONG), _extras(plan))
    return line(("No changes.", STRONG), f" {all_as_specified(plan)}", _extras(plan))


def all_as_specified(plan: Plan) -> str:
    """``5 pools are as the specs say.``"""
    count = len(list(plan.pools))
    where = f" in {len(plan.targets)} targets" if len(plan.targets) > 1 else ""
    match count:
        case 0:
            return "There are no specs to apply."
        case 1:
            return f"1 pool{where} is as its spec says."
        case _:
            return f"{count} pools{where} are as the specs say."


def _counts(plan: Plan) -> str:
    counts: Counter[str] = Counter(pool.verb for pool in plan.pools)
    shown = [f"{counts[verb]} {words}" for verb, words in _COUNTED if counts[verb]]
    targets = sum(bool(target.refusals) for target in plan.targets)
    unread = sum(len(target.unread) for target in plan.targets)
    shown += [f"{plural(targets, 'target')} refused"] if targets else []
    shown += [f"{plural(unread, 'pool')} unreadable"] if unread else []
    shown += [f"{counts['keep']} unchanged"] if counts["keep"] else []
    return ", ".join(shown)


def _extras(plan: Plan) -> str:
    """What should not be overlooked: what is irreversible, and what belongs to nobody."""
    forever = sum(c.irreversible for p in plan.pools if p.actions for c in p.changes)
    orphans = sum(len(target.orphans) for target in plan.targets)
    shown = [f"{plural(forever, 'change')} cannot be undone"] if forever else []
    shown += [plural(orphans, "orphan")] if orphans else []
    return f" {', '.join(shown)}." if shown else ""
