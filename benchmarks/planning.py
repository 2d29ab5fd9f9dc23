"""Plan without changes, n pools with roles: wall beside calls x latency / workers; CPU a call."""

from dataclasses import dataclass
from typing import Final

from benchmarks.aws import Aws, latency_server
from benchmarks.commands import Run, idpool
from benchmarks.figures import Figure, Findings, Growth, Sample, sample
from benchmarks.serving import LATENCY_MS, capacity, latency, void
from benchmarks.setup import LONG, Setup
from benchmarks.wording import number, seconds, spread

_WORKERS: Final = 16
_MANY_WORKERS: Final = 64
_WALL_GOAL: Final = 1.3
_CPU_GOAL_MS: Final = 1.2
_PAGE: Final = 60
_OTHER_CALLS: Final = 5


@dataclass(frozen=True)
class Reading:
    """Plans of so many pools: each run with the calls that it made and the server's CPU seconds."""

    size: int
    workers: int
    runs: tuple[Run, ...]
    calls: Sample
    server_cpu: Sample

    @property
    def wall(self) -> Sample:
        """Seconds."""
        return sample([run.wall for run in self.runs])

    @property
    def cpu(self) -> Sample:
        """Seconds of the client."""
        return sample([run.cpu for run in self.runs])

    @property
    def floor(self) -> Sample:
        """The seconds that the calls take if all workers are busy all the time."""
        return self.calls.map(lambda calls: calls * LATENCY_MS / 1000 / self.workers)

    @property
    def rate(self) -> float:
        """Calls a second that the fastest run asked of the server."""
        return self.calls.high / self.wall.low


def measure(setup: Setup) -> Findings:
    """Every size with 16 workers; with 64 the one that the goals are about."""
    with latency_server(LATENCY_MS) as aws:
        can, seen = capacity(aws, setup), latency(aws, setup)
        readings = [_read(setup, aws, size, _WORKERS) for size in setup.sizes]
        goals_at = max((size for size in setup.sizes if size <= LONG), default=setup.sizes[0])
        least = _read(setup, aws, 1, _MANY_WORKERS)
        many = _read(setup, aws, goals_at, _MANY_WORKERS)
    usual = next(reading for reading in readings if reading.size == goals_at)
    return Findings(
        (
            _against_the_floor(usual, _WALL_GOAL, void(can, usual.rate)),
            _calls(usual),
            _against_the_floor(many, None, void(can, many.rate)),
            _cpu_of_a_call(many, least),
            _cpu_of_all(many),
        ),
        (_growth(readings),),
        (
            f"The latency server answers {number(can.rate)} calls a second at most, and was asked "
            f"{number(many.rate)} in the busiest run. With {LATENCY_MS:g} ms set, a bare client "
            f"waits {number(seen.milliseconds)} ms.",
        ),
    )


def _read(setup: Setup, aws: Aws, size: int, workers: int) -> Reading:
    folder = setup.repository(size)
    aws.empty()
    aws.fill(setup.live(size))
    runs, taken = [], []
    for _ in range(setup.runs_of(size)):
        aws.take()
        runs.append(idpool("plan", "--parallelism", str(workers), folder=folder, aws=aws))
        taken.append(aws.take())
        if "No changes." not in runs[-1].out:
            raise RuntimeError(f"the plan found changes:\n{runs[-1].out}")
    return Reading(
        size,
        workers,
        tuple(runs),
        sample([each.total for each in taken]),
        sample([each.cpu for each in taken]),
    )


def _against_the_floor(reading: Reading, goal: float | None, why_void: str) -> Figure:
    return Figure(
        what=f"plan, no changes, {reading.size:,} pools, {reading.workers} workers, wall",
        value=reading.wall.per(reading.floor),
        unit="x",
        measured=seconds(reading.wall),
        floor=f"calls x {LATENCY_MS:g} ms / {reading.workers}: {seconds(reading.floor)}",
        goal=goal,
        void=why_void,
    )


def _calls(reading: Reading) -> Figure:
    pages = -(-reading.size // _PAGE)
    return Figure(
        what=f"calls of that plan: 2 x pools + {pages} pages + {_OTHER_CALLS}",
        value=reading.calls,
        goal=2 * reading.size + pages + _OTHER_CALLS,
    )


def _cpu_of_a_call(reading: Reading, least: Reading) -> Figure:
    """What the calls cost on top of a plan of one pool; loading the specs is in it."""
    start_cpu, start_calls = least.cpu.median, least.calls.median
    cpu = reading.cpu.map(lambda value: (value - start_cpu) * 1000)
    return Figure(
        what=f"CPU a call of it, with {reading.workers} workers, beyond start",
        value=cpu.per(reading.calls.map(lambda calls: calls - start_calls)),
        unit=" ms",
        measured=f"{seconds(reading.cpu)}, {number(reading.calls.median)} calls",
        floor=f"plan of 1 pool: {seconds(least.cpu)}, {number(start_calls)} calls",
        goal=_CPU_GOAL_MS,
    )


def _cpu_of_all(reading: Reading) -> Figure:
    return Figure(
        what="CPU a call of it, start included",
        value=reading.cpu.map(lambda value: value * 1000).per(reading.calls),
        unit=" ms",
    )


def _growth(readings: list[Reading]) -> Growth:
    columns = (
        "pools", "calls", "wall", "floor", "/ floor", "CPU", "CPU a call", "server busy", "peak MB",
    )  # fmt: skip
    title = f"idpool plan, no changes, {_WORKERS} workers, {LATENCY_MS:g} ms a call"
    return Growth(title, columns, tuple(_row(each) for each in readings))


def _row(each: Reading) -> tuple[str, ...]:
    a_call = each.cpu.map(lambda value: value * 1000).per(each.calls)
    busy = each.server_cpu.per(each.wall)
    return (
        f"{each.size:,}",
        number(each.calls.median),
        seconds(each.wall),
        seconds(each.floor),
        spread(each.wall.per(each.floor)),
        seconds(each.cpu),
        spread(a_call, " ms"),
        f"{busy.median:.0%}",
        number(max(run.peak for run in each.runs)),
    )
