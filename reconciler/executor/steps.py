"""Carrying out one action: fresh read, compare, write; again only as the policy says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from reconciler.executor.creation import Reached, create_pool
from reconciler.executor.freshness import (
    NotStored,
    PoolGone,
    Stale,
    fresh_part,
    fresh_pool,
    is_between,
    moved_fields,
    pool_after,
    required,
    same,
    settings_only,
    stored_pool,
    verify_stored,
)
from reconciler.executor.newcomers import Newcomers
from reconciler.executor.writes import Trace, write_request
from reconciler.live.aws import Connection
from reconciler.live.calls import Repeating
from reconciler.live.policy import NOT_AUTHORIZED, NOT_FOUND, Operation, codes, error_code
from reconciler.live.reader import count_identities, describe
from reconciler.model.changes import OPERATIONS, Action, DeletePool, DeleteTwin, UpdatePool
from reconciler.model.ignored import in_live_terms
from reconciler.model.plan import PoolPlan
from reconciler.model.pool import TAGS_FIELD, Pool
from reconciler.model.project import AWS_TAG_PREFIX
from reconciler.planner.actions import tag_actions


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
        return create_pool(connection, plan, action, trace, newcomers)
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
