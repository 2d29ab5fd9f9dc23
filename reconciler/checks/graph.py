"""A pool as a picture: who comes in by what, which rules they pass, and which role they get.

A pool is a list of lanes.  A lane is what its sources have in common: guests, the classic flow, the
providers without a role mapping, or one role mapping.  Its steps are asked from the top, and the
first that holds leads to its goal.  Every part says what becomes of it: in the picture of one pool
alone it is the same, ``graph_changes`` makes one of two.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple, Self, TypeAlias

from reconciler.checks.reach import shadowed
from reconciler.checks.simulation import names_of_providers
from reconciler.model.secrets import mask_half, mask_login
from reconciler.model.written import PoolData, RoleMappingData, RuleData

State: TypeAlias = Literal["same", "added", "removed", "changed"]
GoalKind: TypeAlias = Literal["role", "token", "any", "denied", "open"]

GUESTS: Final = "guests"
CLASSIC_FLOW: Final = "classic flow"
_OTHERS: Final = "others"
_MAPPING: Final = "mapping of "

_WORDS: Final[Mapping[str, str]] = {
    "Equals": "is",
    "NotEqual": "is not",
    "StartsWith": "starts with",
    "Contains": "contains",
}


class Goal(NamedTuple):
    """What somebody gets.

    ``role`` is an ARN where the kind is "role": one role.  The others: "token", the role that the
    token names; "any", each role whose trust policy lets the pool's tokens in; "denied", nothing;
    "open", what somebody else than this spec decides.  ``why``: a few words on "denied".
    """

    kind: GoalKind
    role: str = ""
    why: str = ""


class End(NamedTuple):
    """A goal as it is drawn.

    Roles are where lanes meet: each is there once, and ``lane`` is -1.  That somebody gets nothing
    is shown beside it: of every other goal there is one for each lane, by its number from 0.
    """

    goal: Goal
    lane: int


def end_of(goal: Goal, lane: int) -> End:
    """What an arrow of a lane leads to."""
    return End(goal, -1 if goal.kind == "role" else lane)


class Arrow(NamedTuple):
    """Where a step leads."""

    goal: Goal
    state: State = "same"


class Source(NamedTuple):
    """Who comes in: ``kind`` in our words, ``name`` as the pool has it.

    A name is masked where it may be a secret.
    """

    kind: str
    name: str = ""
    state: State = "same"


@dataclass(frozen=True, slots=True)
class Step:
    """One condition of a lane.

    It is a rule's, with its ``claim``, MatchType and ``value``, or one in words (``says``).
    ``number`` is the rule's, from 1, 0 for what is no rule; ``was`` the number that it had, where
    it has moved.  ``is_dead``: the rules before it take everybody whom it could match;
    ``was_dead``: those that stood before it did.
    """

    arrows: tuple[Arrow, ...]
    says: str = ""
    claim: str = ""
    match_type: str = ""
    value: str = ""
    number: int = 0
    was: int = 0
    state: State = "same"
    is_dead: bool = False
    was_dead: bool = False

    @property
    def condition(self) -> tuple[str, ...]:
        """What two steps have in common that ask the same."""
        return self.says, self.claim, self.match_type, self.value

    @property
    def verb(self) -> str:
        """How a rule compares: ``contains``; "" for what is no rule."""
        return _WORDS.get(self.match_type, self.match_type)


@dataclass(frozen=True, slots=True)
class Lane:
    """Sources that pass the same steps."""

    key: str
    sources: tuple[Source, ...]
    steps: tuple[Step, ...]

    @property
    def states(self) -> Iterator[State]:
        """What has become of each part of it."""
        for source in self.sources:
            yield source.state
        for step in self.steps:
            yield step.state
            yield from (arrow.state for arrow in step.arrows)


@dataclass(frozen=True, slots=True)
class PoolGraph:
    """The lanes of one pool; ``name`` is its spec's, ``where`` are a few
    words behind it: ``in prod-eu (refused)``."""

    name: str
    where: str
    lanes: tuple[Lane, ...]

    @property
    def ends(self) -> Mapping[End, State]:
        """Each end once, in the order in which lanes come to it, and what becomes of it: of all
        that leads to it, or nothing."""
        states: dict[End, set[State]] = {}
        for number, lane in enumerate(self.lanes):
            for arrow in (arrow for step in lane.steps for arrow in step.arrows):
                states.setdefault(end_of(arrow.goal, number), set()).add(arrow.state)
        return {end: _common(found) for end, found in states.items()}

    @property
    def states(self) -> frozenset[State]:
        """What has become of its parts."""
        return frozenset(state for lane in self.lanes for state in lane.states)

    @property
    def has_changes(self) -> bool:
        """Whether anybody comes in, or gets what they get, in another way than before."""
        return not self.states <= {"same"}

    def shown_in(self, where: str) -> Self:
        """The same picture, of these targets."""
        return replace(self, where=where)


def _common(states: set[State]) -> State:
    return next(iter(states)) if len(states) == 1 else "same"


def graph_of(pool: PoolData, name: str, where: str = "") -> PoolGraph:
    """The picture of a pool in the API's shape."""
    return PoolGraph(name, where, tuple(lanes_of(pool)))


def lanes_of(pool: PoolData) -> Iterator[Lane]:
    """What a pool in the API's shape consists of, in the order in which it is drawn."""
    mappings = pool.get("RoleMappings") or {}
    if pool.get("AllowUnauthenticatedIdentities"):
        guests = Source("guests (no sign-in)")
        yield Lane(GUESTS, (guests,), (_everybody(_default(pool, "unauthenticated")),))
    sources = dict(_sources(pool))
    for key, mapping in mappings.items():
        # AWS refuses such a mapping, but nobody knows what else is live.
        source = sources.pop(key, Source("mapping of no provider of the pool", mask_half(key)))
        yield Lane(_MAPPING + key, (source,), tuple(_steps(pool, mapping)))
    if sources:
        users = _everybody(_default(pool, "authenticated"))
        yield Lane(_OTHERS, tuple(sources.values()), (users,))
    if pool.get("AllowClassicFlow"):
        flow = Source("classic flow: everybody")
        step = Step((Arrow(Goal("any")),), "the app asks STS for a role")
        yield Lane(CLASSIC_FLOW, (flow,), (step,))


def _sources(pool: PoolData) -> Iterator[tuple[str, Source]]:
    """The providers by their keys in RoleMappings; what may be a secret in a name is masked."""
    logins = pool.get("SupportedLoginProviders", {})
    clients = pool.get("CognitoIdentityProviders", ())
    kinds = {
        **dict.fromkeys(pool.get("OpenIdConnectProviderARNs", ()), "OpenID Connect"),
        **dict.fromkeys(pool.get("SamlProviderARNs", ()), "SAML"),
        **dict.fromkeys(logins, "login"),
        **{f"{each['ProviderName']}:{each['ClientId']}": "user pool" for each in clients},
    }
    for key in names_of_providers(pool):
        kind = kinds.get(key, "developer provider")
        yield key, Source(kind, mask_login(key, logins.get(key, ""))[0])


def _everybody(goal: Goal) -> Step:
    return Step((Arrow(goal),), "everybody")


def _default(pool: PoolData, kind: Literal["authenticated", "unauthenticated"]) -> Goal:
    if "Roles" not in pool and "RoleMappings" not in pool:
        return Goal("open")
    role = (pool.get("Roles") or {}).get(kind)
    return Goal("role", str(role)) if role else Goal("denied", why=f"no {kind} role")


def _steps(pool: PoolData, mapping: RoleMappingData) -> Iterator[Step]:
    if mapping["Type"] == "Token":
        yield Step((Arrow(Goal("token")),), "the token names one role")
        otherwise = "it names none, or several"
    else:
        configuration = mapping.get("RulesConfiguration")
        rules = configuration["Rules"] if configuration else []
        dead = {each.rule for each in shadowed(rules)}
        yield from (_rule(rule, n, is_dead=n in dead) for n, rule in enumerate(rules))
        otherwise = "no rule matches"
    is_denied = mapping.get("AmbiguousRoleResolution") != "AuthenticatedRole"
    goal = Goal("denied") if is_denied else _default(pool, "authenticated")
    yield Step((Arrow(goal),), otherwise)


def _rule(rule: RuleData, number: int, *, is_dead: bool) -> Step:
    return Step(
        (Arrow(Goal("role", rule["RoleARN"])),),
        claim=rule["Claim"],
        match_type=rule["MatchType"],
        value=rule["Value"],
        number=number + 1,
        is_dead=is_dead,
    )
