"""A plain text is written without rich, and as rich would write it."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.reports.lines import Text
from reconciler.terminal.streams import Stream
from tests.support.cli import IDPOOL, clean_environment

TEXTS = (
    st.text(st.sampled_from("aä日\U0001f600 \n[]:=/\t\r\a\b\v\f\x1b\x00\x85\u2028\ufeff#"))
    | st.text()
)
PARTS = st.lists(st.tuples(TEXTS, st.sampled_from(("", "bold", "dim", "red on blue"))))
STYLED = PARTS.map(lambda parts: Text.assemble(*parts))


class Terminal(io.StringIO):
    """Memory that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _a_terminal_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the terminal, or the lack of one, that the tests run in."""
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)


def written(
    text: Text | str, file: io.StringIO, *, no_color: bool, has_console: bool = False
) -> str:
    stream = Stream(file, no_color=no_color)
    if has_console:
        assert stream.console.file is file
    stream.write(text)
    return file.getvalue()


def written_by_rich(text: Text | str, file: io.StringIO, *, no_color: bool) -> str:
    ended = (text if isinstance(text, str) else text.plain).endswith("\n")
    console = Stream(file, no_color=no_color).console
    console.print(text, soft_wrap=True, end="" if ended else "\n")
    return file.getvalue()


@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"FORCE_COLOR": "1"},
        {"FORCE_COLOR": ""},
        {"NO_COLOR": "1"},
        {"TERM": "dumb"},
        {"TTY_COMPATIBLE": "1"},
        {"TTY_COMPATIBLE": "0"},
    ],
)
@given(text=TEXTS | STYLED, no_color=st.booleans(), has_console=st.booleans())
@example(text="", no_color=False, has_console=False)
@example(text="[bold]:smile:[/] https://example.com 'x' 12 None", no_color=False, has_console=False)
@example(text="a" * 500 + " \n\n \t\x07\n", no_color=False, has_console=False)
@example(text=Text("a" * 500 + "\tb\n\n", "bold red"), no_color=True, has_console=True)
def test_it_writes_what_rich_would(
    kind: type[io.StringIO],
    settings: dict[str, str],
    text: Text | str,
    no_color: bool,
    has_console: bool,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        shown = written(text, kind(), no_color=no_color, has_console=has_console)
        assert shown == written_by_rich(text, kind(), no_color=no_color)


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
    shown = written(Text("x", "red"), Terminal(), no_color=False)
    assert shown == "\x1b[31mx\x1b[0m\n"
    assert written(Text("x", "red"), Terminal(), no_color=True) == "x\n"


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
