"""The latency server as a bench sees it: started, emptied, asked what it did."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from benchmarks.processes import ROOT


@dataclass(frozen=True)
class Done:
    """What the server did: calls by operation, listings begun, and its CPU seconds."""

    calls: dict[str, int]
    listings: int
    cpu: float

    @property
    def total(self) -> int:
        """All calls, those of STS too."""
        return sum(self.calls.values())

    @property
    def of_pools(self) -> int:
        """The calls that are about one pool each."""
        of_all = ("GetCallerIdentity", "ListIdentityPools")
        return self.total - sum(self.calls.get(operation, 0) for operation in of_all)


@dataclass(frozen=True)
class Aws:
    """A running server; ``url`` is where it answers."""

    url: str
    requests: IO[str]
    answers: IO[str]

    def set(self, **settings: Any) -> Done:
        """Set ``latency``, ``empty`` or nothing, and return what was done since the last time."""
        print(json.dumps(settings), file=self.requests, flush=True)
        return Done(**json.loads(self.answers.readline()))


@contextmanager
def latency_server() -> Iterator[Aws]:
    """A server in a process of its own, which ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.latency_server"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,  # an interrupt is for the bench, which ends the server itself
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process without pipes")
        yield Aws(process.stdout.readline().strip(), process.stdin, process.stdout)
