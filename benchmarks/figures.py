"""What a bench finds out: samples with their spread, figures with their goals, growth by size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Sample:
    """The same thing measured several times."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """What is reported and held against a goal."""
        return median(self.values)

    @property
    def low(self) -> float:
        """The least of all runs."""
        return min(self.values)

    @property
    def high(self) -> float:
        """The most of all runs."""
        return max(self.values)

    def per(self, floor: "Sample") -> "Sample":
        """Run by run, how many times its floor this is."""
        pairs = zip(self.values, floor.values, strict=True)
        return Sample(tuple(value / base for value, base in pairs))

    def map(self, change: Callable[[float], float]) -> "Sample":
        """The sample in another unit."""
        return Sample(tuple(map(change, self.values)))


def sample(values: Sequence[float]) -> Sample:
    """The runs of one thing.  Raises ``ValueError`` where there is none."""
    if not values:
        raise ValueError("nothing was measured")
    return Sample(tuple(values))


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    ``value`` is what ``goal`` is the most for, in ``unit``; ``measured`` and ``floor`` are what it
    was made of, in words.  ``void``: why the run says nothing, "" where it does.
    """

    what: str
    value: Sample
    unit: str = ""
    measured: str = ""
    floor: str = ""
    goal: float | None = None
    void: str = ""

    @property
    def verdict(self) -> str:
        """``ok``, ``MISSED``, ``VOID``, or "" where there is no goal."""
        if self.void:
            return "VOID"
        if self.goal is None:
            return ""
        return "ok" if self.value.median <= self.goal else "MISSED"


@dataclass(frozen=True)
class Growth:
    """How cost grows with the number of pools: one row a size, cells as they are shown."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Findings:
    """What one bench has to say."""

    figures: tuple[Figure, ...] = ()
    growth: tuple[Growth, ...] = ()
    notes: tuple[str, ...] = field(default=())
