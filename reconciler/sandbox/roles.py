"""The rules of SetIdentityPoolRoles that the service model does not say."""

from collections.abc import Iterator

from reconciler.sandbox.arns import is_iam_arn
from reconciler.sandbox.faults import invalid, not_authorized
from reconciler.sandbox.pool import Pool
from reconciler.sandbox.pools import Place
from reconciler.sandbox.shapes import JsonObject

# The service model says 400, the developer guide 25; 26 were refused (cdk-preflight, rule
# pf-cognito-role-mapping-rules-max).
MAX_RULES = 25


def check_rule_counts(mappings: dict[str, JsonObject]) -> None:
    """Raises InvalidParameterException for too many rules, before anything else is looked at."""
    if any(len(_rules(mapping)) > MAX_RULES for mapping in mappings.values()):
        raise invalid(f"The number of rules in the request exceeded {MAX_RULES}.")


def check_roles(pool: Pool, roles: dict[str, str], mappings: dict[str, JsonObject]) -> None:
    """Raises NotAuthorizedException for the first role that AWS would refuse.

    One that is no role's ARN was measured; that one of another account is refused alike is
    assumed, as iam:PassRole works within one account. Roles are not looked up.
    """
    named = [*roles.values()]
    named += [rule["RoleARN"] for mapping in mappings.values() for rule in _rules(mapping)]
    for arn in named:
        if not is_iam_arn(arn, "role", Place(pool.account, pool.region)):
            raise not_authorized(f"Access to Role '{arn}' is forbidden.")


def check_role_mappings(pool: Pool, mappings: dict[str, JsonObject]) -> None:
    """Raises InvalidParameterException for the first mapping that AWS would refuse."""
    configured = set(mapping_keys(pool))
    for key in mappings:
        if key not in configured:
            # Wording from aws/aws-cdk#22951, where the key began with https://.
            raise invalid(
                f"({key}) is not a valid RoleMapping ProviderName or is not a configured provider."
            )
    for key, mapping in mappings.items():
        _check_mapping(key, mapping)


def mapping_keys(pool: Pool) -> Iterator[str]:
    """What a role mapping of this pool may be keyed by."""
    settings = pool.settings
    yield from settings.get("SupportedLoginProviders", {})
    yield from settings.get("OpenIdConnectProviderARNs", ())
    yield from settings.get("SamlProviderARNs", ())
    for client in settings.get("CognitoIdentityProviders", ()):
        yield f"{client.get('ProviderName')}:{client.get('ClientId')}"


def _rules(mapping: JsonObject) -> list[JsonObject]:
    rules: list[JsonObject] = mapping.get("RulesConfiguration", {}).get("Rules", [])
    return rules


def _check_mapping(key: str, mapping: JsonObject) -> None:
    # Both types need it (API reference, RoleMapping).
    if "AmbiguousRoleResolution" not in mapping:
        raise invalid(f"AmbiguousRoleResolution is required for the role mapping of {key}.")
    has_rules = "RulesConfiguration" in mapping
    if mapping["Type"] == "Rules" and not has_rules:
        raise invalid(f"RulesConfiguration is required for the role mapping of {key}.")
    if mapping["Type"] == "Token" and has_rules:
        raise invalid(f"RulesConfiguration is not allowed for the role mapping of {key}.")
