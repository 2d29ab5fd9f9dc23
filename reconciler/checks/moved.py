"""Who gets another role: by other default roles, and by other mappings."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from reconciler.checks.comparison import (
    GUESTS,
    MAPPINGS,
    ROLES,
    Comparison,
    Move,
    is_of,
    other_role,
    said,
)
from reconciler.checks.naming import bare
from reconciler.checks.simulation import names_of_providers
from reconciler.checks.users import NamedUser, most_rules, searched_users
from reconciler.model.access import AccessChange, AccessKind, Effect
from reconciler.model.written import PoolData

_EFFECTS: Final[tuple[Effect, ...]] = ("widens", "narrows")
_MOST_USERS: Final = 3
_MOST_RULES: Final = 50  # twice as many as AWS takes
_DENIED: Final = "denied"


def roles_and_rules(both: Comparison) -> Iterator[AccessChange]:
    """Of the providers that stay; a change by which nobody gets another role is told as that."""
    rewritten = []
    before, after = both.default_roles("authenticated")
    theirs = [each for each in both.moves if is_of(each.user.who, both.kept)]
    pair = (before or _DENIED, after or _DENIED)
    by_default = [each for each in theirs if _is_default(each, pair)]
    if by_default:
        effect, says = other_role(both, "users without a rule", before, after)
        tests = [each for each in by_default if not each.user.is_generated]
        told = f"; {_counted(tests, len(both.tests))}: {_names(tests)}" if tests else ""
        yield said(effect, "role", ROLES, says + told, tests, len(both.tests))
    elif before != after and both.kept:
        rewritten.append("Roles.authenticated")
    old, new = both.default_roles("unauthenticated")
    if old != new and not (both.before.get(GUESTS) or both.after.get(GUESTS)):
        rewritten.append("Roles.unauthenticated")
    if _kept_mappings(both, both.before) != _kept_mappings(both, both.after):
        moves = [each for each in theirs if each.is_move and not _is_default(each, pair)]
        found = list(_rules(both, moves, theirs, pair))
        yield from found
        rewritten += [] if found else [MAPPINGS]
    if rewritten:
        kind: AccessKind = "rules" if MAPPINGS in rewritten else "role"
        verb = "changes" if len(rewritten) == 1 else "change"
        says = f"{' and '.join(rewritten)} {verb}, and nobody gets another role"
        field = rewritten[-1].partition(".")[0]
        yield said("moves nobody", kind, field, says, asked=len(both.moves))


def _is_default(move: Move, pair: tuple[str, str]) -> bool:
    """Whether somebody gets another default role, and no rule has to do with it."""
    no_rule = move.before.rule is None and move.after.rule is None
    return move.is_move and no_rule and (move.before.outcome, move.after.outcome) == pair


def _kept_mappings(both: Comparison, pool: PoolData) -> Mapping[str, object]:
    """The mappings but those of providers that come or go."""
    mappings = pool.get("RoleMappings") or {}
    moving = {*names_of_providers(both.before)} ^ {*names_of_providers(both.after)}
    return {name: mapping for name, mapping in mappings.items() if name not in moving}


def _rules(
    both: Comparison, moves: Sequence[Move], every: Sequence[Move], pair: tuple[str, str]
) -> Iterator[AccessChange]:
    """One sentence for those who get more by mappings, one for those who get less."""
    search = None
    for effect in _EFFECTS:
        alike = [each for each in moves if both.effect(each) == effect]
        tests = [each for each in alike if not each.user.is_generated]
        told = tests or alike
        if told:
            asked = len(both.tests) if tests else _generated(every)
            says = f"{_counted(told, asked)}: {_groups(both, told)}"
            yield said(effect, "rules", MAPPINGS, says, told, asked)
            continue
        search = search or _search(both, pair)
        more = [each for each in search.moves if both.effect(each) == effect][:1]
        if more:
            says = f"users with several claims change role: {_groups(both, more)}"
            yield said(effect, "rules", MAPPINGS, says, more)
        elif effect == "widens" and search.doubt:
            yield said(effect, "rules", MAPPINGS, search.doubt)


class _Search(NamedTuple):
    """Who else moves by mappings; ``doubt``: who may, and why that is not known, "" for nobody."""

    moves: Sequence[Move]
    doubt: str


def _search(both: Comparison, pair: tuple[str, str]) -> _Search:
    before, after = (_kept_mappings(both, pool) for pool in (both.before, both.after))
    moves, doubts = [], []
    for provider in both.kept:
        if before.get(provider) == after.get(provider):
            continue
        may = f"users of {both.providers[provider]} may change role"
        if most_rules(provider, both.after, both.before) > _MOST_RULES:
            doubts.append(f"{may}: more than {_MOST_RULES} rules are too many to try")
            continue
        for move in map(both.move, searched_users(provider, both.after, both.before)):
            if move.is_move and not _is_default(move, pair):
                moves.append(move)
            elif move.before.verdict == move.after.verdict == "not known":
                doubts.append(f"{may}: {move.after.why}")
    return _Search(moves, next(iter(doubts), ""))


def _generated(moves: Iterable[Move]) -> int:
    return sum(each.user.is_generated for each in moves)


def _counted(moved: Sequence[Move], asked: int) -> str:
    """``2 of 7 test users change role``."""
    what = "generated" if moved[0].user.is_generated else "test"
    verb = "changes" if len(moved) == 1 else "change"
    return f"{len(moved)} of {asked} {what} user{'' if asked == 1 else 's'} {verb} role"


def _groups(both: Comparison, moves: Sequence[Move]) -> str:
    """``bob, eve: user -> admin; carl: user -> denied``: every way that somebody goes."""
    groups: dict[tuple[str, str], list[Move]] = {}
    for each in moves:
        groups.setdefault((each.before.outcome, each.after.outcome), []).append(each)
    return "; ".join(
        f"{_names(theirs)}: {both.role(before)} -> {both.role(after)}"
        for (before, after), theirs in groups.items()
    )


def _names(moves: Sequence[Move]) -> str:
    names = [_name(each.user) for each in moves[:_MOST_USERS]]
    left = len(moves) - len(names)
    return ", ".join(names) + (f" and {left} more" if left else "")


def _name(user: NamedUser) -> str:
    return user.name if user.is_generated else bare(user.name)
