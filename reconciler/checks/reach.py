"""Which rules of a role mapping can match nobody, because those before them take everybody first.

Decided exactly for a claim of one text value.  Rules on other claims take nobody away for certain:
somebody may lack the claim.  How AWS compares a list is not known, and so there nothing is decided
but that a rule is there twice.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from reconciler.checks.simulation import matches
from reconciler.model.written import RuleData

# Claims of a user pool's tokens that are lists (developer guide, "Using the ID token").
LIST_CLAIMS: Final = frozenset({"cognito:groups", "cognito:roles"})
_PRIVATE_USE: Final = range(0xE000, 0xF900)


class Shadowed(NamedTuple):
    """A rule that never matches, and the earlier ones that take all its values: 0-based."""

    rule: int
    by: tuple[int, ...]


def shadowed(rules: Sequence[RuleData]) -> Iterator[Shadowed]:
    """The rules that decide for nobody, whether case counts or not, for that is not known."""
    folded = [RuleData(**{**each, "Value": each["Value"].casefold()}) for each in rules]
    sign = _unused_sign(rules)
    of_claim: dict[str, list[int]] = {}
    for number, rule in enumerate(rules):
        earlier = of_claim.setdefault(rule["Claim"], [])
        if rule["Claim"] in LIST_CLAIMS:
            by = tuple(n for n in earlier if _asks_for(rules[n]) == _asks_for(rule))[:1]
        else:
            by = _covering(rules, number, earlier, sign)
            by = by if by and _covering(folded, number, earlier, sign) else ()
        if by:
            yield Shadowed(number, by)
        earlier.append(number)


def _asks_for(rule: RuleData) -> tuple[str, str]:
    return rule["MatchType"], rule["Value"]


def _covering(
    rules: Sequence[RuleData], number: int, earlier: Sequence[int], sign: str
) -> tuple[int, ...]:
    """The earlier rules that take every value that a rule matches; none where one is left to it.

    Few values have to be tried.  The witness is a value that has no more in common with other rules
    than the rule asks for, since it is filled up with a sign that no rule has: whichever earlier
    StartsWith or Contains matches it, matches all that the rule does, and an Equals never does.
    Only NotEqual takes the witness and leaves one value over, its own, which is tried, too.
    """
    rule = rules[number]
    left_over = [rules[n]["Value"] for n in earlier if rules[n]["MatchType"] == "NotEqual"]
    by = set()
    for value in (_witness(rule, sign), *left_over):
        if not matches(rule, value):
            continue
        first = next((n for n in earlier if matches(rules[n], value)), None)
        if first is None:
            return ()
        by.add(first)
    return tuple(sorted(by))


def _witness(rule: RuleData, sign: str) -> str:
    value = rule["Value"]
    shapes = {"Equals": value, "NotEqual": sign, "StartsWith": value + sign}
    return shapes.get(rule["MatchType"], sign + value + sign)


def _unused_sign(rules: Sequence[RuleData]) -> str:
    """A sign that no rule has, whether case counts or not: these have no case."""
    used = set("".join(each["Value"] for each in rules))
    return next(chr(code) for code in _PRIVATE_USE if chr(code) not in used)
