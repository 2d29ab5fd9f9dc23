"""Golden files: compared byte for byte; rewritten only with ``IDPOOL_UPDATE_GOLDEN=1``."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
UPDATE = "IDPOOL_UPDATE_GOLDEN"


def check_golden(file: str, text: str) -> None:
    path = FOLDER / file
    data = text.encode()
    if os.environ.get(UPDATE) == "1":
        path.write_bytes(data)
    assert path.is_file(), f"no golden file {path}: look at the output, then run with {UPDATE}=1"
    assert data.decode() == path.read_bytes().decode()
