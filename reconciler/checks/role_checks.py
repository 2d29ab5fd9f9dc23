"""Checks of a pool's roles, on what was read of them: who may assume them, and what they may do.

They look at a pool in the API's shape and at ``RoleFacts``, and give problems at the places of a
document, as checks of pools do.  What was not read, or cannot be decided, is said to be not known.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from reconciler.checks.role_policies import Allowed, allowed_by, meet, tags_used
from reconciler.checks.role_uses import (
    RoleUse,
    Subject,
    found_in,
    leads_to,
    role_name,
    role_uses,
    session_tags,
    shown,
    tag_maps,
)
from reconciler.checks.rule_checks import STANDARD_ATTRIBUTES, attribute_case, mapped_rules
from reconciler.checks.session_policy import is_left
from reconciler.checks.trust_checks import trust_problems
from reconciler.model.base import JsonValue
from reconciler.model.findings import RuleId
from reconciler.model.providers import account_of
from reconciler.model.roles import Missing, Role, Unread, UserPoolClients
from reconciler.text.problems import FieldPath, Problem, listed, quoted

_MOST_NAMED: Final = 5


def role_problems(subject: Subject) -> Iterator[Problem]:
    """All that is found of a pool's roles."""
    uses = role_uses(subject.pool)
    for arn, use in uses.items():
        yield from _role_problems(arn, use, subject)
    yield from _unused_tags(uses, subject)
    yield from _writable_claims(subject)


def _role_problems(arn: str, use: RoleUse, subject: Subject) -> Iterator[Problem]:
    facts = subject.facts
    if facts.account is not None and account_of(arn) != facts.account:
        values = {"theirs": account_of(arn), "ours": facts.account}
        yield found_in(use, RuleId.ROLE_OTHER_ACCOUNT, **values)
        return
    role = facts.roles.get(arn)
    if isinstance(role, Missing):
        yield found_in(use, RuleId.ROLE_MISSING, role=role_name(arn))
    elif isinstance(role, Unread):
        yield found_in(use, RuleId.ROLE_UNREAD, "whole", role=role_name(arn), why=role.why)
    elif role is not None:
        yield from trust_problems(role, use, subject)
        yield from _unset_tags(role, use, subject)
        if role.unread:
            why = listed(role.unread)
            yield found_in(use, RuleId.ROLE_UNREAD, "policies", role=role_name(arn), why=why)
        if "unauthenticated" in use.uses and subject.pool.get("AllowUnauthenticatedIdentities"):
            yield from _guest_problems(role, use, subject)


# Principal tags


def _documents(role: Role) -> list[JsonValue]:
    boundary = [role.boundary.document] if role.boundary else []
    return [role.trust, *(policy.document for policy in role.policies), *boundary]


def _unset_tags(role: Role, use: RoleUse, subject: Subject) -> Iterator[Problem]:
    """Tags that the role's policies look at, and that neither the pool nor the role sets."""
    if subject.pool.get("PrincipalTagAttributeMaps") is None:
        return  # others set them
    is_set = {tag.lower() for tag in (*session_tags(use, subject.pool), *role.tags)}
    unset = sorted(tags_used(_documents(role)) - is_set)
    if unset:
        told = {"role": role_name(role.arn), "tags": listed(shown(unset))}
        yield found_in(use, RuleId.PRINCIPAL_TAG_UNSET, **told)


def _unused_tags(uses: Mapping[str, RoleUse], subject: Subject) -> Iterator[Problem]:
    """Tags that no policy of a role looks at, where all of these policies were read."""
    for provider, tags in tag_maps(subject.pool).items():
        reached = [arn for arn, use in uses.items() if leads_to(provider, use)]
        roles = [subject.facts.roles.get(arn) for arn in reached]
        read = [role for role in roles if isinstance(role, Role) and not role.unread]
        if not roles or len(read) != len(roles):
            continue
        used = frozenset[str]().union(*(tags_used(_documents(role)) for role in read))
        unused = [tag for tag in tags if tag.lower() not in used]
        if unused:
            path = ("spec", "PrincipalTagAttributeMaps", provider)
            yield Problem.of(path, RuleId.PRINCIPAL_TAG_UNUSED, tags=listed(shown(unused)))


# Guests


def _guest_problems(role: Role, use: RoleUse, subject: Subject) -> Iterator[Problem]:
    """What guests may do by the role.  In the enhanced flow a session policy takes most of it."""
    name = role_name(role.arn)
    allowed = allowed_by(policy.document for policy in role.policies)
    bounded = allowed_by([role.boundary.document]) if role.boundary else Allowed(("*",))
    if not (allowed.is_clear and bounded.is_clear):
        if role.unread:  # which is said already
            return
        why = "a policy of it has a shape that is not understood"
        yield found_in(use, RuleId.ROLE_UNREAD, "policies", role=name, why=why)
        return
    patterns = tuple(dict.fromkeys(meet(allowed.patterns, bounded.patterns)))
    is_classic = bool(subject.pool.get("AllowClassicFlow"))
    beyond = [pattern for pattern in patterns if not is_left(pattern)]
    if beyond:
        case = "classic" if is_classic else ""
        named = listed(shown(beyond))
        yield found_in(use, RuleId.GUEST_ROLE_BEYOND_SESSION, case, role=name, found=named)
    if subject.permission_actions is None:
        yield found_in(use, RuleId.GUEST_ROLE_MANAGES_PERMISSIONS, "no-extra", role=name)
        return
    managed = [
        action
        for action in subject.permission_actions
        if all(each.includes(action.lower()) for each in (allowed, bounded))
        and (is_classic or is_left(action.lower()))
    ]
    if managed:
        # The shortest are those that people know best: s3:PutBucketAcl.
        found = _some(sorted(managed, key=len))
        yield found_in(use, RuleId.GUEST_ROLE_MANAGES_PERMISSIONS, role=name, found=found)


def _some(names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(names) - _MOST_NAMED
    if more <= 0:
        return listed(names)
    return ", ".join(names[:_MOST_NAMED]) + f" and {more} more"


# Claims


def claims_settled(subject: Subject) -> dict[FieldPath, bool]:
    """The places of rules' claims, and whether it is known who can write each."""
    clients = subject.facts.clients
    return {
        (*each.path, "Claim"): isinstance(clients.get(each.mapping), UserPoolClients)
        for each in mapped_rules(subject.pool)
    }


def _writable_claims(subject: Subject) -> Iterator[Problem]:
    """Rules on what users may write about themselves (developer guide, "Role-based access").

    They may do so by any client of the user pool, and then sign in with the one of this pool.
    """
    for each in mapped_rules(subject.pool):
        clients, claim = subject.facts.clients.get(each.mapping), each.rule["Claim"]
        told = {"claim": quoted(claim), "role": role_name(each.rule["RoleARN"])}
        if attribute_case(claim) and isinstance(clients, Missing | Unread):
            why = clients.why if isinstance(clients, Unread) else f"there is no {clients.what}"
            case, told = "unread", {"why": why}
        elif isinstance(clients, UserPoolClients) and (by := _writers(clients, claim)):
            case, told["clients"] = "by-client", _some(by)
        else:
            continue
        yield Problem.of((*each.path, "Claim"), RuleId.WRITABLE_CLAIM, case, "", None, **told)


def _writers(clients: UserPoolClients, claim: str) -> list[str]:
    """The clients by which users may write a claim."""
    return sorted(
        client
        for client, writes in clients.writes.items()
        if claim in (STANDARD_ATTRIBUTES if writes is None else writes)
    )
