"""A scalar changed in its own style; any node replaced by a value that is written out."""

import re
from typing import Final

from reconciler.model.base import JsonValue
from reconciler.text.emission import (
    Quotes,
    block_lines,
    is_plain_syntax,
    one_line,
    quoted,
    scalar,
    scalar_text,
)
from reconciler.text.page import Page, Splice, TextEdit, in_flow
from reconciler.text.tree import Alias, Leaf, List, Map, Node

_HEADER: Final = re.compile(r"([|>])([0-9]?)([-+]?)([0-9]?)")
_OPENERS: Final = " \t\n\r[{("


def replace_leaf(page: Page, leaf: Leaf, wanted: JsonValue) -> TextEdit:
    """The scalar with another value, as much as may be in the style that it has."""
    if leaf.is_block:
        return TextEdit(_block_scalar(page, leaf, str(wanted)))
    return TextEdit((_put(page, leaf.body, leaf.end, _restyled(page, leaf, wanted)),))


def written_out(page: Page, node: Node, value: JsonValue, anchor: str = "") -> TextEdit:
    """A value in the place of a node: an alias, or an empty one; with an anchor if it has one."""
    is_inline = not isinstance(value, dict | list) or not value or in_flow(node)
    start = node.start if isinstance(node, Alias) else node.body
    if is_inline:
        is_collected = in_flow(node) or isinstance(value, dict | list)
        text = one_line(value) if is_collected else scalar_text(value)
        return TextEdit((_put(page, start, node.end, f"{anchor} {text}".strip()),))
    if isinstance(node.parent, List):
        return TextEdit(_as_item(page, node, value, anchor))
    return TextEdit(_below_key(page, node, start, value, anchor))


def quotes_of(node: Node) -> Quotes:
    """The quotes of a scalar, "" for all else."""
    if not isinstance(node, Leaf):
        return ""
    return "'" if node.style == "'" else '"' if node.style == '"' else ""


def _restyled(page: Page, leaf: Leaf, wanted: JsonValue) -> str:
    quotes = quotes_of(leaf)
    if isinstance(wanted, str):
        has_tag = "!" in page.text[leaf.start : leaf.body]
        if has_tag and not quotes and is_plain_syntax(wanted, in_flow=in_flow(leaf)):
            return wanted
        return scalar(wanted, quotes, in_flow=in_flow(leaf))
    text = _cased(scalar_text(wanted), leaf.text)
    return quoted(text, quotes) if quotes else text


def _cased(text: str, old: str) -> str:
    """``True`` gives ``False``, and ``TRUE`` gives ``FALSE``."""
    if old.isupper():
        return text.upper()
    return text.capitalize() if old[:1].isupper() else text


def _put(page: Page, start: int, end: int, text: str) -> Splice:
    touches = start > 0 and page.text[start - 1] not in _OPENERS
    return Splice(start, end, f" {text}" if touches else text)


def _block_scalar(page: Page, leaf: Leaf, wanted: str) -> tuple[Splice, ...]:
    """The lines of a literal or folded scalar as one line, or the whole in quotes."""
    header = _HEADER.match(page.text, leaf.body)
    first = page.next_line(leaf.body)
    content = page.text[first : leaf.end]
    indent = content[: len(content) - len(content.lstrip(" "))]
    fits = wanted.strip() and wanted == wanted.lstrip() and wanted.isprintable()
    if header is None or header[3] == "+" or not fits or not indent:
        head_end = header.end() if header else leaf.body + 1
        rest = Splice(page.line_end(leaf.body), leaf.end, "")
        return (Splice(leaf.body, head_end, quoted(wanted)), rest)
    line = Splice(first, leaf.end, indent + wanted)
    if header[3] == "-":
        return (line,)
    return (Splice(header.end(), header.end(), "-"), line)


def _below_key(
    page: Page, node: Node, start: int, value: JsonValue, anchor: str
) -> tuple[Splice, ...]:
    assert isinstance(node.parent, Map)  # noqa: S101 - only members of collections are replaced
    key = next(key for key, member in node.parent.entries if member is node)
    below = page.manner.dash if isinstance(value, list) else page.manner.step
    lines = list(block_lines(value, page.column(key.start) + below, page.manner))
    if not anchor:
        start -= len(page.text[:start]) - len(page.text[:start].rstrip(" \t"))
    head = _put(page, start, node.end, anchor) if anchor else Splice(start, node.end, "")
    return (head, page.after_line(node.end, lines))


def _as_item(page: Page, node: Node, value: JsonValue, anchor: str) -> tuple[Splice, ...]:
    lines = list(block_lines(value, page.column(node.start), page.manner))
    first = [] if anchor else [lines.pop(0).lstrip()]
    head = _put(page, node.start, node.end, anchor or first[0])
    return (head, page.after_line(node.end, lines))
