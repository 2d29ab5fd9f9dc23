"""Writing a journal from many threads: an entry is on disk when its writer goes on, and not before.

Entries that wait for the disk go there together.
"""

import json
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from reconciler.executor.journal import Journal, JournalProblem
from reconciler.model.changes import CreatePool
from reconciler.model.journal import Sending

SECONDS = 10.0


def entry(name: str) -> Sending:
    return Sending(at="", target="t", name=name, pool_id=None, action=CreatePool(), attempt=1)


def names_in(path: Path) -> list[str]:
    """The pools that whole lines are about; others may be writing the next one just now."""
    whole, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
    return [json.loads(line)["name"] for line in whole.splitlines()]


class Disk:
    """`os.fsync` that waits until it is let, and can fail."""

    def __init__(self, original: Callable[[int], None]) -> None:
        self.synced = 0
        self.busy = threading.Event()
        self.let = threading.Event()
        self.trouble: OSError | None = None
        self._original = original

    def __call__(self, file: int) -> None:
        self.busy.set()
        assert self.let.wait(SECONDS)
        self.synced += 1
        if self.trouble is not None:
            raise self.trouble
        self._original(file)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """A disk that is slow until the test lets it go on."""
    slow = Disk(os.fsync)
    monkeypatch.setattr(os, "fsync", slow)
    yield slow
    slow.let.set()


def test_each_entry_is_there_when_its_writer_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "journal"

    def write(writer: int, journal: Journal) -> None:
        for number in range(25):
            name = f"{writer}-{number}"
            journal.note(entry(name))
            assert name in names_in(path)

    with Journal(path) as journal, ThreadPoolExecutor(16) as threads:
        done = [threads.submit(write, writer, journal) for writer in range(16)]
        for each in done:
            each.result(SECONDS)
    written = names_in(path)
    assert len(written) == len(set(written)) == 16 * 25
    for writer in range(16):
        own = [name for name in written if name.startswith(f"{writer}-")]
        assert own == [f"{writer}-{number}" for number in range(25)]


def test_nobody_goes_on_before_the_disk_has_it_and_those_who_wait_share_one_write(
    tmp_path: Path, disk: Disk
) -> None:
    with Journal(tmp_path / "journal") as journal, ThreadPoolExecutor(16) as threads:
        first = threads.submit(journal.note, entry("first"))
        assert disk.busy.wait(SECONDS)
        rest = [threads.submit(journal.note, entry(f"rest-{n}")) for n in range(15)]
        while len(journal._next.lines) < len(rest):
            done, _ = wait([first, *rest], timeout=0.01)
            assert not done
        disk.let.set()
        for each in (first, *rest):
            each.result(SECONDS)
    assert sorted(names_in(tmp_path / "journal")) == sorted(
        ["first", *(f"rest-{n}" for n in range(15))]
    )
    assert disk.synced == 2


def test_a_disk_that_fails_fails_for_all_whose_entries_it_took(tmp_path: Path, disk: Disk) -> None:
    """None of them may send; the next ones are tried again."""
    disk.trouble = OSError(28, "No space left on device")
    with Journal(tmp_path / "journal") as journal, ThreadPoolExecutor(16) as threads:
        first = threads.submit(journal.note, entry("first"))
        assert disk.busy.wait(SECONDS)
        rest = [threads.submit(journal.note, entry(f"rest-{n}")) for n in range(15)]
        disk.let.set()
        for each in (first, *rest):
            with pytest.raises(JournalProblem, match="No space left"):
                each.result(SECONDS)
        disk.trouble = None
        journal.note(entry("later"))
    assert names_in(tmp_path / "journal")[-1] == "later"
