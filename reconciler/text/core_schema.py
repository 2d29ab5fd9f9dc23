"""Scalars by the core schema of YAML 1.2 (chapter 10.3): what a plain ``yes`` or ``012`` is.

Two deviations, both because the fields of a spec are strings: dates and ``=`` have no type of
their own here, and the merge key ``<<`` of YAML 1.1 is understood.
"""

import math
import re
from collections.abc import Collection
from typing import Final

_PREFIX = "tag:yaml.org,2002:"
STR: Final = _PREFIX + "str"
INT: Final = _PREFIX + "int"
FLOAT: Final = _PREFIX + "float"
BOOL: Final = _PREFIX + "bool"
NULL: Final = _PREFIX + "null"
MERGE: Final = _PREFIX + "merge"
MAP: Final = _PREFIX + "map"
SEQ: Final = _PREFIX + "seq"

# The types that YAML has names for (yaml.org/type), and those that it has here.
_TYPES: Final = frozenset(
    {"omap", "pairs", "set", "binary", "timestamp", "value", "yaml"}
    | {tag.removeprefix(_PREFIX) for tag in (STR, INT, FLOAT, BOOL, NULL, MERGE, MAP, SEQ)}
)

SCALAR_TAGS: Final = frozenset({STR, INT, FLOAT, BOOL, NULL, MERGE})

_WORDS: Final = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), NULL),
    **dict.fromkeys(("true", "True", "TRUE", "false", "False", "FALSE"), BOOL),
    "<<": MERGE,
}
_INT: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_NUMBER_STARTS: Final = frozenset("+-.0123456789")


def shown_tag(tag: str, known: Collection[str] = ()) -> str:
    """``the tag "!!set"``, or ``this tag``: what nobody knows may be a secret that begins with "!".

    ``known``: tags that may be shown besides those of YAML's own types.
    """
    name = tag.removeprefix(_PREFIX)
    if name != tag and name in _TYPES:
        return f'the tag "!!{name}"'
    return f'the tag "{tag}"' if tag in known else "this tag"


def plain_tag(text: str) -> str:
    """The tag of a scalar that is written without quotes and without a tag of its own."""
    if tag := _WORDS.get(text):
        return tag
    if text[0] in _NUMBER_STARTS:
        if _INT.fullmatch(text):
            return INT
        if _FLOAT.fullmatch(text):
            return FLOAT
    return STR


def scalar_value(tag: str, text: str) -> str | float | bool | None:
    """The value of a scalar with a tag of the core schema.

    Raises ValueError where the text is not of the tag's type (``!!int abc``).
    """
    if tag in (STR, MERGE):
        return text
    if plain_tag(text) != tag and not (tag == FLOAT and plain_tag(text) == INT):
        raise ValueError(tag)
    if tag == NULL:
        return None
    if tag == BOOL:
        return text.lower() == "true"
    return _number(text)


def _number(text: str) -> float:
    """Only that it is a number matters: no field of ours is one, and messages show the text."""
    try:
        number = float(text)
    except ValueError:  # hexadecimal and octal
        return 0
    return number if math.isfinite(number) else 0
