"""The one door through which strings of AWS and YAML reach a report.

A terminal obeys control sequences, a reader believes what bidirectional overrides and invisible
characters make of a line.  So both are written out (``\\x1b``, ``\\u202e``) instead of sent.
"""

import json
import re

from reconciler.model.base import JsonValue

# Printable by Unicode's general category, yet without a shape of their own: joiners, fillers,
# variation selectors (Default_Ignorable_Code_Point of Unicode 16), and the blank Braille pattern.
_SHAPELESS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)

# What needs no quotes: nothing that could be read as our own punctuation at either end.
_BARE = re.compile(r"[A-Za-z0-9_/*](?:[A-Za-z0-9_./:;,@+=*-]*[A-Za-z0-9_/*=])?")


def escape(text: str) -> str:
    """The text with every character that is not plainly visible written as an escape."""
    if text.isascii() and text.isprintable():  # nearly all there is
        return text
    return "".join(map(_visible, text))


def quoted(text: str) -> str:
    """The text in double quotes, escaped so that two different texts never look alike."""
    return '"' + escape(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def name(text: str) -> str:
    """An identifier, a key or a value: bare where it is plain, else in quotes."""
    return text if _BARE.fullmatch(text) else quoted(text)


def value(data: JsonValue) -> str:
    """Any value of a field in one line; lists and maps as JSON."""
    if isinstance(data, str):
        return name(data)
    return json.dumps(data, sort_keys=True)


def _visible(char: str) -> str:
    if char == " " or (char.isprintable() and not _SHAPELESS.match(char)):
        return char
    return char.encode("unicode_escape").decode()
