"""The generated specs: realistic, valid, and the same every time."""

from pathlib import Path

import pytest

from benchmarks.specs import spec_text, write_repository
from tests.support.cli import Idpool


def test_every_spec_is_valid_without_a_warning(tmp_path: Path) -> None:
    write_repository(tmp_path, 120)
    result = Idpool(tmp_path).run("validate", "--strict")
    assert (result.code, result.text.strip()) == (0, "120 specs valid.")


@pytest.mark.parametrize("number", range(6))
def test_a_spec_has_about_thirty_lines(number: int) -> None:
    assert 27 <= len(spec_text(number).splitlines()) <= 33


def test_the_same_number_gives_the_same_text(tmp_path: Path) -> None:
    first = {path.name: path.read_text() for path in write_repository(tmp_path / "one", 12)}
    again = {path.name: path.read_text() for path in write_repository(tmp_path / "two", 12)}
    assert first == again
    assert len(set(first.values())) == 12


def test_a_longer_repository_begins_like_a_shorter_one(tmp_path: Path) -> None:
    short, long = write_repository(tmp_path / "3", 3), write_repository(tmp_path / "5", 5)
    assert [path.read_text() for path in short] == [path.read_text() for path in long[:3]]


def test_a_folder_holds_at_most_a_hundred_files(tmp_path: Path) -> None:
    write_repository(tmp_path, 101)
    folders = sorted((tmp_path / "specs").iterdir())
    assert [len(list(folder.iterdir())) for folder in folders] == [100, 1]


def test_a_mapping_has_the_rules_that_were_asked_for(tmp_path: Path) -> None:
    for number in range(3):
        assert spec_text(number, rules=25).count("- Claim:") == 25
    write_repository(tmp_path, 3, lambda number: spec_text(number, rules=25))
    assert Idpool(tmp_path).run("validate", "--strict").code == 0
