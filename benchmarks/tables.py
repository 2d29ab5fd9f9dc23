"""The table for the terminal, and the page of results."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from benchmarks.figures import Figure, Findings, Growth
from benchmarks.wording import number, spread

_COLUMNS: Final = ("what", "measured", "floor", "result", "goal", "")
_HEAD: Final = """\
# How fast idpool is

Written by `make bench`; what the lines mean is in [README.md](README.md). Figures are medians,
with the least and the most of all runs in brackets.
"""


def text_report(findings: Iterable[Findings]) -> str:
    """Tables with aligned columns, growth and notes below."""
    found = _together(findings)
    tables = [_aligned(_COLUMNS, [_row(figure) for figure in found.figures])]
    tables += [f"{each.title}\n{_aligned(each.columns, each.rows)}" for each in found.growth]
    return "\n\n".join([*tables, *_said(found)]) + "\n"


def markdown_report(findings: Iterable[Findings], facts: Mapping[str, str]) -> str:
    """The same as a page, with the facts of the machine."""
    found = _together(findings)
    about = _markdown(("", ""), list(facts.items()))
    table = _markdown(_COLUMNS, [_row(figure) for figure in found.figures])
    growth = [f"## {each.title}\n\n{_markdown(each.columns, each.rows)}" for each in found.growth]
    return "\n\n".join([_HEAD.rstrip(), about, table, *growth, *_said(found)]) + "\n"


def missed(findings: Iterable[Findings]) -> list[Figure]:
    """The figures that are over their goal."""
    return [f for f in _together(findings).figures if f.verdict == "MISSED"]


def void(findings: Iterable[Findings]) -> list[Figure]:
    """The figures that were not measured, whatever they say."""
    return [f for f in _together(findings).figures if f.verdict == "VOID"]


def _together(findings: Iterable[Findings]) -> Findings:
    figures: list[Figure] = []
    growth: list[Growth] = []
    notes: list[str] = []
    for each in findings:
        figures += each.figures
        growth += each.growth
        notes += each.notes
    return Findings(tuple(figures), tuple(growth), tuple(notes))


def _said(found: Findings) -> list[str]:
    return [*found.notes, *(f"VOID: {f.what}: {f.void}." for f in found.figures if f.void)]


def _row(figure: Figure) -> tuple[str, ...]:
    goal = "" if figure.goal is None else f"<= {number(figure.goal)}{figure.unit}"
    result = spread(figure.value, figure.unit)
    return (figure.what, figure.measured, figure.floor, result, goal, figure.verdict)


def _aligned(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
    lines = [columns, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
