"""How a pool uses roles: which ones, for whom, and with which tags in their sessions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from reconciler.checks.role_policies import Names
from reconciler.checks.rule_checks import mapped_rules
from reconciler.checks.trust import Use
from reconciler.model.findings import RuleId
from reconciler.model.pool_fields import DEFAULT_PRINCIPAL_TAGS
from reconciler.model.providers import is_user_pool, issuer_of
from reconciler.model.roles import RoleFacts
from reconciler.model.written import PoolData
from reconciler.text.problems import FieldPath, Problem

_LONGEST: Final = 100


@dataclass(slots=True)
class RoleUse:
    """How a pool uses a role: for whom, from which providers' rules, and where it says so first.

    ``providers``: keys of RoleMappings, "" for the default role of all of them.
    """

    path: FieldPath
    uses: set[Use] = field(default_factory=set)
    providers: set[str] = field(default_factory=set)


class Subject(NamedTuple):
    """A pool, its id where it has one, and what was read of its roles.

    ``permission_actions`` are actions that manage permissions; ``None`` where nobody
    can say which these are.
    """

    pool: PoolData
    pool_id: str | None
    facts: RoleFacts
    permission_actions: Names | None


def role_uses(pool: PoolData) -> dict[str, RoleUse]:
    """The roles that a pool names, by ARN."""
    found: dict[str, RoleUse] = {}
    roles = pool.get("Roles") or {}
    kinds: tuple[tuple[Use, str | None], ...] = (
        ("authenticated", roles.get("authenticated")),
        ("unauthenticated", roles.get("unauthenticated")),
    )
    for use, arn in kinds:
        if arn:
            made = found.setdefault(arn, RoleUse(("spec", "Roles", use)))
            made.uses.add(use)
            made.providers |= {""} if use == "authenticated" else set()
    for each in mapped_rules(pool):
        made = found.setdefault(each.rule["RoleARN"], RoleUse((*each.path, "RoleARN")))
        made.uses.add("authenticated")
        made.providers.add(each.mapping)
    return found


def clients_to_read(pool: PoolData) -> tuple[str, ...]:
    """The clients of user pools, PROVIDER:CLIENT, whose users' claims decide about roles."""
    keys = dict.fromkeys(each.mapping for each in mapped_rules(pool))
    return tuple(key for key in keys if is_user_pool(key.rpartition(":")[0]))


def tag_maps(pool: PoolData) -> dict[str, Names]:
    """The tags that sessions get, by the provider's key in PrincipalTagAttributeMaps."""
    maps: Mapping[str, Any] = pool.get("PrincipalTagAttributeMaps") or {}
    return {
        provider: tuple(DEFAULT_PRINCIPAL_TAGS)
        if each.get("UseDefaults")
        else tuple(each.get("PrincipalTags") or {})
        for provider, each in maps.items()
    }


def leads_to(provider: str, use: RoleUse) -> bool:
    """Whether users of a provider of PrincipalTagAttributeMaps can get the role."""
    return any(
        not key or provider in {key, key.rpartition(":")[0], issuer_of(key)}
        for key in use.providers
    )


def session_tags(use: RoleUse, pool: PoolData) -> frozenset[str]:
    """The tags that sessions of a role may have."""
    maps = tag_maps(pool)
    return frozenset(t for p, tags in maps.items() if leads_to(p, use) for t in tags)


def role_name(arn: str) -> str:
    """The name of a role, without its path."""
    return arn.rpartition("/")[2]


def found_in(use: RoleUse, rule: RuleId, case: str = "", **values: object) -> Problem:
    """A problem where the pool first names the role."""
    return Problem.of(use.path, rule, case, "", None, **values)


def shown(values: Iterable[str]) -> Sequence[str]:
    """Texts of a policy for a sentence: each once, and cut."""
    return [value[:_LONGEST] for value in dict.fromkeys(values)]
