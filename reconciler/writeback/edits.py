"""From one value to another by the smallest edits of the text, one at a time."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from reconciler.model.base import JsonValue
from reconciler.writeback.anchors import freeing, freeing_below, waits
from reconciler.writeback.edit import Edit
from reconciler.writeback.list_edits import (
    insert_item,
    misplaced,
    move_item,
    place_for,
    remove_item,
)
from reconciler.writeback.map_edits import add_entry, remove_entry
from reconciler.writeback.page import Page, spliced
from reconciler.writeback.pairing import GONE, Pairs, pairs_of, partners
from reconciler.writeback.scalar_edits import replace_leaf, written_out
from reconciler.writeback.tree import Alias, Leaf, List, Map, Node, Strange, keyed, value_of

# A pool of the largest size that AWS takes has fewer members.
_MOST_EDITS: Final = 5_000


class Edited(NamedTuple):
    """A text after its edits, and the comments that went with removed members."""

    text: str
    gone: tuple[str, ...]


def edited(text: str, wanted: JsonValue) -> Edited:
    """The text of one document, changed so that its value is the wanted one.

    Raises Strange where that cannot be done without touching something else.
    """
    gone: list[str] = []
    page = Page(text)
    comments = Counter(page.comments_in(0, len(text)))
    for _ in range(_MOST_EDITS):
        edit = _Step(page, pairs_of(page.root, wanted)).first(page.root)
        if edit is None:
            break
        gone += edit.gone
        page = Page(spliced(page.text, edit.splices))
    if value_of(page.root) != wanted:
        raise Strange("it does not come out as wanted")
    if Counter(page.comments_in(0, len(page.text))) != comments - Counter(gone):
        raise Strange("a comment would be lost")
    return Edited(page.text, tuple(gone))


@dataclass(frozen=True)
class _Step:
    page: Page
    pairs: Pairs

    def first(self, node: Node) -> Edit | None:
        """The first edit that brings a node nearer to what it is to be, ``None``: it is that."""
        wanted = self.pairs[id(node)]
        if wanted is GONE or value_of(node) == wanted:
            return None
        if edit := freeing(self.page, node, self.pairs):
            return edit
        match node:
            case Leaf() if not isinstance(wanted, dict | list):
                return replace_leaf(self.page, node, wanted)
            case Map() if isinstance(wanted, dict):
                return self._in_map(node, wanted)
            case List() if isinstance(wanted, list):
                return self._in_list(node, wanted)
            case Leaf() | Alias():
                return written_out(self.page, node, wanted)
        raise Strange("a list would become a mapping, or a mapping a list")

    def _in_map(self, node: Map, wanted: dict[str, JsonValue]) -> Edit | None:
        own = keyed(node)
        if edit := self._first_of([value for _, value in own.values()]):
            return edit
        now = value_of(node)
        assert isinstance(now, dict)  # noqa: S101 - tells mypy what the value of a mapping is
        added = [name for name in wanted if name not in own and now.get(name, GONE) != wanted[name]]
        removed = [place for place, (_, value) in enumerate(node.entries) if self._goes(value)]
        if added and (not removed or len(removed) == len(node.entries)):
            return add_entry(self.page, node, added[0], wanted[added[0]])
        if now.keys() - own.keys() - wanted.keys():
            raise Strange("a key that a merge brings along would have to go")
        free = [place for place in removed if not self._waits(node.entries[place])]
        if not free:
            return None
        needed = self._freeing(node.entries[free[0]])
        return needed or remove_entry(self.page, node, free[0])

    def _in_list(self, node: List, wanted: list[JsonValue]) -> Edit | None:
        if edit := self._first_of(node.items):
            return edit
        numbers = partners([value_of(item) for item in node.items], wanted)
        added = [number for number in range(len(wanted)) if number not in numbers]
        removed = [place for place, number in enumerate(numbers) if number is None]
        if removed and not (added and len(removed) == len(numbers)):
            free = [place for place in removed if not self._waits([node.items[place]])]
            if not free:
                return None
            needed = self._freeing([node.items[free[0]]])
            return needed or remove_item(self.page, node, free[0])
        moving = misplaced([-1 if number is None else number for number in numbers])
        if moving >= 0 and not removed:
            after = place_for(numbers, numbers[moving] or 0, moving)
            return move_item(self.page, node, moving, after)
        if not added:
            return None
        return insert_item(self.page, node, place_for(numbers, added[0]), wanted[added[0]])

    def _first_of(self, nodes: Iterable[Node]) -> Edit | None:
        return next(filter(None, map(self.first, nodes)), None)

    def _freeing(self, nodes: Iterable[Node]) -> Edit | None:
        """What hands on the anchors that others still need."""
        each = (freeing_below(self.page, node, self.pairs) for node in nodes)
        return next(filter(None, each), None)

    def _waits(self, nodes: Iterable[Node]) -> bool:
        return any(waits(self.page, node, self.pairs) for node in nodes)

    def _goes(self, node: Node) -> bool:
        return self.pairs[id(node)] is GONE
