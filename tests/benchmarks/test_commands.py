"""Running commands, and what they cost."""

import sys
from pathlib import Path

import pytest

from benchmarks.commands import PASS, Failed, environment, idpool, run
from benchmarks.memory import Memory, at_least, watch

EIGHTY_MB = "print(len(bytearray(80 * 1024 ** 2)))"
IN_A_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {EIGHTY_MB!r}])"
# A loop that has taken half a second of CPU, however long that was by the clock.
BUSY = "import time\nwhile time.process_time() < 0.5: pass"
BUSY_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"


def test_output_of_both_streams_is_kept(tmp_path: Path) -> None:
    script = "import sys; print('out'); print('err', file=sys.stderr)"
    made = run([sys.executable, "-c", script], tmp_path, environment())
    assert (made.out, made.err) == ("out\n", "err\n")


@pytest.mark.parametrize("script", [BUSY, BUSY_CHILD], ids=["itself", "its child"])
def test_cpu_is_that_of_the_process_and_its_children(script: str, tmp_path: Path) -> None:
    assert run([sys.executable, "-c", script], tmp_path, environment()).cpu > 0.4


def test_a_command_that_fails_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"validate: exit 64\n(.|\n)*there is nothing to work on"):
        idpool("validate", folder=tmp_path)


@pytest.mark.parametrize("script", [EIGHTY_MB, IN_A_CHILD], ids=["itself", "its child"])
def test_memory_is_that_of_the_largest_process(script: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", script]
    assert 80 < run(command, tmp_path, environment()).peak < 160


def test_the_memory_of_the_bench_itself_does_not_count(tmp_path: Path) -> None:
    large = bytearray(200 * 1024**2)
    assert run(PASS, tmp_path, environment()).peak < 100
    assert len(large) == 200 * 1024**2


def test_a_process_that_is_watched_is_seen(tmp_path: Path) -> None:
    """It holds its memory for half a second of CPU, and is looked at 50 times a second."""
    memory = watch([sys.executable, "-c", f"x = bytearray(80 * 1024 ** 2)\n{BUSY}"], tmp_path, {})
    assert memory.process > 80
    assert memory.together > 80
    assert memory.child == 0


def test_the_last_look_may_have_come_too_early() -> None:
    assert at_least(Memory(process=50, child=20), 60) == Memory(process=60, child=20)
    assert at_least(Memory(process=20, child=50), 60) == Memory(process=20, child=60)
    assert at_least(Memory(process=50, child=20), 50) == Memory(process=50, child=20)


def test_nothing_of_the_callers_aws_settings_is_handed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("CI", "true")
    assert not {"AWS_PROFILE", "CI", "AWS_ENDPOINT_URL"} & set(environment())
