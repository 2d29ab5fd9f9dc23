"""What UpdateIdentityPool makes of a pool."""

from reconciler.sandbox.faults import invalid, limit_exceeded
from reconciler.sandbox.pool import Pool, present
from reconciler.sandbox.settings import UpdateSemantics
from reconciler.sandbox.shapes import JsonObject
from reconciler.sandbox.tags import check_count, check_keys, reserved

# "Amazon Cognito user pool providers per identity pool" (developer guide, quotas).
MAX_CLIENTS = 50


def updated_settings(pool: Pool, request: JsonObject, semantics: UpdateSemantics) -> JsonObject:
    """The pool's settings after the update; raises what AWS would.

    The API reference says that what is left out gets its default value; it was measured that
    DeveloperProviderName does not (hashicorp/terraform-provider-aws#49985), which fits that it
    can never be changed.
    """
    _check_developer_name(pool, request)
    check_settings(request)
    kept = pool.settings if semantics == "keep" else _kept_by_reset(pool.settings)
    settings = {**kept, **request}
    tags = settings.get("IdentityPoolTags", {})
    settings["IdentityPoolTags"] = {**tags, **reserved(pool.tags)}
    return present(settings)


def check_settings(request: JsonObject) -> None:
    """The rules that a create and an update share, beyond the service model."""
    tags = request.get("IdentityPoolTags", {})
    check_keys(tags)
    check_count(tags)
    if len(request.get("CognitoIdentityProviders", ())) > MAX_CLIENTS:
        raise limit_exceeded(f"A pool can have at most {MAX_CLIENTS} Cognito identity providers.")


def _kept_by_reset(settings: JsonObject) -> JsonObject:
    return {key: value for key, value in settings.items() if key == "DeveloperProviderName"}


def _check_developer_name(pool: Pool, request: JsonObject) -> None:
    name = pool.settings.get("DeveloperProviderName")
    if name is not None and request.get("DeveloperProviderName", name) != name:
        raise invalid("DeveloperProviderName cannot be changed once it has been set.")
