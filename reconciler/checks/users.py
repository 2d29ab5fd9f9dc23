"""Users that are made up to see what a pool does with them: by its providers and their rules.

Their names say what they are, and nothing of the values of their claims.  Every claim is one text:
what AWS makes of a list is not known.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product
from typing import Final, NamedTuple, cast

from reconciler.checks.naming import bare, short_providers
from reconciler.checks.simulation import SignIn, matches, names_of_providers
from reconciler.model.written import PoolData, RoleMappingData, RuleData

# Stands for whatever role a user pool puts into a token.
ROLE_IN_TOKEN: Final = "the role in the token"  # noqa: S105
_ANOTHER_ROLE: Final = "another role in the token"
_TOKEN_ROLES: Final = "cognito:roles"  # noqa: S105
# Without upper and lower case: whether that counts is not known.
_SEPARATORS: Final[tuple[str, ...]] = ("-", "_", ".", "~", *"0123456789")
_MORE_SEPARATORS: Final = range(0x4E00, 0x9FFF)


@dataclass(frozen=True, slots=True)
class NamedUser:
    """Somebody who signs in: a test's user, or one that ``is_generated``."""

    name: str
    who: SignIn
    is_generated: bool


def generated_users(*pools: PoolData) -> tuple[NamedUser, ...]:
    """A guest, and the users of every provider of any of the pools.

    ``pools``: as it is to be, then as it was; a rule is called by its number in the first that has
    it.  Of a provider: a plain user; for each rule one whom it gives its role, and a near miss; for
    a mapping of tokens users without a role, with one and with several.  Whoever matches a rule
    that earlier ones keep from everybody asks for its role (CustomRoleArn).
    """
    shown = short_providers(*pools)
    names = dict.fromkeys(name for pool in pools for name in names_of_providers(pool))
    users = [_user("guest", SignIn())]
    for name in names:
        users += _of_provider(name, shown[name], [_mapping(pool, name) for pool in pools])
    return _distinct(users)


def searched_users(provider: str, *pools: PoolData) -> Iterator[NamedUser]:
    """Users of a provider of whom one gets another role if anybody with claims of one text does.

    Where two lists of rules give somebody different roles by two rules, they do so to whoever has
    the claims of these two alone.  A claim's values are as many as there are ways to be the first
    match in each list: those of rules, and what matches two rules and of all others no more than
    anybody does who matches these.  There is one user for each pair of roles; where case would
    make a difference, one more.  The time grows with the fourth power of the number of rules.
    """
    lists = [[*_rules(_mapping(pool, provider))] for pool in pools]
    folded = [[_folded(rule) for rule in rules] for rules in lists]
    shown = short_providers(*pools)[provider]
    for each in [lists] if folded == lists else [lists, folded]:
        for claims in _moved(each):
            names = " and ".join(map(bare, claims))
            yield _user(f"user of {shown} with {names}", SignIn(provider, claims))


def most_rules(provider: str, *pools: PoolData) -> int:
    """How many rules the provider has in the pool where it has most."""
    return max(len(_rules(_mapping(pool, provider))) for pool in pools)


def _moved(lists: Sequence[Sequence[RuleData]]) -> Iterator[Mapping[str, str]]:
    """Claims to which the lists give different roles."""
    by_claim: dict[str, list[RuleData]] = {}
    for rule in chain(*lists):
        by_claim.setdefault(rule["Claim"], []).append(rule)
    ways = {claim: _telling(rules, lists) for claim, rules in by_claim.items()}
    seen = set()
    for count in (1, 2):
        for claims in combinations(ways, count):
            for chosen in product(*(ways[claim] for claim in claims)):
                roles = tuple(
                    rules[min(numbers)]["RoleARN"] if min(numbers) < len(rules) else ""
                    for rules, *numbers in zip(lists, *(way.first for way in chosen), strict=True)
                )
                told = (roles, all(way.is_clear for way in chosen))
                if len({*roles}) > 1 and told not in seen:
                    seen.add(told)
                    values = (way.value for way in chosen)
                    yield dict(zip(claims, values, strict=True))


def _user(name: str, who: SignIn) -> NamedUser:
    return NamedUser(name, who, is_generated=True)


def _distinct(users: Iterable[NamedUser]) -> tuple[NamedUser, ...]:
    found: dict[object, NamedUser] = {}
    for user in users:
        claims = repr(sorted((user.who.claims or {}).items()))
        found.setdefault((user.who.provider, claims, user.who.custom_role), user)
    return tuple(found.values())


def _mapping(pool: PoolData, provider: str) -> RoleMappingData | None:
    return (pool.get("RoleMappings") or {}).get(provider)


def _rules(mapping: RoleMappingData | None) -> Sequence[RuleData]:
    configuration = mapping.get("RulesConfiguration") if mapping else None
    return configuration["Rules"] if configuration else ()


def _of_provider(
    provider: str, shown: str, mappings: Sequence[RoleMappingData | None]
) -> Iterator[NamedUser]:
    has_token = any(mapping and mapping["Type"] == "Token" for mapping in mappings)
    plain = f"user of {shown}"
    yield _user(f"{plain} without a role in the token" if has_token else plain, SignIn(provider))
    if has_token:
        for what, roles in (("one role", [ROLE_IN_TOKEN]), ("two roles", _TWO_ROLES)):
            who = SignIn(provider, {_TOKEN_ROLES: list(roles)})
            yield _user(f"{plain} with {what} in the token", who)
    lists = [_rules(mapping) for mapping in mappings]
    separator = _separator(chain(*lists))
    for position, rules in enumerate(lists):
        old = "former " if position else ""
        for number, rule in enumerate(rules):
            called = f"{old}rule {number + 1}"
            yield _matching(provider, plain, called, rules, number, separator)
            miss = {rule["Claim"]: _near_miss(rule, separator)}
            name = f"near miss of {called} of {shown} with {bare(rule['Claim'])}"
            yield _user(name, SignIn(provider, miss))


_TWO_ROLES: Final = (ROLE_IN_TOKEN, _ANOTHER_ROLE)


def _matching(
    provider: str,
    plain: str,
    called: str,
    rules: Sequence[RuleData],
    number: int,
    separator: str,
) -> NamedUser:
    """Whoever gets the role by the rule; where nobody does, who matches it and asks for it."""
    rule = rules[number]
    name = f"{plain} with {bare(rule['Claim'])} matching {called}"
    value = _witness(rules, number, separator)
    if value is not None:
        return _user(name, SignIn(provider, {rule["Claim"]: value}))
    claims = {rule["Claim"]: _natural(rule, separator)}
    asks = SignIn(provider, claims, custom_role=rule["RoleARN"])
    return _user(f"{name}, who asks for its role", asks)


# Values of claims


def _separator(rules: Iterable[RuleData]) -> str:
    """A character that no rule's value has, whatever is made of case."""
    taken = {char for rule in rules for char in rule["Value"] + rule["Value"].casefold()}
    every = chain(_SEPARATORS, map(chr, _MORE_SEPARATORS))
    return next(char for char in every if char not in taken)


def _natural(rule: RuleData, separator: str) -> str:
    """A value that matches a rule, and of all others those alone that every such value does.

    But for NotEqual, and for what has the value of an Equals.
    """
    forms: Mapping[str, str] = {
        "Equals": rule["Value"],
        "NotEqual": separator,
        "StartsWith": rule["Value"] + separator,
        "Contains": separator + rule["Value"] + separator,
    }
    return forms[rule["MatchType"]]


def _near_miss(rule: RuleData, separator: str) -> str:
    """A value that the rule does not match, by one character."""
    forms: Mapping[str, str] = {
        "Equals": rule["Value"] + separator,
        "NotEqual": rule["Value"],
        "StartsWith": separator + rule["Value"],
        "Contains": rule["Value"][:-1] + separator,
    }
    return forms[rule["MatchType"]]


def _witness(rules: Sequence[RuleData], number: int, separator: str) -> str | None:
    """A value of its claim by which the rule is the first to match; ``None``: there is none.

    One about which case leaves no doubt, if possible.
    """
    rule = rules[number]
    earlier = [each for each in rules[:number] if each["Claim"] == rule["Claim"]]
    # After a NotEqual there is one value left, which is that rule's own.
    candidates = [_natural(rule, separator), *(each["Value"] for each in earlier)]
    first = [
        value
        for value in candidates
        if matches(rule, value) and not any(matches(each, value) for each in earlier)
    ]
    clear = (value for value in first if all(_is_clear(each, value) for each in (rule, *earlier)))
    return next(clear, first[0] if first else None)


def _is_clear(rule: RuleData, value: str) -> bool:
    return matches(rule, value) is matches(_folded(rule), value.casefold())


def _folded(rule: RuleData) -> RuleData:
    return cast("RuleData", {**rule, "Value": rule["Value"].casefold()})


class _Way(NamedTuple):
    """A value of a claim, and the first rule that it matches of each list, by its position.

    The list's length: none.  ``is_clear``: case makes no difference.
    """

    value: str
    first: tuple[int, ...]
    is_clear: bool


def _telling(rules: Sequence[RuleData], lists: Sequence[Sequence[RuleData]]) -> Sequence[_Way]:
    """Values of one claim, of which ``rules`` are all: one for each way to match the lists."""
    separator = _separator(rules)
    values = [rule["Value"] for rule in rules]
    values += [_natural(rule, separator) for rule in rules]
    values += [_both(*pair, separator) for pair in combinations(rules, 2)]
    found: dict[object, _Way] = {}
    for value in dict.fromkeys(values):
        first = tuple(_first(each, rules[0]["Claim"], value) for each in lists)
        way = _Way(value, first, all(_is_clear(rule, value) for rule in rules))
        found.setdefault(way[1:], way)
    return tuple(found.values())


def _first(rules: Sequence[RuleData], claim: str, value: str) -> int:
    numbers = (n for n, r in enumerate(rules) if r["Claim"] == claim and matches(r, value))
    return next(numbers, len(rules))


def _both(one: RuleData, other: RuleData, separator: str) -> str:
    """A value that two rules match, if any does that is no rule's own value."""
    starts = [rule["Value"] for rule in (one, other) if rule["MatchType"] == "StartsWith"]
    inside = [rule["Value"] for rule in (one, other) if rule["MatchType"] == "Contains"]
    return separator.join([max(starts, key=len, default=""), *inside, ""])
