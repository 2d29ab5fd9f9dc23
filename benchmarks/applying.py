"""Apply of 200 new pools, and of 200 changed tags: wall beside calls x latency / workers."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from benchmarks.aws import Aws, latency_server
from benchmarks.commands import idpool
from benchmarks.figures import Figure, Findings, Sample, sample
from benchmarks.serving import LATENCY_MS, capacity, void
from benchmarks.setup import Setup
from benchmarks.wording import number, seconds, spread

_POOLS: Final = 200
_WORKERS: Final = 16
_RUNS: Final = 5
_GOAL: Final = 1.5


_CREATES: Final = "creates with roles"
_RETAGS: Final = "updates of tags alone"


def measure(setup: Setup) -> Findings:
    """Into an empty account, and into one whose pools have another tag, each time anew."""
    size = min(_POOLS, setup.sizes[-1]) if setup.quick else _POOLS
    folder, retagged = setup.repository(size), _retagged(setup.live(size))
    with latency_server(LATENCY_MS) as aws:
        can = capacity(aws, setup)
        creates = _runs(setup, folder, aws, aws.empty)
        _require(creates, size, "CreateIdentityPool", "SetIdentityPoolRoles")

        def put_back() -> None:
            aws.empty()
            aws.fill(retagged)

        retags = _runs(setup, folder, aws, put_back)
        _require(retags, size, "UpdateIdentityPool")
    figures, notes = [], []
    for what, (wall, count, calls) in ((_CREATES, creates), (_RETAGS, retags)):
        why_void = void(can, count.high / wall.low)
        figures += [_against_the_floor(f"{size} {what}", wall, count, why_void)]
        figures += [_calls(size, count)]
        notes += [f"Calls of an apply of {size} {what}: {_named(calls)}."]
    return Findings(tuple(figures), notes=tuple(notes))


def _retagged(pools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pools with another value of one tag."""
    changed = deepcopy(pools)
    for pool in changed:
        pool["settings"]["IdentityPoolTags"]["stage"] = "before"
    return changed


def _runs(
    setup: Setup, folder: Path, aws: Aws, prepare: Callable[[], None]
) -> tuple[Sample, Sample, dict[str, int]]:
    """Wall and calls of an apply that has everything to do each time, and the last one's calls."""
    walls, calls = [], []
    for _ in range(setup.runs(_RUNS)):
        prepare()
        aws.take()
        made = idpool("apply", "--yes", "--parallelism", str(_WORKERS), folder=folder, aws=aws)
        calls.append(aws.take().calls)
        walls.append(made.wall)
    return sample(walls), sample([sum(each.values()) for each in calls]), calls[-1]


def _require(runs: tuple[Sample, Sample, dict[str, int]], size: int, *operations: str) -> None:
    if {runs[2].get(each) for each in operations} != {size}:
        raise RuntimeError(f"not {size} pools were written: {runs[2]}")


def _against_the_floor(what: str, wall: Sample, count: Sample, why_void: str) -> Figure:
    floor = count.map(lambda calls: calls * LATENCY_MS / 1000 / _WORKERS)
    return Figure(
        what=f"apply, {what}, {_WORKERS} workers, wall",
        value=wall.per(floor),
        unit="x",
        measured=seconds(wall),
        floor=f"calls x {LATENCY_MS:g} ms / {_WORKERS}: {seconds(floor)}",
        goal=_GOAL,
        void=why_void,
    )


def _calls(size: int, count: Sample) -> Figure:
    return Figure(
        what="calls for each of them",
        value=count.map(lambda calls: calls / size),
        measured=f"{spread(count)} calls",
    )


def _named(calls: dict[str, int]) -> str:
    return ", ".join(f"{number(count)} {name}" for name, count in sorted(calls.items()))
