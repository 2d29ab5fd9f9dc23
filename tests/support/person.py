"""Somebody at a terminal, whom a command asks before it writes."""

import os
import pty
import subprocess

from tests.support.cli import IDPOOL, Idpool, Result

SECONDS = 60.0


class Person:
    """One who has called a command; what it says on both streams is one text, in its order."""

    def __init__(self, idpool: Idpool, *words: str) -> None:
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [str(IDPOOL), *words],
            cwd=idpool.folder,
            env=dict(idpool.environment),
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        os.close(theirs)
        self._read = ""

    def reads(self, question: str) -> None:
        """Returns when the question was asked."""
        assert self._process.stdout is not None
        while question not in self._read:
            sign = self._process.stdout.read(1)
            assert sign, self._read
            self._read += sign

    def says(self, answer: str) -> Result:
        """Answers, and what came of it; all that was said is in ``out``."""
        os.write(self._ours, f"{answer}\n".encode())
        rest, _ = self._process.communicate(timeout=SECONDS)
        os.close(self._ours)
        return Result(self._process.returncode, self._read + rest, "")
