"""What needs no AWS: start, beside a Python that does nothing, and validate, beside a C parser."""

import json
from collections import defaultdict
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, difference, ratio
from benchmarks.processes import idpool, python
from benchmarks.specs import write_project, write_repository

# "25 rules each" has no goal: it is the worst that AWS takes.
_CHECKS_GOALS = {"as they are": 0.3, "of a plan": 0.3}


def start(folder: Path, *, quick: bool) -> list[Figure]:
    """Wall time of ``--version``, ``--help``, and ``validate`` of one spec."""
    write_repository(folder, 1)
    figures = []
    for command, what, goal in (
        ("--version", "--version", None),
        ("--help", "--help", None),
        ("validate", "validate, one spec", 12),
    ):
        idpool(command, folder=folder)  # compiles what it imports
        walls, floors = [], []
        for _ in range(2 if quick else 15):
            floors.append(python("-c", "pass").wall)
            walls.append(idpool(command, folder=folder).wall)
        figures.append(ratio(f"{what}: wall", walls, "python -c pass", floors, goal))
    return figures


def validate(folder: Path, *, quick: bool) -> list[Figure]:
    """CPU and memory at the largest of three sizes, and CPU as it grows with them."""
    few, more, many = (10, 20, 40) if quick else (100, 1_000, 10_000)
    costs = {}
    for size in (few, more, many):
        write_repository(folder, size)  # on top of the smaller one, which it contains
        runs, floors = [], list[float]()
        for _ in range(2 if quick else 5):
            floors.append(float(python("-m", "benchmarks.bare_parse", str(folder / "specs")).out))
            runs.append(idpool("validate", folder=folder))
        costs[size] = median(run.cpu for run in runs)
    # "Linear" needs a number: the CPU of one more spec among many, beside that among few.
    early = (costs[more] - costs[few]) / (more - few)
    late = (costs[many] - costs[more]) / (many - more)
    what = f"validate, {many:,} specs"
    return [
        ratio(f"{what}: CPU", [run.cpu for run in runs], "C parser", floors, goal=3),
        ratio(f"{what}: CPU of one more", [late], f"up to {more:,}", [early], goal=1.25),
        Figure(f"{what}: largest process", [run.peak for run in runs], " MB", goal=300),
    ]


def values(folder: Path, *, quick: bool) -> list[Figure]:
    """CPU of ``validate`` of specs with references, in one target and in each further one."""
    size, more = (20, 2) if quick else (1_000, 4)
    found = defaultdict[str, list[float]](list)
    for _ in range(2 if quick else 5):
        write_repository(folder, size)
        write_project(folder, targets=1)
        found["plain"].append(idpool("validate", folder=folder).cpu)
        write_repository(folder, size, referring=True)
        write_project(folder, targets=1)
        found["one"].append(one := idpool("validate", folder=folder).cpu)
        write_project(folder, targets=1 + more)
        found["further"].append((idpool("validate", folder=folder).cpu - one) / more)
    what, name = f"validate, {size:,} specs with references", "without, in one target"
    return [
        ratio(f"{what}, one target: CPU", found["one"], name, found["plain"], goal=1.3),
        ratio(f"{what}, one more target: CPU", found["further"], name, found["plain"], goal=0.3),
    ]


def checks(folder: Path, *, quick: bool) -> list[Figure]:
    """CPU of all checks that need no AWS, a pool: alone, with many rules, and in a plan."""
    size = 40 if quick else 1_000
    write_repository(folder, size)
    found = defaultdict[str, list[float]](list)
    for _ in range(2 if quick else 11):
        for what, took in json.loads(
            python("-m", "benchmarks.all_checks", str(folder)).out
        ).items():
            found[what].append(took)
    return [
        Figure(f"checks, {size:,} pools, {what}: CPU a pool", took, " ms", _CHECKS_GOALS.get(what))
        for what, took in found.items()
    ]


def policies(folder: Path, *, quick: bool) -> list[Figure]:
    """The CPU that 20 policies take of ``check``, without the import of their engine."""
    size = 20 if quick else 1_000
    write_repository(folder, size)
    idpool("check", folder=folder)  # compiles what it imports
    python("-c", "import cel")
    took, floors = [], []
    for _ in range(2 if quick else 5):
        write_project(folder)
        engine = python("-c", "import cel").cpu - python("-c", "pass").cpu
        floors.append(idpool("check", folder=folder).cpu + engine)
        write_project(folder, policies=20)
        took.append(idpool("check", folder=folder).cpu)
    what = f"check, {size:,} specs: CPU of 20 policies"
    return [difference(what, took, "without, and import cel", floors, goal=0.5)]
