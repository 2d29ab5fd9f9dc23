"""What a change of a pool does to who gets in, and with which role: in sentences.

A role in place of another one counts as more access: what roles may do is not known here.  It is
less where whoever has the new one could have asked for it before, and loses the old one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, cast

from reconciler.checks.comparison import (
    GUESTS,
    MAPPINGS,
    ROLES,
    Comparison,
    is_of,
    other_role,
    said,
    sides,
)
from reconciler.checks.moved import roles_and_rules
from reconciler.checks.naming import bare
from reconciler.checks.simulation import SignIn, names_of_providers
from reconciler.checks.users import ROLE_IN_TOKEN, NamedUser
from reconciler.model.access import AccessChange, AccessKind, Effect
from reconciler.model.pool_fields import DEFAULT_PRINCIPAL_TAGS, PRINCIPAL_TAGS_FIELD
from reconciler.model.written import PoolData

_CLASSIC: Final = "AllowClassicFlow"
_LOGINS: Final = "SupportedLoginProviders"
_CLIENTS: Final = "CognitoIdentityProviders"
_PROVIDER_FIELDS: Final = (
    _CLIENTS,
    _LOGINS,
    "OpenIdConnectProviderARNs",
    "SamlProviderARNs",
    "DeveloperProviderName",
)
_FIELDS: Final = (GUESTS, _CLASSIC, *_PROVIDER_FIELDS, ROLES, MAPPINGS, PRINCIPAL_TAGS_FIELD)
_ORDER: Final[tuple[Effect, ...]] = ("widens", "narrows", "moves nobody")
_MOST_PROVIDERS: Final = 6


def access_changes(
    live: PoolData | None, desired: PoolData | None, users: Sequence[NamedUser] = ()
) -> tuple[AccessChange, ...]:
    """What changes from ``live`` (``None``: no pool yet) to ``desired`` (``None``: none any more).

    ``users`` are those of tests: who changes role is told of them, and where none of them does,
    of generated ones.  What widens access comes first, then what narrows it.
    """
    before, after = sides(live, desired)
    if all(before.get(field) == after.get(field) for field in _FIELDS):
        return ()
    if desired is None:
        return _deletion(before)
    both = Comparison(before, after, users)
    found = [
        *_guests(both),
        *_classic_flow(both),
        *_providers(both),
        *_same_providers(both),
        *roles_and_rules(both),
        *_principal_tags(both),
    ]
    if live is None:  # there is nobody yet whom a change could leave as he is
        found = [each for each in found if each.effect != "moves nobody"]
    return tuple(sorted(found, key=lambda each: _ORDER.index(each.effect)))


def _deletion(before: PoolData) -> tuple[AccessChange, ...]:
    if not (before.get(GUESTS) or names_of_providers(before)):
        return ()
    kind: AccessKind = "provider" if names_of_providers(before) else "guests"
    return (said("narrows", kind, "", "nobody gets in any more"),)


# Guests, and the classic flow


def _guests(both: Comparison) -> Iterator[AccessChange]:
    was, now = (bool(pool.get(GUESTS)) for pool in (both.before, both.after))
    before, after = both.default_roles("unauthenticated")
    moves = [each for each in both.moves_of_tests if not each.user.who.provider]
    asked = len(both.tests)
    if now and not was:
        says = f"guests get in{_with_roles(both, [after])}"
        yield said("widens", "guests", GUESTS, says, moves, asked)
    elif was and not now:
        had = f", who had {_one_of(both, [before])}" if before else ""
        says = f"guests do not get in any more{had}"
        yield said("narrows", "guests", GUESTS, says, moves, asked)
    elif now and both.knows_roles and before != after:
        effect, says = other_role(both, "guests", before, after)
        yield said(effect, "role", ROLES, says, moves, asked)


def _with_roles(both: Comparison, roles: Sequence[str]) -> str:
    """``, with role customer or admin``; nothing where roles are not known."""
    if not both.knows_roles:
        return ""
    return f", with {_one_of(both, roles)}" if any(roles) else ", and get no role"


def _one_of(both: Comparison, roles: Sequence[str]) -> str:
    *most, last = (both.role(role) for role in roles if role)
    shown = f"{', '.join(most)} or {last}" if most else last
    return shown if roles[0] == ROLE_IN_TOKEN else f"role {shown}"


def _classic_flow(both: Comparison) -> Iterator[AccessChange]:
    was, now = (bool(pool.get(_CLASSIC)) for pool in (both.before, both.after))
    if now and not was:
        says = "the classic flow is on: whoever gets in may ask for any role that trusts the pool"
        yield said("widens", "classic-flow", _CLASSIC, says)
    elif was and not now:
        yield said("narrows", "classic-flow", _CLASSIC, "the classic flow is off")


# Providers


def _providers(both: Comparison) -> Iterator[AccessChange]:
    """Those that come and go; what their users get is told here, and nowhere else."""
    before, after = names_of_providers(both.before), names_of_providers(both.after)
    added = [name for name in after if name not in before]
    removed = [name for name in before if name not in after]
    for roles, names in _by_roles(both, added, is_after=True).items():
        says = f"{_users_of(both, names)} get in{_with_roles(both, roles)}"
        field = _field_of(names[0], both.after)
        moves = [each for each in both.moves_of_tests if is_of(each.user.who, names)]
        yield said("widens", "provider", field, says, moves, len(both.tests))
    for roles, names in _by_roles(both, removed, is_after=False).items():
        had = f", who had {_one_of(both, roles)}" if roles else ""
        says = f"{_users_of(both, names)} do not get in any more{had}"
        field = _field_of(names[0], both.before)
        moves = [each for each in both.moves_of_tests if is_of(each.user.who, names)]
        yield said("narrows", "provider", field, says, moves, len(both.tests))


def _by_roles(
    both: Comparison, providers: Iterable[str], *, is_after: bool
) -> Mapping[tuple[str, ...], list[str]]:
    """The providers by what made-up users of them get."""
    roles: dict[str, dict[str, None]] = {name: {} for name in providers}
    for each in both.moves:
        if each.user.is_generated and each.user.who.provider in roles:
            role = (each.after if is_after else each.before).role
            roles[each.user.who.provider] |= {role: None} if role else {}
    found: dict[tuple[str, ...], list[str]] = {}
    for name, theirs in roles.items():
        found.setdefault(tuple(theirs), []).append(name)
    return found


def _users_of(both: Comparison, providers: Sequence[str]) -> str:
    shown = [both.providers.get(name, bare(name)) for name in providers[:_MOST_PROVIDERS]]
    left = len(providers) - len(shown)
    return f"users of {', '.join(shown)}{f' and {left} more' if left else ''}"


def _field_of(provider: str, pool: PoolData) -> str:
    """The field of the pool that has the provider."""
    others = {_LOGINS, "OpenIdConnectProviderARNs", "SamlProviderARNs"}
    fields = cast("Mapping[str, Iterable[str]]", pool)
    has_it = (field for field in others if provider in fields.get(field, ()))
    developer = pool.get("DeveloperProviderName")
    return next(has_it, "DeveloperProviderName" if provider == developer else _CLIENTS)


def _same_providers(both: Comparison) -> Iterator[AccessChange]:
    """Providers that stay, and let other people in."""
    logins = (both.before.get(_LOGINS, {}), both.after.get(_LOGINS, {}))
    # Of Twitter's key and secret, the key alone says which app it is.
    apps = [{name: app.partition(";")[0] for name, app in each.items()} for each in logins]
    old, new = apps
    if names := [name for name, app in new.items() if old.get(name, app) != app]:
        says = f"{_users_of(both, names)} get in by another app, and no more by the old one"
        yield said("widens", "provider", _LOGINS, says)
    before, after = map(_token_checks, (both.before, both.after))
    for is_on, effect, says in _TOKEN_CHECKS:
        if names := [n for n in both.kept if n in after and before[n] is not is_on is after[n]]:
            yield said(effect, "provider", _CLIENTS, f"{_users_of(both, names)} {says}")


_TOKEN_CHECKS: Final[tuple[tuple[bool, Effect, str], ...]] = (
    (False, "widens", "get in while their token lasts, be they signed out or deleted"),
    (True, "narrows", "who are signed out or deleted do not get in any more"),
)


def _token_checks(pool: PoolData) -> Mapping[str, bool]:
    """Whether the user pool is asked about a token, by client."""
    clients = pool.get("CognitoIdentityProviders", ())
    return {
        f"{client['ProviderName']}:{client['ClientId']}": bool(client.get("ServerSideTokenCheck"))
        for client in clients
    }


# Principal tags


def _principal_tags(both: Comparison) -> Iterator[AccessChange]:
    """Of the providers that stay."""
    before, after = map(_tag_maps, (both.before, both.after))
    alike: dict[tuple[Effect, str], list[str]] = {}
    for name in {**after, **before}:
        if is_of(SignIn(name), both.kept) and before.get(name) != after.get(name):
            alike.setdefault(_tags(before.get(name, {}), after.get(name, {})), []).append(name)
    for (effect, told), names in alike.items():
        says = f"principal tags of {_users_of(both, names)}: {told}"
        yield said(effect, "principal-tags", PRINCIPAL_TAGS_FIELD, says)


def _tag_maps(pool: PoolData) -> Mapping[str, Mapping[str, str]]:
    """By provider the claim of each tag."""
    found = cast("Mapping[str, Mapping[str, object]]", pool.get("PrincipalTagAttributeMaps", {}))
    return {
        name: {
            **(DEFAULT_PRINCIPAL_TAGS if each.get("UseDefaults") else {}),
            **cast("Mapping[str, str]", each.get("PrincipalTags") or {}),
        }
        for name, each in found.items()
    }


def _tags(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Effect, str]:
    """A tag more may open something, and so may another value; one less is taken to close it."""
    told = [f"{bare(tag)} added" for tag in after if tag not in before]
    told += [f"{bare(tag)} changed" for tag in after if before.get(tag, after[tag]) != after[tag]]
    gone = [f"{bare(tag)} removed" for tag in before if tag not in after]
    return "widens" if told else "narrows", ", ".join([*told, *gone])
