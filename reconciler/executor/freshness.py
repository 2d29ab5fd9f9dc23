"""The fresh read before each write, and whether it still is what the plan saw."""

from itertools import chain

from reconciler.live.aws import Connection
from reconciler.live.policy import NOT_FOUND
from reconciler.live.reader import (
    describe,
    read_principal_tags,
    read_roles,
    with_principal_tags,
)
from reconciler.model.changes import Action
from reconciler.model.errors import AwsProblem
from reconciler.model.ignored import in_live_terms
from reconciler.model.pool import POOL_FIELDS, Pool
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
