"""The linters, as processes: what users of these files would run on them."""

import os
import subprocess
import sys
from pathlib import Path

TOOLS = Path(sys.executable).parent


def lint(tool: str, *arguments: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a linter with nothing of this machine's settings."""
    env = {"PATH": os.defpath, "HOME": str(home), "LANG": "C.UTF-8", "NO_COLOR": "1"}
    return subprocess.run(
        [str(TOOLS / tool), *map(str, arguments)],
        cwd=home,
        env=env,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def schema(kind: str, path: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """check-jsonschema, with a schema that it brings along."""
    return lint("check-jsonschema", "--builtin-schema", f"vendor.{kind}", path, home=home)


def zizmor(path: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """zizmor at its strictest short of false alarms; anything it says is a failure."""
    return lint("zizmor", "--offline", "--pedantic", "--no-config", "--quiet", path, home=home)


def kubernetes(path: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """kubernetes-validate: unknown fields are errors."""
    return lint("kubernetes-validate", "--strict", path, home=home)


def cloudformation(path: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """cfn-lint, informational rules included."""
    return lint("cfn-lint", "--include-checks", "I", "--", path, home=home)


def manifest(path: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """What pre-commit asks of a repository of hooks."""
    return lint("pre-commit", "validate-manifest", path, home=home)
