"""Texts of specs: what is in the corpus, what differs between two, and random odd styles."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from reconciler.model.project import Project
from reconciler.model.spec import PoolDocument, Spec
from reconciler.specs.loading import load_spec_text
from reconciler.writeback.spec_text import spec_text

CORPUS = sorted(Path(__file__).parent.joinpath("corpus").glob("*.yaml"))
# In the corpus and in what is made here this is what begins a comment, and nothing else.
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*?(?=\r?$)", re.MULTILINE)


def text_of(path: Path) -> str:
    """The text of a file with its own line ends, without a byte order mark."""
    return path.read_bytes().decode("utf-8-sig")


def specs_of(text: str, file: str = "spec.yaml") -> tuple[Spec, ...]:
    """The specs of a text."""
    return load_spec_text(file, text, Project()).specs


def comments_of(text: str) -> Counter[str]:
    """Every comment, by a search that knows nothing of YAML."""
    return Counter(comment.rstrip() for comment in _COMMENT.findall(text))


def without_comment(line: str) -> str:
    """A line without the comment at its end."""
    return _COMMENT.sub("", line)


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that are gone, and those that are new, line ends included."""
    lines = list(unified_diff(before.splitlines(True), after.splitlines(True), n=0))[2:]
    gone = [line[1:] for line in lines if line.startswith("-")]
    new = [line[1:] for line in lines if line.startswith("+")]
    return gone, new


def diff(before: str, after: str) -> str:
    """A unified diff for golden files; it shows what ends a line where that is not a newline."""
    old, new = (text.replace("\r", "<CR>").split("\n") for text in (before, after))
    return "\n".join(list(unified_diff(old, new, lineterm="", n=1))[2:])


@st.composite
def odd_texts(draw: st.DrawFn, document: Mapping[str, Any]) -> str:
    """A document in block style or in brackets, with comments, empty lines and odd line ends."""
    lines = spec_text(PoolDocument.model_validate(document)).splitlines()
    if draw(st.booleans()):
        lines = list(_in_brackets(document, 0))
    numbers = iter(range(10_000))
    commented = [line for each in lines for line in draw(_odd_lines(each, numbers))]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return newline.join(commented) + draw(st.sampled_from(["", newline]))


@st.composite
def _odd_lines(draw: st.DrawFn, line: str, numbers: Iterator[int]) -> list[str]:
    """A line with a comment behind it, and lines above it."""
    above: list[str] = []
    if draw(st.integers(0, 3)) == 0:
        above.append("")
    if line and draw(st.integers(0, 3)) == 0:
        column = len(line) - len(line.lstrip()) + draw(st.sampled_from([0, 0, 0, 1, 4]))
        above.append(" " * column + f"# above {next(numbers)}")
    if line and draw(st.integers(0, 3)) == 0:
        line += draw(st.sampled_from([" ", "  ", "\t", "      "])) + f"# behind {next(numbers)}"
    elif draw(st.integers(0, 5)) == 0:
        line += "  "
    return [*above, line]


def _in_brackets(value: Any, column: int, head: str = "", comma: str = "") -> Iterator[str]:
    """JSON, with one member a line."""
    pad = " " * column
    if isinstance(value, Mapping) and value:
        yield f"{pad}{head}{{"
        for number, (key, member) in enumerate(value.items()):
            last = "" if number == len(value) - 1 else ","
            yield from _in_brackets(member, column + 2, f"{_quoted(key)}: ", last)
        yield f"{pad}}}{comma}"
    elif isinstance(value, list) and value:
        yield f"{pad}{head}["
        for number, member in enumerate(value):
            yield from _in_brackets(member, column + 2, "", "" if number == len(value) - 1 else ",")
        yield f"{pad}]{comma}"
    else:
        yield f"{pad}{head}{_quoted(value)}{comma}"


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
