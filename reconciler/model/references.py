"""What references stood for when they were read, and from what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadValue:
    """The value that AWS has for a reference.

    ``source``: what was read, for people; ``version``: by which it can be told from another one, ""
    where AWS has none; ``is_secret``: the value is never shown, and no digest is made of it.
    """

    value: str
    source: str
    version: str = ""
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class NoValue:
    """Why there is no value: a sentence, and what to do."""

    reason: str
    way_out: str
