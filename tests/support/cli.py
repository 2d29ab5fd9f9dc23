"""Running idpool as its users do: with nothing of this machine's AWS."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.entry import run_here

IDPOOL = Path(sys.executable).parent / "idpool"
ACCOUNT = "123456789012"
REGION = "eu-west-1"
# Unbuffered is not what users have: their stdout is written when its buffer is full, or at the end.
_NOT_A_USERS = frozenset({"CI", "NO_COLOR", "FORCE_COLOR", "PYTHONUNBUFFERED"})


@dataclass(frozen=True)
class Result:
    """What a finished command left behind."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Both streams, for failure messages and for what may stand on either."""
        return f"{self.out}\n{self.err}"


def clean_environment(**settings: str) -> dict[str, str]:
    """The environment without AWS settings, colours or CI; plus ``settings``."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("AWS_") and key not in _NOT_A_USERS
    }
    nowhere = {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return {**kept, **nowhere, **settings}


def aws_environment(endpoint: str, **settings: str) -> dict[str, str]:
    """The usual AWS variables, pointed at an endpoint of the test's own."""
    return clean_environment(
        AWS_ENDPOINT_URL=endpoint,
        AWS_ACCESS_KEY_ID=ACCOUNT,
        AWS_SECRET_ACCESS_KEY="sandbox",
        AWS_REGION=REGION,
        **settings,
    )


@dataclass
class Idpool:
    """The command, in one folder, with one environment."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=clean_environment)

    def run(self, *arguments: str, stdin: str = "") -> Result:
        """Run to the end, in this process: the same entry point, without a start of Python."""
        return Result(*run_here(arguments, self.folder, self.environment, stdin))

    def run_process(self, *arguments: str, seconds: float = 60, stdin: str = "") -> Result:
        """Run to the end, as a process of its own: for what is about processes."""
        process = subprocess.run(
            [str(IDPOOL), *arguments],
            cwd=self.folder,
            env=dict(self.environment),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Result(process.returncode, process.stdout, process.stderr)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start and return at once."""
        return subprocess.Popen(
            [str(IDPOOL), *arguments],
            cwd=self.folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def write(self, name: str, text: str) -> Path:
        """Write a file below the folder, and give its path back."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path
