"""Numbers as people read them."""

from benchmarks.figures import Sample

_WHOLE = 100
_TENTHS = 10


def number(value: float) -> str:
    """Three significant digits or so, thousands with a comma."""
    if value == int(value) or abs(value) >= _WHOLE:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= _TENTHS else f"{value:.2f}"


def spread(values: Sample, unit: str = "") -> str:
    """The median, and in brackets from where to where the runs went, where they differ."""
    middle = f"{number(values.median)}{unit}"
    low, high = number(values.low), number(values.high)
    return middle if low == high else f"{middle} ({low}-{high})"


def seconds(values: Sample) -> str:
    """Seconds; milliseconds below one."""
    if values.median < 1:
        return spread(values.map(lambda value: value * 1000), " ms")
    return spread(values, " s")
