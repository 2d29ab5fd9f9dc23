"""Members added to, taken from and moved within lists."""

from collections.abc import Sequence

from reconciler.model.base import JsonValue
from reconciler.writeback.edit import Edit
from reconciler.writeback.emission import Manner, item_lines, one_line
from reconciler.writeback.flow_edits import insert_member, move_member, remove_member
from reconciler.writeback.map_edits import emptied, opens_up
from reconciler.writeback.page import Page, Splice
from reconciler.writeback.scalar_edits import quotes_of, written_out
from reconciler.writeback.scalars import Quotes
from reconciler.writeback.tree import List, Map, Node, Strange


def remove_item(page: Page, node: List, index: int) -> Edit:
    """The lines of a member go; the last one leaves ``[]``."""
    if node.is_flow:
        return remove_member(page, node, index)
    first, last = page.full_lines(_own_line(page, node, index), node.items[index].end)
    cut = Edit((Splice(first, last, ""),), tuple(page.comments_in(first, last)))
    if len(node.items) > 1:
        return cut
    return Edit((emptied(page, node, "[]"), *cut.splices), cut.gone)


def insert_item(page: Page, node: List, after: int, value: JsonValue) -> Edit:
    """A new member behind that of a number, -1 for the front."""
    manner = _manner_beside(page, node)
    if node.is_flow:
        text = one_line(value, manner)
        if opens_up(page, node, text):
            return written_out(page, node, [value])
        return insert_member(page, node, after + 1, text)
    dash = _own_line(page, node, max(after, 0))
    like = node.items[max(after, 0)]
    gap = _gap(page, node, max(after, 0), dash)
    if isinstance(value, dict) and isinstance(like, Map) and like.is_flow:
        lines = [" " * page.column(dash) + "-" + " " * gap + one_line(value, manner)]
    else:
        lines = list(item_lines(value, page.column(dash), manner, gap=gap))
    return Edit((_behind(page, node, after, lines),))


def move_item(page: Page, node: List, index: int, after: int) -> Edit:
    """A member, with the comments right above it, put behind that of another number."""
    if node.is_flow:
        return move_member(page, node, index, after)
    dash = _own_line(page, node, index)
    start = page.comment_lines_above(dash, page.column(dash)) if index else dash
    end = page.line_end(node.items[index].end)
    lines = page.text[page.line_start(start) : end]
    return Edit((Splice(*page.full_lines(start, end), ""), _behind(page, node, after, [lines])))


def misplaced(numbers: Sequence[int]) -> int:
    """The place of a member to move, -1 where all are in order; as many as can be stay."""
    kept = _longest_rise(numbers)
    return next((place for place in range(len(numbers)) if place not in kept), -1)


def place_for(numbers: Sequence[int | None], wanted: int, moving: int = -1) -> int:
    """Behind which place the member of a number belongs, -1: at the front."""
    kept = _longest_rise([-1 if n is None else n for n in numbers]) if moving >= 0 else None
    before = [
        (number, place)
        for place, number in enumerate(numbers)
        if number is not None and number < wanted and (kept is None or place in kept)
    ]
    return max(before)[1] if before else -1


def _behind(page: Page, node: List, after: int, lines: Sequence[str]) -> Splice:
    dash = _own_line(page, node, max(after, 0))
    column = page.column(dash)
    if after >= 0:
        below = page.comment_lines_below(node.items[after].end, column)
        return page.after_line(below, lines)
    return page.before_line(page.comment_lines_above(dash, column), lines)


def _own_line(page: Page, node: List, index: int) -> int:
    dash = page.dash(node, index)
    if dash < 0 or not page.begins_line(dash) or not page.ends_line(node.items[index].end):
        raise Strange("a member of a list shares its line with something else")
    return dash


def _gap(page: Page, node: List, index: int, dash: int) -> int:
    """How many spaces are between the dash and its member."""
    start = node.items[index].start
    between = page.text[dash + 1 : start]
    return len(between) if between and not between.strip(" ") else 1


def _manner_beside(page: Page, node: List) -> Manner:
    manner = page.manner
    last: Node | None = node.items[-1] if node.items else None
    entry = last.entries[-1] if isinstance(last, Map) and last.entries else None
    return Manner(
        step=manner.step,
        dash=manner.dash,
        key_quotes=quotes_of(entry[0]) if entry else "",
        value_quotes=_shared_quotes(last),
    )


def _shared_quotes(last: Node | None) -> Quotes:
    """The quotes that all strings of the last member have."""
    values = [value for _, value in last.entries] if isinstance(last, Map) else [last]
    found = {quotes_of(value) for value in values if value is not None}
    return found.pop() if len(found) == 1 else ""


def _longest_rise(numbers: Sequence[int]) -> set[int]:
    """The places of a longest rising run of numbers."""
    best: list[list[int]] = []
    for place, number in enumerate(numbers):
        runs = [run for run in best if numbers[run[-1]] < number]
        best.append([*_longest(runs), place])
    return set(_longest(best))


def _longest(runs: Sequence[list[int]]) -> list[int]:
    return max(runs, key=list.__len__, default=[])
