"""Checks of one pool: what AWS takes, and who gets in by it that should not.

Unlike the rules of a spec, they say nothing of what is valid.  They look at a pool in the API's
shape, with references and layers resolved, be it a spec's or live; what they give has the paths of
a document.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.model.findings import RuleId
from reconciler.model.written import PoolData
from reconciler.text.problems import Problem

Find: TypeAlias = Callable[[PoolData], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class Check:
    """What is looked for, and the fields that decide whether it is found."""

    rule: RuleId
    fields: frozenset[str]
    find: Find


def guest_role_is_users_role(pool: PoolData) -> Iterator[Problem]:
    """Guests who may do all that users may."""
    roles = pool.get("Roles", {})
    guests = roles.get("unauthenticated")
    if guests and guests == roles.get("authenticated"):
        yield Problem.of(("spec", "Roles", "unauthenticated"), RuleId.GUEST_ROLE_IS_USERS_ROLE)


def classic_flow_with_guests(pool: PoolData) -> Iterator[Problem]:
    """The session policy that narrows guests is the enhanced flow's only (developer guide)."""
    if pool.get("AllowClassicFlow") and pool.get("AllowUnauthenticatedIdentities"):
        yield Problem.of(("spec", "AllowClassicFlow"), RuleId.CLASSIC_FLOW_WITH_GUESTS)


CHECKS: Final[tuple[Check, ...]] = (
    Check(
        RuleId.GUEST_ROLE_IS_USERS_ROLE,
        frozenset({"Roles"}),
        guest_role_is_users_role,
    ),
    Check(
        RuleId.CLASSIC_FLOW_WITH_GUESTS,
        frozenset({"AllowClassicFlow", "AllowUnauthenticatedIdentities"}),
        classic_flow_with_guests,
    ),
)


def problems_of(pool: PoolData, unknown: Collection[str] = ()) -> Iterator[Problem]:
    """All that is found of a pool; ``unknown``: fields whose values nobody knows yet."""
    for check in CHECKS:
        if check.fields.isdisjoint(unknown):
            yield from check.find(pool)
