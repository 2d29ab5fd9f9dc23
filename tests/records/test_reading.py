"""Receipts and journals are anybody's to write: what is wrong is said, and nothing else happens."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler.model.journal import RunBegins, RunEnds
from reconciler.specs import records as limits
from reconciler.specs.records import UnusableRecord, load_receipt, read_journal
from tests.records.conftest import Records

Load = Callable[[Path], Any]
BOTH = pytest.mark.parametrize("load", [load_receipt, read_journal])
EMPTY = '{"planDigest": "sha256:0", "pools": []}'
RUN = b'{"entry":"run","at":"now","planDigest":"sha256:0","owner":"default"}\n'


def _problem(load: Load, file: Path) -> UnusableRecord:
    with pytest.raises(UnusableRecord) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}:{caught.value.line}: ")
    return caught.value


def test_what_was_written_is_read(records: Records, file: Path) -> None:
    """Field by field, and the journal from its first entry to its last."""
    file.write_bytes(records.receipt)
    receipt = load_receipt(file)
    assert receipt.model_dump(mode="json") == json.loads(records.receipt)
    file.write_bytes(records.journal)
    entries = read_journal(file).entries
    assert [e.model_dump(mode="json") for e in entries] == [
        json.loads(line) for line in records.journal.splitlines()
    ]
    assert isinstance(entries[0], RunBegins)
    assert isinstance(entries[-1], RunEnds)


def test_a_journal_cut_anywhere_is_read_up_to_its_last_whole_line(
    records: Records, file: Path
) -> None:
    """A process can be killed while it writes; that is said, and is no error."""
    first = records.journal.index(b"\n") + 1
    for end in range(first, len(records.journal) + 1, 7):
        cut = records.journal[:end]
        file.write_bytes(cut)
        read = read_journal(file)
        assert len(read.entries) == cut.count(b"\n")
        assert read.is_cut is not cut.endswith(b"\n")


def test_a_journal_without_a_whole_line_says_that_nothing_was_sent(
    records: Records, file: Path
) -> None:
    """There is no owner in it, so that nothing can be made of it."""
    file.write_bytes(records.journal[:20])
    assert "has sent nothing" in _problem(read_journal, file).reason


RECEIPTS = {
    "duplicate key": ('{\n"pools": [],\n"pools": []}', 3, '"pools" is there twice'),
    "duplicate key, spelt twice": ('{"pools": [],\n"\\u0070ools": []}', 2, "twice"),
    "NaN": ('{"planDigest": "x",\n"pools": NaN}', 2, "NaN"),
    "infinity": ('{"pools": -Infinity}', 1, "infinity"),
    "huge integer": ('{"pools":\n\n1' + "0" * 5000 + "}", 3, "too many digits"),
    "too deep": ("[" * 65, 1, "64 levels"),
    "far too deep": ('{"a":' * 100_000, 1, "64 levels"),
    "not JSON": ('{\n"pools": [}', 2, "Invalid JSON"),
    "not an object": ("[]", 1, "be an object"),
    "empty": ("", 1, "Invalid JSON"),
    "unknown field": ('{"planDigest": "x", "pools": [],\n"more": 1}', 2, "more: is not known"),
    "a field by its Python name": ('{"plan_digest": "x", "pools": []}', 1, "planDigest"),
    "missing field": ("{}", 1, "planDigest: is missing"),
    "a number for a string": ('{"pools": [],\n"planDigest": 1}', 2, "valid string"),
    "a string for a flag": (EMPTY[:-1] + ',\n"interrupted": "yes"}', 2, "valid boolean"),
    "another version": (EMPTY[:-1] + ', "schemaVersion": 2}', 1, "schemaVersion"),
    "lone surrogate": ('{"planDigest": "\\ud800", "pools": []}', 1, "Invalid JSON"),
}


@pytest.mark.parametrize(("text", "line", "reason"), RECEIPTS.values(), ids=RECEIPTS.keys())
def test_a_bad_receipt_is_refused_with_line_and_reason(
    file: Path, text: str, line: int, reason: str
) -> None:
    """Whatever a lenient parser would let pass."""
    file.write_text(text)
    problem = _problem(load_receipt, file)
    assert problem.line == line
    assert reason in problem.reason


def test_the_line_is_the_one_of_the_wrong_member(records: Records, file: Path) -> None:
    """Deep inside, below a member whose kind pydantic names in its path."""
    lines = records.receipt.decode().splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines, start=1) if '"attempts"' in line)
    lines[number - 1] = lines[number - 1].replace("1", '"once"')
    file.write_text("".join(lines))
    problem = _problem(load_receipt, file)
    assert problem.line == number
    assert re.match(r"pools\[0\]\.actions\[0\]\.attempts: ", problem.reason)


JOURNALS = {
    "no run at the beginning": (b'{"entry":"end","at":"now"}\n', 1, "entry of its run"),
    "two runs": (RUN + RUN, 2, "second run"),
    "an empty line": (RUN + b"\n" + RUN, 2, "Invalid JSON"),
    "an unknown entry": (RUN + b'{"entry":"hush;hush"}\n', 2, "unknown kind"),
    "no entry": (RUN + b"{}\n", 2, "of which kind"),
    "not UTF-8": (RUN + b"\xff\n", 2, "not UTF-8"),
    "duplicate key": (RUN + b'{"entry":"end","at":"a","at":"b"}\n', 2, "twice"),
    "an unknown action": (
        RUN + b'{"entry":"sending","at":"","target":"t","name":"n","poolId":null,'
        b'"action":{"kind":"hush"},"attempt":1}\n',
        2,
        "action: is of an unknown kind",
    ),
}


@pytest.mark.parametrize(("content", "line", "reason"), JOURNALS.values(), ids=JOURNALS.keys())
def test_a_bad_journal_is_refused_with_line_and_reason(
    file: Path, content: bytes, line: int, reason: str
) -> None:
    """Only its last line may be unfinished."""
    file.write_bytes(content)
    problem = _problem(read_journal, file)
    assert problem.line == line
    assert reason in problem.reason
    assert "hush" not in str(problem)


def test_an_unknown_field_to_ignore_is_refused(records: Records, file: Path) -> None:
    """It would be looked up in a pool."""
    receipt = json.loads(records.receipt)
    receipt["pools"][0]["ignored"]["fields"] = ["model_dump"]
    file.write_text(json.dumps(receipt))
    assert "no such field" in _problem(load_receipt, file).reason


@BOTH
def test_not_utf_8(load: Load, file: Path) -> None:
    """Said in words."""
    file.write_bytes(b"{\xff}\n")
    assert "not UTF-8" in _problem(load, file).reason


@BOTH
def test_what_is_no_file_is_neither_followed_nor_waited_for(load: Load, tmp_path: Path) -> None:
    """A folder, a pipe that nobody writes to, a link, a device, nothing at all."""
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(tmp_path / "pipe")
    for path in (tmp_path, pipe, Path("/dev/zero")):
        assert "not a regular file" in _problem(load, path).reason
    assert "symbolic link" in _problem(load, link).reason
    assert "No such file" in _problem(load, tmp_path / "none").reason
    with pytest.raises(UnusableRecord, match="no such file"):
        load(Path("a\0b"))


@BOTH
def test_a_file_that_is_too_large_is_not_read_on(load: Load, file: Path) -> None:
    """A sparse file costs the test nothing."""
    with file.open("wb") as sparse:
        sparse.truncate(limits.MAX_BYTES + 1)
    assert "larger than 64 MiB" in _problem(load, file).reason


def test_a_line_that_is_too_long(file: Path) -> None:
    """No entry is a mebibyte long."""
    file.write_bytes(RUN + b'{"entry":"end","at":"' + b"a" * limits.MAX_LINE + b'"}\n')
    problem = _problem(read_journal, file)
    assert (problem.line, "longer than" in problem.reason) == (2, True)


def test_too_many_entries(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However short they are."""
    monkeypatch.setattr(limits, "MAX_ENTRIES", 3)
    file.write_bytes(RUN + b'{"entry":"end","at":""}\n' * 3)
    assert "more than 3 lines" in _problem(read_journal, file).reason


def test_too_many_values(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file can hold many."""
    monkeypatch.setattr("reconciler.text.json.MAX_TOKENS", 100)
    file.write_text("[" + "[]," * 100 + "[]]")
    assert "too many values" in _problem(load_receipt, file).reason
