"""The report for people, byte for byte; ``IDPOOL_UPDATE_GOLDEN=1`` writes it anew."""

import os
from datetime import date
from pathlib import Path

import pytest

from reconciler.model.drift import Drift, Write
from reconciler.model.findings import Source
from reconciler.model.project import Ignore
from reconciler.planner.drift import drift_of
from reconciler.reports.drift_report import drift_report
from reconciler.reports.text_report import report_text
from tests.reports.plans import PLANS

FOLDER = Path(__file__).parent / "golden"
TODAY = date(2026, 6, 1)
SOURCE = Source(file="idpool.yaml", line=7)
KNOWN = Ignore(
    path="*.AllowClassicFlow", reason="until the old app is gone", until=date(2026, 12, 31)
)
OVER = Ignore(path="*.Roles", reason="x", until=date(2026, 1, 31), source=SOURCE, column=9)
WRITE = Write(
    at="2026-05-31T22:10:00Z",
    call="UpdateIdentityPool",
    who="role admin, session \x1b[31mjane",
    address="192.0.2.7",
)


def written(drift: Drift) -> Drift:
    """With somebody who has written to each pool."""
    targets = tuple(
        target.model_copy(
            update={"pools": tuple(p.model_copy(update={"writes": (WRITE,)}) for p in target.pools)}
        )
        for target in drift.targets
    )
    return drift.model_copy(update={"targets": targets})


def check(name: str, text: str) -> None:
    """Compare with the golden file; nothing in it acts on a terminal."""
    path = FOLDER / name
    if os.environ.get("IDPOOL_UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    assert "\x1b" not in text


@pytest.mark.parametrize("name", ["everything", "hostile", "calm"])
def test_the_report_is_as_it_was_looked_at(name: str) -> None:
    """Every field, every kind of drift, hostile names, and none."""
    drift = written(drift_of(PLANS[name], (KNOWN, OVER), TODAY))
    text = report_text(drift_report(drift)).plain + "\n"
    check(f"drift-{name}.txt", text)
