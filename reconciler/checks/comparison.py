"""Two states of one pool beside each other, and what somebody gets of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal, NamedTuple, cast

from reconciler.checks.naming import short_providers, short_roles
from reconciler.checks.simulation import Decision, SignIn, names_of_providers, simulate
from reconciler.checks.users import ROLE_IN_TOKEN, NamedUser, generated_users
from reconciler.model.access import AccessChange, AccessKind, Effect, MovedUser
from reconciler.model.pool_fields import PRINCIPAL_TAGS_FIELD
from reconciler.model.providers import issuer_of
from reconciler.model.written import PoolData

GUESTS: Final = "AllowUnauthenticatedIdentities"
ROLES: Final = "Roles"
MAPPINGS: Final = "RoleMappings"
_NOBODY: Final = Decision("denied", "nobody gets in")


def sides(live: PoolData | None, desired: PoolData | None) -> tuple[PoolData, PoolData]:
    """Both in one form: what is not managed stays as it is, and is not known where nobody reads it.

    A pool that is not there lets nobody in.
    """
    nobody: PoolData = {"IdentityPoolName": ""}
    before, after = dict(live or nobody), dict(desired or nobody)
    for fields in ((ROLES, MAPPINGS), (PRINCIPAL_TAGS_FIELD,)):
        if not any(field in after for field in fields):
            after |= {field: before[field] for field in fields if field in before}
        elif live is not None and not any(field in before for field in fields):
            after = {field: value for field, value in after.items() if field not in fields}
        elif live is None:
            before |= {field: {} for field in fields}
    return cast("PoolData", before), cast("PoolData", after)


class Move(NamedTuple):
    """What somebody gets before and after."""

    user: NamedUser
    before: Decision
    after: Decision

    @property
    def is_move(self) -> bool:
        return self.before.outcome != self.after.outcome


@dataclass(frozen=True)
class Comparison:
    """Both pools, and what is asked of them."""

    before: PoolData
    after: PoolData
    tests: Sequence[NamedUser]

    @property
    def knows_roles(self) -> bool:
        return ROLES in self.after or MAPPINGS in self.after

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """Everybody, tests' users first."""
        users = (*self.tests, *generated_users(self.after, self.before))
        return tuple(map(self.move, users))

    @cached_property
    def moves_of_tests(self) -> list[Move]:
        """Of the tests' users those who get something else."""
        return [each for each in self.moves if each.is_move and not each.user.is_generated]

    def move(self, user: NamedUser) -> Move:
        before = _NOBODY if self.is_new else simulate(self.before, user.who)
        return Move(user, before, simulate(self.after, user.who))

    @cached_property
    def is_new(self) -> bool:
        """Whether there is nobody yet who gets in."""
        return not (self.before.get(GUESTS) or names_of_providers(self.before))

    @cached_property
    def providers(self) -> Mapping[str, str]:
        """How each is shown."""
        return short_providers(self.after, self.before)

    @cached_property
    def kept(self) -> Sequence[str]:
        """The providers of both."""
        before = set(names_of_providers(self.before))
        return [name for name in names_of_providers(self.after) if name in before]

    def default_roles(self, kind: Literal["authenticated", "unauthenticated"]) -> tuple[str, str]:
        """Before and after, "" for none."""
        before, after = (
            str((pool.get("Roles") or {}).get(kind, "")) for pool in (self.before, self.after)
        )
        return before, after

    @cached_property
    def _roles(self) -> Mapping[str, str]:
        defaults = (pool.get("Roles") or {} for pool in (self.before, self.after))
        named = [str(role) for roles in defaults for role in roles.values()]
        decided = [side.role for each in self.moves for side in (each.before, each.after)]
        return short_roles(filter(None, dict.fromkeys([*named, *decided])))

    def role(self, arn: str) -> str:
        """A role, or what there is in its place, as it is shown."""
        return arn if arn == ROLE_IN_TOKEN else self._roles.get(arn, arn)

    def effect(self, move: Move) -> Effect:
        """Of somebody who gets another role."""
        if move.after.verdict == "denied":
            return "narrows"
        old, new = move.before.role, move.after.role
        is_gain = not (new and _may_ask(self.before, move.user.who, new))
        is_loss = bool(old) and not _may_ask(self.after, move.user.who, old)
        return "narrows" if is_loss and not is_gain else "widens"


def _may_ask(pool: PoolData, who: SignIn, role: str) -> bool:
    return simulate(pool, replace(who, custom_role=role)).verdict == "role"


def is_of(who: SignIn, providers: Iterable[str]) -> bool:
    """Whether somebody signs in by one of the providers, by any of its names."""
    name, audience = who.provider.removeprefix("https://"), (who.claims or {}).get("aud")
    for provider in providers:
        pool, _, client = provider.partition(":")
        if name == provider or (name and name == issuer_of(provider)):
            return True
        if name == pool and audience in (None, client):
            return True
    return False


def said(
    effect: Effect,
    kind: AccessKind,
    field: str,
    says: str,
    moves: Iterable[Move] = (),
    asked: int = 0,
) -> AccessChange:
    """What a plan changes of who gets in; ``moves``: of the users that were ``asked``."""
    users = tuple(
        MovedUser(
            name=each.user.name,
            is_generated=each.user.is_generated,
            before=each.before.outcome,
            after=each.after.outcome,
        )
        for each in moves
    )
    return AccessChange(effect=effect, kind=kind, says=says, field=field, users=users, asked=asked)


def other_role(both: Comparison, who: str, before: str, after: str) -> tuple[Effect, str]:
    """What it is and says that ``who`` get another role of Roles; "" is none."""
    if not after:
        return "narrows", f"{who} get no role any more, and had {both.role(before)}"
    old = f"instead of {both.role(before)}" if before else "and had none"
    return "widens", f"{who} get role {both.role(after)}{' ' if before else ', '}{old}"
