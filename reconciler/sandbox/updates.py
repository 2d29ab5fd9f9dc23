"""What the settings of a pool may be, and what UpdateIdentityPool makes of them."""

import re
from collections.abc import Mapping

from reconciler.sandbox.arns import is_iam_arn
from reconciler.sandbox.faults import invalid, limit_exceeded, not_authorized
from reconciler.sandbox.pool import Pool, present
from reconciler.sandbox.pools import Place
from reconciler.sandbox.settings import UpdateSemantics
from reconciler.sandbox.shapes import JsonObject
from reconciler.sandbox.tags import check_count, check_keys, reserved

# "Amazon Cognito user pool providers per identity pool" (developer guide, quotas).
MAX_CLIENTS = 50

# The fields that stay when an update leaves them out; the others lose their value. `aws` is as
# measured: go-to-k/cdk-real-drift#402 (AllowClassicFlow), hashicorp/terraform-provider-aws#49985
# (DeveloperProviderName), #9422 and #9639 (tags); #9394, #22218, #26969 and #27564 (what is
# wiped). The API reference says that every field gets its default; none unsets a developer
# provider, which can never be changed.
_KEPT: Mapping[UpdateSemantics, frozenset[str]] = {
    "aws": frozenset({"AllowClassicFlow", "DeveloperProviderName", "IdentityPoolTags"}),
    "reset": frozenset({"DeveloperProviderName"}),
}

# What a user pool is called among the providers; it need not exist.
_USER_POOL = re.compile(
    r"cognito-idp\.[a-z0-9-]+\.amazonaws\.(?:com|com\.cn|eu)/[\w-]+_[0-9A-Za-z]+", re.ASCII
)


def updated_settings(pool: Pool, request: JsonObject, semantics: UpdateSemantics) -> JsonObject:
    """The pool's settings after the update; raises what AWS would."""
    _check_developer_name(pool, request)
    check_settings(request, Place(pool.account, pool.region))
    kept = _KEPT.get(semantics, frozenset(pool.settings))
    settings = {key: value for key, value in pool.settings.items() if key in kept} | request
    tags = settings.get("IdentityPoolTags", {})
    settings["IdentityPoolTags"] = {**tags, **reserved(pool.tags)}
    return present(settings)


def check_settings(request: JsonObject, place: Place) -> None:
    """The rules that a create and an update share, beyond the service model."""
    tags = request.get("IdentityPoolTags", {})
    check_keys(tags)
    check_count(tags)
    clients = request.get("CognitoIdentityProviders", ())
    if len(clients) > MAX_CLIENTS:
        raise limit_exceeded(f"A pool can have at most {MAX_CLIENTS} Cognito identity providers.")
    # aws/aws-cdk#11054: an id or an ARN of a user pool, or no name at all.
    if not all(_USER_POOL.fullmatch(client.get("ProviderName", "")) for client in clients):
        raise invalid("Invalid Cognito Identity Provider")
    for arn in request.get("SamlProviderARNs", ()):
        # aws-amplify/amplify-backend#766 and #855, where the ARN had a region for a partition.
        if not is_iam_arn(arn, "saml-provider", place):
            raise not_authorized(
                f"Identity provider {arn} is not valid for account {place.account}"
            )


def _check_developer_name(pool: Pool, request: JsonObject) -> None:
    name = pool.settings.get("DeveloperProviderName")
    if name is not None and request.get("DeveloperProviderName", name) != name:
        raise invalid("DeveloperProviderName cannot be changed once it has been set.")
