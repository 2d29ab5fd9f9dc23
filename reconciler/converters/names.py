"""Values of metadata.name, made from whatever a pool is called elsewhere."""

import re
from typing import Final

MOST: Final = 63
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER: Final = re.compile(r"[^a-z0-9]+")
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_FALLBACK: Final = "pool"


def is_name(text: str | None) -> bool:
    """Whether it may be the name of a spec."""
    return text is not None and _NAME.fullmatch(text) is not None


def name_from(text: str) -> str:
    """The nearest name: ``Shop EU_1`` becomes ``shop-eu-1``, ``WebPool`` becomes ``web-pool``."""
    words = text if is_name(text) else _HUMP.sub("-", text)
    return _OTHER.sub("-", words.lower()).strip("-")[:MOST].rstrip("-") or _FALLBACK


def unused(name: str, taken: dict[str, int]) -> str:
    """The name, with a number where it is taken; it is taken from now on.

    ``taken``: the last number that was tried with each name, so that none is tried twice.
    """
    number, free = taken.get(name, 1), name
    while free in taken:
        number += 1
        free = f"{name[: MOST - len(str(number)) - 1].rstrip('-')}-{number}"
    taken[name] = number
    taken.setdefault(free, 1)
    return free
