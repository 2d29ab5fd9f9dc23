"""The table in docs/sandbox.md names every rule's test, and every test of a rule."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
# These are about the server and its file, not about rules of AWS.
NOT_RULES = {"test_clients.py", "test_docs.py", "test_server.py", "test_state.py"}


def named_tests() -> list[str]:
    """The tests that the document names, in its order."""
    text = (ROOT / "docs" / "sandbox.md").read_text()
    return re.findall(r"tests/sandbox/test_\w+\.py::test_\w+", text)


def rule_tests() -> dict[str, str | None]:
    """The tests of rules that there are, with their docstrings."""
    found = {}
    for file in sorted((ROOT / "tests" / "sandbox").glob("test_*.py")):
        if file.name in NOT_RULES:
            continue
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[f"tests/sandbox/{file.name}::{node.name}"] = ast.get_docstring(node)
    return found


def test_every_test_in_the_table_exists() -> None:
    """The table names no test that is not there, and none twice."""
    named = named_tests()
    assert len(named) > 60
    assert set(named) - set(rule_tests()) == set()
    assert len(named) == len(set(named))


def test_every_rule_test_is_in_the_table() -> None:
    """No test of a rule is missing from the table."""
    assert set(rule_tests()) - set(named_tests()) == set()


def test_every_rule_test_states_its_rule() -> None:
    """Each test of a rule says in its docstring what holds."""
    assert [name for name, says in rule_tests().items() if not says] == []


def test_table_rows_have_three_parts() -> None:
    """Each row has a rule, a source and a test."""
    rows = [
        line
        for line in (ROOT / "docs" / "sandbox.md").read_text().splitlines()
        if "::test_" in line
    ]
    parts = [[part.strip() for part in row.strip("|").split("|")] for row in rows]
    assert all(len(row) == 3 and all(row) for row in parts)


def test_every_source_has_its_mark() -> None:
    """A source says how certain it is: R, D, P, I or U; or that the rule is not one of AWS."""
    text = (ROOT / "docs" / "sandbox.md").read_text()
    sources = re.findall(r"\| ([^|]*) \| tests/sandbox/test_", text)
    assert len(sources) == len(named_tests())
    assert [said for said in sources if not re.match(r"[RDPIU]: |(ours|moto)\b", said)] == []
