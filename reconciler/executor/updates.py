"""UpdateIdentityPool, and the tags that should come along with it.

It takes tags (API reference), and nothing is known of an update that did not store them, or that
was refused because of tags of AWS's own (``aws:``).  Both are met here all the same: the tags then
follow by calls of their own, as part of the same action.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

from reconciler.executor.freshness import moved_fields, same, settings_only
from reconciler.executor.verification import NotStored, stored_pool, verify_stored
from reconciler.live.connections import Connection
from reconciler.live.policy import error_code
from reconciler.model.actions import Action, UpdatePool
from reconciler.model.ignored import Ignored, in_live_terms
from reconciler.model.pool import TAGS_FIELD, Pool
from reconciler.model.project import AWS_TAG_PREFIX
from reconciler.planner.actions import tag_actions

# How a request is refused that AWS does not like, or does not allow.
_REFUSALS: Final = frozenset(
    {"InvalidParameterException", "ValidationException", "NotAuthorizedException"}
)


class Send(Protocol):
    """Send one action with a pool's values, and give AWS's answer.

    Raises as ``send_write`` does, and ``Gone``.
    """

    def __call__(
        self, action: Action, pool: Pool, *, with_tags: bool = True
    ) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Update:
    """One update: what was read a moment ago, and what the pool is to be like."""

    action: UpdatePool
    fresh: Pool
    wanted: Pool
    ignored: Ignored


def update_pool(connection: Connection, pool_id: str, update: Update, send: Send) -> None:
    """Send the update, and its tags by themselves where they have not come along.

    Raises what ``send`` raises, ``NotStored`` where AWS keeps something else or has lost a tag of
    its own, ``Stale`` when the pool is gone.
    """
    wanted, ignored = settings_only(update.wanted), update.ignored
    sent, answer = _sent(update, wanted, send)
    stored = stored_pool(connection, pool_id, answer, wanted, ignored)
    as_sent = sent if sent is not wanted else _with_tags(wanted, stored)
    if not same(stored, as_sent, ignored):
        raise NotStored(pool_id, stored, moved_fields(stored, as_sent, ignored))
    if not _reserved(update.fresh).items() <= _reserved(stored).items():
        raise NotStored(pool_id, stored, TAGS_FIELD)
    tags = in_live_terms(wanted, stored, ignored).IdentityPoolTags
    missing = tag_actions(stored.IdentityPoolTags, tags)
    for action in missing:
        send(action, wanted)
    if missing:
        verify_stored(connection, pool_id, {}, wanted, ignored)


def _sent(update: Update, wanted: Pool, send: Send) -> tuple[Pool, Mapping[str, Any]]:
    """What AWS has taken, and its answer: all, or all but the tags, which it then must keep."""
    try:
        return wanted, send(update.action, wanted)
    except ClientError as refusal:
        if error_code(refusal) not in _REFUSALS or not _reserved(update.fresh):
            raise
        answer = send(update.action, wanted, with_tags=False)
        return _with_tags(wanted, update.fresh), answer


def _with_tags(pool: Pool, of: Pool) -> Pool:
    return pool.model_copy(update={TAGS_FIELD: of.IdentityPoolTags})


def _reserved(pool: Pool) -> Mapping[str, str]:
    return {k: v for k, v in pool.IdentityPoolTags.items() if k.startswith(AWS_TAG_PREFIX)}
