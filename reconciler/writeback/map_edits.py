"""Entries added to and taken from mappings."""

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
from reconciler.writeback.edit import Edit
from reconciler.writeback.emission import WIDTH, Manner, entry_lines, one_line
from reconciler.writeback.flow_edits import insert_member, remove_member
from reconciler.writeback.page import Page, Splice, in_flow
from reconciler.writeback.scalar_edits import quotes_of, written_out
from reconciler.writeback.scalars import key as key_text
from reconciler.writeback.tree import Leaf, List, Map, Node, Strange, children, key_leaf

# The documented order of the keys that are fields.
_ORDERS: Final = tuple(
    tuple(model.model_fields)
    for model in (PoolSpec, ClientSpec, RuleSpec, RoleMappingSpec, RolesSpec, PrincipalTagMapSpec)
)


def remove_entry(page: Page, node: Map, index: int) -> Edit:
    """The lines of an entry go; the last entry leaves ``{}``."""
    if node.is_flow:
        return remove_member(page, node, index)
    start, end = _span(page, node, index)
    if not page.begins_line(start):
        return _remove_first(page, node, index)
    if not page.ends_line(end):
        raise Strange("an entry shares its line with something else")
    first, last = page.full_lines(start, end)
    cut = Edit((Splice(first, last, ""),), tuple(page.comments_in(first, last)))
    if len(node.entries) > 1:
        return cut
    return Edit((emptied(page, node, "{}"), *cut.splices), cut.gone)


def add_entry(page: Page, node: Map, name: str, value: JsonValue) -> Edit:
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
    return Edit((page.after_line(page.comment_lines_below(before.end, column), lines),))


def opens_up(page: Page, node: Map | List, text: str) -> bool:
    """Whether empty brackets give way to lines of their own, for a member that is too long."""
    inside = page.text[node.body + 1 : node.end - 1]
    is_empty = not inside.strip() and not list(children(node)) and not in_flow(node)
    return is_empty and page.column(node.end) + len(text) > WIDTH


def emptied(page: Page, node: Map | List, brackets: str) -> Splice:
    """``{}`` or ``[]`` behind the key of a block collection that loses its last member."""
    if not isinstance(node.parent, Map):
        raise Strange("the last member of something goes that has no key")
    key = next(key for key, value in node.parent.entries if value is node)
    behind = page.find(":", key.end, node.end) + 1
    if page.text[node.start : node.start + 1] in ("&", "!"):
        behind = node.body
    return Splice(behind, behind, f" {brackets}")


def _span(page: Page, node: Map, index: int) -> tuple[int, int]:
    """From the key, or the question mark before it, to the end of the value."""
    key, value = node.entries[index]
    start = key.start
    before = page.before(start).rstrip()
    if before.endswith("?") and page.find("?", page.line_start(start), start) >= 0:
        start = page.find("?", page.line_start(start), start)
    return start, max(key.end, value.end)


def _remove_first(page: Page, node: Map, index: int) -> Edit:
    """An entry behind a dash: the next one takes its place."""
    start, end = _span(page, node, index)
    if index or len(node.entries) == 1 or page.find("?", start, end) == start:
        raise Strange("an entry shares its line with something else")
    following = _span(page, node, 1)[0]
    if page.comments_in(start, following):
        raise Strange("a comment stands between the dash and what would follow it")
    return Edit((Splice(start, following, ""),))


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
    manner = page.manner
    if not node.entries:
        return manner
    key, value = node.entries[-1]
    return Manner(
        step=manner.step,
        dash=manner.dash,
        key_quotes=quotes_of(key),
        value_quotes=quotes_of(value) if isinstance(value, Leaf) else "",
    )


def _is_one_line(value: Node) -> bool:
    return isinstance(value, List | Map) and value.is_flow and value.end - value.body > len("{}")


def _stands_apart(page: Page, key: Node, value: Node) -> bool:
    """Whether an entry of several lines has an empty line above it."""
    above = page.comment_lines_above(key.start, page.column(key.start))
    several = page.line_end(key.start) < value.end
    line_above = page.text[page.line_start(max(above - 1, 0)) : above]
    return several and above > 0 and not line_above.strip()
