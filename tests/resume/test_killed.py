"""A process that is killed at a write: its journal tells enough to go on."""

import signal
import subprocess
from typing import Any

import pytest

from tests.faults.faults import Fault, FaultKind
from tests.resume.conftest import ACTIONS, APPLY, WRITES, World
from tests.support.slow import slow_but


class Killer:
    """Kills a process at its nth write: before the server sees it, or when it is carried out."""

    def __init__(self, world: World, nth: int) -> None:
        self._world = world
        self._left = nth
        self._process: subprocess.Popen[str] | None = None

    def run(self, moment: str) -> None:
        """Start apply and wait for its end."""
        setattr(self._world.proxy, moment, self._hook)
        self._process = self._world.idpool.start(*APPLY, "--journal", "killed.jsonl")
        self._process.communicate(timeout=60)
        assert self._process.returncode == -signal.SIGKILL
        self._world.proxy.settle()
        setattr(self._world.proxy, moment, None)

    def _hook(self, operation: str, _number: int) -> Any:
        self._left -= operation in WRITES
        if self._left or operation not in WRITES or self._process is None:
            return None
        self._process.kill()
        self._process.wait()
        return Fault(FaultKind.RESET_BEFORE)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("nth", slow_but([1], range(1, ACTIONS + 1)))
def test_resume_after_sigkill_at_any_write(world: World, nth: int, moment: str) -> None:
    """The write that was under way is told as unknown, and then all is as specified."""
    Killer(world, nth).run(moment)

    result = world.go_on("resume", "killed.jsonl")

    assert result.code == 0, result.text
    assert "unknown: " in result.err
    world.assert_converged()
    again = world.go_on("resume", "killed.jsonl")
    assert (again.code, "No changes" in again.out) == (0, True), again.text
