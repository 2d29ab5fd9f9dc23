"""Checks of role mappings: rules that match nobody, or others than they seem to."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, cast

from reconciler.checks.reach import LIST_CLAIMS, shadowed
from reconciler.model.findings import RuleId
from reconciler.model.providers import is_user_pool, issuer_of
from reconciler.model.written import PoolData, RuleData
from reconciler.text.problems import FieldPath, Problem, listed, quoted

# An app client without WriteAttributes lets users write "the values of the Standard attributes of
# your user pool" (API reference, CreateUserPoolClient); these are they (developer guide, "Working
# with user attributes"), without `sub`, which nobody can write.
STANDARD_ATTRIBUTES: Final = frozenset(
    {
        *("name", "family_name", "given_name", "middle_name", "nickname", "preferred_username"),
        *("profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale"),
        *("updated_at", "address", "email", "phone_number"),
    }
)
CUSTOM_ATTRIBUTE: Final = "custom:"


class MappedRule(NamedTuple):
    """A rule, the key of its mapping, its 0-based number, and all rules of the mapping."""

    mapping: str
    number: int
    rule: RuleData
    rules: Sequence[RuleData]

    @property
    def path(self) -> FieldPath:
        """Where it stands."""
        return _path(self.mapping, self.number)


def mapped_rules(pool: PoolData) -> Iterator[MappedRule]:
    """All rules of all role mappings."""
    for key, rules in _rules_by_mapping(pool):
        for number, rule in enumerate(rules):
            yield MappedRule(key, number, rule, rules)


def has_user_pool_tokens(name: str) -> bool:
    """Whether a key of RoleMappings or of principal tags stands for a user pool.

    One can be a provider by its client, or as an OpenID Connect provider.
    """
    pool, _, client = name.partition(":")
    return is_user_pool(pool if client else name) or is_user_pool(issuer_of(name))


def attribute_case(claim: str) -> str:
    """Who may write a user pool's claim: "standard", "custom", or "" where users never can."""
    if claim in STANDARD_ATTRIBUTES:
        return "standard"
    return "custom" if claim.startswith(CUSTOM_ATTRIBUTE) else ""


def rule_unreachable(pool: PoolData) -> Iterator[Problem]:
    """A role that nobody gets, or not by this rule: then what was meant does not happen."""
    for key, rules in _rules_by_mapping(pool):
        for each in shadowed(rules):
            by = [f"rule {number + 1}" for number in each.by]
            yield Problem.of(
                _path(key, each.rule),
                RuleId.RULE_UNREACHABLE,
                number=each.rule + 1,
                by=listed(by),
                take="takes" if len(by) == 1 else "together take",
                claim=quoted(rules[each.rule]["Claim"]),
            )


def contains_part_of_another(pool: PoolData) -> Iterator[Problem]:
    """``admin`` is in ``admins``: who is in the one group gets the role of the other."""
    for each in mapped_rules(pool):
        if others := _longer_values(each):
            yield Problem.of(
                (*each.path, "Value"),
                RuleId.CONTAINS_PART_OF_ANOTHER,
                value=quoted(each.rule["Value"]),
                others=listed(others),
                claim=quoted(each.rule["Claim"]),
            )


def contains_on_list(pool: PoolData) -> Iterator[Problem]:
    """Groups that nobody has thought of may have the value in their name."""
    for each in mapped_rules(pool):
        is_contains = each.rule["MatchType"] == "Contains"
        if each.rule["Claim"] in LIST_CLAIMS and is_contains and not _longer_values(each):
            value, claim = quoted(each.rule["Value"]), quoted(each.rule["Claim"])
            yield Problem.of(
                (*each.path, "Value"), RuleId.CONTAINS_ON_LIST, value=value, claim=claim
            )


def list_as_text(pool: PoolData) -> Iterator[Problem]:
    """AWS does not say how it compares a list with one text."""
    for each in mapped_rules(pool):
        kind = each.rule["MatchType"]
        if each.rule["Claim"] in LIST_CLAIMS and kind != "Contains":
            claim = quoted(each.rule["Claim"])
            path = (*each.path, "MatchType")
            yield Problem.of(path, RuleId.LIST_AS_TEXT, claim=claim, kind=kind)


def writable_claim(pool: PoolData) -> Iterator[Problem]:
    """If users can write the claim, "any end user can assume your role" (developer guide)."""
    for key, rules in _rules_by_mapping(pool):
        if not has_user_pool_tokens(key):
            continue
        for number, rule in enumerate(rules):
            claim = rule["Claim"]
            if case := attribute_case(claim):
                path = (*_path(key, number), "Claim")
                yield Problem.of(path, RuleId.WRITABLE_CLAIM, case, claim=quoted(claim))


def writable_tag(pool: PoolData) -> Iterator[Problem]:
    """Policies that trust the tag trust what users write of themselves."""
    maps = cast("Mapping[str, Mapping[str, object]]", pool.get("PrincipalTagAttributeMaps") or {})
    for provider, tags in maps.items():
        if not has_user_pool_tokens(provider):
            continue
        for tag, claim in cast("dict[str, str]", tags.get("PrincipalTags") or {}).items():
            if case := attribute_case(claim):
                field = "PrincipalTagAttributeMaps"
                path = ("spec", field, provider, "PrincipalTags", tag)
                yield Problem.of(path, RuleId.WRITABLE_TAG, case, claim=quoted(claim))


def email_in_part(pool: PoolData) -> Iterator[Problem]:
    """The domain of an address is its end, which no match type looks at."""
    for each in mapped_rules(pool):
        kind, value = each.rule["MatchType"], each.rule["Value"]
        goes_on = kind == "Contains" or (kind == "StartsWith" and value.partition("@")[2])
        if each.rule["Claim"] == "email" and goes_on:
            sample = f"{value}.example.net" if "@" in value else f"x@{value}.example.net"
            path = (*each.path, "Value")
            yield Problem.of(path, RuleId.EMAIL_IN_PART, kind=kind, sample=quoted(sample))


def _longer_values(each: MappedRule) -> list[str]:
    """What else the mapping names of a list claim that has the value in it, for other roles."""
    claim, value = each.rule["Claim"], each.rule["Value"]
    if claim not in LIST_CLAIMS or each.rule["MatchType"] != "Contains":
        return []
    found = (
        other["Value"]
        for other in each.rules
        if other["Claim"] == claim and other["RoleARN"] != each.rule["RoleARN"]
    )
    return list(dict.fromkeys(name for name in found if value in name and value != name))


def _rules_by_mapping(pool: PoolData) -> Iterator[tuple[str, Sequence[RuleData]]]:
    for key, mapping in (pool.get("RoleMappings") or {}).items():
        configuration = mapping.get("RulesConfiguration")
        if mapping["Type"] == "Rules" and configuration:
            yield key, configuration["Rules"]


def _path(key: str, number: int) -> FieldPath:
    return ("spec", "RoleMappings", key, "RulesConfiguration", "Rules", number)
