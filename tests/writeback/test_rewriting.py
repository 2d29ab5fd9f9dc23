"""A file that is changed in place: whole, or not at all."""

import stat
from pathlib import Path

import pytest

from reconciler.terminal.files import LeftAlone, TextFile


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """What somebody else has written stays."""
    path = tmp_path / "spec.yaml"
    path.write_text("old\n")
    file = TextFile(path)
    path.write_text("theirs\n")
    with pytest.raises(LeftAlone, match="somebody has changed it in the meantime"):
        file.write("ours\n")
    assert path.read_text() == "theirs\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_gone_is_not_made_again(tmp_path: Path) -> None:
    """Somebody has taken it away."""
    path = tmp_path / "spec.yaml"
    path.write_text("old\n")
    file = TextFile(path)
    path.unlink()
    with pytest.raises(LeftAlone, match="No such file"):
        file.write("ours\n")
    assert list(tmp_path.iterdir()) == []


def test_mode_mark_and_line_ends_stay(tmp_path: Path) -> None:
    """Only the text is another one."""
    path = tmp_path / "spec.yaml"
    path.write_bytes(b"\xef\xbb\xbfold\r\n")
    path.chmod(0o604)
    file = TextFile(path)
    assert file.text == "old\r\n"
    file.write("new\r\n")
    assert path.read_bytes() == b"\xef\xbb\xbfnew\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_what_is_no_text_is_named(tmp_path: Path) -> None:
    """A folder, a missing file, and bytes that are no UTF-8."""
    (tmp_path / "bytes").write_bytes(b"\xff")
    for name in (".", "missing", "bytes"):
        with pytest.raises(LeftAlone, match="cannot be read"):
            TextFile(tmp_path / name)
