"""The fresh read around each write: whether live still is what the plan saw, and whether AWS stored
what was sent.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from reconciler.live.aws import Connection
from reconciler.live.failures import NOT_FOUND
from reconciler.live.reader import describe, read_principal_tags, read_roles, with_principal_tags
from reconciler.model.changes import Action
from reconciler.model.errors import AwsProblem
from reconciler.model.pool import POOL_FIELDS, Pool, canonical_pool, in_live_terms
from reconciler.model.pool import same as same_field
from reconciler.model.pool_fields import PRINCIPAL_TAGS_FIELD, ROLES_FIELDS, TAGS_FIELD
from reconciler.model.pool_values import NO_PRINCIPAL_TAGS
from reconciler.model.project import Ignored

_SUB_RESOURCES = (*ROLES_FIELDS, PRINCIPAL_TAGS_FIELD)


class Stale(Exception):
    """Live has moved since the plan; nothing more is written to this pool."""


class PoolGone(Stale):
    """The pool was deleted since the plan: a write that AWS refused for that has done nothing."""

    def __init__(self, pool_id: str) -> None:
        super().__init__(f"the pool {pool_id} is gone")


class NotStored(Exception):
    """The call was accepted, and the pool has other values than were sent.

    ``fresh`` is the pool as it is now.
    """

    def __init__(self, pool_id: str, fresh: Pool, fields: str) -> None:
        super().__init__(f"AWS accepted the call and stored something else in: {fields}")
        self.pool_id = pool_id
        self.fresh = fresh


def fresh_pool(connection: Connection, pool_id: str, seen: Pool, desired: Pool | None) -> Pool:
    """Everything that the plan saw of the pool, read again.

    Raises ``Stale`` when the pool is gone.
    """
    pool = fresh_settings(connection, pool_id, seen)
    if seen.manages_roles:
        pool = _fresh_roles(connection, pool_id, pool)
    if seen.manages_principal_tags:
        names = {*pool.provider_names, *seen.provider_names}
        names |= set(desired.provider_names) if desired else set()
        pool = with_principal_tags(connection, pool_id, pool, sorted(names))
    return pool


def fresh_settings(connection: Connection, pool_id: str, seen: Pool) -> Pool:
    """``seen`` with settings and tags as they are now."""
    live = describe(connection, pool_id)
    if live is None:
        raise PoolGone(pool_id)
    return live.pool.model_copy(update={field: getattr(seen, field) for field in _SUB_RESOURCES})


def fresh_part(connection: Connection, pool_id: str, action: Action, seen: Pool) -> Pool:
    """``seen`` with the part that the action writes as it is now.

    Raises ``Stale`` when the pool is gone, as far as that can be told from the part.
    """
    match action.kind:
        case "SetRoles":
            return _fresh_roles(connection, pool_id, seen)
        case "SetPrincipalTags":
            maps = dict(seen.PrincipalTagAttributeMaps or {})
            maps[action.provider] = read_principal_tags(connection, pool_id, action.provider)
            kept = {name: tags for name, tags in sorted(maps.items()) if tags != NO_PRINCIPAL_TAGS}
            return seen.model_copy(update={PRINCIPAL_TAGS_FIELD: kept})
        case _:
            return fresh_settings(connection, pool_id, seen)


def _fresh_roles(connection: Connection, pool_id: str, pool: Pool) -> Pool:
    try:
        return read_roles(connection, pool_id, pool)
    except AwsProblem as problem:
        if problem.code != NOT_FOUND:
            raise
        raise PoolGone(pool_id) from problem


def required(pool: Pool | None) -> Pool:
    """The pool, which this part of a plan always has."""
    if pool is None:
        raise ValueError("a plan for an existing pool holds the pool that it saw and wants")
    return pool


def settings_only(pool: Pool) -> Pool:
    """The pool as DescribeIdentityPool knows it: without roles and principal tags."""
    return pool.model_copy(update=dict.fromkeys(_SUB_RESOURCES))


def same(fresh: Pool, expected: Pool, ignored: Ignored) -> bool:
    """Whether the pool is as expected, but for what is left alone anyway."""
    return in_live_terms(expected, fresh, ignored) == fresh


def is_between(fresh: Pool, before: Pool, after: Pool, ignored: Ignored) -> bool:
    """Whether each field, and each tag, is as it was before a write or as it is after it.

    An update is several calls where its tags did not come along, and may have ended between two.
    """
    ends = [in_live_terms(pool, fresh, ignored) for pool in (before, after)]
    tags = [pool.IdentityPoolTags for pool in (fresh, *ends)]
    return all(
        any(same_field(field, fresh, end) for end in ends)
        for field in POOL_FIELDS
        if field != TAGS_FIELD
    ) and all(tags[0].get(key) in [end.get(key) for end in tags[1:]] for key in {*chain(*tags)})


def moved_fields(fresh: Pool, expected: Pool, ignored: Ignored) -> str:
    """The names of the fields that are not as expected."""
    kept = in_live_terms(expected, fresh, ignored)
    return ", ".join(f for f in POOL_FIELDS if getattr(kept, f) != getattr(fresh, f))


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


def verify_stored(
    connection: Connection, pool_id: str, answer: Mapping[str, Any], sent: Pool, ignored: Ignored
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
    connection: Connection, pool_id: str, answer: Mapping[str, Any], wanted: Pool, ignored: Ignored
) -> Pool:
    """The settings that AWS has stored: those of the answer, read again where they differ.

    Raises ``Stale`` when the pool is gone already.
    """
    answered = canonical_pool(answer)
    if same(answered, wanted, ignored):
        return answered
    return fresh_settings(connection, pool_id, wanted)
