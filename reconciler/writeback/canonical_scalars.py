"""Scalars and properties as the canonical style writes them."""

import re
from typing import Final

from reconciler.loader.core_schema import BOOL
from reconciler.writeback.page import Page
from reconciler.writeback.scalars import is_plain_syntax, quoted
from reconciler.writeback.tree import Alias, Leaf, Node

_BREAK: Final = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_COMMENT: Final = re.compile(r"(?<!\S)#[^\n\r\x85\u2028\u2029]*")
_INDICATOR: Final = re.compile(r"[0-9]")


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
        return [first.rstrip(" \t"), *(_at(line.strip(" \t"), column) for line in rest)]
    width = _indent(rest) - _indent(_BREAK.split(node.text))
    header = _INDICATOR.sub("2", first.partition("#")[0].rstrip()) + _header_comment(first)
    return [header, *(_at(line[width:], column) for line in rest)]


def _indent(lines: list[str]) -> int:
    """How far the first line that holds something is indented."""
    return next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip(" ")), 0)


def _header_comment(header: str) -> str:
    _, sign, comment = header.partition("#")
    return f"  {sign}{comment.rstrip()}" if sign else ""


def _at(line: str, column: int) -> str:
    return " " * column + line if line else ""
