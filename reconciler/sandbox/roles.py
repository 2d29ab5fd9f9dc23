"""The rules of SetIdentityPoolRoles that the service model does not say."""

from collections.abc import Iterator

from reconciler.sandbox.faults import invalid
from reconciler.sandbox.pool import Pool
from reconciler.sandbox.shapes import JsonObject


def check_role_mappings(pool: Pool, mappings: dict[str, JsonObject]) -> None:
    """Raises InvalidParameterException for the first mapping that AWS would refuse."""
    configured = set(mapping_keys(pool))
    for key, mapping in mappings.items():
        if key not in configured:
            # Wording from aws/aws-cdk#22951, where the key began with https://.
            raise invalid(
                f"({key}) is not a valid RoleMapping ProviderName or is not a configured provider."
            )
        _check_mapping(key, mapping)


def mapping_keys(pool: Pool) -> Iterator[str]:
    """What a role mapping of this pool may be keyed by."""
    settings = pool.settings
    yield from settings.get("SupportedLoginProviders", {})
    yield from settings.get("OpenIdConnectProviderARNs", ())
    yield from settings.get("SamlProviderARNs", ())
    for client in settings.get("CognitoIdentityProviders", ()):
        yield f"{client.get('ProviderName')}:{client.get('ClientId')}"


def _check_mapping(key: str, mapping: JsonObject) -> None:
    # Both types need it (API reference, RoleMapping).
    if "AmbiguousRoleResolution" not in mapping:
        raise invalid(f"AmbiguousRoleResolution is required for the role mapping of {key}.")
    has_rules = "RulesConfiguration" in mapping
    if mapping["Type"] == "Rules" and not has_rules:
        raise invalid(f"RulesConfiguration is required for the role mapping of {key}.")
    if mapping["Type"] == "Token" and has_rules:
        raise invalid(f"RulesConfiguration is not allowed for the role mapping of {key}.")
