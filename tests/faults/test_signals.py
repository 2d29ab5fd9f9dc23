"""Ctrl-C and SIGTERM to a real `idpool apply`: nothing is cut off, lost or left untold."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reconciler.sandbox.server import SandboxServer
from reconciler.terminal.signals import finishing_on_signals
from tests.faults.commands import (
    CREATE,
    DESCRIBE,
    JOURNAL,
    LIST,
    RECEIPT,
    RECORDED,
    SECONDS,
    applying,
    command,
    ended,
    journal,
    outcomes,
    receipt,
    said_on_stderr,
    sendings,
    writes,
)
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.faults.scenario import OPERATIONS, SHARED, WANTED, assert_converged, prepare
from tests.support.cli import Idpool
from tests.support.in_process import Driver
from tests.support.specs import document

TAG = "TagResource"
FINISHING = "Finishing the writes that are under way"
# Both take the same way.
_BOTH = [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
SIGNALS = pytest.mark.parametrize("number", _BOTH)
# What is quick compared with every wait that it must cut short: those are 20 s and more.
AT_ONCE = 5.0


class Hold:
    """Holds the first request of an operation until it is let go."""

    def __init__(self, proxy: FaultProxy, operation: str) -> None:
        self.proxy = proxy
        self.operation = operation
        self.let_go = threading.Event()
        proxy.before = self._before

    def _before(self, operation: str, number: int) -> None:
        if (operation, number) == (self.operation, 1):
            assert self.let_go.wait(SECONDS)


@pytest.fixture
def ids(sandbox: SandboxServer) -> dict[str, str]:
    """The pools that are there before, by name."""
    return prepare(sandbox)


@pytest.fixture
def idpool(tmp_path: Path, proxy: FaultProxy) -> Iterator[Idpool]:
    """The command with the scenario's specs; whatever waits at the proxy, waits no longer."""
    yield command(tmp_path, proxy.url, *WANTED)
    proxy.stop()


@SIGNALS
@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(each, marks=() if each in (CREATE, TAG) else pytest.mark.slow)
        for each in OPERATIONS
    ],
)
def test_the_write_in_flight_is_finished(
    sandbox: SandboxServer,
    proxy: FaultProxy,
    idpool: Idpool,
    ids: dict[str, str],
    operation: str,
    number: signal.Signals,
) -> None:
    """It is done; what comes after it is skipped; receipt and journal tell both."""
    hold = Hold(proxy, operation)
    run = idpool.start(*RECORDED)
    proxy.wait_arrived(operation, timeout=SECONDS)
    run.send_signal(number)
    said_on_stderr(run, FINISHING)
    hold.let_go.set()
    result = ended(run)
    assert result.code == 128 + number, result.text
    place = OPERATIONS.index(operation)
    told = [outcome for pool in outcomes(idpool).values() for outcome in pool]
    assert told == ["done"] * (place + 1) + ["skipped"] * (len(OPERATIONS) - place - 1)
    assert receipt(idpool)["interrupted"] is True
    entries = journal(idpool)
    assert entries[-1]["entry"] == "end"
    assert sendings(entries) == writes(proxy.requests)
    assert [entry["outcome"] for entry in entries if entry["entry"] == "ended"] == (
        ["done"] * (place + 1)
    )
    again = idpool.run("apply", "specs", "--yes")
    assert again.code == 0, again.text
    assert_converged(sandbox, ids)


@SIGNALS
def test_a_signal_during_the_fresh_read(
    sandbox: SandboxServer,
    proxy: FaultProxy,
    idpool: Idpool,
    ids: dict[str, str],
    number: signal.Signals,
) -> None:
    """Nothing is in flight: what the read was for is not sent any more."""
    arrived, let_go = threading.Event(), threading.Event()

    def hold(operation: str, count: int) -> None:
        if (operation, count) == (LIST, 2):
            arrived.set()
            assert let_go.wait(SECONDS)

    proxy.before = hold
    run = idpool.start(*RECORDED)
    assert arrived.wait(SECONDS)
    applying(idpool)  # the read has begun while the plan was shown
    run.send_signal(number)
    said_on_stderr(run, FINISHING)
    let_go.set()
    result = ended(run)
    assert result.code == 128 + number, result.text
    assert not writes(proxy.requests)
    told = {outcome for pool in outcomes(idpool).values() for outcome in pool}
    assert told == {"skipped"}
    assert "an action before it did not end well" not in result.out
    again = idpool.run("apply", "specs", "--yes")
    assert again.code == 0, again.text
    assert_converged(sandbox, ids)


def test_every_write_in_flight_is_finished(
    sandbox: SandboxServer, proxy: FaultProxy, idpool: Idpool, ids: dict[str, str]
) -> None:
    """Pools side by side: each finishes the write that it is at."""
    first = {CREATE, "UpdateIdentityPool", "TagResource", "DeleteIdentityPool"}
    let_go = threading.Event()

    def hold(operation: str, _number: int) -> None:
        if operation in first:
            assert let_go.wait(SECONDS)

    proxy.before = hold
    run = idpool.start("apply", "specs", "--yes", "--receipt", RECEIPT, "--journal", JOURNAL)
    for operation in first:
        proxy.wait_arrived(operation, timeout=SECONDS)
    run.send_signal(signal.SIGTERM)
    said_on_stderr(run, FINISHING)
    let_go.set()
    result = ended(run)
    assert result.code == 143, result.text
    assert outcomes(idpool) == {
        "created": ["done", "skipped", "skipped"],
        "updated": ["done"],
        "tagged": ["done", "skipped"],
        "deleted": ["done"],
    }
    again = idpool.run("apply", "specs", "--yes")
    assert again.code == 0, again.text
    assert_converged(sandbox, ids)


@SIGNALS
def test_a_second_signal_stops_at_once(
    sandbox: SandboxServer,
    proxy: FaultProxy,
    idpool: Idpool,
    ids: dict[str, str],
    number: signal.Signals,
) -> None:
    """The write hangs all the same: the journal says that it was sent, and not what came of it."""
    hold = Hold(proxy, CREATE)
    run = idpool.start(*RECORDED)
    proxy.wait_arrived(CREATE, timeout=SECONDS)
    run.send_signal(number)
    said_on_stderr(run, FINISHING)
    sent = time.monotonic()
    run.send_signal(number)
    result = ended(run)
    assert time.monotonic() - sent < 1.0
    assert result.code == 128 + number, result.text
    assert [entry["entry"] for entry in journal(idpool)] == ["run", "sending"]
    assert f"To go on with this run: idpool apply --resume {JOURNAL}" in result.err
    assert not (idpool.folder / RECEIPT).exists()

    # The network delivers what it has taken.
    hold.let_go.set()
    proxy.settle()
    again = idpool.run("apply", "specs", "--yes", "--resume", JOURNAL)
    assert again.code == 0, again.text
    assert_converged(sandbox, ids)


def test_a_signal_is_heard_while_the_main_thread_waits_for_a_worker() -> None:
    """Python's own handlers would run when the worker is done, if the signal has not woken it."""
    heard = threading.Event()
    said: list[str] = []

    def come_to_the_worker() -> bool:
        # Had the main thread not begun to wait by then, it would hear of the signal anyway.
        heard.wait(0.2)
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        return heard.wait(AT_ONCE)

    with (
        finishing_on_signals(heard.set, said.append, str) as caught,
        ThreadPoolExecutor(1) as workers,
    ):
        assert workers.submit(come_to_the_worker).result()
    assert caught.exit_code == 143
    assert FINISHING in said[0]


def test_the_second_signal_may_be_another(proxy: FaultProxy, idpool: Idpool) -> None:
    """Ctrl-C, and then the pipeline's own SIGTERM: the exit code is that of the second."""
    Hold(proxy, CREATE)
    run = idpool.start(*RECORDED)
    proxy.wait_arrived(CREATE, timeout=SECONDS)
    run.send_signal(signal.SIGINT)
    said_on_stderr(run, FINISHING)
    run.send_signal(signal.SIGTERM)
    assert ended(run, AT_ONCE).code == 143


@SIGNALS
def test_a_wait_between_two_attempts_ends_soon(
    sandbox: SandboxServer,
    proxy: FaultProxy,
    idpool: Idpool,
    ids: dict[str, str],
    number: signal.Signals,
) -> None:
    """AWS has asked for ten minutes: nobody waits for them, and nothing more is sent."""
    proxy.add(Fault(FaultKind.TOO_MANY_REQUESTS, CREATE, retry_after=600))
    run = idpool.start(*RECORDED)
    proxy.wait_arrived(CREATE, timeout=SECONDS)
    proxy.settle()
    run.send_signal(number)
    result = ended(run, AT_ONCE)
    assert result.code == 128 + number, result.text
    assert outcomes(idpool) == {
        "created": ["failed", "skipped", "skipped"],
        "updated": ["skipped"],
        "tagged": ["skipped", "skipped"],
        "deleted": ["skipped"],
    }
    assert journal(idpool)[-1]["entry"] == "end"
    assert sendings(journal(idpool)) == writes(proxy.requests) == {(CREATE, None): 1}
    proxy.clear()
    again = idpool.run("apply", "specs", "--yes")
    assert again.code == 0, again.text
    assert_converged(sandbox, ids)


def test_a_wait_for_a_pool_to_appear_ends_soon(
    sandbox: SandboxServer, proxy: FaultProxy, idpool: Idpool, ids: dict[str, str]
) -> None:
    """The answer of a create was lost, and the run looks for the pool: what it did is unknown."""
    proxy.add(Fault(FaultKind.RESET_BEFORE, CREATE))
    run = idpool.start(*RECORDED, "--settle", "600")
    proxy.wait_arrived(LIST, 3, SECONDS)  # the plan's, the one before the create, the first look
    run.send_signal(signal.SIGTERM)
    result = ended(run, AT_ONCE)
    assert result.code == 143, result.text
    assert outcomes(idpool)["created"] == ["unknown", "skipped", "skipped"]
    assert sendings(journal(idpool)) == {(CREATE, None): 1}
    proxy.clear()
    again = idpool.run("apply", "specs", "--yes")
    assert again.code == 0, again.text
    assert_converged(sandbox, ids)


def test_nothing_that_waits_for_its_turn_is_sent_after_a_signal(
    tmp_path: Path, sandbox: SandboxServer, proxy: FaultProxy
) -> None:
    """Tags alone are written five a second, so most workers wait; the wait ends at once."""
    many = 40
    names = [f"pool-{number}" for number in range(many)]
    with Driver(sandbox.url, parallelism=16) as driver:
        driver.apply(*(document(name, {"IdentityPoolTags": {"team": "a"}}) for name in names))
    tags = {"IdentityPoolTags": {"team": "b"}}
    wanted = (document(name, tags, lifecycle=SHARED) for name in names)
    idpool = command(tmp_path, proxy.url, *wanted)
    let_go = Hold(proxy, TAG).let_go
    run = idpool.start(
        *("apply", "specs", "--yes", "--parallelism", str(many)),
        *("--journal", JOURNAL, "--receipt", RECEIPT),
    )
    proxy.wait_arrived(DESCRIBE, 2 * many, SECONDS)  # the plan's, and a fresh read for each
    proxy.wait_arrived(TAG, timeout=SECONDS)
    run.send_signal(signal.SIGINT)
    said_on_stderr(run, FINISHING)
    let_go.set()
    result = ended(run, AT_ONCE)
    assert result.code == 130, result.text
    sent = proxy.counts()[TAG]
    assert sent < many
    told = Counter(outcome for pool in outcomes(idpool).values() for outcome in pool)
    assert told == {"done": sent, "skipped": many - sent}
    assert sendings(journal(idpool)) == writes(proxy.requests)
    assert "not sent, because the run was interrupted" in result.out


@SIGNALS
@pytest.mark.parametrize("operation", ["GetCallerIdentity", LIST, "GetIdentityPoolRoles"])
@pytest.mark.usefixtures("ids")
def test_a_signal_while_planning(
    proxy: FaultProxy, idpool: Idpool, operation: str, number: signal.Signals
) -> None:
    """Nothing is written, and nobody waits for an answer that does not come."""
    Hold(proxy, operation)
    run = idpool.start(*RECORDED)
    proxy.wait_arrived(operation, timeout=SECONDS)
    run.send_signal(number)
    result = ended(run, AT_ONCE)
    assert result.code == 128 + number, result.text
    assert "Traceback" not in result.text
    assert not writes(proxy.requests)
    assert not (idpool.folder / JOURNAL).exists()
    assert not (idpool.folder / RECEIPT).exists()


@SIGNALS
@pytest.mark.usefixtures("ids")
def test_a_signal_in_a_wait_while_planning(
    proxy: FaultProxy, idpool: Idpool, number: signal.Signals
) -> None:
    """The same while a read is not repeated yet."""
    proxy.add(Fault(FaultKind.TOO_MANY_REQUESTS, LIST, retry_after=600))
    run = idpool.start(*RECORDED)
    proxy.wait_arrived(LIST, timeout=SECONDS)
    proxy.settle()
    run.send_signal(number)
    result = ended(run, AT_ONCE)
    assert result.code == 128 + number, result.text
    assert not (idpool.folder / JOURNAL).exists()
