"""Ordered rules, aligned: the changes that a reader would name, and no others."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.pool_values import Rule
from reconciler.planner.alignment import Pair, align
from tests.planner.support import role


def rules(text: str) -> list[Rule]:
    """``"a b* c"``: three rules, the second in another wording.

    Rules of different letters share nothing; ``b`` and ``b*`` share all but the value.
    """
    return [
        Rule(Claim=f"claim-{word[0]}", MatchType=word[0], Value=word, RoleARN=role(word[0]))
        for word in text.split()
    ]


def aligned(before: str, after: str) -> list[tuple[int | None, int | None]]:
    return [(pair.before, pair.after) for pair in align(rules(before), rules(after))]


@pytest.mark.parametrize(
    ("before", "after", "pairs"),
    [
        ("a b c", "a b c", []),
        ("", "", []),
        ("a b c", "x a b c", [(None, 1)]),
        ("a b c", "a x b c", [(None, 2)]),
        ("a b c", "a b c x", [(None, 4)]),
        ("a b c", "x a y b z c", [(None, 1), (None, 3), (None, 5)]),
        ("", "a b", [(None, 1), (None, 2)]),
        ("a b c", "b c", [(1, None)]),
        ("a b c", "a c", [(2, None)]),
        ("a b c", "a b", [(3, None)]),
        ("a b", "", [(1, None), (2, None)]),
        ("a b c d", "b c d a", [(1, 4)]),
        ("a b c d", "d a b c", [(4, 1)]),
        ("a b", "b a", [(1, 2)]),
        ("a b c d e", "e b c d a", [(5, 1), (1, 5)]),
        ("a b c", "a b* c", [(2, 2)]),
        ("a b c", "a* b* c*", [(1, 1), (2, 2), (3, 3)]),
        ("a b c", "x a b* c", [(None, 1), (2, 3)]),
        ("a b", "a b* b** x", [(2, 2), (None, 3), (None, 4)]),
        ("a b", "a x b*", [(None, 2), (2, 3)]),
        ("a x b", "a b*", [(2, None), (3, 2)]),
        ("a b c", "x y z", [(1, None), (None, 1), (2, None), (None, 2), (3, None), (None, 3)]),
        ("a a b", "a a a b", [(None, 3)]),
        ("a b a b", "a b", [(3, None), (4, None)]),
        ("a b a", "a a b", [(2, 3)]),
    ],
)
def test_what_a_reader_would_say(
    before: str, after: str, pairs: list[tuple[int | None, int | None]]
) -> None:
    """Inserted, removed, moved, edited in place; duplicates and a complete rewrite."""
    assert aligned(before, after) == pairs


def similar(*values: str) -> list[Rule]:
    """Rules that are alike in half of their parts, as those of one claim are."""
    return [Rule(Claim="c", MatchType="Equals", Value=v, RoleARN=role(v)) for v in values]


def of_claim(value: str, match: str = "Equals", to: str = "r") -> Rule:
    return Rule(Claim="groups", MatchType=match, Value=value, RoleARN=role(to))


@pytest.mark.parametrize(
    ("after", "pairs"),
    [
        (of_claim("b"), (Pair(1, 1),)),
        (of_claim("b", to="s"), (Pair(1, 1),)),
        (of_claim("b", "Contains", to="s"), (Pair(1, None), Pair(None, 1))),
    ],
    ids=["one part", "two parts", "three parts"],
)
def test_a_rule_is_edited_as_long_as_half_of_it_stays(after: Rule, pairs: tuple[Pair, ...]) -> None:
    """More than that is another rule in its place."""
    assert align([of_claim("a")], [after]) == pairs


_similar = st.builds(
    Rule,
    Claim=st.sampled_from(["a", "b"]),
    MatchType=st.just("Equals"),
    Value=st.sampled_from(["a", "b", "c"]),
    RoleARN=st.sampled_from([role("a"), role("b")]),
)
_lists = st.lists(_similar, max_size=8)
_new = st.builds(
    Rule,
    Claim=st.just("new"),
    MatchType=st.just("NotEqual"),
    Value=st.sampled_from(["x", "y"]),
    RoleARN=st.just(role("new")),
)


def _kinds(pairs: Sequence[Pair]) -> list[str]:
    return [
        "add" if pair.before is None else "remove" if pair.after is None else "both"
        for pair in pairs
    ]


@given(_lists)
def test_equal_rules_have_no_pairs(same: list[Rule]) -> None:
    assert align(same, same) == ()


@given(_lists, st.lists(st.tuples(st.integers(0, 8), _similar | _new), max_size=4))
def test_k_inserted_rules_are_k_edits(
    before: list[Rule], insertions: list[tuple[int, Rule]]
) -> None:
    """Duplicates included, wherever they are inserted; and k removed rules the same way back."""
    after = list(before)
    for place, rule in insertions:
        after.insert(min(place, len(after)), rule)
    assert _kinds(align(before, after)) == ["add"] * len(insertions)
    assert _kinds(align(after, before)) == ["remove"] * len(insertions)


@given(_lists, _lists)
def test_every_rule_is_paired_once_and_in_reading_order(
    before: list[Rule], after: list[Rule]
) -> None:
    pairs = align(before, after)
    for numbers, length in (
        ([pair.before for pair in pairs if pair.before], len(before)),
        ([pair.after for pair in pairs if pair.after], len(after)),
    ):
        assert len(set(numbers)) == len(numbers)
        assert all(1 <= number <= length for number in numbers)
    order = [pair.after or pair.before or 0 for pair in pairs]
    assert order == sorted(order)


@given(_lists, _lists)
def test_the_rules_that_are_in_no_pair_stay_as_they_are(
    before: list[Rule], after: list[Rule]
) -> None:
    pairs = align(before, after)
    left = {pair.before for pair in pairs}
    right = {pair.after for pair in pairs}
    assert [rule for number, rule in enumerate(before, 1) if number not in left] == [
        rule for number, rule in enumerate(after, 1) if number not in right
    ]


@given(st.permutations(similar("a", "b", "c", "d", "e")))
def test_a_reordering_is_moves_alone(after: list[Rule]) -> None:
    """However alike the rules are: the same rule elsewhere is not another rule here."""
    before = similar("a", "b", "c", "d", "e")
    for pair in align(before, after):
        assert pair.before is not None
        assert pair.after is not None
        assert before[pair.before - 1] == after[pair.after - 1]


def test_as_many_rules_as_possible_stay() -> None:
    """The longest block is not always the most: here 1 2 3 4 stay, and 5 6 7 move."""
    after = "5 6 7 1 x 2 y 3 z 4"
    assert sum(None not in pair for pair in aligned("1 2 3 4 5 6 7", after)) == 3


def test_four_hundred_rules_are_aligned() -> None:
    """The most that the API takes in one mapping."""
    before = [Rule(Claim="c", MatchType="Equals", Value=str(n), RoleARN="r") for n in range(400)]
    assert align(before, [*before[1:], before[0]]) == (Pair(1, 400),)
