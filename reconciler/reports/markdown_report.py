"""A plan as Markdown: the comment on a pull request, and the summary of a pipeline's step."""

from collections.abc import Iterable, Sequence

from reconciler.model.changes import Refusal
from reconciler.model.plan import Orphan, Plan, PoolPlan, TargetPlan, UnreadPlan
from reconciler.model.project import NAME_TAG, Target
from reconciler.model.source import Source
from reconciler.reports.escape import name
from reconciler.reports.ladder import Entry, Page, Section, fit
from reconciler.reports.markdown import alert, code, details, diff, prose, row
from reconciler.reports.orphan_text import ORPHAN_WAYS
from reconciler.reports.plan_summary import plan_summary
from reconciler.reports.plan_text import is_quiet
from reconciler.reports.pool_facts import fields, held_back_lines, losses, place, reason, who_acts
from reconciler.reports.pool_text import sign_and_verb

HEADER = ("", "Pool", "What")
_RANKS = {"refuse": 0, "delete": 1, "update": 3, "create": 4, "keep": 5}
_IRREVERSIBLE_RANK = 2
_MAX_FIELDS = 6
_MAX_LISTED = 20  # of what cannot be undone; the tables mark all of it


def plan_markdown(plan: Plan, *, max_bytes: int | None = None, link: str = "") -> str:
    """The plan for a pull request: a sentence, what somebody must act on, then target by target.

    ``max_bytes``: the platform's limit, kept by leaving out whole items and saying so; ``link``:
    where everything is to be read, such as the pipeline's log.
    """
    page = Page(
        summary=f"**idpool:** {plan_summary(plan).plain}",
        urgent=(*refused_blocks(plan), *_irreversible_blocks(plan)),
        sections=tuple(_section(t) for t in plan.targets if _is_told(t)),
        after=(*_orphan_blocks(plan), *_notice_blocks(plan), _footer(plan)),
        link=link,
    )
    return fit(page, max_bytes)


def refused_blocks(plan: Plan) -> Iterable[str]:
    """What nobody but a person can settle: why, the way out, and who has to take it."""
    items = [
        line
        for target in plan.targets
        for who, source, refusals in _refused(target)
        for refusal in refusals
        for line in _refusal_lines(f"{who} in {code(name(target.target.name))}", source, refusal)
    ]
    if items:
        yield "#### Refused: somebody has to act"
        yield "\n".join(items)


def target_heading(target: Target) -> str:
    """The target's name, account and region as a heading."""
    facts = [f"account {code(name(target.account))}"] if target.account else []
    facts += [f"region {code(name(target.region))}"] if target.region else []
    return f"#### Target {code(name(target.name))}" + (f": {', '.join(facts)}" if facts else "")


def _refused(target: TargetPlan) -> Iterable[tuple[str, Source | None, Sequence[Refusal]]]:
    yield "**the whole target**", None, target.refusals
    for unread in target.unread:
        yield _unread(unread), None, (unread.refusal,)
    for pool in target.pools:
        yield f"**{code(name(pool.name))}**", pool.source, pool.refusals


def _unread(pool: UnreadPlan) -> str:
    return f"**{code(name(pool.pool_name))}** {code(pool.pool_id)}"


def _refusal_lines(who: str, source: Source | None, refusal: Refusal) -> Iterable[str]:
    where = f", {code(place(source))}" if source else ""
    yield f"- {who}{where} ({code(refusal.rule)})"
    yield f"  - **Why:** {prose(reason(refusal))}"
    if refusal.way_out:
        yield f"  - **Way out:** {prose(refusal.way_out)}"
    yield f"  - **Who:** {prose(who_acts(refusal, source))}"


def _irreversible_blocks(plan: Plan) -> Iterable[str]:
    items = [
        f"- {code(name(pool.name))} in {code(name(target.target.name))}: {prose(loss)}"
        for target in plan.targets
        for pool in target.pools
        for loss in losses(pool)
    ]
    if items:
        left = len(items) - _MAX_LISTED
        more = [f"- and {left} more, marked in the tables below"] if left > 0 else []
        yield alert("CAUTION", ["**This cannot be undone:**", "", *items[:_MAX_LISTED], *more])


def _is_told(target: TargetPlan) -> bool:
    return any(not is_quiet(pool) for pool in target.pools)


def _section(target: TargetPlan) -> Section:
    entries = tuple(_entry(pool) for pool in target.pools if not is_quiet(pool))
    return Section(target_heading(target.target), HEADER, entries)


def _entry(pool: PoolPlan) -> Entry:
    sign, _ = sign_and_verb(pool)
    cells = (code(sign), code(name(pool.name)), _what(pool))
    is_loud = any(losses(pool))
    rank = min(_RANKS[pool.verb], _IRREVERSIBLE_RANK if is_loud else len(_RANKS))
    return Entry(row(*cells), _details(pool), rank)


def _what(pool: PoolPlan) -> str:
    """The verb and the fields, or why not; loud where there is no way back."""
    _, verb = sign_and_verb(pool)
    if pool.refusals:
        rules = dict.fromkeys(code(refusal.rule) for refusal in pool.refusals)
        return f"**{verb}**: {', '.join(rules)}"
    loud = ", **cannot be undone**" if any(losses(pool)) else ""
    shown = [] if pool.live is None else [code(field) for field in fields(pool)]
    more = [f"{len(shown) - _MAX_FIELDS} more"] if len(shown) > _MAX_FIELDS else []
    told = ", ".join([*shown[:_MAX_FIELDS], *more])
    return f"{verb}{loud}{f': {told}' if told else ''}"


def _details(pool: PoolPlan) -> str:
    lines = held_back_lines(pool)
    if not lines:
        return ""
    sign, verb = sign_and_verb(pool)
    summary = [(sign, True), (verb, False), (name(pool.name), True)]
    summary += [(pool.pool_id, True)] if pool.pool_id else []
    return details([*summary, (place(pool.source), True)], diff(lines))


def _orphan_blocks(plan: Plan) -> Iterable[str]:
    items = [_orphan(o, target.target) for target in plan.targets for o in target.orphans]
    if items:
        yield "#### Orphans"
        yield "\n".join(items)
        yield ".\n".join(prose(way).capitalize() for way in ORPHAN_WAYS) + "."


def _orphan(orphan: Orphan, target: Target) -> str:
    spec = f", {code(f'{NAME_TAG}={name(orphan.spec_name)}')}" if orphan.spec_name else ""
    pool = f"**{code(name(orphan.pool_name))}** {code(orphan.pool_id)}"
    return f"- {code('?')} {pool} in {code(name(target.name))}{spec}"


def _notice_blocks(plan: Plan) -> Iterable[str]:
    items = [
        f"- {code(name(pool.name))} in {code(name(target.target.name))}: "
        f"{prose(notice.message)} ({code(notice.rule)})"
        for target in plan.targets
        for pool in target.pools
        for notice in pool.notices
    ]
    if items:
        yield alert("NOTE", items)


def _footer(plan: Plan) -> str:
    return f"Owner {code(name(plan.owner))}, plan {code(plan.digest)}"
