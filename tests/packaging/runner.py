"""Runs the steps of a GitHub job and the script of a GitLab job as their runners do."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.packaging.pipeline_files import ROOT

_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
# As in "Setting the shell" of GitHub's workflow syntax: bash by name, and where none is named.
_SHELLS = {
    "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"],
    "python": [sys.executable],
    None: ["bash", "-e"],
}


@dataclass(frozen=True)
class Ran:
    """What a step left behind."""

    code: int
    out: str
    err: str
    outputs: Mapping[str, str]

    @property
    def text(self) -> str:
        return f"{self.out}\n{self.err}\n{self.outputs}"


@dataclass
class Runner:
    """One job: its work tree, its folder for what is nobody's business, its environment."""

    folder: Path
    temp: Path
    environment: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict)

    def run(self, step: Mapping[str, Any], **variables: str) -> Ran:
        """Run one ``run:`` step; every expression in its env must be among the values."""
        output, script = self.temp / "output", self.temp / "script"
        output.write_text("")
        script.write_text(step["run"])
        assert not _EXPRESSION.search(step["run"]), "inputs reach scripts by env only"
        env = {name: self._filled(str(value)) for name, value in step.get("env", {}).items()}
        process = subprocess.run(
            [*_SHELLS[step.get("shell")], str(script)],
            cwd=self.folder,
            env={**self._base(), "GITHUB_OUTPUT": str(output), **env, **variables},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        return Ran(process.returncode, process.stdout, process.stderr, _outputs(output))

    def _base(self) -> dict[str, str]:
        return {
            **self.environment,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary.md"),
            "GITHUB_ACTION_PATH": str(ROOT),
        }

    def _filled(self, text: str) -> str:
        return _EXPRESSION.sub(lambda found: self.values[found[1]], text)


def run_gitlab(
    lines: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a job's script: its lines are one script, which ends with the first that fails."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(lines)],
        cwd=folder,
        env={**environment, "PATH": path},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def _outputs(path: Path) -> dict[str, str]:
    """What a step has written for others: one NAME=VALUE a line, or it is nothing of ours."""
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)
