"""A receipt as a report: what was done, what was not, and what to do next."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from reconciler.model.changes import OPERATIONS
from reconciler.model.plan import Plan, PoolPlan, TargetPlan
from reconciler.model.project import Target
from reconciler.model.receipt import ActionReceipt, Outcome, PoolReceipt, Receipt
from reconciler.reports.access_lines import applied_accesses
from reconciler.reports.escape import escape, name
from reconciler.reports.lines import Sign, Style, Text, columns, counted, dim, line, plural, strong
from reconciler.reports.plan_report import (
    all_as_specified,
    call_in_words,
    stopped_counts,
    stopped_entries,
)
from reconciler.reports.sections import Entry, Failure, Report, ReportPlace

_OUTCOME_STYLES: Mapping[Outcome, str] = {
    "done": Style.ADD,
    "failed": Style.REMOVE,
    "skipped": Style.DIM,
    "unknown": Style.CHANGE,
}
_DONE: Mapping[str, tuple[Sign, str]] = {
    "CreatePool": ("+", "created"),
    "DeletePool": ("-", "deleted"),
}
_FAILED = frozenset({"failed", "unknown", "partly done", "stale", "refused"})
_STALE = "live changed since the plan; nothing was written to this pool; plan again"
_STALE_LATE = "live changed while applying; see below what was written before; plan again"
_UNKNOWN = "AWS may or may not have done this"


def receipt_report(receipt: Receipt, plan: Plan) -> Report:
    """What became of every action, and what to do next.

    ``plan`` is the plan that was applied: it knows the specs' places and the refusals' reasons.
    Pools for which nothing was to do are only counted.
    """
    plans = _targets_of(receipt, plan)
    targets = tuple(each.target for each in plans)
    entries, steps = tuple(_entries(receipt, plans)), tuple(_next_steps(receipt, plan))
    summary = _summary(receipt, plan)
    return Report("apply", receipt, plan.owner, summary, targets, entries, steps)


def _summary(receipt: Receipt, plan: Plan) -> Text:
    """``Applied: 3 done, 1 failed, 2 skipped.``"""
    actions = [f"{receipt.count(o)} {o}" for o in _OUTCOME_STYLES if receipt.count(o)]
    pools = _pool_counts(receipt, plan)
    if not actions and not pools:
        return line(strong("Nothing to apply."), f" {all_as_specified(plan)}")
    head = f"Applied: {', '.join(actions)}." if actions else "Nothing was applied."
    return line(strong(head), f" {', '.join(pools)}." if pools else "")


def _pool_counts(receipt: Receipt, plan: Plan) -> list[str]:
    """Pools for which there is more to say than the counts of their actions do."""
    refused = sum(pool.refused for pool in receipt.pools)
    stale = sum(pool.stale for pool in receipt.pools)
    pools = counted((refused, "pool", "refused"), (stale, "pool", "stale"))
    return pools + stopped_counts(plan.targets)


def _next_steps(receipt: Receipt, plan: Plan) -> Iterator[str]:
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


def _targets_of(receipt: Receipt, plan: Plan) -> list[TargetPlan]:
    """The plan's targets, and whichever the receipt names beside them: nothing is left unsaid."""
    named = dict.fromkeys(pool.target for pool in receipt.pools)
    known = {target.target.name for target in plan.targets}
    strangers = (TargetPlan(target=Target(name=n)) for n in named if n not in known)
    return [*plan.targets, *strangers]


def _entries(receipt: Receipt, targets: Iterable[TargetPlan]) -> Iterator[Entry]:
    pools: dict[str, list[PoolReceipt]] = defaultdict(list)
    for pool in receipt.pools:
        pools[pool.target].append(pool)
    for each in targets:
        plans = {pool.name: pool for pool in each.pools}
        yield from stopped_entries(each.target, each.refusals, each.unread)
        for pool in pools[each.target.name]:
            yield _pool_entry(pool, plans.get(pool.name), each.target)


def _pool_entry(pool: PoolReceipt, plan: PoolPlan | None, target: Target) -> Entry:
    sign, verb = _result(pool)
    stale, failures = tuple(_stale_lines(pool)), tuple(_failures(pool))
    told = (*(text.plain for text in stale), *map(_failure_in_words, failures))
    return Entry(
        kind="pool",
        sign=sign,
        verb=verb,
        name=pool.name,
        places=(ReportPlace(target, pool.pool_id),),
        source=plan.source if plan else None,
        refusals=plan.refusals if plan and pool.refused else (),
        access=applied_accesses(plan.access if plan else (), [a.outcome for a in pool.actions]),
        lines=(*stale, *columns([_cells(action) for action in pool.actions])),
        problems=(told or (verb,)) if verb in _FAILED else (),
        failures=failures,
        is_quiet=sign == "=",
    )


def _result(pool: PoolReceipt) -> tuple[Sign, str]:
    """What became of the pool as a whole, in one word."""
    outcomes = {action.outcome for action in pool.actions}
    if pool.refused or pool.stale:
        return "!", "refused" if pool.refused else "stale"
    if not outcomes:
        return "=", "unchanged"
    if outcomes == {"done"}:
        return _DONE.get(pool.actions[0].action.kind, ("~", "updated"))
    if "unknown" in outcomes:
        return "!", "unknown"
    if "done" in outcomes:
        return "!", "partly done"
    return "!", "failed" if "failed" in outcomes else "skipped"


def _stale_lines(pool: PoolReceipt) -> Iterator[Text]:
    """That live has moved and what that means here, and what else is to be said of the pool."""
    if pool.stale:
        written = any(action.outcome != "skipped" for action in pool.actions)
        yield line((_STALE_LATE if written else _STALE, Style.REFUSE))
    if pool.message:
        yield line((escape(pool.message), Style.REFUSE if pool.stale else Style.DIM))


def _failures(pool: PoolReceipt) -> Iterator[Failure]:
    for each in pool.actions:
        if each.outcome in ("failed", "unknown"):
            yield Failure(each.outcome, OPERATIONS[each.action.kind], each.code, each.message)


def _failure_in_words(failure: Failure) -> str:
    told = failure.message or failure.code or f"{failure.call} is {failure.outcome}"
    return escape(told)


def _cells(receipt: ActionReceipt) -> list[Text]:
    """``failed | SetIdentityPoolRoles  message [code] (sent 3 times; request 1a2b)``."""
    outcome = Text(receipt.outcome, _OUTCOME_STYLES[receipt.outcome])
    details = _details(receipt)
    return [outcome, line(call_in_words(receipt.action), "  " if details else "", details)]


def _details(receipt: ActionReceipt) -> Text:
    message = receipt.message or (_UNKNOWN if receipt.outcome == "unknown" else "")
    code = f"[{escape(receipt.code)}]" if receipt.code else ""
    parts = (Text(escape(message)), Text(code), dim(_sendings(receipt)))
    return Text(" ").join(part for part in parts if part)


def _sendings(receipt: ActionReceipt) -> str:
    """How often the write was sent, and what AWS support would ask for, where that matters."""
    facts = [f"sent {plural(receipt.attempts, 'time')}"] if receipt.attempts > 1 else []
    if receipt.request_ids and receipt.outcome in ("failed", "unknown"):
        facts.append("request " + ", ".join(map(name, receipt.request_ids)))
    return f"({'; '.join(facts)})" if facts else ""
