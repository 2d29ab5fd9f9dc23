"""Checks of one pool: what AWS takes, and who gets in by it that should not.

Unlike the rules of a spec, they say nothing of what is valid.  They look at a pool in the API's
shape, with references and layers resolved, be it a spec's or live; what they give has the paths of
a document.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.checks import rule_checks
from reconciler.model.findings import RuleId
from reconciler.model.providers import issuer_of
from reconciler.model.written import PoolData
from reconciler.text.problems import Problem, listed, quoted

Find: TypeAlias = Callable[[PoolData], Iterator[Problem]]

# Whoever has an account there gets tokens, for whatever audience they ask (docs.github.com,
# "OpenID Connect"; docs.gitlab.com, "ID token authentication"; developer.hashicorp.com, "Workload
# identity").
PUBLIC_ISSUERS: Final = frozenset(
    {"token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io"}
)


@dataclass(frozen=True, slots=True)
class Check:
    """What is looked for, and the fields that decide whether it is found."""

    rule: RuleId
    fields: frozenset[str]
    find: Find


def guest_role_is_users_role(pool: PoolData) -> Iterator[Problem]:
    """Guests who may do all that users may."""
    roles = pool.get("Roles") or {}
    guests = roles.get("unauthenticated")
    if _lets_guests_in(pool) and guests and guests == roles.get("authenticated"):
        yield Problem.of(("spec", "Roles", "unauthenticated"), RuleId.GUEST_ROLE_IS_USERS_ROLE)


def guest_role_by_rule(pool: PoolData) -> Iterator[Problem]:
    """A role for few that anybody gets, or a role for those who are to get nothing."""
    guests = (pool.get("Roles") or {}).get("unauthenticated")
    if _lets_guests_in(pool) and guests:
        for each in rule_checks.mapped_rules(pool):
            if each.rule["RoleARN"] == guests:
                yield Problem.of((*each.path, "RoleARN"), RuleId.GUEST_ROLE_BY_RULE)


def classic_flow(pool: PoolData) -> Iterator[Problem]:
    """In the classic flow the app names the role, and STS asks its trust policy alone."""
    if pool.get("AllowClassicFlow") and not _lets_guests_in(pool):
        yield Problem.of(("spec", "AllowClassicFlow"), RuleId.CLASSIC_FLOW)


def classic_flow_with_guests(pool: PoolData) -> Iterator[Problem]:
    """The session policy that narrows guests is the enhanced flow's only (developer guide)."""
    if pool.get("AllowClassicFlow") and _lets_guests_in(pool):
        yield Problem.of(("spec", "AllowClassicFlow"), RuleId.CLASSIC_FLOW_WITH_GUESTS)


def fallback_role_missing(pool: PoolData) -> Iterator[Problem]:
    """AWS takes it, and turns away whom the mapping does not settle."""
    if (pool.get("Roles") or {}).get("authenticated"):
        return
    for key, mapping in (pool.get("RoleMappings") or {}).items():
        if mapping.get("AmbiguousRoleResolution") == "AuthenticatedRole":
            path = ("spec", "RoleMappings", key, "AmbiguousRoleResolution")
            yield Problem.of(path, RuleId.FALLBACK_ROLE_MISSING)


def users_role_missing(pool: PoolData) -> Iterator[Problem]:
    """Only the classic flow gives a role that is not the pool's."""
    is_managed = "Roles" in pool or "RoleMappings" in pool
    has_role = (pool.get("Roles") or {}).get("authenticated")
    if not is_managed or has_role or pool.get("AllowClassicFlow"):
        return
    mappings = pool.get("RoleMappings") or {}
    if without := [name for name in _providers(pool) if name not in mappings]:
        path = ("spec", "Roles" if "Roles" in pool else "RoleMappings")
        yield Problem.of(path, RuleId.USERS_ROLE_MISSING, providers=listed(without))


def token_mapping_elsewhere(pool: PoolData) -> Iterator[Problem]:
    """Only a user pool's tokens name roles (developer guide, "Role-based access control")."""
    for key, mapping in (pool.get("RoleMappings") or {}).items():
        if mapping["Type"] == "Token" and not rule_checks.has_user_pool_tokens(key):
            path = ("spec", "RoleMappings", key, "Type")
            fallback = mapping.get("AmbiguousRoleResolution", "")
            yield Problem.of(path, RuleId.TOKEN_MAPPING_ELSEWHERE, fallback=fallback)


def token_check_off(pool: PoolData) -> Iterator[Problem]:
    """A token is good until it expires, whatever has become of its user."""
    for number, client in enumerate(pool.get("CognitoIdentityProviders") or ()):
        if not client.get("ServerSideTokenCheck"):
            path = ("spec", "CognitoIdentityProviders", number)
            client_id = quoted(client["ClientId"])
            yield Problem.of(path, RuleId.TOKEN_CHECK_OFF, client=client_id)


def public_issuer(pool: PoolData) -> Iterator[Problem]:
    """A provider that vouches for strangers, too, and a role for all of its users."""
    mappings = pool.get("RoleMappings") or {}
    if not (pool.get("Roles") or {}).get("authenticated"):
        return
    for number, arn in enumerate(pool.get("OpenIdConnectProviderARNs") or ()):
        if issuer_of(arn) in PUBLIC_ISSUERS and arn not in mappings:
            path = ("spec", "OpenIdConnectProviderARNs", number)
            yield Problem.of(path, RuleId.PUBLIC_ISSUER, issuer=issuer_of(arn))


def _lets_guests_in(pool: PoolData) -> bool:
    return bool(pool.get("AllowUnauthenticatedIdentities"))


def _providers(pool: PoolData) -> Iterator[str]:
    """All but the developer provider, which can have no mapping, by their keys in RoleMappings."""
    for client in pool.get("CognitoIdentityProviders") or ():
        yield f"{client['ProviderName']}:{client['ClientId']}"
    yield from pool.get("SupportedLoginProviders") or ()
    yield from pool.get("OpenIdConnectProviderARNs") or ()
    yield from pool.get("SamlProviderARNs") or ()


def _check(rule: RuleId, find: Find, *fields: str) -> Check:
    return Check(rule, frozenset(fields), find)


_GUESTS: Final = "AllowUnauthenticatedIdentities"
_FLOW: Final = "AllowClassicFlow"
_PROVIDERS: Final = (
    "CognitoIdentityProviders",
    "SupportedLoginProviders",
    "OpenIdConnectProviderARNs",
    "SamlProviderARNs",
)

CHECKS: Final[tuple[Check, ...]] = (
    _check(RuleId.GUEST_ROLE_IS_USERS_ROLE, guest_role_is_users_role, _GUESTS, "Roles"),
    _check(RuleId.CLASSIC_FLOW_WITH_GUESTS, classic_flow_with_guests, _FLOW, _GUESTS),
    _check(RuleId.CLASSIC_FLOW, classic_flow, _FLOW, _GUESTS),
    _check(RuleId.PUBLIC_ISSUER, public_issuer, _PROVIDERS[2], "Roles", "RoleMappings"),
    _check(RuleId.RULE_UNREACHABLE, rule_checks.rule_unreachable, "RoleMappings"),
    _check(RuleId.CONTAINS_PART_OF_ANOTHER, rule_checks.contains_part_of_another, "RoleMappings"),
    _check(RuleId.EMAIL_IN_PART, rule_checks.email_in_part, "RoleMappings"),
    _check(RuleId.FALLBACK_ROLE_MISSING, fallback_role_missing, "Roles", "RoleMappings"),
    _check(
        RuleId.USERS_ROLE_MISSING, users_role_missing, _FLOW, "Roles", "RoleMappings", *_PROVIDERS
    ),
    _check(RuleId.TOKEN_MAPPING_ELSEWHERE, token_mapping_elsewhere, "RoleMappings"),
    _check(RuleId.GUEST_ROLE_BY_RULE, guest_role_by_rule, _GUESTS, "Roles", "RoleMappings"),
    _check(RuleId.WRITABLE_CLAIM, rule_checks.writable_claim, "RoleMappings"),
    _check(RuleId.WRITABLE_TAG, rule_checks.writable_tag, "PrincipalTagAttributeMaps"),
    _check(RuleId.CONTAINS_ON_LIST, rule_checks.contains_on_list, "RoleMappings"),
    _check(RuleId.LIST_AS_TEXT, rule_checks.list_as_text, "RoleMappings"),
    _check(RuleId.TOKEN_CHECK_OFF, token_check_off, "CognitoIdentityProviders"),
)


def problems_of(pool: PoolData, unknown: Collection[str] = ()) -> Iterator[Problem]:
    """All that is found of a pool; ``unknown``: fields whose values nobody knows yet."""
    for check in CHECKS:
        if check.fields.isdisjoint(unknown):
            yield from check.find(pool)
