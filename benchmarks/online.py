"""What calls AWS, here a server with a set latency: plan and apply, beside calls x latency."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.aws import Aws, Done, latency_server
from benchmarks.figures import Figure, ratio
from benchmarks.processes import Run, idpool, python
from benchmarks.specs import write_repository

_LATENCY_MS: Final = 30
_WORKERS: Final = 16

Measured = tuple[Run, Done]


def plan(folder: Path, *, quick: bool) -> list[Figure]:
    """Plans that find no changes: one pool beside boto3, many beside their calls."""
    with latency_server() as aws:
        _create(aws, folder, 1)
        one = _beside_boto3(aws, folder, 2 if quick else 11)
        size, runs = (70, 2) if quick else (1_000, 5)
        _create(aws, folder, size)
        plans = [_plan(aws, folder) for _ in range(runs)]
    pages, what = -(-size // 60), f"plan, no changes, {size:,} pools"
    return [
        one,
        _beside_calls(what, plans, goal=1.3),
        # Two a pool, the pages of the listing, and a few more.
        Figure(f"{what}: calls", [done.total for _, done in plans], goal=2 * size + pages + 5),
        # A server that is busier is a part of what was measured.
        Figure(f"{what}: server's CPU", [done.cpu / run.wall for run, done in plans], goal=0.33),
    ]


def _create(aws: Aws, folder: Path, size: int) -> None:
    write_repository(folder, size)
    aws.set(latency=0, empty=True)
    idpool("apply", "--yes", folder=folder, url=aws.url)
    aws.set(latency=_LATENCY_MS)


def _plan(aws: Aws, folder: Path) -> Measured:
    run = idpool("plan", "--parallelism", str(_WORKERS), folder=folder, url=aws.url)
    if "No changes." not in run.out:
        raise RuntimeError(f"the plan found changes:\n{run.out}")
    return run, aws.set()


def _beside_boto3(aws: Aws, folder: Path, runs: int) -> Figure:
    walls, floors = [], []
    for _ in range(runs):
        floors.append(python("-m", "benchmarks.bare_plan", url=aws.url).wall)
        asked = aws.set().calls
        run, done = _plan(aws, folder)
        walls.append(run.wall)
        if done.calls != asked:
            raise RuntimeError(f"a plan calls {done.calls}, and bare_plan.py {asked}")
    return ratio("plan, no changes, one spec: wall", walls, "boto3", floors, goal=1.1)


def apply(folder: Path, *, quick: bool) -> list[Figure]:
    """Into an empty account, then with another tag: each time everything is to be done."""
    size, runs = (10, 2) if quick else (200, 5)
    creates, updates = [], []
    with latency_server() as aws:
        aws.set(latency=_LATENCY_MS)
        write_repository(folder, size)
        for _ in range(runs):
            aws.set(empty=True)
            creates.append(_apply(aws, folder, size, "CreateIdentityPool", "SetIdentityPoolRoles"))
        for number in range(runs):
            write_repository(folder, size, stage=f"stage-{number}")
            updates.append(_apply(aws, folder, size, "UpdateIdentityPool"))
    what, other = f"apply, {size} creates with roles", f"apply, {size} updates of one tag"
    most = median(run.wall for run, _ in creates) + 2
    return [
        _beside_calls(what, creates, goal=1.5),
        _calls_a_pool(what, creates, size, goal=3),
        # One a second of the run, and two.
        Figure(f"{what}: listings", [done.listings for _, done in creates], goal=most),
        _beside_calls(other, updates, goal=1.5),
        _calls_a_pool(other, updates, size),
    ]


def _apply(aws: Aws, folder: Path, size: int, *writes: str) -> Measured:
    run = idpool("apply", "--yes", "--parallelism", str(_WORKERS), folder=folder, url=aws.url)
    done = aws.set()
    if any(done.calls.get(write) != size for write in writes):
        raise RuntimeError(f"{size} pools were to be written: {done.calls}")
    return run, done


def _beside_calls(what: str, measured: Sequence[Measured], goal: float) -> Figure:
    """The floor is what the calls take if all workers are busy all the time."""
    walls = [run.wall for run, _ in measured]
    floors = [done.total * _LATENCY_MS / 1000 / _WORKERS for _, done in measured]
    return ratio(f"{what}: wall", walls, f"calls x {_LATENCY_MS} ms / {_WORKERS}", floors, goal)


def _calls_a_pool(
    what: str, measured: Sequence[Measured], size: int, goal: float | None = None
) -> Figure:
    calls = [done.of_pools / size for _, done in measured]
    return Figure(f"{what}: calls a pool, listings apart", calls, goal=goal)
