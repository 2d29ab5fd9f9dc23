"""The API requests of each action, as parameters.

Every update carries every field: UpdateIdentityPool wipes some fields that a call leaves out and
keeps others.
"""

from typing import Any

from reconciler.model.pool import ROLES_FIELDS, SETTINGS_FIELDS, TAGS_FIELD, Pool, pool_as_api
from reconciler.model.pool_values import NO_PRINCIPAL_TAGS
from reconciler.model.project import AWS_TAG_PREFIX


def settings_request(pool: Pool) -> dict[str, Any]:
    """What CreateIdentityPool and UpdateIdentityPool share: every field, tags included.

    All but a developer provider that there is none of, and a classic flow that was never set and
    stays so: false would close it, and true is more than the plan says.
    """
    request = _fields(pool, SETTINGS_FIELDS)
    # AWS refuses its own prefix in requests, and keeps such tags by itself.
    tags = {k: v for k, v in pool.IdentityPoolTags.items() if not k.startswith(AWS_TAG_PREFIX)}
    return {**request, TAGS_FIELD: tags}


def roles_request(pool: Pool) -> dict[str, Any]:
    """SetIdentityPoolRoles: both halves, because it replaces both."""
    return {**{field: {} for field in ROLES_FIELDS}, **_fields(pool, ROLES_FIELDS)}


def principal_tags_request(pool: Pool, provider: str) -> dict[str, Any]:
    """SetPrincipalTagAttributeMap of one provider; there is no delete, so none is an empty map."""
    tags = (pool.PrincipalTagAttributeMaps or {}).get(provider, NO_PRINCIPAL_TAGS)
    return {"IdentityProviderName": provider, **tags.model_dump()}


def _fields(pool: Pool, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in pool_as_api(pool).items() if name in names}
