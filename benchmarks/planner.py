"""The planner alone: CPU of a pool that is as it should be, and of one that is not."""

import json
import sys
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.aws import ROOT
from benchmarks.commands import environment, run
from benchmarks.figures import Figure, Findings, Sample, sample
from benchmarks.planner_probe import LIVE_IS
from benchmarks.setup import LONG, Setup
from benchmarks.specs import spec_text, write_repository
from benchmarks.wording import spread

_RUNS: Final = 7
_RULES: Final = 25
_CHANGED_POOLS: Final = 50
_UNCHANGED_GOAL_MS: Final = 0.1
_CHANGED_GOAL_MS: Final = 3.0


def measure(setup: Setup) -> Findings:
    """Unchanged pools of the usual kind, and pools with 25 rules, changed in several ways."""
    same, *others = LIVE_IS
    size = min(LONG, setup.sizes[-1])
    unchanged = _probe(setup, setup.repository(size), same)
    ruled = setup.folder / "ruled-pools"
    write_repository(ruled, _CHANGED_POOLS, partial(spec_text, rules=_RULES))
    changed = _probe(setup, ruled, *others)
    return Findings(
        (
            _figure(
                f"planner, {size:,} unchanged pools, a pool", unchanged[same], _UNCHANGED_GOAL_MS
            ),
            *(
                _figure(f"planner, {_RULES} rules, live has {way}, a pool", took, _CHANGED_GOAL_MS)
                for way, took in changed.items()
            ),
        )
    )


Took = tuple[Sample, Sample]


def _probe(setup: Setup, folder: Path, *ways: str) -> dict[str, Took]:
    runs = str(setup.runs(_RUNS))
    command = [sys.executable, "-m", "benchmarks.planner_probe", str(folder), runs, *ways]
    told = json.loads(run(command, ROOT, environment()).out)
    reference = sample(told["reference"])
    return {way: (sample(took), reference) for way, took in told["took"].items()}


def _figure(what: str, took: Took, goal: float) -> Figure:
    """The goal is absolute; beside it, how much of a plain Python work that is on this machine."""
    cpu, reference = took
    work = reference.median
    return Figure(
        what=what,
        value=cpu,
        unit=" ms",
        measured=f"{cpu.median / work:.3f} x plain Python",
        floor=f"plain Python: {spread(reference, ' ms')}",
        goal=goal,
    )
