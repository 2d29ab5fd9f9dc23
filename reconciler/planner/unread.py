"""Pools that could not be read: what is said of them, and what is not done because of them.

Names are not unique and a rename keeps the pool, so only tags say whose a pool is.  While those of
one pool are not known it may be anybody's: the pool of a spec that seems to have none, or the
second one of a spec that has one.
"""

from collections.abc import Sequence
from heapq import nsmallest

from reconciler.model.changes import Refusal
from reconciler.model.live import ReadProblem, UnreadPool
from reconciler.model.plan import UNREADABLE, PoolPlan, UnreadPlan
from reconciler.model.spec import Spec

_MOST_NAMED = 3
_AGAIN = "try again; if that does not help, look at the pool in the AWS console"


def unreadable(pool_id: str, problem: ReadProblem) -> Refusal:
    """The error of a pool, or of a part of it, that could not be read."""
    facts = [fact for fact in (problem.operation, problem.code) if fact not in problem.message]
    context = f" ({', '.join(facts)})" if facts else ""
    return Refusal(
        rule=UNREADABLE,
        reason=f"{pool_id} cannot be read: {problem.message}{context}",
        way_out=problem.hint or _AGAIN,
        is_error=True,
    )


def unread_plans(unread: Sequence[UnreadPool]) -> tuple[UnreadPlan, ...]:
    """The errors of pools that no spec is known to have."""
    return tuple(
        UnreadPlan(
            pool_id=pool.pool_id,
            pool_name=pool.pool_name,
            refusal=unreadable(pool.pool_id, pool.problem),
        )
        for pool in unread
    )


def not_created(spec: Spec, unread: Sequence[UnreadPool]) -> Refusal:
    """No pool is known to be the spec's, which says nothing yet."""
    verb = "deleting it" if spec.lifecycle.delete else "creating one"
    return _owner_unknown(spec, unread, f"may be this spec's pool: {verb} has to wait")


def not_adopted(spec: Spec, unread: Sequence[UnreadPool]) -> Refusal:
    """Adopting writes our tags, which another pool may have."""
    return _owner_unknown(spec, unread, "may be this spec's pool already: adopting has to wait")


def not_deleted(spec: Spec, unread: Sequence[UnreadPool]) -> Refusal:
    """Of two pools with our tags only a person knows which one is in use."""
    return _owner_unknown(spec, unread, "may be a second pool of this spec: deleting has to wait")


def unread_as_saved(
    now: Sequence[UnreadPlan], then: Sequence[UnreadPlan]
) -> tuple[UnreadPlan, ...]:
    """The pools in the order and words of a saved plan: AWS never says it twice alike."""
    told = {pool.pool_id: (number, pool) for number, pool in enumerate(then)}
    in_order = sorted(now, key=lambda pool: told[pool.pool_id][0] if pool.pool_id in told else -1)
    return tuple(told[p.pool_id][1] if p.pool_id in told else p for p in in_order)


def refusals_as_saved(now: PoolPlan, then: PoolPlan) -> PoolPlan:
    """A pool that cannot be read, in the words of a saved plan."""
    if now.pool_id != then.pool_id or {UNREADABLE} != {
        r.rule for r in (*now.refusals, *then.refusals)
    }:
        return now
    return now.model_copy(update={"refusals": then.refusals})


def _owner_unknown(spec: Spec, unread: Sequence[UnreadPool], why: str) -> Refusal:
    return Refusal(
        rule="owner-unknown",
        reason=f"{_named(spec, unread)} cannot be read, and {why}",
        way_out="let idpool read that pool, whose error is told with it, and plan again",
    )


def _named(spec: Spec, unread: Sequence[UnreadPool]) -> str:
    """The pools, those first that have the name of the spec's."""
    wanted = spec.pool.IdentityPoolName
    first = nsmallest(
        _MOST_NAMED, unread, key=lambda pool: (pool.pool_name != wanted, pool.pool_id)
    )
    shown = [f"{pool.pool_id} ({pool.pool_name!r})" for pool in first]
    more = len(unread) - _MOST_NAMED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
