"""The canonical text of a file of specs, each comment with what it belongs to."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.model.base import POOL_KIND, TEST_KIND, JsonValue
from reconciler.model.errors import InvalidSpecs
from reconciler.model.project import Project
from reconciler.model.spec import Spec
from reconciler.specs.loading import load_spec_text
from reconciler.specs.schema import SchemaName, subschema
from reconciler.text.core_schema import BOOL
from reconciler.text.documents import value_of
from reconciler.text.emission import WIDTH, Path, is_plain_syntax, quoted
from reconciler.text.page import Page
from reconciler.text.tree import Alias, Leaf, List, Map, Node, Strange, children, walk
from reconciler.text.yaml import document_texts
from reconciler.writeback.attachment import Attached, Collection, Member, attached, members_of

_BREAK: Final = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_COMMENT: Final = re.compile(r"(?<!\S)#[^\n\r\x85\u2028\u2029]*")
_INDICATOR: Final = re.compile(r"[0-9]")
_STEP: Final = 2


# Documents of other kinds are left as they are.
_SCHEMAS: Final[dict[JsonValue, SchemaName]] = {
    POOL_KIND: "identity-pool",
    TEST_KIND: "identity-pool-test",
}


def order_at(path: Path, name: SchemaName = "identity-pool") -> tuple[str, ...]:
    """The names of the fields of the mapping at a path, in their order; none for other maps."""
    return tuple(subschema(name, path).get("properties", {}))


def properties(page: Page, node: Node) -> str:
    """Anchor and tag, as they are written, with one space between and behind them; or ""."""
    if isinstance(node, Alias):
        return ""
    text = _COMMENT.sub("", page.text[node.start : node.body])
    return "".join(f"{word} " for word in text.split())


def is_one_line(page: Page, node: Leaf | Alias) -> bool:
    """Whether a scalar stands on one line."""
    if isinstance(node, Alias):
        return True
    return not node.is_block and not _BREAK.search(page.text, node.body, node.end)


def scalar_line(page: Page, node: Leaf | Alias, *, is_field: bool = False) -> str:
    """A scalar on one line, without its properties: double quotes, lower-case booleans.

    What is quoted stays quoted, but for the names of fields (``is_field``).
    """
    source = page.text[node.body : node.end]
    if isinstance(node, Alias):
        return source
    if is_field and is_plain_syntax(node.text):
        return node.text
    if not node.style and node.tag == BOOL:
        return source.lower()
    if node.style == "'" and node.text.isprintable() and not set(node.text) & set('"\\'):
        return quoted(node.text)
    return source


def scalar_lines(page: Page, node: Leaf, column: int) -> list[str]:
    """A scalar of several lines: the first goes on where it stands, the others at a column."""
    first, *rest = _BREAK.split(page.text[node.body : node.end])
    if not node.is_block:
        return [first.rstrip(" \t"), *(_indented(line.strip(" \t"), column) for line in rest)]
    width = _indent(rest) - _indent(_BREAK.split(node.text))
    head, sign, comment = first.partition("#")
    header = _INDICATOR.sub("2", head.rstrip()) + (f"  {sign}{comment.rstrip()}" if sign else "")
    return [header, *(_indented(line[width:], column) for line in rest)]


def _indent(lines: list[str]) -> int:
    """How far the first line that holds something is indented."""
    return next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip(" ")), 0)


def formatted(page: Page, name: SchemaName, *, in_order: bool = True) -> str:
    """One document in canonical style; lines end as they did.  Raises tree.Strange.

    What stands before its first key and behind its last line (directives, ``---``, ``...`` and the
    comments there) stays.  ``in_order``: put fields into their documented order.
    """
    root = page.root
    if not isinstance(root, Map) or not root.entries:
        return page.text
    document = _Writer(page, attached(page), name, in_order=in_order).collection(root, 0, ())
    # Comments above the end mark belong to the document.
    behind = (line.rstrip() for line in page.text[page.end_mark :].splitlines())
    return page.newline.join([*_head(page), *document, *behind]) + page.newline


def _head(page: Page) -> Iterator[str]:
    """The lines before the root; a root in brackets, or with a tag, may begin behind ``---``."""
    before = [line.rstrip() for line in page.text[: page.root.start].splitlines()]
    words = properties(page, page.root).rstrip()
    if words:
        *before, last = before or [""]
        before.append(f"{last} {words}".strip())
    elif before and not page.begins_line(page.root.start) and not before[-1]:
        before.pop()
    while before and not before[0]:
        before.pop(0)
    yield from (line for number, line in enumerate(before) if line or before[number - 1])


class _Writer:
    def __init__(self, page: Page, found: Attached, name: SchemaName, *, in_order: bool) -> None:
        self._name = name
        self._page = page
        self._found = found
        self._in_order = in_order

    def collection(self, node: Collection, column: int, path: Path) -> list[str]:
        """The lines of a collection whose members begin at a column."""
        lines: list[str] = []
        for number, member in enumerate(self._ordered(node, path)):
            lines += self._above(member, column, path, is_first=not number)
            lines += self._member(member, column, path)
        foot = self._found.foot.get(id(node), [])
        return lines + [_indented(line, column) for line in foot]

    def _ordered(self, node: Collection, path: Path) -> Sequence[Member]:
        members = members_of(self._page, node)
        order = order_at(path, self._name) if self._in_order and isinstance(node, Map) else ()
        rank = {name: place for place, name in enumerate(order)}
        return sorted(members, key=lambda member: rank.get(member.name, -1))

    def _above(self, member: Member, column: int, path: Path, *, is_first: bool) -> list[str]:
        lead = list(self._found.lead.get(id(member.value), []))
        if member.key is None and isinstance(member.value, Map):
            lead += self._taken_up(member.value, column, (*path, 0))
        kept = [line for number, line in enumerate(lead) if line or not number or lead[number - 1]]
        if is_first and kept and not kept[0]:
            kept = kept[1:]
        return [_indented(line, column) for line in kept]

    def _taken_up(self, node: Map, column: int, path: Path) -> list[str]:
        """What stands between a dash and the first key goes above the dash."""
        if self._inline(node, column + _STEP, path) is not None:
            return []
        first = self._ordered(node, path)[0]
        lead = self._found.lead.pop(id(first.value), [])
        tail = None if properties(self._page, node) else self._found.tail.pop(id(node), None)
        return [*([tail[1]] if tail else []), *filter(None, lead)]

    def _member(self, member: Member, column: int, path: Path) -> list[str]:
        head, below = self._label(member, column, path), column + _STEP
        inner = (*path, member.name if member.key else 0)
        value = member.value
        words = properties(self._page, value)
        text = self._inline(value, len(head) + len(words) + 1, inner)
        if text is not None:
            return [*self._tailed(f"{head} {words}{text}", value), *self._feet(value, column)]
        if isinstance(value, Leaf):
            first, *rest = scalar_lines(self._page, value, below)
            if value.is_block:
                return [f"{head} {words}{first}", *rest]
            return [f"{head} {words}{first}", *rest[:-1], *self._tailed(rest[-1], value)]
        assert isinstance(value, Map | List)  # noqa: S101 - aliases are on one line
        lines = self.collection(value, below, inner)
        if member.key is None and not words and id(value) not in self._found.tail:
            return [f"{head} {lines[0].lstrip()}", *lines[1:]]
        return [*self._tailed(f"{head} {words}".rstrip(), value), *lines]

    def _label(self, member: Member, column: int, path: Path) -> str:
        """A dash or a key with its colon."""
        if member.key is None:
            return " " * column + "-"
        assert isinstance(member.key, Leaf | Alias)  # noqa: S101 - key_leaf has asked
        is_field = member.name in order_at(path, self._name)
        text = scalar_line(self._page, member.key, is_field=is_field)
        space = " " if isinstance(member.key, Alias) else ""  # an alias may hold a colon
        words = properties(self._page, member.key)
        return f"{' ' * column}{words}{text}{space}:"

    def _inline(self, node: Node, column: int, path: Path) -> str | None:
        """A value on the line of its key, ``None`` for one that takes lines of its own."""
        if isinstance(node, Leaf | Alias):
            return scalar_line(self._page, node) if is_one_line(self._page, node) else None
        is_short = node.is_flow and self._page.line_end(node.body) >= node.end
        if list(children(node)) and not is_short:
            return None
        text = self._in_brackets(node, path)
        return text if column + len(text) <= WIDTH or not list(children(node)) else None

    def _in_brackets(self, node: Node, path: Path) -> str:
        if isinstance(node, Leaf | Alias):
            return scalar_line(self._page, node)
        if isinstance(node, List):
            items = (self._worded(item, (*path, 0)) for item in node.items)
            return "[" + ", ".join(items) + "]"
        entries = (
            f"{self._label(member, 0, path)} {self._worded(member.value, (*path, member.name))}"
            for member in self._ordered(node, path)
        )
        return "{" + ", ".join(map(str.rstrip, entries)) + "}"

    def _worded(self, node: Node, path: Path) -> str:
        return properties(self._page, node) + self._in_brackets(node, path)

    def _tailed(self, line: str, node: Node) -> list[str]:
        gap, comment = self._found.tail.get(id(node), (0, ""))
        return [f"{line}{' ' * gap}{comment}"]

    def _feet(self, node: Node, column: int) -> list[str]:
        """Comments in empty brackets, or behind them, go below."""
        inside = [line for each in walk(node) for line in self._found.foot.get(id(each), [])]
        return [_indented(line, column) for line in inside if line]


def _indented(line: str, column: int) -> str:
    return " " * column + line if line else ""


def format_text(file: str, text: str, project: Project) -> str:
    """The text of a file with every spec and test in it in canonical order and style.

    Raises InvalidSpecs for a file that is not valid, and Strange for one that could not be kept
    intact: its documents, comments and anchors are the same before and after.
    """
    before = _documents(file, text, project)
    new = "".join(map(_canonical, document_texts(text)))
    if new == text:
        return text
    try:
        after = _documents(file, new, project)
    except InvalidSpecs as invalid:
        raise Strange("it would not be valid any more") from invalid
    if before != after:
        raise Strange("it would not mean the same any more")
    return new


def _documents(file: str, text: str, project: Project) -> list[object]:
    """What each document means, as far as that is known without AWS."""
    loaded = load_spec_text(file, text, project)
    tests = [each.value for each in loaded.tests]
    specs = [each.document if isinstance(each, Spec) else each.value for each in loaded.documents]
    return [*specs, *tests]


def _canonical(text: str) -> str:
    """One document; fields stay in their order where an alias would come before its anchor."""
    page = Page(text)
    value = value_of(page.root)
    name = _SCHEMAS.get(value.get("kind")) if isinstance(value, dict) else None
    if name is None:
        return text
    try:
        return _kept(page, formatted(page, name))
    except Strange:
        return _kept(page, formatted(page, name, in_order=False))


def _kept(old: Page, new: str) -> str:
    """The new text, if nothing is lost in it.  Raises Strange."""
    if new != old.text and _contents(old) != _contents(Page(new)):
        raise Strange("a comment or an anchor would be lost")
    return new


def _contents(page: Page) -> tuple[Counter[str], Counter[str], object]:
    nodes = list(walk(page.root))
    comments = Counter(comment.rstrip() for comment in page.comments_in(0, len(page.text)))
    anchors = Counter(n.anchor for n in nodes if isinstance(n, Leaf | List | Map) and n.anchor)
    aliases = Counter(f"*{n.anchor}" for n in nodes if isinstance(n, Alias))
    return comments, anchors + aliases, value_of(page.root)
