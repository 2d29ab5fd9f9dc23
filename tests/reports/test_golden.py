"""The golden files themselves."""

from tests.reports.golden import FOLDER
from tests.reports.plans import PLANS
from tests.reports.receipts import RECEIPTS
from tests.reports.test_formats import golden_names


def test_no_golden_file_is_left_over() -> None:
    wanted = {f"plan-{name}.txt" for name in PLANS} | {f"receipt-{name}.txt" for name in RECEIPTS}
    verbose = {f"plan-{name}-verbose.txt" for name in PLANS}
    left = {path.name for path in FOLDER.iterdir()} - wanted - verbose
    left -= (
        {"findings.txt"}
        | golden_names()
        | {f"plan-fleet.{ending}" for ending in ("txt", "md", "html")}
    )
    assert not left


def test_golden_files_are_clean_text() -> None:
    for path in FOLDER.iterdir():
        data = path.read_bytes()
        assert data.endswith(b"\n")
        assert not data.endswith(b"\n\n")
        assert b"\r" not in data
        assert b"\x1b" not in data
