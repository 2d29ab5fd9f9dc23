"""Apply that creates 200 pools with roles: wall beside calls x latency / workers."""

from typing import Final

from benchmarks.aws import latency_server
from benchmarks.commands import idpool
from benchmarks.figures import Figure, Findings, Sample, sample
from benchmarks.serving import LATENCY_MS, capacity, void
from benchmarks.setup import Setup
from benchmarks.wording import number, seconds, spread

_POOLS: Final = 200
_WORKERS: Final = 16
_RUNS: Final = 5
_GOAL: Final = 1.5


def measure(setup: Setup) -> Findings:
    """Into an empty account, each time anew."""
    size = min(_POOLS, setup.sizes[-1]) if setup.quick else _POOLS
    folder = setup.repository(size)
    walls, calls = [], []
    with latency_server(LATENCY_MS) as aws:
        can = capacity(aws, setup)
        for _ in range(setup.runs(_RUNS)):
            aws.empty()
            aws.take()
            made = idpool("apply", "--yes", "--parallelism", str(_WORKERS), folder=folder, aws=aws)
            calls.append(aws.take().calls)
            walls.append(made.wall)
            _require_all(calls[-1], size, len(aws.pool_ids()))
    wall, count = sample(walls), sample([sum(each.values()) for each in calls])
    why_void = void(can, count.high / wall.low)
    figures = (_against_the_floor(size, wall, count, why_void), _calls(size, count))
    return Findings(figures, notes=(f"Calls of an apply of {size} creates: {_named(calls[-1])}.",))


def _require_all(calls: dict[str, int], size: int, pools: int) -> None:
    made = {calls.get("CreateIdentityPool"), calls.get("SetIdentityPoolRoles"), pools}
    if made != {size}:
        raise RuntimeError(f"not {size} pools with roles were made: {pools}, {calls}")


def _against_the_floor(size: int, wall: Sample, count: Sample, why_void: str) -> Figure:
    floor = count.map(lambda calls: calls * LATENCY_MS / 1000 / _WORKERS)
    return Figure(
        what=f"apply, {size} creates with roles, {_WORKERS} workers, wall",
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
