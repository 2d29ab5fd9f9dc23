"""What a run of idpool has imported when it ends."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.cli import Result, clean_environment

# Distributions that cost at least some milliseconds, and parts of Python that do.
HEAVY = frozenset(
    {
        "asyncio",
        "boto3",
        "botocore",
        "cel",
        "deepdiff",
        "flask",
        "github",
        "gitlab",
        "jsonschema_rs",
        "moto",
        "pydantic",
        "requests",
        "rich",
        "ruamel",
        "tenacity",
        "click",
        "urllib3",
        "werkzeug",
    }
)
# The entry point of the installed command, and at the very end the names of all modules.
_PROGRAM = """
import atexit, sys

def tell(file=sys.argv.pop(1)):
    modules = [*sys.modules]
    import json
    with open(file, "w") as written:
        json.dump(modules, written)

atexit.register(tell)
sys.argv[0] = "idpool"
from reconciler.cli.main import main
main()
"""


@dataclass(frozen=True)
class Run:
    """A finished run; its ``result`` is what its users see."""

    result: Result
    modules: frozenset[str]

    @property
    def heavy(self) -> set[str]:
        """Which of the heavy packages were imported."""
        return {name.partition(".")[0] for name in self.modules} & HEAVY

    @property
    def own(self) -> set[str]:
        """Our own modules, without their package's name."""
        return {n.removeprefix("reconciler.") for n in self.modules if n.startswith("reconciler.")}


def run(folder: Path, *arguments: str, **settings: str) -> Run:
    """Run the command in a process of its own, and take down what it has imported."""
    environment = {
        key: value
        for key, value in clean_environment(**settings).items()
        if not key.startswith("COVERAGE_")  # it would import coverage
    }
    told = folder / "told.json"
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(told), *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    result = Result(done.returncode, done.stdout, done.stderr)
    return Run(result, frozenset(json.loads(told.read_text())))
