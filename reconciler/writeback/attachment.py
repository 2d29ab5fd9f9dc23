"""Which comment, and which empty line, belongs to which member of a document."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.text.page import Page
from reconciler.text.tree import Alias, Leaf, List, Map, Node, children, key_leaf, walk

Collection: TypeAlias = Map | List


@dataclass(frozen=True, eq=False, slots=True)
class Member:
    """An entry of a mapping or an item of a list.  ``start``: where its key or dash is."""

    start: int
    key: Node | None
    value: Node
    parent: Collection

    @property
    def name(self) -> str:
        """What its key says, "" for an item of a list."""
        return key_leaf(self.key).text if self.key else ""

    @property
    def end(self) -> int:
        """Where its value ends."""
        return max(self.value.end, self.key.end if self.key else 0)


@dataclass(slots=True)
class Attached:
    """What belongs to the members of a page.

    ``lead``: the lines above a member, "" for an empty one; ``tail``: the comment behind it and
    the columns before that; both by the id() of the member's value.  ``foot``: the lines below the
    last member of a collection, by the id() of the collection.
    """

    lead: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    tail: dict[int, tuple[int, str]] = field(default_factory=dict)
    foot: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


def attached(page: Page) -> Attached:
    """Find the place of everything between the root's begin and the last line."""
    return _Attaching(page).run()


def members_of(page: Page, node: Collection) -> list[Member]:
    """The members of a collection."""
    if isinstance(node, Map):
        return [Member(page.key_start(key), key, value, node) for key, value in node.entries]
    starts = (
        item.start if node.is_flow else page.dash(node, number)
        for number, item in enumerate(node.items)
    )
    return [Member(start, None, item, node) for start, item in zip(starts, node.items, strict=True)]


class _Attaching:
    def __init__(self, page: Page) -> None:
        self._page = page
        self._found = Attached()
        self._collections = [n for n in walk(page.root) if isinstance(n, Map | List)]
        self._members = [m for node in self._collections for m in members_of(page, node)]
        # In the order of the text, outer ones before what begins with them.
        self._outer_first = sorted(self._members, key=lambda member: (member.start, -member.end))
        self._contents = sorted(
            (n.start, n) for n in walk(page.root) if isinstance(n, Leaf | Alias) and n.end > n.start
        )

    def run(self) -> Attached:
        for start, end in self._page.comments:
            outside = not self._page.root.start <= start < self._page.end_mark
            if outside or self._is_in_scalar(start):
                continue
            if self._page.begins_line(start):
                self._owner(start, end).extend(self._lines(start, end))
            else:
                self._behind(start, end)
        for member in self._members:
            if self._page.begins_line(member.start) and self._is_below_empty(member.start):
                self._found.lead[id(member.value)].append("")
        return self._found

    def _is_in_scalar(self, place: int) -> bool:
        return any(start <= place < node.end for start, node in self._contents)

    def _is_below_empty(self, place: int) -> bool:
        start = self._page.line_start(place)
        if start == 0 or self._page.before(self._end_above(start)).strip():
            return False
        above = self._end_above(start)
        return not any(n.start <= above <= n.end for _, n in self._contents)

    def _end_above(self, start: int) -> int:
        crlf = self._page.text[start - 2 : start] == "\r\n"
        return start - (2 if crlf else 1)

    def _lines(self, start: int, end: int) -> list[str]:
        """A comment on a line of its own, with the empty line above it if there is one."""
        comment = self._page.text[start:end].rstrip()
        return ["", comment] if self._is_below_empty(start) else [comment]

    def _owner(self, start: int, end: int) -> list[str]:
        """Where a comment on a line of its own belongs."""
        found = self._found
        if inside := self._split_by(start):
            return found.lead[id(inside.value)]
        following = next((m for m in self._outer_first if m.start >= end), None)
        around = self._around(start)
        if around and around.is_flow and (not following or following.start > around.end):
            return found.foot[id(around)]
        if below := self._deepest_above(start, following):
            return found.foot[id(below)]
        return found.lead[id(following.value)] if following else found.foot[id(self._page.root)]

    def _split_by(self, place: int) -> Member | None:
        """The entry whose key stands before a place and whose plain value behind it."""
        for member in self._members:
            is_whole = not isinstance(member.value, Map | List) or member.value.is_flow
            before = member.key.end if member.key else member.start
            if is_whole and before <= place < member.value.start:
                return member
        return None

    def _around(self, place: int) -> Collection | None:
        """The innermost collection that has begun before a place and does not end before it."""
        inside = [n for n in self._collections if n.body < place < n.end]
        return inside[-1] if inside else None

    def _deepest_above(self, place: int, following: Member | None) -> Collection | None:
        """The collection that a comment is indented like, among those that have just ended."""
        parent = following.parent if following else self._page.root
        if not isinstance(parent, Map | List) or parent.is_flow:
            return None
        column = self._page.column(place)
        earlier = [m for m in members_of(self._page, parent) if m.start < place]
        if not earlier or column <= self._column(parent):
            return None
        ended = [n for n in self._last_ones(earlier[-1].value) if self._column(n) <= column]
        return ended[-1] if ended else None

    def _last_ones(self, node: Node) -> Iterator[Collection]:
        """A block collection, the one at its end, and so on."""
        while isinstance(node, Map | List) and not node.is_flow and list(children(node)):
            yield node
            node = list(children(node))[-1]

    def _column(self, node: Collection) -> int:
        return self._page.column(members_of(self._page, node)[0].start)

    def _behind(self, start: int, end: int) -> None:
        page = self._page
        comment = page.text[start:end].rstrip()
        place = len(page.without_comments(0, start).rstrip(" \t\r\n\x85\u2028\u2029,")) - 1
        dashed = next((m for m in self._members if m.key is None and m.start == place), None)
        if dashed is not None and not dashed.parent.is_flow:
            self._found.lead[id(dashed.value)].append(comment)
            return
        inside = [m for m in self._members if m.start <= place < m.end]
        if not inside:
            self._at_root(place, comment)
            return
        member = inside[-1]
        first = next(iter(children(member.value)), None)
        is_short = page.line_start(member.value.body) == page.line_start(member.value.end)
        if first is not None and place > first.start and not is_short:
            self._found.foot[id(member.value)].append(comment)
        elif id(member.value) in self._found.tail:
            self._found.lead[id(member.value)].append(self._found.tail[id(member.value)][1])
            self._found.tail[id(member.value)] = (2, comment)
        else:
            gap = page.text[place + 1 : start]
            width = len(gap) if not gap.strip(" ") else 0
            self._found.tail[id(member.value)] = (max(width, 2), comment)

    def _at_root(self, place: int, comment: str) -> None:
        """Behind the brackets of the whole document."""
        if place == self._page.root.body and self._members:
            self._found.lead[id(self._members[0].value)].append(comment)
        else:
            self._found.foot[id(self._page.root)].append(comment)
