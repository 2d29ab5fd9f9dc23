"""Strings as YAML: plain where every reader reads the same string, in quotes otherwise."""

import json
import re
from typing import Final, Literal

from reconciler.loader.core_schema import STR, plain_tag

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
