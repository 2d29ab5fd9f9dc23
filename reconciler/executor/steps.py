"""Carrying out one action: fresh read, compare, write; again only as the policy says.

CreateIdentityPool has no idempotency token, so the ownership tags in the call itself are the token:
before every send there is a look for them, and so an answer that was lost is found again, and a
pool that another run has made or adopted (``executor/newcomers.py``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from reconciler.executor.freshness import (
    NotStored,
    PoolGone,
    Stale,
    fresh_part,
    fresh_pool,
    is_between,
    moved_fields,
    new_pool,
    pool_after,
    required,
    same,
    settings_only,
    stored_pool,
    verify_stored,
)
from reconciler.executor.newcomers import Newcomers
from reconciler.executor.writes import Trace, settings_request, write_request
from reconciler.live.aws import Connection
from reconciler.live.calls import Repeating
from reconciler.live.failures import NOT_AUTHORIZED, NOT_FOUND, Operation, codes, error_code
from reconciler.live.reader import count_identities, describe
from reconciler.model.changes import (
    OPERATIONS,
    Action,
    CreatePool,
    DeletePool,
    DeleteTwin,
    UpdatePool,
)
from reconciler.model.live import LivePool
from reconciler.model.plan import PoolPlan
from reconciler.model.pool import Pool, in_live_terms
from reconciler.model.pool_fields import TAGS_FIELD
from reconciler.model.project import AWS_TAG_PREFIX, NAME_TAG, OWNER_TAG, OwnerTags
from reconciler.planner.actions import tag_actions

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
        return _create_pool(connection, plan, action, trace, newcomers)
    step = _Step(connection, plan, reached, trace)
    repeated = Repeating(Operation.WRITE, connection.cognito.budget)
    match action.kind:
        case "DeleteTwin":
            return repeated(step.delete_twin, action)
        case "DeletePool":
            return repeated(step.delete, action)
        case _:
            return repeated(step.write, action)


@dataclass(frozen=True, slots=True)
class _Step:
    """From one action to the next: where the pool is, and what was sent for the action so far."""

    connection: Connection
    plan: PoolPlan
    reached: Reached
    trace: Trace

    def write(self, action: Action) -> Reached:
        """Read, compare, send."""
        expected, ignored = required(self.reached.pool), self.plan.ignored
        after = pool_after(action, expected, required(self.plan.desired))
        fresh = self._fresh(action, expected)
        if same(fresh, after, ignored):
            how = "its answer was lost" if self.trace.attempts else "it was so already"
            return replace(self.reached, pool=after, message=how)
        is_as_seen = same(fresh, expected, ignored)
        if not is_as_seen and not (
            self.trace.attempts and is_between(fresh, expected, after, ignored)
        ):
            raise self._changed(fresh, expected)
        kept = in_live_terms(after, fresh, ignored)
        if action.kind == "UpdatePool":
            self._update(action, fresh, settings_only(kept))
        else:
            self._send(action, kept)
        return replace(self.reached, pool=after, message="")

    def delete(self, action: DeletePool) -> Reached:
        """Delete the pool, as it was planned and with no more identities than that."""
        pool_id = self.reached.pool_id
        live = describe(self.connection, pool_id)
        if live is None:
            return Reached(pool_id, None, "it was gone already")
        expected = required(self.reached.pool)
        if not same(live.pool, expected, self.plan.ignored):
            raise self._changed(live.pool, expected)
        if not action.with_identities:
            self._require_empty(pool_id)
        self._send_delete(pool_id)
        return Reached(pool_id, None)

    def delete_twin(self, action: DeleteTwin) -> Reached:
        """Delete another pool than the plan's own, which stays where it is."""
        twin = describe(self.connection, action.pool_id)
        if twin is None:
            return replace(self.reached, message="it was gone already")
        if twin.tags != action.tags:
            raise Stale(f"{action.pool_id} does not carry the tags of this spec any more")
        self._require_empty(action.pool_id)
        self._send_delete(action.pool_id)
        return replace(self.reached, message=f"{action.pool_id} was empty")

    def _fresh(self, action: Action, expected: Pool) -> Pool:
        """All that the plan saw before a pool's first write; then the part that will change."""
        pool_id, plan = self.reached.pool_id, self.plan
        first = next(each for each in plan.actions if each.kind != "DeleteTwin")
        if action is first and not self.trace.attempts:
            return fresh_pool(self.connection, pool_id, expected, plan.desired)
        return fresh_part(self.connection, pool_id, action, expected)

    def _changed(self, fresh: Pool, expected: Pool) -> Stale:
        moved = moved_fields(fresh, expected, self.plan.ignored)
        return Stale(f"{self.reached.pool_id} was changed since the plan: {moved}")

    def _require_empty(self, pool_id: str) -> None:
        if count_identities(self.connection, pool_id):
            raise Stale(f"{pool_id} holds identities by now")

    def _update(self, action: UpdatePool, fresh: Pool, wanted: Pool) -> None:
        """Send the update, and its tags by themselves where they have not come along.

        Raises ``NotStored`` where AWS keeps something else or has lost a tag of its own.
        """
        pool_id, ignored = self.reached.pool_id, self.plan.ignored
        sent, answer = self._sent(action, fresh, wanted)
        stored = stored_pool(self.connection, pool_id, answer, wanted, ignored)
        as_sent = sent if sent is not wanted else _with_tags(wanted, stored)
        if not same(stored, as_sent, ignored):
            raise NotStored(pool_id, stored, moved_fields(stored, as_sent, ignored))
        if not _reserved(fresh).items() <= _reserved(stored).items():
            raise NotStored(pool_id, stored, TAGS_FIELD)
        tags = in_live_terms(wanted, stored, ignored).IdentityPoolTags
        missing = tag_actions(stored.IdentityPoolTags, tags)
        for each in missing:
            self._send(each, wanted)
        if missing:
            verify_stored(self.connection, pool_id, {}, wanted, ignored)

    def _sent(
        self, action: UpdatePool, fresh: Pool, wanted: Pool
    ) -> tuple[Pool, Mapping[str, Any]]:
        """What AWS has taken, and its answer: all, or all but the tags, which it then must keep."""
        try:
            return wanted, self._send(action, wanted)
        except ClientError as refusal:
            # AWS does not like the request, or does not allow it.
            is_refused = error_code(refusal) in codes("invalid") | {NOT_AUTHORIZED}
            if not is_refused or not _reserved(fresh):
                raise
            return _with_tags(wanted, fresh), self._send(action, wanted, with_tags=False)

    def _send(self, action: Action, pool: Pool, *, with_tags: bool = True) -> Mapping[str, Any]:
        """Write the action's part of ``pool``; an update without its tags leaves them to AWS.

        AWS has nothing to say of a pool without principal tags, so a read of these cannot tell
        whether there is a pool: ``PoolGone`` where the write does.
        """
        pool_id = self.reached.pool_id
        request = write_request(self.connection, pool_id, action, pool)
        if not with_tags:
            request.pop(TAGS_FIELD, None)
        try:
            return self.trace.send(self.connection.cognito, OPERATIONS[action.kind], **request)
        except ClientError as failure:
            if error_code(failure) == NOT_FOUND and describe(self.connection, pool_id) is None:
                raise PoolGone(pool_id) from failure
            raise

    def _send_delete(self, pool_id: str) -> None:
        try:
            self.trace.send(self.connection.cognito, "DeleteIdentityPool", IdentityPoolId=pool_id)
        except ClientError as failure:
            if error_code(failure) != NOT_FOUND:
                raise


def _with_tags(pool: Pool, of: Pool) -> Pool:
    return pool.model_copy(update={TAGS_FIELD: of.IdentityPoolTags})


def _reserved(pool: Pool) -> Mapping[str, str]:
    return {k: v for k, v in pool.IdentityPoolTags.items() if k.startswith(AWS_TAG_PREFIX)}


def _create_pool(
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
