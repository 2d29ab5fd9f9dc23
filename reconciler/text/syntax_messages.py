"""What libyaml says about a text that is not YAML, in our own words."""

import re
from typing import Final, NamedTuple

from ruamel.yaml.error import MarkedYAMLError

from reconciler.text.problems import quoted

_TABS: Final = ("tabs cannot indent YAML; use spaces", "replace the tabs by two spaces each")
_OPEN: Final = ("the bracket that opens here is never closed", "close it")
_INCOMPLETE: Final = (
    "the text ends where a value or a closing bracket is expected",
    "complete it, or close the bracket",
)
_NEAR: Final = "check the indentation, quotes and brackets here and in the line above"
# Part of libyaml's problem text -> message and fix. {place} is where the surrounding part began.
_WORDS: Final = (
    (
        "mapping values are not allowed",
        "a key cannot stand here",
        'quote the text if the ":" belongs to it; else check the indentation of this line, '
        'and that a space follows the ":" of the line above',
    ),
    (
        "unexpected ':'",
        'a ":" in unquoted text between brackets reads as a key here',
        "quote the text",
    ),
    (
        "unexpected end of stream",
        "the quote that opens here is never closed",
        "close it, or double it if it belongs to the text",
    ),
    (
        "document indicator",
        "the quote that opens here is not closed before the end of its document",
        "close it, or double it if it belongs to the text",
    ),
    (
        "expected ',' or ']'",
        'the list that opens with "[" at {place} goes wrong here',
        'a "," or the closing "]" is missing',
    ),
    (
        "expected ',' or '}'",
        'the mapping that opens with "{{" at {place} goes wrong here',
        'a "," or the closing "}}" is missing',
    ),
    (
        "expected '-' indicator",
        'the list that begins at {place} has items only, each after a "- "',
        "check the indentation of this line",
    ),
    (
        "did not find expected key",
        "the mapping that begins at {place} has KEY: VALUE lines only",
        "check the indentation of this line, and that nothing follows a closing quote",
    ),
    (
        "block sequence entries are not allowed",
        "a list cannot begin on this line",
        'put the "- " on the next line, indented',
    ),
    (
        "undefined alias",
        'the alias after "*" has no anchor "&" above it',
        'define the anchor before it is used, or quote the text if the "*" belongs to it',
    ),
    (
        "second occurrence",
        "an anchor of this name is defined at {place} already",
        "give one of the two another name",
    ),
    (
        "invalid Unicode character escape code",
        "this escape is half of a sign, which stands for nothing without the other half",
        "write the sign itself, or the escapes of both halves side by side",
    ),
    (
        "escape c",
        "a backslash in double quotes begins an escape, and this is not one",
        "write the backslash twice, or use single quotes",
    ),
    ("expected node content", "a value is missing before this sign", _NEAR),
    (
        "expected comment or line break",
        'nothing can follow "|" or ">" on its line',
        "put the text on the next line, indented",
    ),
    ("tag handle", 'the tag after "!" uses a prefix that is not defined', "remove the tag"),
    ("scanning a tag", "this tag is not complete", 'quote the text if the "!" belongs to it'),
    (
        "alphabetic or numeric",
        'a name must follow "&" or "*"',
        "quote the text if the sign belongs to it",
    ),
    ("directive", 'a line that begins with "%" is a YAML directive, and this is none', _NEAR),
)
_NEARBY: Final = 100  # characters before and behind an error: a line of a hostile file has no end
# What people write in specs without the quotes that it needs.
_TO_QUOTE: Final = (
    (
        re.compile(r"[^\s,\[\]{}\"']*\$\{[^}\s]*\}(?:[^\s,\[\]{}\"']|\$\{[^}\s]*\})*"),
        'the "{" of a reference opens a mapping where the reference is not quoted',
    ),
    (re.compile(r"\*[A-Za-z0-9*?._-]*"), 'a "*" begins an alias of YAML where it is not quoted'),
)
# Errors that are better placed where the part began than where the parser gave up.
_AT_BEGINNING: Final = ("unexpected end of stream", "document indicator")


class SyntaxMessage(NamedTuple):
    """A syntax error for people; ``line`` and ``column`` are 1-based."""

    line: int
    column: int
    message: str
    fix: str


def reworded(error: MarkedYAMLError, text: str) -> SyntaxMessage:
    """Place and reword a syntax error."""
    problem, context = error.problem or "", error.context or ""
    begin, end = error.context_mark, error.problem_mark or error.context_mark
    lines = text.splitlines()
    written = len(text.rstrip().splitlines())
    if end and 0 < written <= end.line:
        if begin and begin.line < written:
            return SyntaxMessage(begin.line + 1, begin.column + 1, *_OPEN)
        return SyntaxMessage(written, len(lines[written - 1]) + 1, *_INCOMPLETE)
    if any(part in problem for part in _AT_BEGINNING):
        end = begin
    line, column = (end.line, end.column) if end else (0, 0)
    content = lines[line] if line < len(lines) else ""
    indent = content[: len(content) - len(content.lstrip())]
    if "\t" in indent and "flow" not in context:
        return SyntaxMessage(line + 1, indent.index("\t") + 1, *_TABS)
    if "cannot start any token" in problem:
        return SyntaxMessage(line + 1, column + 1, *_bad_start(content[column : column + 1]))
    if unquoted := _unquoted(content, column):
        return SyntaxMessage(line + 1, *unquoted)
    place = f"{begin.line + 1}:{begin.column + 1}" if begin else "the top"
    return SyntaxMessage(line + 1, column + 1, *_words(problem, context, place))


def _unquoted(content: str, column: int) -> tuple[int, str, str] | None:
    """A reference or a glob that YAML takes for something else, with its column (1-based)."""
    first = max(0, column - _NEARBY)
    for form, message in _TO_QUOTE:
        for found in form.finditer(content[first : column + _NEARBY]):
            if found.start() <= column - first <= found.end():
                return first + found.start() + 1, message, f"quote it: {quoted(found[0])}"
    return None


def _words(problem: str, context: str, place: str) -> tuple[str, str]:
    for part, message, fix in _WORDS:
        if part in problem or part in context:
            return message.format(place=place), fix.format()
    return "this is not valid YAML", _NEAR


def _bad_start(sign: str) -> tuple[str, str]:
    return f"a value cannot begin with {sign!r}", "put the value in quotes"


def duplicate_anchor(first: tuple[int, int], second: tuple[int, int]) -> SyntaxMessage:
    """An anchor is defined twice, at these lines and columns (1-based)."""
    line, column = first
    return SyntaxMessage(*second, *_words("second occurrence", "", f"{line}:{column}"))


def unknown_alias(place: tuple[int, int], name: str) -> SyntaxMessage:
    """An alias has no anchor above it; it may have been meant as a glob."""
    message, fix = _words("undefined alias", "", "")
    return SyntaxMessage(*place, message, f"{fix}: {quoted('*' + name)}")
