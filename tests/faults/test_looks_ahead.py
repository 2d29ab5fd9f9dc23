"""The first look begins while the plan is shown, where nobody is waited for."""

import signal
import threading
from pathlib import Path

import pytest

from reconciler.sandbox import SandboxServer
from tests.faults.commands import CREATE, LIST, SECONDS, command, ended
from tests.faults.proxy import FaultProxy
from tests.support.in_process import Driver
from tests.support.specs import document

# The plan of these is more than a pipe holds, so it is shown for as long as nobody reads.
TAGS = {f"{'k' * 100}{n}": "v" * 256 for n in range(45)}
LONG = [document(f"pool-{n}", {"IdentityPoolTags": TAGS}) for n in range(6)]


def test_a_look_goes_on_while_the_plan_is_shown(tmp_path: Path, proxy: FaultProxy) -> None:
    """And no create is sent before the plan is."""
    process = command(tmp_path, proxy.url, *LONG).start("apply", "specs", "--yes")
    try:
        proxy.wait_arrived(LIST, 2, SECONDS)
        created = proxy.counts().get(CREATE, 0)
    finally:
        result = ended(process)
    assert created == 0
    assert result.code == 0, result.text
    assert proxy.counts()[CREATE] == len(LONG)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_meanwhile_ends_the_run_at_once(
    tmp_path: Path, proxy: FaultProxy, number: signal.Signals
) -> None:
    """Nothing was sent, so nothing is waited for, and there is no journal."""
    let_go = threading.Event()

    def hold(operation: str, count: int) -> None:
        if (operation, count) == (LIST, 2):
            assert let_go.wait(SECONDS)

    proxy.before = hold
    process = command(tmp_path, proxy.url, *LONG).start("apply", "specs", "--yes")
    try:
        proxy.wait_arrived(LIST, 2, SECONDS)
        process.send_signal(number)
        result = ended(process)
    finally:
        let_go.set()
        process.kill()
    assert result.code == 128 + number, result.text
    assert CREATE not in proxy.counts()
    assert not (tmp_path / ".idpool").exists()


def test_there_is_none_where_nothing_is_created(
    tmp_path: Path, proxy: FaultProxy, sandbox: SandboxServer
) -> None:
    with Driver(sandbox.url) as driver:
        driver.apply(document("shop"))
    changed = document("shop", {"AllowUnauthenticatedIdentities": True})
    result = command(tmp_path, proxy.url, changed).run("apply", "specs", "--yes")
    assert result.code == 0, result.text
    assert proxy.counts()[LIST] == 1
