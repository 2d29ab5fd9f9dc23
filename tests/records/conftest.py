"""A real receipt and a real journal, of a run that does every action but DeletePool."""

from pathlib import Path
from typing import NamedTuple

import pytest

from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.e2e.test_every_field import FULL
from tests.support.cli import Idpool, aws_environment
from tests.support.specs import document, yaml_of

# Where somebody else writes, too, tags go by calls of their own.
SHARED = {"ignoreChanges": ["SamlProviderARNs"]}


class Records(NamedTuple):
    """What one apply has written."""

    receipt: bytes
    journal: bytes


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """Two pools are made; of one of them the tags then change."""
    folder = tmp_path_factory.mktemp("records")
    with SandboxServer(SandboxSettings(file=None)) as server:
        idpool = Idpool(folder, aws_environment(server.url))
        idpool.write("specs/a.yaml", yaml_of(document(spec=FULL)))
        made = idpool.run("apply", "specs", "--yes")
        tagged = {**FULL, "IdentityPoolTags": {"team": "other"}}
        idpool.write(
            "specs/a.yaml",
            yaml_of(
                document(spec=tagged, lifecycle=SHARED),
                document("b", {**FULL, "IdentityPoolName": "b"}),
            ),
        )
        files = ("--receipt", "receipt.json", "--journal", "journal.jsonl")
        changed = idpool.run("apply", "specs", "--yes", *files)
    assert (made.code, changed.code) == (0, 0), changed.text
    return Records((folder / "receipt.json").read_bytes(), (folder / "journal.jsonl").read_bytes())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a test puts the file that is to be read."""
    return tmp_path / "record"
