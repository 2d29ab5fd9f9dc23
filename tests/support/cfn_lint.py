"""cfn-lint, as its users run it: one process for as many templates as there are."""

import subprocess
import sys
from pathlib import Path

CFN_LINT = Path(sys.executable).parent / "cfn-lint"


def cfn_lint(*templates: Path, checks: str = "I") -> "subprocess.CompletedProcess[str]":
    """Lint templates; ``checks``: the rules that are looked at beyond errors and warnings."""
    return subprocess.run(
        [str(CFN_LINT), "--include-checks", checks, "--", *map(str, templates)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def assert_lints_clean(*templates: Path, checks: str = "I") -> None:
    """Nothing to say about the templates: no error, no warning, no hint."""
    done = cfn_lint(*templates, checks=checks)
    assert done.returncode == 0, done.stdout + done.stderr
