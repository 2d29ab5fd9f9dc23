"""All benches with very little to measure: they run, and their table has a row for every goal."""

import subprocess
import sys

import pytest

from benchmarks.__main__ import RESULTS
from benchmarks.figures import Figure, difference, ratio, table
from benchmarks.processes import ROOT

ROWS = (
    "--version: wall",
    "--help: wall",
    "validate, one spec: wall",
    "validate, 40 specs: CPU",
    "validate, 40 specs: CPU of one more",
    "validate, 40 specs: largest process",
    "validate, 20 specs with references, one target: CPU",
    "validate, 20 specs with references, one more target: CPU",
    "checks, 40 pools, as they are: CPU a pool",
    "checks, 40 pools, 25 rules each: CPU a pool",
    "checks, 40 pools, of a plan: CPU a pool",
    "check, 20 specs: CPU of 20 policies",
    "plan, no changes, one spec: wall",
    "plan, no changes, 70 pools: wall",
    "plan, no changes, 70 pools: calls",
    "plan, no changes, 70 pools: server's CPU",
    "apply, 10 creates with roles: wall",
    "apply, 10 creates with roles: calls a pool, listings apart",
    "apply, 10 creates with roles: listings",
    "apply, 10 updates of one tag: wall",
    "apply, 10 updates of one tag: calls a pool, listings apart",
)


@pytest.mark.slow
def test_everything_is_measured_and_the_committed_results_stay() -> None:
    before = RESULTS.read_bytes()
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    rows = [line for line in ended.stdout.splitlines() if line.startswith("| ")]
    assert tuple(row.split(" | ")[0].strip("| ") for row in rows[2:]) == ROWS
    assert RESULTS.read_bytes() == before


def test_a_ratio_is_taken_run_by_run_and_its_median_held_against_the_goal() -> None:
    just = ratio("plan", [2.0, 4.2, 3.9], "boto3", [2.0, 2.0, 3.0], goal=1.3)
    over = Figure("validate", [301], " MB", goal=300)
    assert [figure.is_missed for figure in (just, over)] == [False, True]
    assert table([just, over]).splitlines()[2:] == [
        "| plan     | 3.90 s (2-4.20) | boto3: 2 s (2-3) | 1.30x (1-2.10) | <= 1.30x  | ok     |",
        "| validate |                 |                  | 301 MB         | <= 300 MB | MISSED |",
    ]


def test_what_is_added_is_taken_run_by_run() -> None:
    added = difference("policies", [2.0, 2.5, 2.1], "without", [1.5, 2.0, 1.7], goal=0.5)
    assert added.values == pytest.approx([0.5, 0.5, 0.4])
    assert not added.is_missed
