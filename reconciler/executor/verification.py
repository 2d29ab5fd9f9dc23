"""Whether AWS stored what was sent: what a pool must look like after an action."""

from collections.abc import Mapping
from typing import Any

from reconciler.executor.freshness import fresh_settings, moved_fields, same, settings_only
from reconciler.live.aws import Connection
from reconciler.model.changes import Action
from reconciler.model.pool import Pool, canonical_pool
from reconciler.model.pool_fields import PRINCIPAL_TAGS_FIELD, ROLES_FIELDS, TAGS_FIELD
from reconciler.model.pool_values import NO_PRINCIPAL_TAGS
from reconciler.model.project import Ignored


def pool_after(action: Action, before: Pool, desired: Pool) -> Pool:
    """``before`` with the part of ``desired`` that the action writes."""
    return before.model_copy(update=_written(action, before, desired))


def new_pool(desired: Pool) -> Pool:
    """A pool right after its creation: all settings, but no roles and no principal tags yet."""
    return desired.model_copy(
        update={
            **({field: {} for field in ROLES_FIELDS} if desired.manages_roles else {}),
            **({PRINCIPAL_TAGS_FIELD: {}} if desired.manages_principal_tags else {}),
        }
    )


def _written(action: Action, before: Pool, desired: Pool) -> dict[str, Any]:
    match action.kind:
        case "UpdatePool":
            return {field: getattr(desired, field) for field in action.fields}
        case "TagPool":
            return {TAGS_FIELD: dict(sorted({**before.IdentityPoolTags, **action.tags}.items()))}
        case "UntagPool":
            tags = before.IdentityPoolTags
            return {TAGS_FIELD: {k: v for k, v in tags.items() if k not in action.keys}}
        case "SetRoles":
            return {field: getattr(desired, field) for field in ROLES_FIELDS}
        case "SetPrincipalTags":
            return {PRINCIPAL_TAGS_FIELD: _principal_tags(action.provider, before, desired)}
        case _:
            return {}


def _principal_tags(provider: str, before: Pool, desired: Pool) -> dict[str, Any]:
    maps = dict(before.PrincipalTagAttributeMaps or {})
    maps[provider] = (desired.PrincipalTagAttributeMaps or {}).get(provider, NO_PRINCIPAL_TAGS)
    return {name: tags for name, tags in sorted(maps.items()) if tags != NO_PRINCIPAL_TAGS}


class NotStored(Exception):
    """The call was accepted, and the pool has other values than were sent.

    ``fresh`` is the pool as it is now.
    """

    def __init__(self, pool_id: str, fresh: Pool, fields: str) -> None:
        super().__init__(f"AWS accepted the call and stored something else in: {fields}")
        self.pool_id = pool_id
        self.fresh = fresh


def verify_stored(
    connection: Connection,
    pool_id: str,
    answer: Mapping[str, Any],
    sent: Pool,
    ignored: Ignored,
) -> None:
    """Compare the answer of a create or update with what was sent.

    An answer may leave fields out that the pool has, so that a read has the last word.  Raises
    ``NotStored`` with the names of the fields, ``Stale`` when the pool is gone already.
    """
    wanted = settings_only(sent)
    stored = stored_pool(connection, pool_id, answer, wanted, ignored)
    if not same(stored, wanted, ignored):
        raise NotStored(pool_id, stored, moved_fields(stored, wanted, ignored))


def stored_pool(
    connection: Connection,
    pool_id: str,
    answer: Mapping[str, Any],
    wanted: Pool,
    ignored: Ignored,
) -> Pool:
    """The settings that AWS has stored: those of the answer, read again where they differ.

    Raises ``Stale`` when the pool is gone already.
    """
    answered = canonical_pool(answer)
    if same(answered, wanted, ignored):
        return answered
    return fresh_settings(connection, pool_id, wanted)
