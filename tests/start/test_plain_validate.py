"""``validate`` with paths alone takes a way of its own, and does what it does with options."""

import os
from pathlib import Path

import pytest

from tests.support.cli import Idpool, Result, clean_environment
from tests.support.specs import document, yaml_of

PROJECT = "apiVersion: idpool/v1\nkind: Project\nowner: default\nspecs: [specs]\n"
CASES: dict[str, list[str]] = {
    "one file": ["specs/good.yaml"],
    "a folder": ["specs"],
    "several, one twice": ["specs/good.yaml", "specs", "specs/good.yaml"],
    "a wrong one": ["wrong.yaml"],
    "a doubtful one": ["doubtful.yaml"],
    "all kinds": ["wrong.yaml", "specs", "doubtful.yaml", "nowhere"],
    "nothing there": ["nowhere"],
    "spaces and signs": ["a b.yaml", "{}", "~", "$HOME", "*.yaml", "@specs"],
    "no text": [os.fsdecode(b"\xff.yaml")],
    "the name of a command": ["validate", "plan"],
    "nothing named": [],
}


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    """Specs, good and bad."""
    made = Idpool(tmp_path, clean_environment())
    made.write("specs/good.yaml", yaml_of(document("good")))
    made.write("a b.yaml", yaml_of(document("spaces")))
    made.write("wrong.yaml", "apiVersion: idpool/v1\nkind: IdentityPool\nspec: 1\n")
    role = {"Roles": {"unauthenticated": "arn:aws:iam::123456789012:role/guest"}}
    made.write("doubtful.yaml", yaml_of(document("doubtful", role)))
    return made


def both(idpool: Idpool, words: list[str]) -> tuple[Result, Result]:
    """The plain way, and that of typer, which ``--`` asks for without another meaning."""
    return idpool.run("validate", *words), idpool.run("validate", "--", *words)


@pytest.mark.parametrize("case", CASES)
def test_the_plain_way_does_what_typers_does(idpool: Idpool, case: str) -> None:
    """Code and both streams, byte by byte."""
    plain, typers = both(idpool, CASES[case])
    assert plain == typers
    assert plain.text.strip()


def test_the_project_is_found_both_ways(idpool: Idpool) -> None:
    """Without a word the project says which specs."""
    idpool.write("idpool.yaml", PROJECT)
    plain, typers = both(idpool, [])
    assert plain == typers == Result(0, "1 spec valid.\n", "")


def test_the_exit_codes_are_those_of_the_contract(idpool: Idpool) -> None:
    """Of the plain way by itself."""
    codes = {case: idpool.run("validate", *CASES[case]).code for case in CASES}
    assert codes["one file"] == codes["a folder"] == codes["a doubtful one"] == 0
    assert codes["a wrong one"] == codes["nothing there"] == codes["no text"] == 1
    assert codes["nothing named"] == 64
