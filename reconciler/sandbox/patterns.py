"""The patterns of the service model are Java's: `\\w` is ASCII and `\\p{L}` is a category."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

_CATEGORIES = re.compile(r"\[((?:\\p\{[LMSNPZC]\})+)\]\+")


@cache
def matcher(pattern: str) -> Callable[[str], bool]:
    """A test whether a whole text matches a pattern of the model.

    Python's `re` has no Unicode categories, so a class made of nothing else is tested
    character by character. A pattern that mixes both is passed over (nothing is refused);
    a test holds that the model of the installed botocore has none.
    """
    categories = _CATEGORIES.fullmatch(pattern)
    if categories:
        allowed = frozenset(re.findall(r"\{(.)\}", categories[1]))
        return lambda text: all(unicodedata.category(char)[0] in allowed for char in text)
    if not understood(pattern):
        return lambda _: True
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


def understood(pattern: str) -> bool:
    """Whether `matcher` really tests this pattern."""
    return r"\p" not in pattern or _CATEGORIES.fullmatch(pattern) is not None
