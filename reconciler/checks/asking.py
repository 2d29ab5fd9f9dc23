"""Asking a pool for a role: who somebody is there, what they get, and where that is written."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from reconciler.checks.simulation import (
    Claims,
    ClosedBy,
    Decision,
    SignIn,
    no_classic_flow,
    simulate,
)
from reconciler.model.providers import provider_names, providers_of
from reconciler.model.written import PoolData, RuleData
from reconciler.text.problems import FieldPath

_HTTPS: Final = "https://"
_ROLE_ARN: Final = re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:role/(\S+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks pools for credentials.

    ``provider``: "" for a guest, and where the token's issuer says it, or the pool has but one.
    ``claims``: ``None`` where nobody knows them.  ``custom_role``: CustomRoleArn.
    """

    provider: str = ""
    claims: Claims | None = None
    custom_role: str = ""
    is_guest: bool = False


@dataclass(frozen=True, slots=True)
class AskedPool:
    """A pool in a target, in the API's shape: what a spec means there, or what live has.

    ``spec``: ``metadata.name``; ``source``: ``file:line`` of the spec.  ``pool_id`` is "" for a
    spec's.  ``place_of``: where something of it is written, "" for live.
    """

    spec: str
    source: str
    target: str
    pool: PoolData
    place_of: Callable[[FieldPath], str]
    pool_id: str = ""


@dataclass(frozen=True, slots=True)
class NoPool:
    """Why there is no pool to ask in a target, and what to do."""

    spec: str
    source: str
    target: str
    why: str
    way_out: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody gets of a pool; ``who``: the person as the simulation saw them."""

    asked: AskedPool
    person: Person
    who: SignIn
    decision: Decision

    @property
    def place(self) -> str:
        """``file:line:column`` of what decides; "" where that is no spec."""
        return self.asked.place_of(self._path)

    @property
    def rule(self) -> RuleData | None:
        """The rule that gives the role."""
        decision = self.decision
        if decision.rule is None or decision.mapping is None:
            return None
        configuration = self.asked.pool["RoleMappings"][decision.mapping].get("RulesConfiguration")
        return configuration["Rules"][decision.rule] if configuration else None

    @property
    def closed_by(self) -> ClosedBy | None:
        """What closes the classic flow, in which an app chooses among roles; ``None``: nothing."""
        return no_classic_flow(self.asked.pool, self.who.provider)

    @property
    def _path(self) -> FieldPath:
        decision, is_guest = self.decision, self.person.is_guest
        if decision.rule is not None and decision.mapping is not None:
            rules = ("RulesConfiguration", "Rules", decision.rule)
            return ("spec", "RoleMappings", decision.mapping, *rules)
        if decision.mapping is not None:
            return ("spec", "RoleMappings", decision.mapping)
        if decision.denial == "sign-in":
            return ("spec", "AllowUnauthenticatedIdentities") if is_guest else ("spec",)
        return ("spec", "Roles", "unauthenticated" if is_guest else "authenticated")


def answer_of(asked: AskedPool, person: Person) -> Answer:
    """What a pool gives to somebody."""
    who = sign_in_of(asked.pool, person)
    if person.is_guest or who.provider:
        decision = simulate(asked.pool, who)
    elif any(providers_of(asked.pool)):
        decision = Decision("not known", "nothing says which provider it is")
    else:
        none = "the pool has no provider that somebody can sign in with"
        decision = Decision("denied", none, denial="sign-in")
    return Answer(asked, person, who, decision)


def sign_in_of(pool: PoolData, person: Person) -> SignIn:
    """How somebody signs in; a user without a provider is one of whom nothing says which it is."""
    if person.is_guest:
        return SignIn(custom_role=person.custom_role)
    known = list(providers_of(pool))
    name = person.provider or _issuer(pool, person.claims)
    only = known[0] if len(known) == 1 else ""
    return SignIn(name or only, person.claims, person.custom_role)


def _issuer(pool: PoolData, claims: Claims | None) -> str:
    """The provider of the pool that the token is of, "" where it does not say so."""
    said = (claims or {}).get("iss")
    name = said.removeprefix(_HTTPS).rstrip("/") if isinstance(said, str) else ""
    return name if name in set(provider_names(pool)) else ""


def shown_role(role: str) -> str:
    """A role as it may be shown: what a token claims in place of one is personal data."""
    return role if _ROLE_ARN.fullmatch(role) else "what the token names, which is no role's ARN"


def is_role(role: str, expected: str) -> bool:
    """Whether a role is the one that is called so: by its ARN, by its name with its path or not."""
    found = _ROLE_ARN.fullmatch(role)
    names = (found[1], found[1].rpartition("/")[2]) if found else ()
    return expected in (role, *names)
