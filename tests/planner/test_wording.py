"""The files with the words of plans and problems have what the code asks for, and nothing else."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.model.plan import UNREADABLE
from reconciler.planner.refusals import TARGET_FAILED

ROOMS = Path(__file__).parents[2] / "reconciler"
CONSTANTS = {"UNREADABLE": UNREADABLE, "TARGET_FAILED": TARGET_FAILED}


def asked(rooms: list[str], *functions: str) -> Iterator[str]:
    """The first arguments of all calls of these functions."""
    for path in (path for room in rooms for path in (ROOMS / room).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in functions:
                name = node.args[0]
                yield CONSTANTS[name.id] if isinstance(name, ast.Name) else ast.literal_eval(name)


def rows(file: str) -> dict[str, Any]:
    return tomllib.loads((ROOMS / file).read_text(encoding="utf-8"))


def test_each_refusal_and_notice_has_its_words() -> None:
    assert {*asked(["planner", "flows"], "refused", "noticed")} == rows(
        "planner/wording.toml"
    ).keys()


def test_each_problem_has_its_words() -> None:
    names = {*asked(["live", "executor"], "target_problem", "pool_problem")}
    assert names == rows("live/failures.toml")["problems"].keys()


@pytest.mark.parametrize("file", ["planner/wording.toml", "live/failures.toml"])
def test_each_sentence_is_one_line(file: str) -> None:
    """A line that is continued without its sign would break the lines of a terminal."""
    tables = rows(file)
    texts = [text for table in tables.values() for text in _texts(table)]
    assert texts
    assert not [text for text in texts if "\n" in text or "  " in text or text != text.strip()]


def _texts(table: Any) -> Iterator[str]:
    if isinstance(table, str):
        yield table
    elif isinstance(table, dict):
        for value in table.values():
            yield from _texts(value)
