"""The benches, one after the other. README.md says what they measure and how."""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks import offline, online
from benchmarks.figures import Figure, table
from benchmarks.processes import ROOT

BENCHES: Final[dict[str, Callable[..., list[Figure]]]] = {
    "start": offline.start,
    "validate": offline.validate,
    "values": offline.values,
    "checks": offline.checks,
    "policies": offline.policies,
    "plan": online.plan,
    "apply": online.apply,
}
RESULTS: Final = ROOT / "benchmarks" / "RESULTS.md"
_HEAD: Final = """\
# How fast idpool is

Written by `make bench`; what the rows mean is in [README.md](README.md). Figures are medians, with
the least and the most of all runs in brackets.
"""


def main() -> int:
    """Measure, print, and write RESULTS.md if all was measured. 0 when a goal is missed, too."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    only = f"measure only these: {', '.join(BENCHES)}"
    parser.add_argument("--only", nargs="+", choices=BENCHES, metavar="NAME", help=only)
    parser.add_argument("--quick", action="store_true", help="two runs of small sizes: no figures")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a goal is missed")
    options = parser.parse_args()
    about, figures = _about(), []
    for name in options.only or BENCHES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="idpool-bench-") as folder:
            figures += BENCHES[name](Path(folder), quick=options.quick)
    page = f"{_HEAD}\n{about}\n\n{table(figures)}\n"
    print(page)
    if not options.only and not options.quick:
        RESULTS.write_text(page, encoding="utf-8")
    return int(options.strict and any(figure.is_missed for figure in figures))


def _about() -> str:
    """When, what and where; the load before the first measurement tells whether to trust it."""
    git = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False)
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit.stdout.strip() or 'unknown'}, "
        f"{platform.machine()} with {len(os.sched_getaffinity(0))} cores, "
        f"Python {platform.python_version()}, load average {os.getloadavg()[0]:.2f} at the start."
    )


if __name__ == "__main__":
    sys.exit(main())
