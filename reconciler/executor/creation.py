"""Creating a pool exactly once.

CreateIdentityPool has no idempotency token, so the ownership tags in the call itself are the token:
before every send there is a look for them, and so an answer that was lost is found again, and a
pool that another run has made or adopted (``executor/newcomers.py``).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.executor.freshness import (
    Stale,
    moved_fields,
    new_pool,
    required,
    same,
    settings_only,
    verify_stored,
)
from reconciler.executor.newcomers import Newcomers
from reconciler.executor.writes import Trace, settings_request
from reconciler.live.aws import Connection
from reconciler.live.calls import Repeating
from reconciler.live.policy import Operation
from reconciler.model.changes import OPERATIONS, CreatePool
from reconciler.model.live import LivePool
from reconciler.model.plan import PoolPlan
from reconciler.model.pool import Pool
from reconciler.model.project import NAME_TAG, OWNER_TAG, OwnerTags

_FIRST_WAIT_SECONDS = 0.25
_CREATE = OPERATIONS["CreatePool"]


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a pool is after an action: its id, and what it must look like by now.

    ``pool`` is ``None`` before it is created and after it is deleted; ``message`` is what was
    remarkable about the way there; ``made_here`` says that this run has created the pool.
    """

    pool_id: str
    pool: Pool | None
    message: str = ""
    made_here: bool = False


def create_pool(
    connection: Connection, plan: PoolPlan, action: CreatePool, trace: Trace, newcomers: Newcomers
) -> Reached:
    """Create the pool, or find the one that an unheard answer or another run has made.

    Raises ``Stale`` when another pool has taken the name, or when another run has made or adopted
    the spec's pool differently; ``AwsProblem`` when the look fails; botocore's failures when the
    policy or the budget ends it.
    """
    desired = required(plan.desired)

    def find_then_send() -> Reached:
        found = None
        if trace.lost_an_answer:
            found = _find_patiently(connection, desired, action, newcomers)
        if found is None:
            connection.cognito.wait_for_slot(_CREATE)
            found = _ours(newcomers.now(), desired, action)
        if found is not None:
            newcomers.made(found.pool_id)
            return _found(found, plan, desired, trace)
        answer = trace.send_now(connection.cognito, _CREATE, **settings_request(desired))
        pool_id = answer["IdentityPoolId"]
        newcomers.made(pool_id)
        verify_stored(connection, pool_id, answer, desired, plan.ignored)
        return Reached(pool_id, new_pool(desired), made_here=True)

    return Repeating(Operation.CREATE, connection.cognito.budget)(find_then_send)


def _find_patiently(
    connection: Connection, desired: Pool, action: CreatePool, newcomers: Newcomers
) -> LivePool | None:
    """Look for a pool whose creation was not answered, until it had the time to appear."""
    budget = connection.cognito.budget
    waited, step = 0.0, _FIRST_WAIT_SECONDS
    while waited < connection.settle_seconds and not budget.interrupted:
        found = _ours(newcomers.afresh(), desired, action)
        if found is not None:
            return found
        budget.sleep(step)
        waited, step = waited + step, step * 2
    return None


def _ours(pools: Iterable[LivePool], desired: Pool, action: CreatePool) -> LivePool | None:
    """The pool with our tags among the newcomers, if there is one.

    Raises ``Stale`` when another pool has taken the name since the plan.
    """
    pools = list(pools)
    ours = ours_among(pools, desired, action)
    if ours:
        return ours[0]
    name = desired.IdentityPoolName
    others = [pool.pool_id for pool in pools if pool.pool.IdentityPoolName == name]
    if others and not action.allow_same_name:
        raise Stale(f"a pool named {name!r} that is not this spec's has appeared: {others[0]}")
    return None


def ours_among(pools: Iterable[LivePool], desired: Pool, action: CreatePool) -> list[LivePool]:
    """Those with the ownership tags of ``desired`` or with tags of before, lowest id first."""
    tags = desired.IdentityPoolTags
    wanted = (OwnerTags(tags[OWNER_TAG], tags[NAME_TAG]), *action.former)
    return sorted((pool for pool in pools if pool.tags in wanted), key=lambda pool: pool.pool_id)


def _found(found: LivePool, plan: PoolPlan, desired: Pool, trace: Trace) -> Reached:
    wanted = settings_only(desired)
    if not same(found.pool, wanted, plan.ignored):
        moved = moved_fields(found.pool, wanted, plan.ignored)
        raise Stale(f"another run has made or adopted {found.pool_id}, with other values: {moved}")
    is_ours = trace.may_have_written
    whose = "its answer was lost" if is_ours else "another run had made it"
    return Reached(found.pool_id, new_pool(desired), f"found by its tags: {whose}", is_ours)
