"""A plain text is written without rich, and as rich would write it."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.text import Text

from reconciler.cli.stream import Stream
from tests.support.cli import IDPOOL, clean_environment

TEXTS = (
    st.text(st.sampled_from("aä日\U0001f600 \n[]:=/\t\r\a\b\v\f\x1b\x00\x85\u2028\ufeff#"))
    | st.text()
)


class Terminal(io.StringIO):
    """Memory that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def written(text: Text | str, file: io.StringIO, *, with_rich: bool, no_color: bool) -> str:
    stream = Stream(file, no_color=no_color)
    if with_rich:
        assert stream.console.file is file
    stream.write(text)
    return file.getvalue()


@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
@pytest.mark.parametrize(
    "settings", [{}, {"FORCE_COLOR": "1"}, {"NO_COLOR": "1"}, {"TERM": "dumb"}]
)
@given(text=TEXTS, no_color=st.booleans())
@example(text="", no_color=False)
@example(text="[bold]:smile:[/] https://example.com 'x' 12 None", no_color=False)
@example(text="a" * 500 + " \n\n \t\x07\n", no_color=False)
def test_both_ways_write_the_same(
    kind: type[io.StringIO], settings: dict[str, str], text: str, no_color: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "xterm-256color")
        for name in ("FORCE_COLOR", "NO_COLOR"):
            patch.delenv(name, raising=False)
        for name, value in settings.items():
            patch.setenv(name, value)
        plain = written(text, kind(), with_rich=False, no_color=no_color)
        assert plain == written(text, kind(), with_rich=True, no_color=no_color)


@pytest.mark.parametrize("text", ["sentence", "two\nlines\n", "", "ümläut 日本"])
def test_a_plain_text_needs_no_rich(text: str) -> None:
    stream = Stream(io.StringIO(), no_color=False)
    stream.write(text)
    assert "console" not in vars(stream)


def test_styles_and_controls_are_richs() -> None:
    for text in (Text("x", "bold red"), "a\tb", "a\x07b"):
        stream = Stream(Terminal(), no_color=False)
        stream.write(text)
        assert "console" in vars(stream)


def test_colours_are_still_written() -> None:
    shown = written(Text("x", "red"), Terminal(), with_rich=False, no_color=False)
    assert shown == "\x1b[31mx\x1b[0m\n"
    assert written(Text("x", "red"), Terminal(), with_rich=False, no_color=True) == "x\n"


def test_what_is_written_beside_a_line_of_progress_goes_its_way() -> None:
    """Else the line would be drawn over it."""
    file = Terminal()
    stream = Stream(file, no_color=False)
    with stream.console.status("working"):
        stream.write("said meanwhile")
        assert "working" in file.getvalue().partition("said meanwhile\n")[2]


@pytest.mark.parametrize("words", ["schema", "validate specs"])
def test_a_reader_that_is_gone_ends_the_command_quietly(words: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        done = subprocess.run(
            [sys.executable, str(IDPOOL), *words.split()],
            cwd=Path(__file__).parents[2],
            env=clean_environment(),
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "")
