"""What a pool must look like after an action.  Pure."""

from typing import Any

from reconciler.model.actions import Action
from reconciler.model.pool import PRINCIPAL_TAGS_FIELD, ROLES_FIELDS, TAGS_FIELD, Pool
from reconciler.model.pool_values import NO_PRINCIPAL_TAGS


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
