"""From one value to another by the smallest edits of the text, one at a time."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from typing import Final, TypeAlias

from reconciler.model.base import JsonValue
from reconciler.model.pool_values import Rule
from reconciler.planner.alignment import align
from reconciler.text.collection_edits import (
    add_entry,
    insert_item,
    misplaced,
    move_item,
    place_for,
    remove_entry,
    remove_item,
)
from reconciler.text.core_schema import MERGE
from reconciler.text.documents import value_of
from reconciler.text.page import Page, Splice, TextEdit, in_flow, spliced
from reconciler.text.scalar_edits import replace_leaf, written_out
from reconciler.text.tree import Alias, Leaf, List, Map, Node, Strange, key_leaf, keyed, walk

_RULE_FIELDS: Final = frozenset(Rule.model_fields)
# A pool of the largest size that AWS takes has fewer members.
_MOST_EDITS: Final = 5_000


class Removed(Enum):
    """What a node is to be that is not to be at all."""

    GONE = 0


GONE: Final = Removed.GONE
Wanted: TypeAlias = JsonValue | Removed


def pairs_of(node: Node, wanted: Wanted) -> Iterator[tuple[int, Wanted]]:
    """What every node of a tree is to be, keys and aliases included, by the id() of the node."""
    yield id(node), wanted
    if isinstance(node, Map):
        for key, value in node.entries:
            name = key_leaf(key).text
            member: Wanted = GONE
            if wanted is not GONE and key_leaf(key).tag == MERGE:
                member = value_of(value)
            elif isinstance(wanted, Mapping) and name in wanted:
                member = wanted[name]
            yield from pairs_of(key, GONE if member is GONE else value_of(key))
            yield from pairs_of(value, member)
    elif isinstance(node, List):
        members = wanted if isinstance(wanted, list) else []
        numbers = partners([value_of(item) for item in node.items], members)
        for item, number in zip(node.items, numbers, strict=True):
            yield from pairs_of(item, GONE if number is None else members[number])


def partners(old: Sequence[JsonValue], new: Sequence[JsonValue]) -> list[int | None]:
    """For each member of a list the number of what it is to be, ``None`` for one that goes.

    Rules are aligned; the others are sets, whose members are told by what makes them one.
    """
    if _are_rules(old) and _are_rules(new):
        return _aligned(old, new)
    places: dict[str, list[int]] = {}
    for number, member in enumerate(new):
        places.setdefault(_identity(member), []).append(number)
    found = (places.get(_identity(member), []) for member in old)
    return [numbers.pop(0) if numbers else None for numbers in found]


def _aligned(old: Sequence[JsonValue], new: Sequence[JsonValue]) -> list[int | None]:
    pairs = align([Rule.model_validate(r) for r in old], [Rule.model_validate(r) for r in new])
    changed = {pair.before: pair.after for pair in pairs if pair.before}
    new_or_changed = {pair.after for pair in pairs if pair.after}
    kept = iter([number for number in range(1, len(new) + 1) if number not in new_or_changed])
    numbers = [changed[i] if i in changed else next(kept) for i in range(1, len(old) + 1)]
    return [None if number is None else number - 1 for number in numbers]


def _are_rules(members: Sequence[JsonValue]) -> bool:
    return all(isinstance(each, Mapping) and each.keys() == _RULE_FIELDS for each in members)


def _identity(member: JsonValue) -> str:
    if isinstance(member, Mapping) and "ClientId" in member:
        return f"{member.get('ProviderName')}:{member['ClientId']}"
    return json.dumps(member, sort_keys=True)


def _handed_on(page: Page, node: Node, user: Alias) -> TextEdit:
    """The user gets the anchor and the value; the node loses the anchor."""
    assert not isinstance(node, Alias)  # noqa: S101 - tells mypy what the caller has asked
    anchor = f"&{node.anchor}"
    place = page.text.index(anchor, node.start)
    end = place + len(anchor)
    end += len(page.text[end:]) - len(page.text[end:].lstrip(" \t"))
    if end == page.line_end(end):
        place -= len(page.text[:place]) - len(page.text[:place].rstrip(" \t"))
    if isinstance(node, Leaf) and not node.is_block and _is_copyable(page, node, user):
        copied = TextEdit((Splice(user.start, user.end, page.text[node.start : node.end]),))
    else:
        copied = written_out(page, user, value_of(node), anchor)
    return TextEdit((Splice(place, end, ""), *copied.splices))


def _is_copyable(page: Page, node: Node, user: Alias) -> bool:
    """Whether the text of a scalar may stand where it is used."""
    text = page.text[node.start : node.end]
    return text.isprintable() and (
        in_flow(node) or not in_flow(user) or not set(text) & set("[]{},")
    )


def edited(text: str, wanted: JsonValue) -> str:
    """The text of one document, changed so that its value is the wanted one.

    Raises Strange where that cannot be done without touching something else.
    """
    page = Page(text)
    comments = Counter(page.comments_in(0, len(text)))
    for _ in range(_MOST_EDITS):
        edit = _Step(page, dict(pairs_of(page.root, wanted))).first(page.root)
        if edit is None:
            break
        comments -= Counter(edit.gone)
        page = Page(spliced(page.text, edit.splices))
    if value_of(page.root) != wanted:
        raise Strange("it does not come out as wanted")
    if Counter(page.comments_in(0, len(page.text))) != comments:
        raise Strange("a comment would be lost")
    return page.text


@dataclass(frozen=True)
class _Step:
    page: Page
    pairs: Mapping[int, Wanted]

    def first(self, node: Node) -> TextEdit | None:
        """The first edit that brings a node nearer to what it is to be, ``None``: it is that."""
        wanted = self.pairs[id(node)]
        if wanted is GONE or value_of(node) == wanted:
            return None
        if edit := self._freeing(node):
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

    def _in_map(self, node: Map, wanted: dict[str, JsonValue]) -> TextEdit | None:
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
        free = [place for place in removed if not any(map(self._waits, node.entries[place]))]
        if not free:
            return None
        needed = self._freeing_below(node.entries[free[0]])
        return needed or remove_entry(self.page, node, free[0])

    def _in_list(self, node: List, wanted: list[JsonValue]) -> TextEdit | None:
        if edit := self._first_of(node.items):
            return edit
        numbers = partners([value_of(item) for item in node.items], wanted)
        added = [number for number in range(len(wanted)) if number not in numbers]
        removed = [place for place, number in enumerate(numbers) if number is None]
        if removed and not (added and len(removed) == len(numbers)):
            free = [place for place in removed if not self._waits(node.items[place])]
            if not free:
                return None
            needed = self._freeing_below([node.items[free[0]]])
            return needed or remove_item(self.page, node, free[0])
        moving = misplaced([-1 if number is None else number for number in numbers])
        if moving >= 0 and not removed:
            after = place_for(numbers, numbers[moving] or 0, moving)
            return move_item(self.page, node, moving, after)
        if not added:
            return None
        return insert_item(self.page, node, place_for(numbers, added[0]), wanted[added[0]])

    def _first_of(self, nodes: Iterable[Node]) -> TextEdit | None:
        return next(filter(None, map(self.first, nodes)), None)

    def _freeing(self, node: Node) -> TextEdit | None:
        """What must happen before an anchored node may be changed or removed, ``None``: nothing.

        A use that is to differ is written out; then the first use that stays takes the anchor over.
        """
        if isinstance(node, Alias) or not node.anchor:
            return None
        aliases = (each for each in walk(self.page.root) if isinstance(each, Alias))
        users = [a for a in aliases if a.target is node and not self._goes(a)]
        if not users or all(self.pairs[id(user)] == self.pairs[id(node)] for user in users):
            return None
        for user in users:
            wanted = self.pairs[id(user)]
            if wanted is not GONE and wanted != value_of(node):
                return written_out(self.page, user, wanted)
        return _handed_on(self.page, node, users[0])

    def _freeing_below(self, nodes: Iterable[Node]) -> TextEdit | None:
        """The same for nodes that are removed with all below them."""
        inside = chain.from_iterable(map(walk, nodes))
        return next(filter(None, map(self._freeing, inside)), None)

    def _waits(self, node: Node) -> bool:
        """Whether a node that is removed still has a user that is to be removed, too, elsewhere."""
        inside = {id(each) for each in walk(node)}
        return any(
            self._goes(each) and id(each.target) in inside and id(each) not in inside
            for each in walk(self.page.root)
            if isinstance(each, Alias)
        )

    def _goes(self, node: Node) -> bool:
        return self.pairs[id(node)] is GONE
