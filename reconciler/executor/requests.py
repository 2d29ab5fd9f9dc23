"""The API requests of each action, as parameters.

Every update carries every field: UpdateIdentityPool "sets to its default" what a call leaves out,
and reports disagree on which fields that holds for.
"""

from typing import Any

from reconciler.model.pool import NO_PRINCIPAL_TAGS, Pool
from reconciler.model.project import AWS_TAG_PREFIX


def settings_request(pool: Pool) -> dict[str, Any]:
    """What CreateIdentityPool and UpdateIdentityPool share: every field, tags included."""
    request: dict[str, Any] = {
        "IdentityPoolName": pool.IdentityPoolName,
        "AllowUnauthenticatedIdentities": pool.AllowUnauthenticatedIdentities,
        "AllowClassicFlow": pool.AllowClassicFlow,
        "SupportedLoginProviders": dict(pool.SupportedLoginProviders),
        "OpenIdConnectProviderARNs": list(pool.OpenIdConnectProviderARNs),
        "SamlProviderARNs": list(pool.SamlProviderARNs),
        "CognitoIdentityProviders": [c.model_dump() for c in pool.CognitoIdentityProviders],
        "IdentityPoolTags": _tags_to_send(pool),
    }
    # The API's minimum length is 1: a pool without a developer provider leaves the field out.
    if pool.DeveloperProviderName:
        request["DeveloperProviderName"] = pool.DeveloperProviderName
    return request


def roles_request(pool: Pool) -> dict[str, Any]:
    """SetIdentityPoolRoles: both halves, because it replaces both."""
    mappings = pool.RoleMappings or {}
    return {
        "Roles": dict(pool.Roles or {}),
        "RoleMappings": {key: mapping.to_api() for key, mapping in mappings.items()},
    }


def principal_tags_request(pool: Pool, provider: str) -> dict[str, Any]:
    """SetPrincipalTagAttributeMap of one provider; there is no delete, so none is an empty map."""
    tags = (pool.PrincipalTagAttributeMaps or {}).get(provider, NO_PRINCIPAL_TAGS)
    return {"IdentityProviderName": provider, **tags.model_dump()}


def _tags_to_send(pool: Pool) -> dict[str, str]:
    # AWS refuses its own prefix in requests, and keeps such tags by itself.
    return {k: v for k, v in pool.IdentityPoolTags.items() if not k.startswith(AWS_TAG_PREFIX)}
