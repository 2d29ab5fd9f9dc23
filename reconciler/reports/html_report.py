"""A plan or a receipt as one HTML file that a reviewer can open, keep and print."""

from collections.abc import Iterable

from reconciler.model.changes import Refusal
from reconciler.model.plan import Orphan, Plan, PoolPlan, TargetPlan
from reconciler.model.project import NAME_TAG, Target
from reconciler.model.receipt import PoolReceipt, Receipt
from reconciler.model.source import Source
from reconciler.reports.escape import name
from reconciler.reports.html_page import (
    alert,
    bullets,
    code,
    element,
    lines,
    page,
    sign,
    text,
    unfolding,
)
from reconciler.reports.numbers import plural
from reconciler.reports.orphan_text import ORPHAN_WAYS
from reconciler.reports.plan_summary import plan_summary
from reconciler.reports.plan_text import is_quiet
from reconciler.reports.pool_facts import (
    body_lines,
    losses,
    place,
    reason,
    receipt_lines,
    who_acts,
)
from reconciler.reports.pool_text import sign_and_verb
from reconciler.reports.receipt_summary import receipt_summary_lines
from reconciler.reports.receipt_text import is_told, pool_result, targets_of

_MAX_OPEN = 20  # more than a reader takes in at a glance


def plan_html(plan: Plan) -> str:
    """The plan: what needs a person first, then target by target, every pool unfolding."""
    summary = plan_summary(plan).plain
    is_open = sum(not is_quiet(pool) for pool in plan.pools) <= _MAX_OPEN
    targets = [_target(target, is_open=is_open) for target in plan.targets]
    parts = [*_urgent(plan), *targets, _footer(plan.owner, plan.digest)]
    return page("idpool plan", [element("h1", text(summary)), *parts])


def receipt_html(receipt: Receipt, plan: Plan) -> str:
    """What an apply did; ``plan`` is the one that was applied."""
    summary, *steps = (line.plain for line in receipt_summary_lines(receipt, plan))
    targets = [_receipt_target(receipt, target) for target in targets_of(receipt, plan)]
    parts = [_refused(plan), bullets(map(text, steps)), *targets]
    footer = _footer(plan.owner, receipt.plan_digest)
    return page("idpool apply", [element("h1", text(summary)), *parts, footer])


def _urgent(plan: Plan) -> Iterable[str]:
    yield _refused(plan)
    items = (
        f"{code(name(pool.name))} in {code(name(target.target.name))}: {text(loss)}"
        for target in plan.targets
        for pool in target.pools
        for loss in losses(pool)
    )
    yield alert("This cannot be undone", bullets(items), "alert forever")


def _refused(plan: Plan) -> str:
    items = (item for target in plan.targets for item in _refusals(target))
    return alert("Refused: somebody has to act", bullets(items))


def _refusals(target: TargetPlan) -> Iterable[str]:
    where = code(name(target.target.name))
    for refusal in target.refusals:
        yield f"<b>The whole target</b> {where}{_refusal(refusal, None)}"
    for unread in target.unread:
        who = f"<b>{code(name(unread.pool_name))}</b> {code(unread.pool_id)} in {where}"
        yield who + _refusal(unread.refusal, None)
    for pool in target.pools:
        for refusal in pool.refusals:
            who = f"<b>{code(name(pool.name))}</b> in {where}, {code(place(pool.source))}"
            yield who + _refusal(refusal, pool.source)


def _refusal(refusal: Refusal, source: Source | None) -> str:
    facts = (
        ("Why", f"{reason(refusal)} [{refusal.rule}]"),
        ("Way out", refusal.way_out),
        ("Who", who_acts(refusal, source)),
    )
    return element("dl", "".join(f"<dt>{k}</dt><dd>{text(v)}</dd>" for k, v in facts if v))


def _target(target: TargetPlan, *, is_open: bool) -> str:
    loud = [_pool(pool, is_open=is_open) for pool in target.pools if not is_quiet(pool)]
    quiet = len(target.pools) - len(loud)
    rest = [element("p", text(f"{plural(quiet, 'pool')} unchanged"), "soft")] if quiet else []
    return "\n".join([_heading(target.target), *loud, *rest, *_orphans(target.orphans)])


def _heading(target: Target) -> str:
    facts = (("account", target.account), ("region", target.region))
    shown = " ".join(text(f"{what} {name(fact)}") for what, fact in facts if fact)
    return element("h2", f"{text(name(target.name))} {element('small', shown)}")


def _pool(pool: PoolPlan, *, is_open: bool) -> str:
    mark, verb = sign_and_verb(pool)
    summary = _summary(mark, verb, pool.name, pool.pool_id, place(pool.source))
    told = body_lines(pool)
    return unfolding(summary, lines(told) if told else "", is_open=is_open)


def _summary(mark: str, verb: str, pool: str, pool_id: str | None, where: str = "") -> str:
    soft = element("span", " ".join(code(fact) for fact in (pool_id, where) if fact), "soft")
    return f"{sign(mark)} {text(verb)} <b>{code(name(pool))}</b> {soft}"


def _orphans(orphans: tuple[Orphan, ...]) -> Iterable[str]:
    if orphans:
        yield bullets(map(_orphan, orphans))
        yield element("p", "<br>".join(map(text, ORPHAN_WAYS)), "soft")


def _orphan(orphan: Orphan) -> str:
    spec = f" {code(f'{NAME_TAG}={name(orphan.spec_name)}')}" if orphan.spec_name else ""
    return f"{sign('?')} orphan <b>{code(name(orphan.pool_name))}</b> {code(orphan.pool_id)}{spec}"


def _receipt_target(receipt: Receipt, target: TargetPlan) -> str:
    here = [p for p in receipt.pools if p.target == target.target.name and is_told(p)]
    pools = [_receipt_pool(pool, is_open=len(here) <= _MAX_OPEN) for pool in here]
    return "\n".join([_heading(target.target), *pools]) if pools else ""


def _receipt_pool(pool: PoolReceipt, *, is_open: bool) -> str:
    mark, word = pool_result(pool)
    told = receipt_lines(pool)
    summary = _summary(mark, word, pool.name, pool.pool_id)
    return unfolding(summary, lines(told) if told else "", is_open=is_open or mark == "!")


def _footer(owner: str, digest: str) -> str:
    return element("footer", f"Owner {code(name(owner))}, plan {code(digest)}")
