"""``ignore:`` entries of the project file: drift that somebody knows of, until a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Final

from reconciler.model.source import Source

_NOWHERE: Final = Source(file="")


@dataclass(frozen=True, slots=True)
class Ignore:
    """An entry with the place it was read from; ``column`` is 1-based."""

    path: str
    reason: str
    until: date
    source: Source = _NOWHERE
    column: int = 1

    def covers(self, name: str, field: str, member: Sequence[str | int]) -> bool:
        """Whether it is about this member (``()``: the field as a whole) of a spec's pool.

        A pattern for a member covers what is below it, too: ``RoleMappings.graph.facebook.com``
        its rules.
        """
        spec, wanted_field, *rest = self.path.split(".", 2)
        if not fnmatchcase(name, spec) or wanted_field != field:
            return False
        return not rest or any(fnmatchcase(text, rest[0]) for text in _prefixes(member))

    def holds_on(self, day: date) -> bool:
        """Whether the entry still hides something on this day."""
        return day <= self.until


def first_that_covers(
    entries: Iterable[Ignore], name: str, field: str, member: Sequence[str | int]
) -> Ignore | None:
    """The first entry that is about this member, in the order of the file."""
    return next((entry for entry in entries if entry.covers(name, field, member)), None)


def _prefixes(member: Sequence[str | int]) -> Iterable[str]:
    """The path and the paths above it, as text."""
    steps = [str(step) for step in member]
    return (".".join(steps[:length]) for length in range(1, len(steps) + 1))
