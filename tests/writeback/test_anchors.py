"""Anchored values: what changes in one place changes there alone."""

from typing import Any

import pytest

from reconciler.model.base import JsonValue
from reconciler.text.documents import value_of
from reconciler.text.tree import Strange
from reconciler.text.yaml import tree_of
from reconciler.writeback.edits import edited

TEXT = """\
a: &x one   # first
b: *x  # second
c: *x
d: {e: *x, f: [*x, two]}
"""


def value(text: str) -> Any:
    """The plain value of a text."""
    return value_of(tree_of(text))


@pytest.mark.parametrize(
    ("wanted", "after"),
    [
        ({"b": "new"}, TEXT.replace("b: *x", "b: new")),
        ({"a": "new"}, TEXT.replace("&x one ", "new ").replace("b: *x", "b: &x one")),
        ({"a": "new", "b": "new"}, None),
        ({"a": "0", "d": {"e": "0", "f": ["one", "two"]}}, None),
        ({"d": {"e": "one", "f": ["two", "one"]}}, None),
        (
            {"a": "new", "b": "new", "c": "new", "d": {"e": "new", "f": ["new", "two"]}},
            TEXT.replace("one ", "new "),
        ),
    ],
)
def test_one_use_changes_without_the_others(
    wanted: dict[str, JsonValue], after: str | None
) -> None:
    """The next use takes the anchor over; where all change alike, the anchor's value does."""
    full = {**value(TEXT), **wanted}
    done = edited(TEXT, full)
    assert value(done) == full
    assert "# first" in done
    assert "# second" in done
    if after is not None:
        assert done == after


def test_an_anchored_member_goes_and_its_users_stay() -> None:
    """The first of them gets the value."""
    text = "a: {p: &m {k: v, l: w}}\nb: *m\nc:\n  - *m\n"
    wanted: JsonValue = {"a": {}, "b": {"k": "v", "l": "w"}, "c": [{"k": "v", "l": "w"}]}
    done = edited(text, wanted)
    assert done == "a: {}\nb: &m\n  k: v\n  l: w\nc:\n  - *m\n"


def test_a_merged_key_is_written_over_and_cannot_be_taken_away() -> None:
    """Taking it away would need to change what others share."""
    text = "a: &m {k: v, l: w}\nb:\n  <<: *m\n  l: x\n"
    over: JsonValue = {"a": {"k": "v", "l": "w"}, "b": {"k": "new", "l": "x"}}
    assert edited(text, over) == text + "  k: new\n"
    with pytest.raises(Strange, match="a key that a merge brings along"):
        edited(text, {"a": {"k": "v", "l": "w"}, "b": {"l": "x"}})
