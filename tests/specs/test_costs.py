"""What a load may cost, by counts: each of these was seconds of ten thousand files once."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.specs.texts import GOOD, PROJECT
from tests.support.cli import clean_environment

_COUNTED = Path(__file__).with_name("counted.py")
# Bare ARNs in brackets are more than libyaml takes, and cost a second parse.
_PLAIN = re.sub(r"\[(arn:[^]]*)\]", r'["\1"]', GOOD)
_DOUBTFUL = _PLAIN.replace("AllowUnauthenticatedIdentities: true", "AllowClassicFlow: true", 1)
_DOUBTFUL = _DOUBTFUL.replace("  AllowClassicFlow: false\n", "", 1)


def _mappings(value: object) -> int:
    inner = list(value.values()) if isinstance(value, dict) else value
    own = 1 if isinstance(value, dict) else 0
    return own + (sum(map(_mappings, inner)) if isinstance(inner, list) else 0)


_IN_ONE = _mappings(YAML(typ="safe", pure=True).load(_PLAIN))


def _named(text: str, number: int) -> str:
    return text.replace("storefront\n", f"storefront-{number}\n", 1).replace(
        "0f1e2d3c", f"{number:08x}"
    )


def _counts(folder: Path, files: int, text: str = _PLAIN) -> dict[str, int]:
    """What it takes to validate so many files in three folders, and the project file."""
    folder.mkdir()
    (folder / "idpool.yaml").write_text(PROJECT.replace(", more.yaml", ""), encoding="utf-8")
    for number in range(files):
        path = folder / "specs" / f"team{number % 3}" / f"{number}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_named(text, number), encoding="utf-8")
    output = folder / "counts.json"
    done = subprocess.run(
        [sys.executable, str(_COUNTED), str(output), "validate"],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"{files} specs valid.\n"), done.stderr
    assert done.stderr.count("guest-role-unused") == (files if text is _DOUBTFUL else 0)
    counts: dict[str, int] = json.loads(output.read_text(encoding="utf-8"))
    return counts


def _grown(folder: Path, text: str) -> dict[str, int]:
    """What twenty files more cost."""
    few, many = _counts(folder / "few", 20, text), _counts(folder / "many", 40, text)
    return {what: many[what] - few[what] for what in many if many[what] != few[what]}


@pytest.mark.parametrize("text", [_PLAIN, _DOUBTFUL], ids=["valid", "doubtful"])
def test_a_file_is_opened_once_and_parsed_once(text: str, tmp_path: Path) -> None:
    """And nothing else grows with files: no look at the file before it, no schema, no tag."""
    assert _grown(tmp_path, text) == {"files opened": 20, "mappings composed": 20 * _IN_ONE}


def test_what_is_done_once_a_process_is_done_once(tmp_path: Path) -> None:
    """One schema for specs and one for the project."""
    counts = _counts(tmp_path / "few", 20)
    assert counts["schemas compiled"] == 2
    assert counts["files opened"] == 20 + 1
    assert counts["folders listed"] == 1 + 3
    assert counts.get("forks", 0) == 0


def test_no_file_is_opened_while_nodes_of_another_are_there(tmp_path: Path) -> None:
    """Ten thousand trees would take a gigabyte."""
    counts = _counts(tmp_path / "few", 20, _DOUBTFUL)
    assert counts["mappings composed"] > 20 * _IN_ONE
    assert counts["most mappings there at once"] == 0
