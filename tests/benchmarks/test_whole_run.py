"""All benches, with very little to measure: they run, and their page says what they found."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHES, RESULTS
from benchmarks.aws import ROOT

pytestmark = pytest.mark.slow


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_everything_is_measured_and_written_down(tmp_path: Path) -> None:
    page = tmp_path / "results.md"
    ended = bench("--sizes", "3", "--out", str(page))
    assert ended.returncode == 0, ended.stderr
    assert all(f"{name}: " in ended.stderr for name in BENCHES)
    text = page.read_text()
    for cells in (
        "| idpool --version, wall |",
        "| idpool validate: modules of boto3 and botocore imported |  |  | 0 | <= 0 | ok |",
        "| validate 3 specs, CPU / C parser's compose: nodes alone |",
        "| validate 3 specs, peak memory: all together |",
        "| plan, no changes, 3 pools, 16 workers, wall |",
        "| calls of that plan: 2 x pools + 1 pages + 5 |  |  | 8 | <= 12 | ok |",
        "| planner, 3 unchanged pools, a pool |",
        "| planner, 25 rules, live has rules in reverse, a pool |",
        "| apply, 3 creates with roles, 16 workers, wall |",
        "## idpool validate",
    ):
        assert cells in text
    assert "3 CreateIdentityPool" in text
    assert "3 SetIdentityPoolRoles" in text


def test_a_part_of_it_leaves_the_committed_results_alone() -> None:
    before = RESULTS.read_bytes() if RESULTS.exists() else None
    ended = bench("--only", "planner", "--sizes", "2")
    assert ended.returncode == 0, ended.stderr
    assert "planner, 2 unchanged pools" in ended.stdout
    assert "idpool --version" not in ended.stdout
    assert before == (RESULTS.read_bytes() if RESULTS.exists() else None)
