"""A plan for people: what a reviewer reads before saying yes."""

from reconciler.model.plan import Plan, PoolPlan, TargetPlan
from reconciler.reports.escape import escape, name
from reconciler.reports.lines import dim, indented, joined
from reconciler.reports.numbers import plural
from reconciler.reports.orphan_text import orphan_lines
from reconciler.reports.plan_summary import plan_summary
from reconciler.reports.pool_text import extra_lines, notice_lines, pool_headline, pool_lines
from reconciler.reports.styled_text import Text
from reconciler.reports.target_text import target_headline, target_refusal_lines
from reconciler.reports.unread_text import unread_lines

_BODY = 2


def plan_text(plan: Plan, *, verbose: bool = False) -> Text:
    """The plan, target by target, and one sentence at the end.

    ``verbose`` also lists the pools without changes, and the digests.
    """
    lines: list[Text] = []
    for target in plan.targets:
        blocks = _verbose_blocks(target) if verbose else _blocks(target)
        if blocks or plan.has_changes or any(plan.refusals):
            lines += [*_target_lines(target, blocks), Text()]
    if verbose:
        lines += [dim(f"owner {name(plan.owner)}"), dim(f"plan {plan.digest}"), Text()]
    return joined([*lines, plan_summary(plan)])


def _target_lines(target: TargetPlan, blocks: list[list[Text]]) -> list[Text]:
    lines = [target_headline(target.target)]
    for block in blocks or [[dim(_quiet_target(target))]]:
        lines += [Text(), *indented(block, by=_BODY)]
    return lines


def _quiet_target(target: TargetPlan) -> str:
    count = len(target.pools)
    return f"no changes in {plural(count, 'pool')}" if count else "no spec goes here"


def _blocks(target: TargetPlan) -> list[list[Text]]:
    """One block for each thing that a reviewer has to look at."""
    pools = [_pool_block(pool) for pool in target.pools if not is_quiet(pool)]
    whole = target_refusal_lines(target)
    blocks = (whole, *pools, unread_lines(target.unread), orphan_lines(target.orphans))
    return [block for block in blocks if block]


def _verbose_blocks(target: TargetPlan) -> list[list[Text]]:
    role = [dim(f"role {escape(target.target.role_arn)}")] if target.target.role_arn else []
    loud = [[*_pool_block(p), *extra_lines(p)] for p in target.pools if not is_quiet(p)]
    quiet = [text for p in target.pools if is_quiet(p) for text in _quiet_lines(p)]
    rest = (unread_lines(target.unread), orphan_lines(target.orphans))
    blocks = (role, target_refusal_lines(target), *loud, quiet, *rest)
    return [block for block in blocks if block]


def is_quiet(pool: PoolPlan) -> bool:
    """Whether there is nothing about the pool that a reviewer has to look at."""
    return pool.verb == "keep" and not pool.notices


def _quiet_lines(pool: PoolPlan) -> list[Text]:
    return [pool_headline(pool), *extra_lines(pool)]


def _pool_block(pool: PoolPlan) -> list[Text]:
    if pool.verb == "keep":
        return [pool_headline(pool), *indented(notice_lines(pool.notices))]
    return pool_lines(pool)
