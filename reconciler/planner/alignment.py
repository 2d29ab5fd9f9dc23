"""Ordered rules, aligned: an inserted rule is one change, not a shift of all behind it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import eq

from reconciler.model.pool_values import Rule

_Parts = tuple[str, ...]
_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pair:
    """A rule before and after; numbers are 1-based, ``None`` where there is no such side."""

    before: int | None
    after: int | None


def align(before: Sequence[Rule], after: Sequence[Rule]) -> tuple[Pair, ...]:
    """Pair up the rules that are not the same in the same place, in reading order.

    Both sides set: the same rule moved, or one rule edited in place.  One side: removed or added.
    As many rules as possible stay where they are; what is left is rather moved than edited.
    """
    left, right = [_parts(rule) for rule in before], [_parts(rule) for rule in after]
    kept = _most_alike(range(len(left)), range(len(right)), lambda i, j: int(left[i] == right[j]))
    removed = _without(range(len(left)), (i for i, _ in kept))
    added = _without(range(len(right)), (j for _, j in kept))
    moved = _moves(left, right, removed, added)
    removed = _without(removed, (i for i, _ in moved))
    added = _without(added, (j for _, j in moved))
    edited = _edits(left, right, removed, added, kept)
    gone = [Pair(i + 1, None) for i in _without(removed, (i for i, _ in edited))]
    new = [Pair(None, j + 1) for j in _without(added, (j for _, j in edited))]
    both = [Pair(i + 1, j + 1) for i, j in (*moved, *edited)]
    return tuple(sorted([*both, *gone, *new], key=_reading_order))


def _parts(rule: Rule) -> _Parts:
    return tuple(getattr(rule, name) for name in Rule.model_fields)


def _most_alike(
    left: Sequence[int], right: Sequence[int], likeness: Callable[[int, int], int]
) -> list[_Place]:
    """The pairs, in reading order on both sides, that have the greatest likeness together.

    Not difflib: its longest block first is not the fewest changes.
    """
    likenesses = [[likeness(i, j) for j in right] for i in left]
    best = _best(likenesses, len(right))
    pairs, i, j = [], 0, 0
    while best[i][j]:
        alike = likenesses[i][j]
        if alike and best[i][j] == best[i + 1][j + 1] + alike:
            pairs.append((left[i], right[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _best(likenesses: Sequence[Sequence[int]], width: int) -> list[list[int]]:
    """For each place, the greatest likeness that is left from there on."""
    below = [0] * (width + 1)
    best = [below]
    for row in reversed(likenesses):
        here = [0] * (width + 1)
        for j in range(width - 1, -1, -1):
            paired, rather = below[j + 1] + row[j], max(below[j], here[j + 1])
            here[j] = max(paired, rather)
        best.append(here)
        below = here
    return best[::-1]


def _without(numbers: Iterable[int], taken: Iterable[int]) -> list[int]:
    gone = set(taken)
    return [number for number in numbers if number not in gone]


def _moves(
    left: Sequence[_Parts], right: Sequence[_Parts], removed: list[int], added: list[int]
) -> list[_Place]:
    places: dict[_Parts, list[int]] = {}
    for j in added:
        places.setdefault(right[j], []).append(j)
    return [(i, places[left[i]].pop(0)) for i in removed if places.get(left[i])]


def _edits(
    left: Sequence[_Parts],
    right: Sequence[_Parts],
    removed: list[int],
    added: list[int],
    kept: list[_Place],
) -> list[_Place]:
    """Rules edited in place: alike, and between the same two rules that stay."""

    def likeness(i: int, j: int) -> int:
        return _likeness(left[i], right[j])

    ends = [(-1, -1), *kept, (len(left), len(right))]
    return [
        pair
        for (top, top_after), (end, end_after) in pairwise(ends)
        for pair in _most_alike(
            [i for i in removed if top < i < end],
            [j for j in added if top_after < j < end_after],
            likeness,
        )
    ]


def _likeness(before: _Parts, after: _Parts) -> int:
    """How many parts agree; 0 where a reader would call these two different rules."""
    same = sum(map(eq, before, after))
    return same if same * 2 >= len(before) else 0


def _reading_order(pair: Pair) -> tuple[int, int]:
    return (pair.after or pair.before or 0, 0 if pair.after is None else 1)
