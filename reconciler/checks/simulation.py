"""Which role a user gets of a pool, by which rule, and with which principal tags.

The rules are those that AWS documents (Amazon Cognito developer guide, "Using role-based access
control" and "Using attributes for access control").  What AWS leaves open is answered "not known"
with the reason, never guessed: how a claim that is no text compares, and whether case counts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias, TypedDict, cast

from reconciler.model.base import JsonValue
from reconciler.model.pool_fields import DEFAULT_PRINCIPAL_TAGS
from reconciler.model.providers import is_user_pool, issuer_of
from reconciler.model.written import ClientData, PoolData, RoleMappingData, RuleData

Claims: TypeAlias = Mapping[str, JsonValue]
Verdict: TypeAlias = Literal["role", "denied", "not known"]

_TOKEN_ROLES: Final = "cognito:roles"  # noqa: S105 - the name of a claim
_PREFERRED: Final = "cognito:preferred_role"
_HTTPS: Final = "https://"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody who asks for credentials.

    ``provider``: a name of the pool's (a login provider's, a user pool's, an ARN, an issuer, the
    developer provider's, or ``PROVIDER:CLIENT``), "" for a guest.  ``claims`` are those of the
    token, ``None`` where nobody knows them.  ``custom_role``: GetCredentialsForIdentity's
    CustomRoleArn.
    """

    provider: str = ""
    claims: Claims | None = field(default_factory=dict)
    custom_role: str = ""


class TagValue(NamedTuple):
    """The value of a principal tag; "" with a reason where that is not known."""

    value: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What they get.

    ``role`` is an ARN where the verdict is "role"; ``why``: the reason, a sentence without its
    end.  ``mapping`` is the key in RoleMappings that was asked, ``rule`` the 0-based number of the
    rule that gave the role.  ``tags``: the principal tags of the session, where there is one.
    """

    verdict: Verdict
    why: str
    role: str = ""
    mapping: str | None = None
    rule: int | None = None
    tags: Mapping[str, TagValue] = field(default_factory=dict)

    @property
    def outcome(self) -> str:
        """What two decisions are compared by: the role, or that there is none."""
        return self.role or self.verdict


class _Provider(NamedTuple):
    """A provider as a pool has it: its keys in RoleMappings and in PrincipalTagAttributeMaps."""

    mapping: str | None
    tag_maps: tuple[str, ...]
    is_user_pool: bool = False


class _NotThere(Exception):
    """The pool does not take this sign-in; the text says why."""


class _NotKnown(Exception):
    """What AWS answers is not known; the text says why."""


def simulate(pool: PoolData, who: SignIn) -> Decision:
    """What a pool, in the API's shape, gives to somebody.

    A pool without ``Roles`` and ``RoleMappings`` is one whose roles nobody has read or manages.
    """
    try:
        return _guest(pool, who) if not who.provider else _user(pool, who)
    except _NotThere as why:
        return Decision("denied", str(why))
    except _NotKnown as why:
        return Decision("not known", str(why))


def names_of_providers(pool: PoolData) -> tuple[str, ...]:
    """The providers that somebody can sign in with, a user pool's clients one by one."""
    clients = (_client_key(client) for client in pool.get("CognitoIdentityProviders", ()))
    developer = pool.get("DeveloperProviderName", "")
    return (
        *clients,
        *pool.get("SupportedLoginProviders", ()),
        *pool.get("OpenIdConnectProviderARNs", ()),
        *pool.get("SamlProviderARNs", ()),
        *filter(None, [developer]),
    )


def matches(rule: RuleData, value: str) -> bool:
    """Whether a rule matches a claim of one text value, letter by letter."""
    return _MATCHES[rule["MatchType"]](value, rule["Value"])


_MATCHES: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "Equals": lambda claim, value: claim == value,
    "NotEqual": lambda claim, value: claim != value,
    "StartsWith": lambda claim, value: claim.startswith(value),
    "Contains": lambda claim, value: value in claim,
}


# Who it is


def _guest(pool: PoolData, who: SignIn) -> Decision:
    if not pool.get("AllowUnauthenticatedIdentities"):
        raise _NotThere("the pool lets no guests in")
    role = _default_role(pool, "unauthenticated")
    return Decision("role", "guests get Roles.unauthenticated", _asked_for(who, [role]))


def _user(pool: PoolData, who: SignIn) -> Decision:
    provider = _provider(pool, who)
    mappings = pool.get("RoleMappings") or {}
    if provider.mapping is None or provider.mapping not in mappings:
        role = _default_role(pool, "authenticated")
        why = "no role mapping for the provider, so Roles.authenticated"
        decision = Decision("role", why, _asked_for(who, [role]))
    else:
        mapping = mappings[provider.mapping]
        decide = _by_token if mapping["Type"] == "Token" else _by_rules
        decision = decide(pool, mapping, who)
    return Decision(
        decision.verdict,
        decision.why,
        decision.role,
        provider.mapping if provider.mapping in mappings else None,
        decision.rule,
        _tags(pool, provider, who.claims) if decision.role else {},
    )


def _provider(pool: PoolData, who: SignIn) -> _Provider:
    name = who.provider.removeprefix(_HTTPS)
    developer = pool.get("DeveloperProviderName")
    if developer and name == developer:
        # DeveloperProviderName is no key of RoleMappings (recorded).
        return _Provider(None, (name,))
    if found := _user_pool(pool, name, who.claims):
        return found
    for arn in pool.get("OpenIdConnectProviderARNs", ()):
        if name in (arn, issuer_of(arn)):
            _check_issuer(issuer_of(arn), who.claims)
            return _Provider(arn, (arn, issuer_of(arn)))
    if name in (*pool.get("SupportedLoginProviders", ()), *pool.get("SamlProviderARNs", ())):
        return _Provider(name, (name,))
    raise _NotThere(f"{name} is no provider of the pool")


def _user_pool(pool: PoolData, name: str, claims: Claims | None) -> _Provider | None:
    """The user pool's client that a token is for: its ``aud`` says which."""
    clients = pool.get("CognitoIdentityProviders", ())
    of_pool = [c for c in clients if name in (c["ProviderName"], _client_key(c))]
    if not of_pool:
        if is_user_pool(name.partition(":")[0]) and any(
            client["ProviderName"] == name.partition(":")[0] for client in clients
        ):
            raise _NotThere(f"{name} is no client of the pool")
        return None
    provider = of_pool[0]["ProviderName"]
    _check_issuer(provider, claims)
    audience = (claims or {}).get("aud")
    if audience is not None:
        of_pool = [client for client in of_pool if client["ClientId"] == audience]
        if not of_pool:
            raise _NotThere("the token is for a client (aud) that the pool does not have")
    keys = {_client_key(client) for client in of_pool}
    if len(keys) > 1:
        raise _NotKnown("the pool has several clients of the user pool, and no aud says which")
    return _Provider(keys.pop(), (provider,), is_user_pool=True)


def _client_key(client: ClientData) -> str:
    return f"{client['ProviderName']}:{client['ClientId']}"


def _check_issuer(issuer: str, claims: Claims | None) -> None:
    said = (claims or {}).get("iss")
    if said is not None and str(said).removeprefix(_HTTPS).rstrip("/") != issuer.rstrip("/"):
        raise _NotThere("the token is of another issuer (iss) than the provider")


# What they get


def _default_role(pool: PoolData, kind: Literal["authenticated", "unauthenticated"]) -> str:
    if "Roles" not in pool and "RoleMappings" not in pool:
        raise _NotKnown("the pool's roles are not managed here")
    role = (pool.get("Roles") or {}).get(kind)
    if not role:
        raise _NotThere(f"the pool has no role for this: Roles.{kind} is not set")
    return str(role)


def _asked_for(who: SignIn, allowed: Sequence[str]) -> str:
    """The first of the roles, or the one that is asked for if it is among them."""
    if not who.custom_role:
        return allowed[0]
    if who.custom_role not in allowed:
        raise _NotThere("the role that is asked for (CustomRoleArn) is none that they may have")
    return who.custom_role


def _ambiguous(pool: PoolData, mapping: RoleMappingData, why: str) -> Decision:
    if mapping.get("AmbiguousRoleResolution") == "AuthenticatedRole":
        role = _default_role(pool, "authenticated")
        return Decision("role", f"{why}: AmbiguousRoleResolution gives Roles.authenticated", role)
    raise _NotThere(f"{why}, and AmbiguousRoleResolution says Deny")


def _by_token(pool: PoolData, mapping: RoleMappingData, who: SignIn) -> Decision:
    if who.claims is None:
        raise _NotKnown("the claims of the token are not known")
    roles = _texts(who.claims, _TOKEN_ROLES)
    if who.custom_role:
        role = _asked_for(who, roles or [""])
        return Decision(
            "role", f"the token allows the role that is asked for ({_TOKEN_ROLES})", role
        )
    preferred = who.claims.get(_PREFERRED)
    if isinstance(preferred, str) and preferred:
        return Decision("role", f"the token names it ({_PREFERRED})", preferred)
    if len(roles) == 1:
        return Decision("role", f"the only one in the token ({_TOKEN_ROLES})", roles[0])
    what = f"several roles in {_TOKEN_ROLES}" if roles else f"no role in {_TOKEN_ROLES}"
    return _ambiguous(pool, mapping, f"the token has {what} and no {_PREFERRED}")


def _texts(claims: Claims, name: str) -> list[str]:
    found = claims.get(name)
    values = found if isinstance(found, list) else [found]
    return list(dict.fromkeys(value for value in values if isinstance(value, str) and value))


class _Match(NamedTuple):
    """Whether a rule matches: ``None`` with a reason where that is not known."""

    is_match: bool | None
    why_not: str = ""


class _Way(NamedTuple):
    """One thing that may come of a mapping's rules: of which rule, ``None``: of none."""

    rule: int | None
    doubt: str


def _by_rules(pool: PoolData, mapping: RoleMappingData, who: SignIn) -> Decision:
    configuration = mapping.get("RulesConfiguration")
    rules = configuration["Rules"] if configuration else []
    found = [_match(rule, who.claims) for rule in rules]
    if who.custom_role:
        return _by_custom_role(rules, found, who)
    ways = list(_ways(found))
    decisions = [_decided(pool, mapping, rules, way) for way in ways]
    if len({decision.outcome for decision in decisions}) > 1:
        raise _NotKnown(next(way.doubt for way in ways if way.doubt))
    if len(decisions) > 1 and decisions[0].role:
        return Decision("role", "all rules that may match give it", decisions[0].role)
    return decisions[0]


def _ways(found: Sequence[_Match]) -> Iterator[_Way]:
    """All that may come of the rules in their order: the first that matches decides."""
    for number, match in enumerate(found):
        if match.is_match is not False:
            yield _Way(number, match.why_not and f"rule {number + 1}: {match.why_not}")
        if match.is_match:
            return
    yield _Way(None, "")


def _decided(
    pool: PoolData, mapping: RoleMappingData, rules: Sequence[RuleData], way: _Way
) -> Decision:
    if way.rule is not None:
        rule = rules[way.rule]
        return Decision("role", f"rule {way.rule + 1} matches", rule["RoleARN"], rule=way.rule)
    try:
        return _ambiguous(pool, mapping, "no rule matches")
    except _NotThere as why:
        return Decision("denied", str(why))


def _by_custom_role(rules: Sequence[RuleData], found: Sequence[_Match], who: SignIn) -> Decision:
    """A role may be chosen of all rules that match, whatever their order."""
    ways = [
        (number, match)
        for number, match in enumerate(found)
        if match.is_match is not False and rules[number]["RoleARN"] == who.custom_role
    ]
    for number, match in ways:
        if match.is_match:
            why = f"rule {number + 1} matches and gives the role that is asked for"
            return Decision("role", why, who.custom_role, rule=number)
    for number, match in ways:
        raise _NotKnown(f"rule {number + 1}: {match.why_not}")
    raise _NotThere("no rule that matches gives the role that is asked for (CustomRoleArn)")


def _match(rule: RuleData, claims: Claims | None) -> _Match:
    if claims is None:
        return _Match(None, "the claims of the token are not known")
    name = rule["Claim"]
    if name not in claims:
        others = [other for other in claims if other.casefold() == name.casefold()]
        if others:
            return _Match(None, f"whether AWS takes the claim {others[0]} for {name} is not known")
        return _Match(is_match=False)
    value = claims[name]
    if not isinstance(value, str):
        kind = "a list" if isinstance(value, list) else "no text"
        return _Match(None, f"how AWS compares the claim {name}, which is {kind}, is not known")
    is_match = matches(rule, value)
    folded = cast("RuleData", {**rule, "Value": rule["Value"].casefold()})
    if matches(folded, value.casefold()) is not is_match:
        return _Match(None, f"whether case counts in the claim {name} is not known")
    return _Match(is_match)


# Principal tags


class _TagMap(TypedDict, total=False):
    UseDefaults: bool
    PrincipalTags: dict[str, str]


def _tags(pool: PoolData, provider: _Provider, claims: Claims | None) -> Mapping[str, TagValue]:
    maps = cast("Mapping[str, _TagMap]", pool.get("PrincipalTagAttributeMaps", {}))
    chosen = [maps[name] for name in provider.tag_maps if name in maps]
    if not chosen:
        return {}
    if any(other != chosen[0] for other in chosen[1:]):
        return _unknown_tags(chosen, "the provider's two names have different maps")
    tags: Mapping[str, str] = chosen[0].get("PrincipalTags") or {}
    if chosen[0].get("UseDefaults"):
        if tags and tags != DEFAULT_PRINCIPAL_TAGS:
            return _unknown_tags([chosen[0]], "the map has UseDefaults and PrincipalTags")
        tags = DEFAULT_PRINCIPAL_TAGS
    found = {tag: _tag(claim, claims) for tag, claim in tags.items()}
    return {tag: value for tag, value in found.items() if value is not None}


def _unknown_tags(maps: Sequence[_TagMap], why: str) -> Mapping[str, TagValue]:
    names = {tag for each in maps for tag in each.get("PrincipalTags") or {}}
    if any(each.get("UseDefaults") for each in maps):
        names |= DEFAULT_PRINCIPAL_TAGS.keys()
    return {name: TagValue("", why) for name in sorted(names)}


def _tag(claim: str, claims: Claims | None) -> TagValue | None:
    if claims is None:
        return TagValue("", "the claims of the token are not known")
    value = claims.get(claim)
    if value is None:
        return None
    if not isinstance(value, str):
        return TagValue("", f"how AWS writes the claim {claim}, which is no text, is not known")
    return TagValue(value)
