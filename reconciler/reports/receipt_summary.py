"""The end of a receipt: the counts in one sentence, and what to do next."""

from collections.abc import Iterable

from reconciler.model.plan import Plan
from reconciler.model.receipt import Outcome, Receipt
from reconciler.reports.lines import STRONG, line
from reconciler.reports.numbers import plural
from reconciler.reports.plan_summary import all_as_specified
from reconciler.reports.styled_text import Text

_OUTCOMES: tuple[Outcome, ...] = ("done", "failed", "skipped", "unknown")


def receipt_summary_lines(receipt: Receipt, plan: Plan) -> list[Text]:
    """``Applied: 3 done, 1 failed, 2 skipped.``, and a line for each thing that is left to do."""
    return [_counts(receipt, plan), *map(line, _next_steps(receipt, plan))]


def _counts(receipt: Receipt, plan: Plan) -> Text:
    actions = [f"{receipt.count(o)} {o}" for o in _OUTCOMES if receipt.count(o)]
    pools = _pool_counts(receipt, plan)
    if not actions and not pools:
        return line(("Nothing to apply.", STRONG), f" {all_as_specified(plan)}")
    head = f"Applied: {', '.join(actions)}." if actions else "Nothing was applied."
    return line((head, STRONG), f" {', '.join(pools)}." if pools else "")


def _pool_counts(receipt: Receipt, plan: Plan) -> list[str]:
    """Pools for which there is more to say than the counts of their actions do."""
    refused = sum(pool.refused for pool in receipt.pools)
    stale = sum(pool.stale for pool in receipt.pools)
    targets = sum(bool(target.refusals) for target in plan.targets)
    unread = sum(len(target.unread) for target in plan.targets)
    return [
        f"{plural(count, noun)} {word}"
        for count, noun, word in (
            (refused, "pool", "refused"),
            (stale, "pool", "stale"),
            (targets, "target", "refused"),
            (unread, "pool", "unreadable"),
        )
        if count
    ]


def _next_steps(receipt: Receipt, plan: Plan) -> Iterable[str]:
    failed, unknown = receipt.count("failed"), receipt.count("unknown")
    stale = any(pool.stale for pool in receipt.pools)
    if failed:
        yield "Next: mend what failed, then plan and apply again; what is done is not done twice."
    if unknown:
        yield "Next: plan again, it shows what AWS did; no pool is created twice."
    if stale:
        yield "Next: plan again, see what has changed in the stale pools, then apply."
    if any(pool.refused for pool in receipt.pools) or any(plan.refusals):
        yield "Next: for what is refused, take the way out named above."
    if receipt.count("skipped") and not (failed or unknown or stale):
        yield "Next: plan and apply again; what was skipped was not sent."
