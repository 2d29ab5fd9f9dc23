"""Who may use the basic (classic) flow: GetOpenIdToken, then STS."""

from collections.abc import Iterable

from reconciler.sandbox.faults import invalid
from reconciler.sandbox.pool import Pool


def check_classic_flow(pool: Pool, logins: Iterable[str]) -> None:
    """Raises InvalidParameterException if GetOpenIdToken is closed for these logins' providers.

    A pool that never had AllowClassicFlow set allows it (aws/aws-cli#7652). The first sentence is
    from the same issue, the second from the developer guide, "Authentication flow", and the third
    from aws-amplify/aws-sdk-ios#520; which of them comes first is assumed.
    """
    if pool.settings.get("AllowClassicFlow") is False:
        raise invalid("Basic (classic) flow is not enabled, please use enhanced flow.")
    if pool.roles.get("RoleMappings"):
        raise invalid(
            "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow."
        )
    if any(":saml-provider/" in provider for provider in logins):
        raise invalid("Basic (classic) flow is not supported with SAML, please use enhanced flow.")
