"""What a bench finds: figures with their goals, and the table that shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

_COLUMNS: Final = ("what", "measured", "floor", "result", "goal", "")


@dataclass(frozen=True)
class Figure:
    """One row of the table.

    ``values`` are those of the runs, in ``unit``; ``goal`` is the most that their median may be.
    ``measured`` and ``floor`` say what the values are made of, in words.
    """

    what: str
    values: Sequence[float]
    unit: str = ""
    goal: float | None = None
    measured: str = ""
    floor: str = ""

    @property
    def is_missed(self) -> bool:
        """Whether the median is over the goal."""
        return self.goal is not None and median(self.values) > self.goal

    @property
    def cells(self) -> tuple[str, ...]:
        """The row, a text for each column."""
        result = _spread(self.values, self.unit)
        if self.goal is None:
            return self.what, self.measured, self.floor, result, "", ""
        verdict = "MISSED" if self.is_missed else "ok"
        goal = f"<= {_number(self.goal)}{self.unit}"
        return self.what, self.measured, self.floor, result, goal, verdict


def ratio(
    what: str, took: Sequence[float], name: str, floors: Sequence[float], goal: float | None = None
) -> Figure:
    """Seconds beside the seconds of the floor ``name``; the ratio is taken run by run."""
    return Figure(
        what=what,
        values=[value / floor for value, floor in zip(took, floors, strict=True)],
        unit="x",
        goal=goal,
        measured=_seconds(took),
        floor=f"{name}: {_seconds(floors)}",
    )


def difference(
    what: str, took: Sequence[float], name: str, floors: Sequence[float], goal: float | None = None
) -> Figure:
    """Seconds more than those of the floor ``name``, run by run."""
    return Figure(
        what=what,
        values=[value - floor for value, floor in zip(took, floors, strict=True)],
        unit=" s",
        goal=goal,
        measured=_seconds(took),
        floor=f"{name}: {_seconds(floors)}",
    )


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table, its columns aligned."""
    rows = [_COLUMNS, *(figure.cells for figure in figures)]
    widths = [max(3, *map(len, cells)) for cells in zip(*rows, strict=True)]
    lines = [rows[0], tuple("-" * width for width in widths), *rows[1:]]
    return "\n".join(f"| {' | '.join(map(str.ljust, line, widths))} |" for line in lines)


def _seconds(values: Sequence[float]) -> str:
    """Seconds; milliseconds below one."""
    if median(values) < 1:
        return _spread([value * 1000 for value in values], " ms")
    return _spread(values, " s")


def _spread(values: Sequence[float], unit: str) -> str:
    """The median, and in brackets the least and the most where they differ."""
    middle, low, high = map(_number, (median(values), min(values), max(values)))
    return f"{middle}{unit}" if low == high else f"{middle}{unit} ({low}-{high})"


def _number(value: float) -> str:
    """Three significant digits or so, thousands with a comma."""
    digits = 0 if value == int(value) or value >= 100 else 1 if value >= 10 else 2  # noqa: PLR2004
    return f"{value:,.{digits}f}"
