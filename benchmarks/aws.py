"""The latency server as a bench sees it: started, filled, counted."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

ROOT: Final = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Taken:
    """What the server did since it was last asked: calls by operation, and CPU seconds of it."""

    calls: dict[str, int]
    cpu: float

    @property
    def total(self) -> int:
        """All calls, those of STS too."""
        return sum(self.calls.values())


class Aws:
    """A running server."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self.address = (str(parts.hostname), int(parts.port or 0))
        self._cpu = 0.0
        self.take()

    def latency(self, milliseconds: float) -> None:
        """How long each answer takes from now on."""
        self._do("latency", milliseconds)

    def empty(self) -> None:
        """Forget all pools."""
        self._do("empty", None)

    def fill(self, pools: Sequence[Any]) -> None:
        """Add pools, as ``live_pools.live_pools`` makes them."""
        self._do("pools", list(pools))

    def pool_ids(self) -> list[str]:
        """The ids of all pools."""
        return list(self._do("ids", None))

    def take(self) -> Taken:
        """What was done since the last time."""
        answer = self._do("take", None)
        cpu, self._cpu = answer["cpu"] - self._cpu, answer["cpu"]
        return Taken(answer["calls"], cpu)

    def _do(self, action: str, value: object) -> Any:
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        try:
            connection.request("POST", f"/admin/{action}", body=json.dumps(value))
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise RuntimeError(f"the latency server refused {action}: {answer}")
        return answer


@contextmanager
def latency_server(milliseconds: float = 30.0) -> Iterator[Aws]:
    """A server in a process of its own, which ends with the block."""
    command = [sys.executable, "-m", "benchmarks.latency_server", "--latency", str(milliseconds)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,  # an interruption is for the bench, which ends the server itself
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process without pipes")
        try:
            yield Aws(process.stdout.readline().strip())
        finally:
            process.stdin.close()
            process.wait(timeout=10)
