"""A receipt for people: what was done, what was not, and what to do next."""

from collections.abc import Iterable, Mapping

from reconciler.model.plan import Plan, PoolPlan, TargetPlan
from reconciler.model.project import Target
from reconciler.model.receipt import ActionReceipt, Outcome, PoolReceipt, Receipt
from reconciler.model.secrets import mask_half
from reconciler.reports.escape import escape, name
from reconciler.reports.lines import (
    ADD,
    CHANGE,
    DIM,
    REFUSE,
    REMOVE,
    Sign,
    columns,
    dim,
    indented,
    joined,
    line,
)
from reconciler.reports.numbers import plural
from reconciler.reports.pool_text import headline, operation, refusal_lines
from reconciler.reports.receipt_summary import receipt_summary_lines
from reconciler.reports.styled_text import Text
from reconciler.reports.target_text import target_headline, target_refusal_lines
from reconciler.reports.unread_text import unread_lines

_OUTCOME_STYLES: Mapping[Outcome, str] = {
    "done": ADD,
    "failed": REMOVE,
    "skipped": DIM,
    "unknown": CHANGE,
}
_DONE: Mapping[str, tuple[Sign, str]] = {
    "CreatePool": ("+", "created"),
    "DeletePool": ("-", "deleted"),
}
_STALE = "live changed since the plan; nothing was written to this pool; plan again"
_STALE_LATE = "live changed while applying; see below what was written before; plan again"
_UNKNOWN = "AWS may or may not have done this"


def receipt_text(receipt: Receipt, plan: Plan) -> Text:
    """What became of every action, target by target, a summary, and what to do next.

    ``plan`` is the plan that was applied: it knows the specs' places and the refusals' reasons.
    Pools for which nothing was to do are only counted.
    """
    lines: list[Text] = []
    for target in targets_of(receipt, plan):
        blocks = _blocks(receipt, target)
        if blocks:
            lines.append(target_headline(target.target))
            for block in blocks:
                lines += [Text(), *indented(block, by=2)]
            lines.append(Text())
    return joined([*lines, *receipt_summary_lines(receipt, plan)])


def targets_of(receipt: Receipt, plan: Plan) -> list[TargetPlan]:
    """The plan's targets, and whichever the receipt names beside them: nothing is left unsaid."""
    named = dict.fromkeys(pool.target for pool in receipt.pools)
    known = {target.target.name for target in plan.targets}
    strangers = (TargetPlan(target=Target(name=n)) for n in named if n not in known)
    return [*plan.targets, *strangers]


def _blocks(receipt: Receipt, target: TargetPlan) -> list[list[Text]]:
    plans = {pool.name: pool for pool in target.pools}
    here = [pool for pool in receipt.pools if pool.target == target.target.name]
    pools = [_pool_lines(pool, plans.get(pool.name)) for pool in here if is_told(pool)]
    blocks = (target_refusal_lines(target), *pools, unread_lines(target.unread))
    return [block for block in blocks if block]


def is_told(pool: PoolReceipt) -> bool:
    """Whether there is more to say of the pool than that nothing was to do."""
    return bool(pool.actions) or pool.refused or pool.stale


def _pool_lines(pool: PoolReceipt, plan: PoolPlan | None) -> list[Text]:
    sign, word = pool_result(pool)
    head = headline(sign, word, pool.name, pool.pool_id, plan.source if plan else None)
    refusals = plan.refusals if plan and pool.refused else ()
    return [
        head,
        *indented([*refusal_lines(refusals), *stale_lines(pool), *action_lines(pool.actions)]),
    ]


def pool_result(pool: PoolReceipt) -> tuple[Sign, str]:
    """What became of the pool as a whole, in one word."""
    outcomes = {action.outcome for action in pool.actions}
    if pool.refused:
        return "!", "refused"
    if pool.stale:
        return "!", "stale"
    if outcomes == {"done"}:
        return _DONE.get(pool.actions[0].action.kind, ("~", "updated"))
    if "unknown" in outcomes:
        return "!", "unknown"
    if "done" in outcomes:
        return "!", "partly done"
    return "!", "failed" if "failed" in outcomes else "skipped"


def stale_lines(pool: PoolReceipt) -> Iterable[Text]:
    """That live has moved and what that means here, and what else is to be said of the pool."""
    if pool.stale:
        written = any(action.outcome != "skipped" for action in pool.actions)
        yield line((_STALE_LATE if written else _STALE, REFUSE))
    if pool.message:
        yield line((escape(pool.message), REFUSE if pool.stale else DIM))


def action_lines(actions: Iterable[ActionReceipt]) -> list[Text]:
    """What became of each action, in columns."""
    rows = [_cells(action) for action in actions]
    return columns(rows) if rows else []


def _cells(receipt: ActionReceipt) -> list[Text]:
    """``failed | SetIdentityPoolRoles  message [code] (sent 3 times; request 1a2b)``."""
    outcome = Text(receipt.outcome, _OUTCOME_STYLES[receipt.outcome])
    details = _details(receipt)
    return [outcome, line(_call(receipt), "  " if details else "", details)]


def _call(receipt: ActionReceipt) -> str:
    action = receipt.action
    about = f" {name(mask_half(action.provider))}" if action.kind == "SetPrincipalTags" else ""
    return operation(action) + about


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
