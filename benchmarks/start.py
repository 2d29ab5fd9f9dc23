"""Start: what a command costs before it does anything, beside a Python that does nothing."""

import re
from pathlib import Path
from typing import Final

from benchmarks.commands import PASS, environment, idpool, run
from benchmarks.figures import Figure, Findings, sample
from benchmarks.setup import Setup
from benchmarks.wording import seconds

_RUNS: Final = 15
_VERSION_GOAL: Final = 5.0
_VALIDATE_GOAL: Final = 12.0
_AWS_IMPORT: Final = re.compile(r"^import time:.*\|\s+((?:boto3|botocore)\S*)$", re.MULTILINE)


def measure(setup: Setup) -> Findings:
    """``--version`` and ``validate`` of one spec, in wall time; and what they import."""
    folder = setup.repository(1)
    spec = str(next((folder / "specs").rglob("*.yaml")).relative_to(folder))
    return Findings(
        (
            _start(setup, folder, ("--version",), "--version", _VERSION_GOAL),
            _start(setup, folder, ("--help",), "--help", None),
            _start(setup, folder, ("validate", spec), "validate, one spec", _VALIDATE_GOAL),
            _aws_imports(folder, ("validate", spec)),
        )
    )


def _start(
    setup: Setup, folder: Path, arguments: tuple[str, ...], name: str, goal: float | None
) -> Figure:
    idpool(*arguments, folder=folder)
    walls, floors = [], []
    for _ in range(setup.runs(_RUNS)):
        floors.append(run(PASS, folder, environment()).wall)
        walls.append(idpool(*arguments, folder=folder).wall)
    wall, floor = sample(walls), sample(floors)
    return Figure(
        what=f"idpool {name}, wall",
        value=wall.per(floor),
        unit="x",
        measured=seconds(wall),
        floor=f"python -c pass: {seconds(floor)}",
        goal=goal,
    )


def _aws_imports(folder: Path, arguments: tuple[str, ...]) -> Figure:
    told = idpool(*arguments, folder=folder, settings={"PYTHONPROFILEIMPORTTIME": "1"}).err
    if "import time:" not in told:
        raise RuntimeError("Python does not say what it imports")
    return Figure(
        what="idpool validate: modules of boto3 and botocore imported",
        value=sample([len(_AWS_IMPORT.findall(told))]),
        goal=0,
    )
