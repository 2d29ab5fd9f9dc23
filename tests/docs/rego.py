"""What ``conftest test`` does with a plan and rules in Rego, as far as a page shows it."""

import json
from pathlib import Path

from regopy import Interpreter  # type: ignore[import-untyped]

from tests.support.cli import Result


def conftest(folder: Path, *words: str) -> Result:
    """``conftest test FILE --policy FOLDER``: what rule ``deny`` of package main says, and 1."""
    command, file, option, rules = words
    assert (command, option) == ("test", "--policy")
    messages = denied(json.loads((folder / file).read_text()), folder / rules)
    lines = "".join(f"FAIL - {file} - main - {message}\n" for message in messages)
    lines += "\nHow many tests there were, as conftest counts.\n"
    return Result(int(bool(messages)), lines, "")


def denied(plan: object, rules: Path) -> list[str]:
    """The messages, sorted."""
    rego = Interpreter()
    for path in sorted(rules.glob("*.rego")):
        rego.add_module(path.name, path.read_text(encoding="utf-8"))
    rego.set_input(plan)
    answer = rego.query("data.main.deny")
    assert answer.results, str(answer)
    messages: list[str] = answer.results[0].expressions[0]
    return sorted(messages)
