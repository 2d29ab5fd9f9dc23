"""Which role a user gets of a pool, by which rule, and with which principal tags.

The rules are those that AWS documents (Amazon Cognito developer guide, "Using role-based access
control" and "Using attributes for access control").  What AWS leaves open is answered "not known"
with the reason, never guessed: how a claim that is no text compares, and whether case counts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple, TypeAlias, cast

from reconciler.checks.session_tags import NO_CLAIMS, NotKnown, TagValue, session_tags
from reconciler.model.base import JsonValue
from reconciler.model.providers import client_key, is_user_pool, issuer_of
from reconciler.model.written import PoolData, RoleMappingData, RuleData

Claims: TypeAlias = Mapping[str, JsonValue]
Verdict: TypeAlias = Literal["role", "denied", "not known"]
ClosedBy: TypeAlias = Literal["AllowClassicFlow", "RoleMappings", "SAML"]
# What a sign-in is denied for: each has an error of its own in AWS.
Denial: TypeAlias = Literal["", "sign-in", "no role", "role asked for", "no match"]

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


@dataclass(frozen=True, slots=True)
class Decision:
    """What they get.

    ``role`` is an ARN where the verdict is "role"; ``why``: the reason, a sentence without its
    end.  ``mapping`` is the key in RoleMappings that was asked, ``rule`` the 0-based number of the
    rule that gave the role.  ``tags``: the principal tags of the session, where there is one;
    ``no_tags``: why nothing is known of these.  ``denial``: the kind of what is denied.
    """

    verdict: Verdict
    why: str
    role: str = ""
    mapping: str | None = None
    rule: int | None = None
    tags: Mapping[str, TagValue] = field(default_factory=dict)
    no_tags: str = ""
    denial: Denial = ""

    @property
    def outcome(self) -> str:
        """What two decisions are compared by: the role, or that there is none."""
        return self.role or self.verdict


class _Provider(NamedTuple):
    """A provider as a pool has it: its keys in RoleMappings and in PrincipalTagAttributeMaps."""

    mapping: str | None
    tag_maps: tuple[str, ...]
    is_user_pool: bool = False


class _Denied(Exception):
    """The pool gives no role; the text says why, ``kind`` of what kind that is."""

    def __init__(self, kind: Denial, why: str) -> None:
        super().__init__(why)
        self.kind = kind


def simulate(pool: PoolData, who: SignIn) -> Decision:
    """What a pool, in the API's shape, gives to somebody.

    A pool without ``Roles`` and ``RoleMappings`` is one whose roles nobody has read or manages.
    """
    return _settled(lambda: _guest(pool, who) if not who.provider else _user(pool, who))


def _settled(decide: Callable[[], Decision]) -> Decision:
    """What is decided, also where that is why there is no role."""
    try:
        return decide()
    except _Denied as why:
        return Decision("denied", str(why), denial=why.kind)
    except NotKnown as why:
        return Decision("not known", str(why))


def no_classic_flow(pool: PoolData, provider: str) -> ClosedBy | None:
    """What closes the classic flow to a provider's users, ``None`` where it is open.

    It is no choice among roles: an app takes whatever role trusts the pool.  A pool that never had
    AllowClassicFlow is shown as one that allows it (``judging.shown_to_checks``).
    """
    if not pool.get("AllowClassicFlow"):
        return "AllowClassicFlow"
    if pool.get("RoleMappings"):
        return "RoleMappings"
    return "SAML" if ":saml-provider/" in provider else None


def names_of_providers(pool: PoolData) -> tuple[str, ...]:
    """The providers that somebody can sign in with, a user pool's clients one by one."""
    clients = (client_key(client) for client in pool.get("CognitoIdentityProviders", ()))
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
        raise _Denied("sign-in", "the pool lets no guests in")
    role = _default_role(pool, "unauthenticated")
    _check_same(who, role, "a guest")
    return Decision("role", "guests get Roles.unauthenticated", role)


def _user(pool: PoolData, who: SignIn) -> Decision:
    provider = _provider(pool, who)
    mappings = pool.get("RoleMappings") or {}
    if provider.mapping is None or provider.mapping not in mappings:
        role = _default_role(pool, "authenticated")
        _check_same(who, role, "a provider without a role mapping")
        decision = Decision("role", "no role mapping for the provider: Roles.authenticated", role)
    else:
        mapping = mappings[provider.mapping]
        decision = _settled(lambda: _by_mapping(pool, mapping, provider, who))
        decision = replace(decision, mapping=provider.mapping)
    if not decision.role:
        return decision
    try:
        return replace(decision, tags=session_tags(pool, provider.tag_maps, who.claims))
    except NotKnown as why:
        return replace(decision, no_tags=str(why))


def _by_mapping(
    pool: PoolData, mapping: RoleMappingData, provider: _Provider, who: SignIn
) -> Decision:
    if mapping["Type"] == "Token":
        return _by_token(pool, mapping, who, is_user_pool=provider.is_user_pool)
    return _by_rules(pool, mapping, who)


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
    raise _Denied("sign-in", f"{name} is no provider of the pool")


def _user_pool(pool: PoolData, name: str, claims: Claims | None) -> _Provider | None:
    """The user pool's client that a token is for: its ``aud`` says which."""
    provider = name.partition(":")[0]
    clients = pool.get("CognitoIdentityProviders", ())
    keys = [client_key(client) for client in clients if client["ProviderName"] == provider]
    if not keys or not is_user_pool(provider):
        return None
    if name != provider and name not in keys:
        raise _Denied("sign-in", f"{name} is no client of the pool")
    _check_issuer(provider, claims)
    named = [name] if name != provider else list(dict.fromkeys(keys))
    audience = (claims or {}).get("aud")
    if audience is not None:
        named = [key for key in named if key == f"{provider}:{audience}"]
    elif (claims or {}).get("token_use") == "access":
        raise _Denied("sign-in", "this is an access token (token_use); AWS takes ID tokens")
    if not named:
        raise _Denied("sign-in", "the token is for another client (aud)")
    if len(named) > 1:
        raise NotKnown("the pool has several clients of the user pool, and no aud says which")
    return _Provider(named[0], (provider,), is_user_pool=True)


def _check_issuer(issuer: str, claims: Claims | None) -> None:
    said = (claims or {}).get("iss")
    if said is not None and str(said).removeprefix(_HTTPS).rstrip("/") != issuer.rstrip("/"):
        raise _Denied("sign-in", "the token is of another issuer (iss) than the provider")


# What they get


def _default_role(pool: PoolData, kind: Literal["authenticated", "unauthenticated"]) -> str:
    if "Roles" not in pool and "RoleMappings" not in pool:
        raise NotKnown("the pool's roles are not managed here")
    role = (pool.get("Roles") or {}).get(kind)
    if not role:
        raise _Denied("no role", f"the pool has no role for this: Roles.{kind} is not set")
    return str(role)


def _check_same(who: SignIn, role: str, what: str) -> None:
    """AWS documents CustomRoleArn for role mappings alone."""
    if who.custom_role not in ("", role):
        raise NotKnown(f"what AWS makes of a CustomRoleArn of {what} is not documented")


def _ambiguous(pool: PoolData, mapping: RoleMappingData, why: str, who: SignIn) -> Decision:
    resolution = mapping.get("AmbiguousRoleResolution")
    if resolution == "Deny":
        raise _Denied("no match", f"{why}, and AmbiguousRoleResolution is Deny")
    if resolution != "AuthenticatedRole":
        raise NotKnown(f"{why}, and the mapping has no AmbiguousRoleResolution")
    role = _default_role(pool, "authenticated")
    _check_same(who, role, "a token that matches nothing")
    return Decision("role", f"{why}: AmbiguousRoleResolution gives Roles.authenticated", role)


def _by_token(
    pool: PoolData, mapping: RoleMappingData, who: SignIn, *, is_user_pool: bool
) -> Decision:
    if not is_user_pool:
        raise NotKnown("Type Token is documented for user pools alone")
    if who.claims is None:
        raise NotKnown(NO_CLAIMS)
    roles = _roles_in(who.claims)
    if who.custom_role:
        if who.custom_role not in roles:
            raise _Denied("role asked for", f"the role that is asked for is not in {_TOKEN_ROLES}")
        why = f"the token allows the role that is asked for ({_TOKEN_ROLES})"
        return Decision("role", why, who.custom_role)
    preferred = who.claims.get(_PREFERRED)
    if isinstance(preferred, str) and preferred:
        return Decision("role", f"the token names it ({_PREFERRED})", preferred)
    if preferred:
        raise NotKnown(f"how AWS reads {_PREFERRED}, which is no text, is not known")
    if len(roles) == 1:
        return Decision("role", f"the only one in the token ({_TOKEN_ROLES})", roles[0])
    what = f"several roles in {_TOKEN_ROLES}" if roles else f"no role in {_TOKEN_ROLES}"
    return _ambiguous(pool, mapping, f"the token has {what} and no {_PREFERRED}", who)


def _roles_in(claims: Claims) -> list[str]:
    """The roles of a token, each once; a user pool writes them as a list of texts."""
    found = claims.get(_TOKEN_ROLES, [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise NotKnown(f"how AWS reads {_TOKEN_ROLES}, which is no list of texts, is not known")
    return list(dict.fromkeys(str(each) for each in found))


class _Match(NamedTuple):
    """Whether a rule matches: ``None`` with a reason where that is not known."""

    is_match: bool | None
    why_not: str = ""


class _Way(NamedTuple):
    """One thing that may come of a mapping's rules: of which rule, ``None``: of none."""

    rule: int | None
    doubt: str


def _by_rules(pool: PoolData, mapping: RoleMappingData, who: SignIn) -> Decision:
    found = [_match(rule, who.claims) for rule in _rules_of(mapping)]
    if who.custom_role:
        return _by_custom_role(pool, mapping, found, who)
    ways = list(_ways(found))
    decisions = [_decided(pool, mapping, way, who) for way in ways]
    if len({decision.outcome for decision in decisions}) > 1:
        raise NotKnown(next(way.doubt for way in ways if way.doubt))
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


def _decided(pool: PoolData, mapping: RoleMappingData, way: _Way, who: SignIn) -> Decision:
    if way.rule is not None:
        role = _rules_of(mapping)[way.rule]["RoleARN"]
        return Decision("role", f"rule {way.rule + 1} matches", role, rule=way.rule)
    try:
        return _ambiguous(pool, mapping, "no rule matches", who)
    except _Denied as why:
        return Decision("denied", str(why), denial=why.kind)


def _by_custom_role(
    pool: PoolData, mapping: RoleMappingData, found: Sequence[_Match], who: SignIn
) -> Decision:
    """A role may be chosen of all rules that match, whatever their order."""
    rules = _rules_of(mapping)
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
        raise NotKnown(f"rule {number + 1}: {match.why_not}")
    if not any(match.is_match for match in found):
        return _ambiguous(pool, mapping, "no rule matches", who)
    why = "no rule that matches gives the role that is asked for (CustomRoleArn)"
    raise _Denied("role asked for", why)


def _rules_of(mapping: RoleMappingData) -> Sequence[RuleData]:
    configuration = mapping.get("RulesConfiguration")
    return configuration["Rules"] if configuration else ()


def _match(rule: RuleData, claims: Claims | None) -> _Match:
    """Whether a rule matches a token; none does whose claim is not there, NotEqual included."""
    if claims is None:
        return _Match(None, NO_CLAIMS)
    name = rule["Claim"]
    if name in claims:
        return _compared(rule, claims[name])
    alike = [other for other in claims if other.casefold() == name.casefold()]
    for other in alike:
        if _compared(rule, claims[other]).is_match is not False:
            return _Match(None, f"whether AWS takes the claim {other} for {name} is not known")
    return _Match(is_match=False)


def _compared(rule: RuleData, value: JsonValue) -> _Match:
    name = rule["Claim"]
    if not isinstance(value, str):
        kind = "a list" if isinstance(value, list) else "no text"
        return _Match(None, f"how AWS compares the claim {name}, which is {kind}, is not known")
    is_match = matches(rule, value)
    folded = cast("RuleData", {**rule, "Value": rule["Value"].casefold()})
    if matches(folded, value.casefold()) is not is_match:
        return _Match(None, f"whether case counts in the claim {name} is not known")
    return _Match(is_match)
