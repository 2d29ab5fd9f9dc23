"""Creating a pool exactly once.

CreateIdentityPool has no idempotency token, so the ownership tags in the call itself are the token:
before every send there is a look for them, and so an answer that was lost is found again.  The look
before a first send is shared (``executor/looks.py``), that before a repetition is not.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.executor.freshness import Stale, moved_fields, same, settings_only
from reconciler.executor.looks import SharedLook
from reconciler.executor.verification import verify_stored
from reconciler.executor.writes import Trace, send_create
from reconciler.live.calls import retrying
from reconciler.live.connections import Connection
from reconciler.live.policy import Operation
from reconciler.live.reader import describe
from reconciler.model.live import LivePool
from reconciler.model.plan import PoolPlan
from reconciler.model.pool import Pool
from reconciler.model.project import NAME_TAG, OWNER_TAG

_FIRST_WAIT_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Created:
    """The pool that is there now: whether this run made it, and what was remarkable."""

    pool_id: str
    made_here: bool = False
    message: str = ""


def create_pool(
    connection: Connection, plan: PoolPlan, desired: Pool, trace: Trace, look: SharedLook
) -> Created:
    """Create the pool, or find the one that an unheard answer or another run has made.

    Raises ``Stale`` when a stranger's pool has taken the name, or when another run has made the
    pool differently; botocore's failures when the policy or the budget ends it.
    """

    def look_then_send() -> Created:
        found = _look(connection, desired, trace, look)
        if found is not None:
            return _found(found, plan, desired, trace)
        answer = send_create(connection, desired, trace)
        pool_id = answer["IdentityPoolId"]
        verify_stored(connection, pool_id, answer, desired, plan.ignored)
        return Created(pool_id=pool_id, made_here=True)

    return retrying(Operation.CREATE, connection.cognito.budget)(look_then_send)


def _look(connection: Connection, desired: Pool, trace: Trace, look: SharedLook) -> LivePool | None:
    """What there is before a send; after one, all that there is by then."""
    if not trace.attempts:
        return find_ours(connection, desired, look(desired.IdentityPoolName))
    found = _look_patiently(connection, desired) if trace.lost_an_answer else None
    return found or find_ours(connection, desired, _ids_now(connection, desired))


def find_ours(connection: Connection, desired: Pool, ids: Iterable[str]) -> LivePool | None:
    """The pool with our tags among those of its name (``ids``), if there is one.

    Raises ``Stale`` when a stranger's pool has taken the name since the plan.
    """
    described = (describe(connection, pool_id) for pool_id in ids)
    pools = [pool for pool in described if pool is not None]
    ours = ours_among(pools, desired)
    strangers = [pool.pool_id for pool in pools if pool.owner is None]
    if strangers and not ours:
        name = desired.IdentityPoolName
        raise Stale(f"a pool named {name!r} that is not ours has appeared: {strangers[0]}")
    return ours[0] if ours else None


def _ids_now(connection: Connection, desired: Pool) -> list[str]:
    """Every pool of the same name; only these need to be described."""
    name = desired.IdentityPoolName
    return [pool.pool_id for pool in connection.listing() if pool.name == name]


def ours_among(pools: Iterable[LivePool], desired: Pool) -> list[LivePool]:
    """Those with both ownership tags of ``desired``, lowest id first."""
    wanted = (desired.IdentityPoolTags[OWNER_TAG], desired.IdentityPoolTags[NAME_TAG])
    ours = [pool for pool in pools if (pool.owner, pool.spec_name) == wanted]
    return sorted(ours, key=_pool_id)


def _pool_id(pool: LivePool) -> str:
    return pool.pool_id


def _look_patiently(connection: Connection, desired: Pool) -> LivePool | None:
    """Look for a pool whose creation was not answered, until it had the time to appear."""
    budget = connection.cognito.budget
    waited, step = 0.0, _FIRST_WAIT_SECONDS
    while waited < connection.settle_seconds and not budget.interrupted:
        found = find_ours(connection, desired, _ids_now(connection, desired))
        if found is not None:
            return found
        budget.sleep(step)
        waited, step = waited + step, step * 2
    return None


def _found(found: LivePool, plan: PoolPlan, desired: Pool, trace: Trace) -> Created:
    wanted = settings_only(desired)
    if not same(found.pool, wanted, plan.ignored):
        moved = moved_fields(found.pool, wanted, plan.ignored)
        raise Stale(f"another run has made {found.pool_id} with other values: {moved}")
    if trace.attempts:
        message = "found by its tags: its answer was lost"
        return Created(found.pool_id, made_here=True, message=message)
    return Created(found.pool_id, message="found by its tags: another run had made it")
