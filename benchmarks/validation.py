"""Validate n specs: CPU beside the C parser's on the same bytes, its growth, and memory."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.aws import ROOT
from benchmarks.commands import IDPOOL, environment, idpool, run
from benchmarks.figures import Figure, Findings, Growth, Sample, sample
from benchmarks.memory import Memory, at_least, watch
from benchmarks.setup import Setup
from benchmarks.wording import number, seconds, spread

_PARSE_GOAL: Final = 3.0
_LINEAR_FROM: Final = 100
# "Linear" has to have a number: the CPU of one more spec, among many and among few.
_LINEAR_GOAL: Final = 1.25
_MEMORY_GOAL: Final = 300.0


@dataclass(frozen=True)
class _Size:
    size: int
    wall: Sample
    cpu: Sample
    compose: Sample
    load: Sample
    memory: Memory


def measure(setup: Setup) -> Findings:
    """Every size, and the goals at the largest."""
    sizes = [_size(setup, size) for size in setup.sizes]
    return Findings(
        (*_against_the_parser(sizes[-1]), *_linear(sizes), *_memory(sizes[-1])),
        (_growth(sizes),),
    )


def _size(setup: Setup, size: int) -> _Size:
    folder = setup.repository(size)
    runs, composes, loads = [], [], []
    for _ in range(setup.runs_of(size)):
        composes.append(_bare("compose", folder))
        runs.append(idpool("validate", folder=folder))
        loads.append(_bare("load", folder))
    return _Size(
        size,
        sample([each.wall for each in runs]),
        sample([each.cpu for each in runs]),
        sample(composes),
        sample(loads),
        at_least(
            watch([IDPOOL, "validate"], folder, environment()), max(each.peak for each in runs)
        ),
    )


def _bare(way: str, folder: Path) -> float:
    command = [sys.executable, "-m", "benchmarks.bare_parse", way, str(folder / "specs")]
    return float(run(command, ROOT, environment()).out)


def _against_the_parser(largest: _Size) -> tuple[Figure, ...]:
    floors = (
        ("compose: nodes alone", largest.compose, _PARSE_GOAL),
        ('load: typ="safe"', largest.load, None),
    )
    return tuple(
        Figure(
            what=f"validate {largest.size:,} specs, CPU / C parser's {name}",
            value=largest.cpu.per(floor),
            unit="x",
            measured=seconds(largest.cpu),
            floor=seconds(floor),
            goal=goal,
        )
        for name, floor, goal in floors
    )


def _linear(sizes: list[_Size]) -> tuple[Figure, ...]:
    """The CPU of one more spec between the two largest sizes, beside that from 100 on."""
    counted = [each for each in sizes if each.size >= _LINEAR_FROM]
    if len(counted) <= 2:  # noqa: PLR2004 - two steps need three sizes
        return ()
    few, more, most = counted[0], counted[-2], counted[-1]
    early, late = _one_more(few, more), _one_more(more, most)
    between = f"{more.size:,} to {most.size:,} / {few.size:,} to {more.size:,}"
    figure = Figure(
        what=f"CPU of one more spec, {between}",
        value=sample([late / early]),
        unit="x",
        measured=f"{number(late * 1e6)} us",
        floor=f"{number(early * 1e6)} us",
        goal=_LINEAR_GOAL,
    )
    return (figure,)


def _one_more(few: _Size, many: _Size) -> float:
    return (many.cpu.median - few.cpu.median) / (many.size - few.size)


def _memory(largest: _Size) -> tuple[Figure, ...]:
    memory = largest.memory
    peaks = {
        "the process": memory.process,
        "its largest child": memory.child,
        "all together": memory.together,
    }
    return tuple(
        Figure(
            what=f"validate {largest.size:,} specs, peak memory: {name}",
            value=sample([peak]),
            unit=" MB",
            goal=_MEMORY_GOAL,
        )
        for name, peak in peaks.items()
    )


def _growth(sizes: list[_Size]) -> Growth:
    columns = (
        "specs", "wall", "CPU", "CPU a spec", "compose", "/ compose", "load", "/ load", "peak MB",
    )  # fmt: skip
    return Growth("idpool validate", columns, tuple(_row(each) for each in sizes))


def _row(each: _Size) -> tuple[str, ...]:
    return (
        f"{each.size:,}",
        seconds(each.wall),
        seconds(each.cpu),
        f"{number(each.cpu.median / each.size * 1e6)} us",
        seconds(each.compose),
        spread(each.cpu.per(each.compose)),
        seconds(each.load),
        spread(each.cpu.per(each.load)),
        number(each.memory.together),
    )
