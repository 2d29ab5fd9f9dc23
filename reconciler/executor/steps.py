"""Carrying out one action: fresh read, compare, write; again only as the policy says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from reconciler.executor.creation import create_pool
from reconciler.executor.freshness import (
    PoolGone,
    Stale,
    fresh_part,
    fresh_pool,
    is_between,
    moved_fields,
    required,
    same,
)
from reconciler.executor.newcomers import Newcomers
from reconciler.executor.verification import new_pool, pool_after
from reconciler.executor.writes import Trace, Update, send_write, update_pool
from reconciler.live.aws import Connection
from reconciler.live.calls import retrying
from reconciler.live.policy import NOT_FOUND, Operation, error_code
from reconciler.live.reader import count_identities, describe
from reconciler.model.changes import Action, CreatePool, DeletePool, DeleteTwin
from reconciler.model.ignored import in_live_terms
from reconciler.model.plan import PoolPlan
from reconciler.model.pool import Pool


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


def carry_out(
    connection: Connection,
    plan: PoolPlan,
    action: Action,
    reached: Reached,
    trace: Trace,
    newcomers: Newcomers,
) -> Reached:
    """Bring the pool one action further.

    Each send is preceded by a fresh read, whether it is the first or a repetition.  Raises
    ``Stale`` when live is neither as the plan saw it nor as the action leaves it, ``NotStored``
    when AWS keeps something else than was sent, ``AwsProblem`` when a read fails for good,
    ``Interrupted`` when the run is to end before anything was sent, and botocore's failures when
    the write fails.
    """
    if action.kind == "CreatePool":
        return _create(connection, plan, action, trace, newcomers)
    if action.kind == "DeleteTwin":
        step = partial(_delete_twin, connection, action, reached, trace)
    elif action.kind == "DeletePool":
        step = partial(_delete, connection, plan, action, reached, trace)
    else:
        step = partial(_write, connection, plan, action, reached, trace)
    return retrying(Operation.WRITE, connection.cognito.budget)(step)


def _create(
    connection: Connection,
    plan: PoolPlan,
    action: CreatePool,
    trace: Trace,
    newcomers: Newcomers,
) -> Reached:
    created = create_pool(connection, plan, action, trace, newcomers)
    pool = new_pool(required(plan.desired))
    return Reached(created.pool_id, pool, created.message, created.made_here)


def _write(
    connection: Connection, plan: PoolPlan, action: Action, reached: Reached, trace: Trace
) -> Reached:
    expected = required(reached.pool)
    after = pool_after(action, expected, required(plan.desired))
    fresh = _fresh(connection, plan, action, reached, trace)
    if same(fresh, after, plan.ignored):
        how = "its answer was lost" if trace.attempts else "it was so already"
        return Reached(reached.pool_id, after, how, reached.made_here)
    if not (
        same(fresh, expected, plan.ignored)
        or (trace.attempts and is_between(fresh, expected, after, plan.ignored))
    ):
        raise Stale(
            f"{reached.pool_id} was changed since the plan: "
            + moved_fields(fresh, expected, plan.ignored)
        )
    kept = in_live_terms(after, fresh, plan.ignored)
    send = partial(_send, connection, reached.pool_id, trace=trace)
    if action.kind == "UpdatePool":
        update_pool(connection, reached.pool_id, Update(action, fresh, kept, plan.ignored), send)
    else:
        send(action, kept)
    return Reached(reached.pool_id, after, made_here=reached.made_here)


def _send(
    connection: Connection,
    pool_id: str,
    action: Action,
    pool: Pool,
    *,
    trace: Trace,
    with_tags: bool = True,
) -> Mapping[str, Any]:
    """Write.  AWS has nothing to say of a pool without principal tags, so a read of these cannot
    tell whether there is a pool: ``Gone`` where the write does.
    """
    try:
        return send_write(connection, pool_id, action, pool, trace, with_tags=with_tags)
    except ClientError as failure:
        if error_code(failure) == NOT_FOUND and describe(connection, pool_id) is None:
            raise PoolGone(pool_id) from failure
        raise


def _fresh(
    connection: Connection, plan: PoolPlan, action: Action, reached: Reached, trace: Trace
) -> Pool:
    """All that the plan saw before a pool's first write; then the part that is about to change."""
    expected = required(reached.pool)
    first = next(each for each in plan.actions if each.kind != "DeleteTwin")
    if action is first and not trace.attempts:
        return fresh_pool(connection, reached.pool_id, expected, plan.desired)
    return fresh_part(connection, reached.pool_id, action, expected)


def _delete(
    connection: Connection, plan: PoolPlan, action: DeletePool, reached: Reached, trace: Trace
) -> Reached:
    live = describe(connection, reached.pool_id)
    if live is None:
        return Reached(reached.pool_id, None, "it was gone already")
    expected = required(reached.pool)
    if not same(live.pool, expected, plan.ignored):
        moved = moved_fields(live.pool, expected, plan.ignored)
        raise Stale(f"{reached.pool_id} was changed since the plan: {moved}")
    if not action.with_identities and count_identities(connection, reached.pool_id):
        raise Stale(f"{reached.pool_id} holds identities by now")
    _send_delete(connection, reached.pool_id, action, live.pool, trace)
    return Reached(reached.pool_id, None)


def _delete_twin(
    connection: Connection, action: DeleteTwin, reached: Reached, trace: Trace
) -> Reached:
    """Delete another pool than the plan's own, which stays where it is."""
    twin = describe(connection, action.pool_id)
    if twin is None:
        return replace(reached, message="it was gone already")
    if twin.tags != action.tags:
        raise Stale(f"{action.pool_id} does not carry the tags of this spec any more")
    if count_identities(connection, action.pool_id):
        raise Stale(f"{action.pool_id} holds identities by now")
    _send_delete(connection, action.pool_id, action, twin.pool, trace)
    return replace(reached, message=f"{action.pool_id} was empty")


def _send_delete(
    connection: Connection, pool_id: str, action: DeletePool | DeleteTwin, pool: Pool, trace: Trace
) -> None:
    try:
        send_write(connection, pool_id, action, pool, trace)
    except ClientError as failure:
        if error_code(failure) != NOT_FOUND:
            raise
