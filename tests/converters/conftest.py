"""The command in a folder of its own, and a corpus of templates and states."""

from pathlib import Path

import pytest

from tests.support.cli import Idpool

CORPUS = Path(__file__).parent / "corpus"


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    """The command; nothing here reaches AWS."""
    return Idpool(tmp_path)


@pytest.fixture
def repository_specs() -> str:
    """The example specs that this repository comes with."""
    return str(Path(__file__).parents[2] / "specs")
