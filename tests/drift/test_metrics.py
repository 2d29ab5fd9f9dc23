"""Metrics for Prometheus's textfile collector."""

import re
import stat

import pytest

from reconciler.model.drift import Drift, TargetDrift
from reconciler.model.project import Target
from reconciler.reports.drift_report import drift_metrics, last_successes
from tests.drift.conftest import change, project
from tests.e2e.conftest import Account
from tests.support.cli import ACCOUNT, Idpool, clean_environment

SAMPLE = re.compile(r'([a-z_:]+)(?:\{target="((?:[^"\\]|\\.)*)"\})? ([0-9.]+)')
LAST = "idpool_drift_last_success_timestamp_seconds"


def samples(text: str) -> dict[tuple[str, str], float]:
    """The samples of an exposition whose families each have HELP, TYPE, and their samples."""
    found: dict[tuple[str, str], float] = {}
    family = ""
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family = line.split()[2]
        elif line.startswith("# TYPE "):
            assert line == f"# TYPE {family} gauge"
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            assert match[1] == family
            found[match[1], match[2] or ""] = float(match[3])
    assert text.endswith("\n")
    return found


def test_counts_by_target_and_the_time(idpool: Idpool, account: Account, shop: str) -> None:
    """Pools, drifted ones, orphans, refusals, when, and how long; readable by others."""
    tags = {"idpool:owner": "default", "idpool:name": "gone"}
    account.create("lost", IdentityPoolTags=tags)
    change(account.client, shop, AllowClassicFlow=True)

    assert idpool.run("drift", "specs", "--metrics", "drift.prom").code == 2

    file = idpool.folder / "drift.prom"
    found = samples(file.read_text())
    assert found["idpool_pools", "default"] == 1
    assert found["idpool_pools_drifted", "default"] == 1
    assert found["idpool_orphans", "default"] == 1
    assert found["idpool_refused", "default"] == 0
    assert abs(found[LAST, "default"] - file.stat().st_mtime) < 60
    assert 0 < found["idpool_drift_duration_seconds", ""] < 60
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert not list(idpool.folder.glob(".drift.prom*"))


@pytest.mark.usefixtures("shop")
def test_a_run_that_fails_leaves_them(idpool: Idpool) -> None:
    """The last success stays the last success: what is alerted on is its age."""
    assert idpool.run("drift", "specs", "--metrics", "drift.prom").code == 0
    before = (idpool.folder / "drift.prom").read_bytes()
    nowhere = Idpool(idpool.folder, clean_environment(AWS_REGION="eu-west-1"))
    assert nowhere.run("drift", "specs", "--metrics", "drift.prom").code == 1
    assert (idpool.folder / "drift.prom").read_bytes() == before


@pytest.mark.usefixtures("shop")
def test_a_refused_target_was_not_compared(idpool: Idpool) -> None:
    """It counts as refused, and keeps the time of its last success."""
    targets = {"prod": {"account": ACCOUNT, "region": "eu-west-1"}}
    idpool.write("idpool.yaml", project(targets=targets))
    assert idpool.run("drift", "--metrics", "drift.prom").code == 0
    before = samples((idpool.folder / "drift.prom").read_text())
    targets["prod"]["account"] = "999999999999"
    idpool.write("idpool.yaml", project(targets=targets))
    assert idpool.run("drift", "--metrics", "drift.prom").code == 3
    after = samples((idpool.folder / "drift.prom").read_text())
    assert after["idpool_refused", "prod"] == 1
    assert after[LAST, "prod"] == before[LAST, "prod"]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("content", [b"\xff" * 100, b"nonsense\n", f'{LAST}{{target="x"}} 1e999\n'])
def test_whatever_lies_there_is_replaced(idpool: Idpool, content: bytes | str) -> None:
    """An earlier file is only asked for times."""
    raw = content if isinstance(content, bytes) else content.encode()
    (idpool.folder / "drift.prom").write_bytes(raw)
    assert idpool.run("drift", "specs", "--metrics", "drift.prom").code == 0
    assert samples((idpool.folder / "drift.prom").read_text())


@pytest.mark.usefixtures("shop")
def test_a_device_or_a_link_is_not_replaced(idpool: Idpool) -> None:
    """A file that cannot be written is an error after the report."""
    (idpool.folder / "link").symlink_to("target.prom")
    (idpool.folder / "file").touch()
    for place in ("/dev/null", "link", "file/drift.prom"):
        result = idpool.run("drift", "specs", "--metrics", place)
        assert result.code == 1, result.text
        assert "cannot be written" in result.err
        assert "No drift" in result.out


def test_labels_are_escaped_and_read_back() -> None:
    """Backslash, quote and newline (Prometheus, "Text-based format")."""
    name = 'a\\n"b\nc'
    drift = Drift(owner="x", targets=(TargetDrift(target=Target(name=name), checked=0),))
    text = drift_metrics(drift, now=12.5, seconds=1.0, earlier={})
    assert last_successes(text) == {name: 12.5}
    assert 'target="a\\\\n\\"b\\nc"' in text
