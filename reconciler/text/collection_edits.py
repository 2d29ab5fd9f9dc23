"""Members added to, taken from and moved within lists and mappings."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from reconciler.model.base import JsonValue
from reconciler.model.spec import PoolSpec
from reconciler.model.spec_values import (
    ClientSpec,
    PrincipalTagMapSpec,
    RoleMappingSpec,
    RolesSpec,
    RuleSpec,
)
from reconciler.text.emission import WIDTH, Manner, Quotes, entry_lines, item_lines, one_line
from reconciler.text.emission import key as key_text
from reconciler.text.page import Page, Splice, TextEdit, in_flow
from reconciler.text.scalar_edits import quotes_of, written_out
from reconciler.text.tree import List, Map, Node, Strange, children, key_leaf

# The documented order of the keys that are fields.
_ORDERS: Final = tuple(
    tuple(model.model_fields)
    for model in (PoolSpec, ClientSpec, RuleSpec, RoleMappingSpec, RolesSpec, PrincipalTagMapSpec)
)


def remove_member(page: Page, node: List | Map, index: int) -> TextEdit:
    """The member and one comma go; its line does, if nothing else is on it."""
    spans = _spans(node)
    start, end = spans[index]
    stop = _behind_comma(page, node, index)
    inner = node.body + 1, node.end - 1
    if len(spans) == 1 and page.comments_in(*inner) == page.comments_in(start, end):
        return TextEdit((Splice(*inner, ""),), tuple(page.comments_in(start, end)))
    if _owns_lines(page, node, index):
        return _lines_gone(page, start, stop)
    inside = tuple(page.comments_in(start, end))
    if index < len(spans) - 1 and page.line_end(stop) > spans[index + 1][0]:
        return TextEdit((Splice(start, spans[index + 1][0], ""),), inside)
    before = page.find(",", spans[index - 1][1], start) if index else -1
    if before < 0 or page.comments_in(before, start):
        return TextEdit((Splice(start, stop, ""),), inside)
    first = before if stop == end else before + 1
    return TextEdit((Splice(first, stop, ""),), inside)


def _lines_gone(page: Page, start: int, end: int, *others: Splice) -> TextEdit:
    first, last = page.full_lines(start, end)
    return TextEdit((*others, Splice(first, last, "")), tuple(page.comments_in(first, last)))


def insert_member(
    page: Page, node: List | Map, index: int, text: str, comment: str = ""
) -> TextEdit:
    """A member put before that of a number; behind the last for a number that none has.

    ``comment``: what stands behind it, on a line of its own.
    """
    spans = _spans(node)
    if not spans:
        inside = page.text[node.body + 1 : node.end - 1]
        end = node.body + 1 if inside.strip() else node.end - 1
        return TextEdit((Splice(node.body + 1, end, text),))
    start = spans[min(index, len(spans) - 1)][0]
    if comment and not page.begins_line(start):
        raise Strange("a member with a comment would have to move into a line of others")
    if index >= len(spans):
        return TextEdit(_append(page, node, spans[-1], text, comment))
    if page.begins_line(start):
        return TextEdit((page.before_line(start, [f"{page.before(start)}{text},{comment}"]),))
    return TextEdit((Splice(start, start, text + ", "),))


def move_member(page: Page, node: List, index: int, after: int) -> TextEdit:
    """A member put behind that of another number, with the comment behind it."""
    start, end = _spans(node)[index]
    if page.comments_in(start, end):
        raise Strange("a member with a comment inside would have to move")
    stop = _behind_comma(page, node, index)
    comment = page.text[stop : page.line_end(stop)] if _owns_lines(page, node, index) else ""
    placed = insert_member(page, node, after + 1, page.text[start:end], comment.rstrip())
    return TextEdit((*remove_member(page, node, index).splices, *placed.splices))


def _append(
    page: Page, node: List | Map, last: tuple[int, int], text: str, comment: str
) -> tuple[Splice, ...]:
    start, end = last
    comma = page.find(",", end, node.end - 1)
    if not page.begins_line(start):
        place = comma + 1 if comma >= 0 else end
        return (Splice(place, place, f" {text}" if comma >= 0 else f", {text}"),)
    line = page.before(start) + text
    if comma >= 0:
        return (page.after_line(comma, [f"{line},{comment}"]),)
    if page.line_end(end) < node.end - 1:
        return (Splice(end, end, ","), page.after_line(end, [line + comment]))
    return (Splice(end, end, "," + page.newline + line),)


def _behind_comma(page: Page, node: List | Map, index: int) -> int:
    """Behind the comma that follows a member, or the member if none does."""
    spans = _spans(node)
    end = spans[index][1]
    is_last = index == len(spans) - 1
    comma = page.find(",", end, node.end - 1 if is_last else spans[index + 1][0])
    return comma + 1 if comma >= 0 else end


def _owns_lines(page: Page, node: List | Map, index: int) -> bool:
    """Whether nothing else is on a member's lines but its comma and a comment."""
    start = _spans(node)[index][0]
    stop = _behind_comma(page, node, index)
    is_alone = page.begins_line(start) and page.ends_line(stop)
    return is_alone and page.line_start(start) > node.body and page.line_end(stop) < node.end


def _spans(node: List | Map) -> list[tuple[int, int]]:
    if isinstance(node, List):
        return [(item.start, item.end) for item in node.items]
    return [(key.start, max(key.end, value.end)) for key, value in node.entries]


def remove_item(page: Page, node: List, index: int) -> TextEdit:
    """The lines of a member go; the last one leaves ``[]``."""
    if node.is_flow:
        return remove_member(page, node, index)
    return _without_lines(page, node, _own_line(page, node, index), node.items[index].end)


def insert_item(page: Page, node: List, after: int, value: JsonValue) -> TextEdit:
    """A new member behind that of a number, -1 for the front."""
    manner = _manner_beside_list(page, node)
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
    return TextEdit((_behind(page, node, after, lines),))


def move_item(page: Page, node: List, index: int, after: int) -> TextEdit:
    """A member, with the comments right above it, put behind that of another number."""
    if node.is_flow:
        return move_member(page, node, index, after)
    dash = _own_line(page, node, index)
    start = page.comment_lines_above(dash, page.column(dash)) if index else dash
    end = page.line_end(node.items[index].end)
    lines = page.text[page.line_start(start) : end]
    return TextEdit((Splice(*page.full_lines(start, end), ""), _behind(page, node, after, [lines])))


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


def _manner_beside_list(page: Page, node: List) -> Manner:
    last: Node | None = node.items[-1] if node.items else None
    entry = last.entries[-1] if isinstance(last, Map) and last.entries else None
    key_quotes = quotes_of(entry[0]) if entry else ""
    return replace(page.manner, key_quotes=key_quotes, value_quotes=_shared_quotes(last))


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


def remove_entry(page: Page, node: Map, index: int) -> TextEdit:
    """The lines of an entry go; the last entry leaves ``{}``."""
    if node.is_flow:
        return remove_member(page, node, index)
    start, end = _span(page, node, index)
    if not page.begins_line(start):
        return _remove_first(page, node, index)
    if not page.ends_line(end):
        raise Strange("an entry shares its line with something else")
    return _without_lines(page, node, start, end)


def add_entry(page: Page, node: Map, name: str, value: JsonValue) -> TextEdit:
    """A key and its value, behind what it follows in the documented order."""
    place = _predecessor(node, name)
    manner = _manner_beside(page, node)
    if node.is_flow:
        text = f"{key_text(name, manner.key_quotes, in_flow=True)}: {one_line(value, manner)}"
        if opens_up(page, node, text):
            return written_out(page, node, {name: value})
        return insert_member(page, node, place + 1, text)
    key, before = node.entries[place]
    column = page.column(_span(page, node, place)[0])
    lines = list(entry_lines(name, value, column, manner))
    if len(lines) > 1 and _is_one_line(before):
        line = f"{' ' * column}{key_text(name, manner.key_quotes)}: {one_line(value, manner)}"
        lines = [line] if len(line) <= WIDTH else lines
    if len(lines) > 1 and _stands_apart(page, key, before):
        lines = ["", *lines]
    return TextEdit((page.after_line(page.comment_lines_below(before.end, column), lines),))


def opens_up(page: Page, node: Map | List, text: str) -> bool:
    """Whether empty brackets give way to lines of their own, for a member that is too long."""
    inside = page.text[node.body + 1 : node.end - 1]
    is_empty = not inside.strip() and not list(children(node)) and not in_flow(node)
    return is_empty and page.column(node.end) + len(text) > WIDTH


def _without_lines(page: Page, node: Map | List, start: int, end: int) -> TextEdit:
    """A member of a block collection goes with its lines; the last one leaves empty brackets."""
    if len(_spans(node)) > 1:
        return _lines_gone(page, start, end)
    if not isinstance(node.parent, Map):
        raise Strange("the last member of something goes that has no key")
    key = next(key for key, value in node.parent.entries if value is node)
    behind = page.find(":", key.end, node.end) + 1
    if page.text[node.start : node.start + 1] in ("&", "!"):
        behind = node.body
    brackets = " []" if isinstance(node, List) else " {}"
    return _lines_gone(page, start, end, Splice(behind, behind, brackets))


def _span(page: Page, node: Map, index: int) -> tuple[int, int]:
    """From the key, or the question mark before it, to the end of the value."""
    key, value = node.entries[index]
    return page.key_start(key), max(key.end, value.end)


def _remove_first(page: Page, node: Map, index: int) -> TextEdit:
    """An entry behind a dash: the next one takes its place."""
    start, end = _span(page, node, index)
    if index or len(node.entries) == 1 or page.find("?", start, end) == start:
        raise Strange("an entry shares its line with something else")
    following = _span(page, node, 1)[0]
    if page.comments_in(start, following):
        raise Strange("a comment stands between the dash and what would follow it")
    return TextEdit((Splice(start, following, ""),))


def _predecessor(node: Map, name: str) -> int:
    names = [key_leaf(key).text for key, _ in node.entries]
    order = next((o for o in _ORDERS if {name, *names} - {"<<"} <= set(o)), ())
    if name in order:
        earlier = order[: order.index(name)]
        places = [place for place, each in enumerate(names) if each in earlier]
        if places:
            return places[-1]
    return len(names) - 1


def _manner_beside(page: Page, node: Map) -> Manner:
    """The document's manner, with the quotes of the mapping's last entry."""
    if not node.entries:
        return page.manner
    key, value = map(quotes_of, node.entries[-1])
    return replace(page.manner, key_quotes=key, value_quotes=value)


def _is_one_line(value: Node) -> bool:
    return isinstance(value, List | Map) and value.is_flow and value.end - value.body > len("{}")


def _stands_apart(page: Page, key: Node, value: Node) -> bool:
    """Whether an entry of several lines has an empty line above it."""
    above = page.comment_lines_above(key.start, page.column(key.start))
    several = page.line_end(key.start) < value.end
    line_above = page.text[page.line_start(max(above - 1, 0)) : above]
    return several and above > 0 and not line_above.strip()
