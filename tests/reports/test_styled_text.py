"""Our text looks as rich's own does, and is much less work."""

import io
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text as RichText

from reconciler.reports.lines import Text

WORDS = st.text(st.sampled_from("aä日\U0001f600 \n[]:"), max_size=6)
STYLES = st.sampled_from(["", "red", "green", "bold", "dim", "magenta"])
# A tree of parts: a text, a text with a style, or several parts with a style in common.
TREES = st.recursive(
    st.tuples(WORDS, STYLES),
    lambda parts: st.tuples(st.lists(parts, max_size=4), STYLES),
    max_leaves=8,
)


def ours(tree: tuple) -> Text:
    parts, style = tree
    if isinstance(parts, str):
        return Text(parts, style)
    return Text.assemble(*map(ours, parts), style=style)


def richs(tree: tuple) -> RichText:
    parts, style = tree
    if isinstance(parts, str):
        return RichText(parts, style)
    return RichText.assemble(*map(richs, parts), style=style)


def shown(text: Text | RichText) -> list[tuple[str, str]]:
    """Each sign that is printed, and how it looks."""
    console = Console(
        file=io.StringIO(), force_terminal=True, color_system="standard", highlight=False
    )
    segments = console.render(text, console.options.update(no_wrap=True, overflow="ignore"))
    return [(sign, str(segment.style or "none")) for segment in segments for sign in segment.text]


@given(TREES)
def test_it_looks_as_richs_does(tree: tuple) -> None:
    mine, theirs = ours(tree), richs(tree)
    assert shown(mine) == shown(theirs)
    assert mine.plain == str(mine) == theirs.plain
    assert mine.cell_len == theirs.cell_len
    assert bool(mine) == bool(theirs)


@given(st.lists(TREES, max_size=4), TREES)
def test_lines_are_joined_as_richs_are(trees: list[tuple], between: tuple) -> None:
    mine = ours(between).join([ours(tree) for tree in trees])
    assert mine.plain == richs(between).join([richs(tree) for tree in trees]).plain


@given(TREES)
def test_white_space_at_the_end_is_cut_off(tree: tuple) -> None:
    before = ours(tree)
    cut = before.rstrip()
    assert cut.plain == before.plain.rstrip()
    assert shown(cut)[: len(cut.plain)] == shown(before)[: len(cut.plain)]


def test_a_text_is_not_changed_by_what_is_made_of_it() -> None:
    text = Text("a ", "red")
    Text.assemble(text, "b", style="bold")
    assert (Text("-").join([text, text]).plain, text.rstrip().plain) == ("a -a ", "a")
    assert shown(text) == [("a", "red"), (" ", "red"), ("\n", "none")]


@pytest.mark.parametrize("text", ["words", "ümläut"])
def test_to_make_one_takes_no_rich(text: str) -> None:
    program = (
        "import sys; from reconciler.reports.lines import Text; "
        f"Text({text!r}, 'red').join([Text('a'), Text('b')]).plain; print('rich' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
