"""One document as lines, comments and nodes, and edits of it.  Places are 0-based characters."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from reconciler.text.emission import Manner
from reconciler.text.tree import Leaf, List, Map, Node, walk
from reconciler.text.yaml import tree_of

_BREAK: Final = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_BREAKS_AT_END: Final = re.compile(r"(?:(?:\r\n|[\n\r\x85\u2028\u2029])[ \t]*)+\Z")
# A sign of a comment begins a line or follows white space.
_COMMENT: Final = re.compile(r"(?<!\S)#[^\n\r\x85\u2028\u2029]*")
_BLOCK_HEADER: Final = re.compile(r"[|>][-+0-9]*[ \t]*")


class Splice(NamedTuple):
    """``new`` takes the place of the characters from ``start`` to ``end``."""

    start: int
    end: int
    new: str


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """The text with all of them made; they must not overlap.

    What is put in one place stands there in the order given.
    """
    parts, done = list[str](), 0
    for start, end, new in sorted(splices, key=lambda splice: splice[:2]):
        parts += [text[done:start], new]
        done = end
    return "".join([*parts, text[done:]])


@dataclass(frozen=True)
class Page:
    """A text that is one document."""

    text: str

    @cached_property
    def root(self) -> Node:
        """Its node tree.  Raises tree.Strange."""
        return tree_of(self.text)

    @cached_property
    def comments(self) -> tuple[tuple[int, int], ...]:
        """Where each comment begins and ends, line break not included."""
        found = (_COMMENT.finditer(self.text, start, end) for start, end in self._between_scalars())
        return tuple((match.start(), match.end()) for each in found for match in each)

    @cached_property
    def end_mark(self) -> int:
        """Where the document's end mark, ``...``, stands; the end of the text if there is none."""
        place = self.text.find("...", self.root.end)
        while place >= 0 and self.column(place):
            place = self.text.find("...", place + 1)
        return place if place >= 0 else len(self.text)

    @cached_property
    def newline(self) -> str:
        """The line break that the text uses first."""
        found = _BREAK.search(self.text)
        return found[0] if found else "\n"

    @cached_property
    def manner(self) -> Manner:
        """How the document's own block collections are laid out."""
        steps, dashes = set[int](), list[int]()
        for node in walk(self.root):
            if isinstance(node, Map) and not node.is_flow:
                for key, value in node.entries:
                    if isinstance(value, Map) and not value.is_flow and value.entries:
                        steps.add(self.column(value.entries[0][0].start) - self.column(key.start))
                    if isinstance(value, List) and not value.is_flow and value.items:
                        dashes.append(self.column(self.dash(value, 0)) - self.column(key.start))
        step = min((step for step in steps if step > 0), default=2)
        return Manner(step=step, dash=max(dashes[0] if dashes else step, 0))

    def comments_in(self, start: int, end: int) -> list[str]:
        """The comments that lie between two places."""
        return [self.text[a:b] for a, b in self.comments if start <= a and b <= end]

    def line_start(self, place: int) -> int:
        """Where the line of a place begins."""
        while place and not _BREAK.match(self.text[place - 1]):
            place -= 1
        return place

    def line_end(self, place: int) -> int:
        """Where the line of a place ends, its break not included."""
        found = _BREAK.search(self.text, place)
        return found.start() if found else len(self.text)

    def next_line(self, place: int) -> int:
        """Where the line after that of a place begins."""
        found = _BREAK.search(self.text, place)
        return found.end() if found else len(self.text)

    def column(self, place: int) -> int:
        """The 0-based column of a place."""
        return place - self.line_start(place)

    def before(self, place: int) -> str:
        """What stands before a place on its line."""
        return self.text[self.line_start(place) : place]

    def begins_line(self, place: int) -> bool:
        """Whether only white space stands before a place on its line."""
        return not self.before(place).strip()

    def ends_line(self, place: int) -> bool:
        """Whether only white space or a comment stands behind a place on its line."""
        return not self.without_comments(place, self.line_end(place)).strip()

    def without_comments(self, start: int, end: int) -> str:
        """The text between two places, with spaces for comments."""
        text = self.text[start:end]
        for a, b in self.comments:
            if start <= a and b <= end:
                text = text[: a - start] + " " * (b - a) + text[b - start :]
        return text

    def find(self, sign: str, start: int, end: int) -> int:
        """The first place of an indicator between two places, outside comments; -1: nowhere."""
        found = self.without_comments(start, end).find(sign)
        return found if found < 0 else start + found

    def dash(self, node: List, index: int) -> int:
        """Where the dash of a block list's member stands."""
        head = node.start if self.text.startswith("-", node.start) else node.body
        start = node.items[index - 1].end if index else head
        return self.find("-", start, node.items[index].start + 1)

    def key_start(self, key: Node) -> int:
        """Where a key begins, or the question mark before it."""
        before = self.before(key.start).rstrip()
        mark = self.line_start(key.start) + len(before) - 1
        return mark if before.endswith("?") else key.start

    def full_lines(self, start: int, end: int) -> tuple[int, int]:
        """The whole lines from one place to another, with a break on one side."""
        first, last = self.line_start(start), self.next_line(end)
        if last == len(self.text) and not _BREAK.search(self.text, end):
            # The last line has no break, so that of the last line which stays goes.
            first = len(_BREAKS_AT_END.sub("", self.text[:first]))
        return first, last

    def comment_lines_below(self, place: int, column: int) -> int:
        """The end of the comment lines below a place's line that are deeper than a column."""
        end = self.line_end(place)
        for a, b in self.comments:
            below = self.next_line(end)
            if end < a and self.line_start(a) == below and self.begins_line(a):
                if self.column(a) <= column:
                    break
                end = b
        return end

    def comment_lines_above(self, place: int, column: int) -> int:
        """The start of the comment lines right above a place's line that begin at a column."""
        start = self.line_start(place)
        for a, _ in reversed(self.comments):
            if self.next_line(a) == start and self.begins_line(a) and self.column(a) == column:
                start = self.line_start(a)
        return start

    def after_line(self, place: int, lines: Sequence[str]) -> Splice:
        """The lines put below the line of a place, whether or not that line has a break."""
        end = self.line_end(place)
        return Splice(end, end, "".join(self.newline + line for line in lines))

    def before_line(self, place: int, lines: Sequence[str]) -> Splice:
        """The lines put above the line of a place."""
        start = self.line_start(place)
        return Splice(start, start, "".join(line + self.newline for line in lines))

    def _between_scalars(self) -> Iterator[tuple[int, int]]:
        done = 0
        for node in walk(self.root):
            if isinstance(node, Leaf) and node.end > node.body:
                yield done, node.body
                done = node.body
                if node.is_block:
                    head = _BLOCK_HEADER.match(self.text, node.body)
                    end = head.end() if head else node.body
                    yield end, self.line_end(end)
                done = node.end
        yield done, len(self.text)


def in_flow(node: Node) -> bool:
    """Whether a node is inside brackets."""
    parent = node.parent
    return isinstance(parent, List | Map) and (parent.is_flow or in_flow(parent))


class TextEdit(NamedTuple):
    """Splices that belong together; ``gone`` are the comments of a member that is removed."""

    splices: tuple[Splice, ...]
    gone: tuple[str, ...] = ()
