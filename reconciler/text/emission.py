"""Plain values as YAML text: strings plain where every reader reads the same, else in quotes."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from reconciler.model.base import JsonValue
from reconciler.text.core_schema import STR, plain_tag

Quotes = Literal["", "'", '"']

_INDICATORS: Final = frozenset(",?:[]{}#&*!|>'\"%@`")
_FLOW_INDICATORS: Final = re.compile(r"[,\[\]{}]")
_COMMENT_OR_KEY: Final = re.compile(r":(\s|$)|\s#")
_DOCUMENT_MARK: Final = re.compile(r"(---|\.\.\.)(\s|$)")
# What YAML 1.1 makes of plain text (yaml.org/type), and what readers take for numbers beyond it
# (ruamel.yaml: a sign and underscores alone): they are still everywhere.
_YAML_1_1: Final = re.compile(
    r"""
    [yYnN] | [yY]es | YES | [nN]o | NO | [oO]n | ON | [oO]ff | OFF
    | [tT]rue | TRUE | [fF]alse | FALSE | ~ | [nN]ull | NULL | = | <<
    | [-+]? ( 0b[01_]+ | 0o[0-7_]+ | 0x[0-9a-fA-F_]+ | [0-9][0-9_]* ([eE][-+]?[0-9]+)? )
    | [-+] [0-9_]+
    | [-+]? [0-9][0-9_]* (:[0-5]?[0-9])+ (\.[0-9_]*)?
    | [-+]? ( [0-9][0-9_]*\.[0-9_.]* | \.[0-9_.]+ ) ([eE][-+]?[0-9]+)?
    | [-+]? \.(inf|Inf|INF) | \.(nan|NaN|NAN)
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2} ( ([Tt]|[ \t]+) [0-9].* )?
    """,
    re.VERBOSE,
)
Path: TypeAlias = tuple[str | int, ...]
WIDTH: Final = 100
# Their members are words, and are read as one sentence.
_ON_ONE_LINE: Final = frozenset({("metadata", "targets"), ("lifecycle", "ignoreChanges")})
_ADOPT: Final = ("metadata", "adopt")


def is_plain(text: str, *, in_flow: bool = False) -> bool:
    """Whether the text may stand without quotes: YAML 1.1 and 1.2 both read this very string."""
    return (
        is_plain_syntax(text, in_flow=in_flow)
        and plain_tag(text) == STR
        and not _YAML_1_1.fullmatch(text)
    )


def is_plain_syntax(text: str, *, in_flow: bool = False) -> bool:
    """Whether plain text would be one scalar, of whatever type."""
    if not text or not text.isprintable() or text != text.strip():
        return False
    if text[0] in _INDICATORS or (text[0] == "-" and not text[1:2].isalnum()):
        return False
    if _COMMENT_OR_KEY.search(text) or _DOCUMENT_MARK.match(text):
        return False
    return not (in_flow and _FLOW_INDICATORS.search(text))


def quoted(text: str, quotes: Quotes = '"') -> str:
    """The text in quotes; in single ones only if it can be written in them on one line."""
    if quotes == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    # JSON's escapes are YAML's; it leaves alone what is no ASCII, so the rest is up to us.
    return "".join(map(_escaped, json.dumps(text, ensure_ascii=False)))


def scalar(text: str, quotes: Quotes = "", *, in_flow: bool = False) -> str:
    """The string in these quotes, or plain where it may be."""
    if not quotes and is_plain(text, in_flow=in_flow):
        return text
    return quoted(text, quotes or '"')


def key(text: str, quotes: Quotes = "", *, in_flow: bool = False) -> str:
    """The string as a key; one with a colon is quoted, but for ARNs: it is misread by people."""
    if ":" in text and (in_flow or not text.startswith("arn:")):
        return quoted(text, quotes or '"')
    return scalar(text, quotes, in_flow=in_flow)


def _escaped(sign: str) -> str:
    if sign.isprintable():
        return sign
    return f"\\U{ord(sign):08x}"


@dataclass(frozen=True, slots=True)
class Manner:
    """How block text is laid out.

    ``step``: columns a level; ``dash``: columns from a key to the dashes of its list; ``comments``
    by the path of what they stand above, ``behind`` of what they stand behind; ``gaps``: paths with
    an empty line above.
    """

    step: int = 2
    dash: int = 2
    comments: Mapping[Path, str] = field(default_factory=dict)
    behind: Mapping[Path, str] = field(default_factory=dict)
    gaps: frozenset[Path] = frozenset()
    value_quotes: Quotes = ""
    key_quotes: Quotes = ""


TIDY: Final = Manner()


def one_line(value: JsonValue, manner: Manner = TIDY, path: Path = ()) -> str:
    """A value in flow style; scalars stand as they would in brackets."""
    if isinstance(value, Mapping):
        names = (key(name, manner.key_quotes, in_flow=True) for name in value)
        texts = (one_line(member, manner, (*path, name)) for name, member in value.items())
        entries = zip(names, texts, strict=True)
        return "{" + ", ".join(f"{name}: {text}" for name, text in entries) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(one_line(member, manner, (*path, 0)) for member in value) + "]"
    return scalar_text(value, manner, path, in_flow=True)


def scalar_text(
    value: JsonValue, manner: Manner = TIDY, path: Path = (), *, in_flow: bool = False
) -> str:
    """A string, boolean or null; pool ids are quoted, since a time looks like the head of one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if path[: len(_ADOPT)] == _ADOPT:
        return quoted(str(value))
    return scalar(str(value), manner.value_quotes, in_flow=in_flow)


def block_lines(
    value: JsonValue, column: int, manner: Manner = TIDY, path: Path = ()
) -> Iterator[str]:
    """The lines of a collection that holds something; its members begin at ``column`` (0-based)."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _above(column, manner, (*path, name))
            yield from entry_lines(name, member, column, manner, (*path, name))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, member in enumerate(value):
            yield from _above(column, manner, (*path, index))
            yield from item_lines(member, column, manner, (*path, index))


def entry_lines(
    name: str, value: JsonValue, column: int, manner: Manner = TIDY, path: Path = ()
) -> Iterator[str]:
    """A key at ``column`` and its value."""
    head = " " * column + key(name, manner.key_quotes) + ":"
    if inline := inline_text(value, column + len(name) + 2, manner, path):
        yield f"{head} {inline}{_behind(manner, path)}"
        return
    yield head
    below = manner.dash if isinstance(value, list) else manner.step
    yield from block_lines(value, column + below, manner, path)


def item_lines(
    value: JsonValue, column: int, manner: Manner = TIDY, path: Path = (), gap: int = 1
) -> Iterator[str]:
    """A member of a list whose dash is at ``column``, ``gap`` spaces before the member."""
    dash = " " * column + "-" + " " * gap
    if inline := inline_text(value, column + gap + 1, manner, path):
        yield dash + inline + _behind(manner, path)
        return
    lines = list(block_lines(value, column + 1 + gap, manner, path))
    if lines[0].lstrip().startswith("#"):  # a comment above the first key
        yield dash.rstrip()
        yield from lines
        return
    yield dash + lines[0].lstrip()
    yield from lines[1:]


def inline_text(value: JsonValue, column: int, manner: Manner = TIDY, path: Path = ()) -> str:
    """The value as it stands behind its key or dash, "" for what takes lines of its own."""
    if not isinstance(value, dict | list):
        return scalar_text(value, manner, path)
    text = one_line(value, manner, path)
    is_short = path in _ON_ONE_LINE or path == _ADOPT
    fits = is_short and column + len(text) <= WIDTH
    return text if not value or (fits and not _has_comments(manner, path)) else ""


def _has_comments(manner: Manner, path: Path) -> bool:
    return any(len(p) > len(path) and p[: len(path)] == path for p in manner.comments)


def _behind(manner: Manner, path: Path) -> str:
    said = manner.behind.get(path, "")
    return f"  # {_visible(said)}" if said else ""


def _above(column: int, manner: Manner, path: Path) -> Iterator[str]:
    if path in manner.gaps:
        yield ""
    yield from comment_lines(manner.comments.get(path, ""), column)


def comment_lines(text: str, column: int) -> Iterator[str]:
    """Any text as comment lines; what could end a comment, or hide in one, is shown as ``?``."""
    for line in text.splitlines():
        shown = _visible(line)
        yield " " * column + (f"# {shown}" if shown else "#")


def _visible(line: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in line).rstrip()
