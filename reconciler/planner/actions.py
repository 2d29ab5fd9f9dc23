"""From a difference to the actions that close it, in an order that is safe to stop at."""

from collections.abc import Iterable, Iterator, Mapping, Set

from reconciler.model.changes import (
    Action,
    Change,
    SetPrincipalTags,
    SetRoles,
    TagPool,
    UntagPool,
    UpdatePool,
)
from reconciler.model.pool import SETTINGS_FIELDS, Pool
from reconciler.model.pool_fields import PRINCIPAL_TAGS_FIELD, ROLES_FIELDS, TAGS_FIELD
from reconciler.model.pool_values import NO_PRINCIPAL_TAGS
from reconciler.model.project import AWS_TAG_PREFIX, MAX_TAGS, NAME_TAG, OWNER_TAG, Ignored


def actions_for(
    live: Pool | None, desired: Pool, changes: Iterable[Change], ignored: Ignored
) -> tuple[Action, ...]:
    """The actions that bring ``live`` to ``desired``; without it, those after the creation.

    The pool comes before its roles and these before principal tags, because mappings and tags name
    providers that the pool must have by then.  For the same reason the principal tags of a provider
    that is about to leave the pool are reset before it leaves.
    """
    fields = {change.field for change in changes}
    leaving, staying = (
        _principal_tags(live, desired) if PRINCIPAL_TAGS_FIELD in fields else ([], [])
    )
    pool = [] if live is None else list(_pool(live, desired, fields, ignored))
    roles = tuple(field for field in ROLES_FIELDS if field in fields)
    return (*leaving, *pool, *([SetRoles(fields=roles)] if roles else []), *staying)


def _pool(live: Pool, desired: Pool, changed: Set[str], ignored: Ignored) -> Iterator[Action]:
    settings = tuple(field for field in SETTINGS_FIELDS if field in changed)
    tags = (TAGS_FIELD,) if TAGS_FIELD in changed else ()
    if settings or (tags and _is_ours_alone(live, desired, ignored)):
        yield UpdatePool(fields=(*settings, *tags))
    elif tags:
        yield from tag_actions(live.IdentityPoolTags, desired.IdentityPoolTags)


def _is_ours_alone(live: Pool, desired: Pool, ignored: Ignored) -> bool:
    """Whether nobody else is known to write to the pool.

    Then tags go with UpdateIdentityPool, which knows no limit but the general one: TagResource and
    UntagResource take 5 requests a second (developer guide, "Quotas").  Where somebody else writes
    too, what an update sends back besides could be older than what they wrote.
    """
    is_ours = all(
        live.IdentityPoolTags.get(tag) == desired.IdentityPoolTags.get(tag)
        for tag in (OWNER_TAG, NAME_TAG)
    )
    others = ignored.fields or any(map(ignored.leaves_tag, live.IdentityPoolTags))
    return is_ours and not others


def tag_actions(live: Mapping[str, str], desired: Mapping[str, str]) -> list[Action]:
    """The calls for tags alone, which touch nothing else of the pool."""
    new = {key: value for key, value in desired.items() if live.get(key) != value}
    old = tuple(key for key in live if key not in desired)
    add: list[Action] = [TagPool(tags=new)] if new else []
    remove: list[Action] = [UntagPool(keys=old)] if old else []
    # AWS's own tags do not count against the limit (tagging guide).
    both = [key for key in live.keys() | new.keys() if not key.startswith(AWS_TAG_PREFIX)]
    return [*add, *remove] if len(both) <= MAX_TAGS else [*remove, *add]


def _principal_tags(
    live: Pool | None, desired: Pool
) -> tuple[list[SetPrincipalTags], list[SetPrincipalTags]]:
    old = (live.PrincipalTagAttributeMaps if live else None) or {}
    new = desired.PrincipalTagAttributeMaps or {}
    providers = [
        name
        for name in sorted({*old, *new})
        if old.get(name, NO_PRINCIPAL_TAGS) != new.get(name, NO_PRINCIPAL_TAGS)
    ]
    known = set(desired.provider_names)
    leaving = [SetPrincipalTags(provider=name) for name in providers if name not in known]
    staying = [SetPrincipalTags(provider=name) for name in providers if name in known]
    return leaving, staying
