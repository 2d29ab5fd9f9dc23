"""SIGKILL at every request boundary: whatever was sent by then, going on reaches the specs."""

import subprocess
from concurrent.futures import Future
from pathlib import Path

import pytest

from reconciler.sandbox.server import SandboxServer
from tests.faults.commands import (
    JOURNAL,
    ONE_BY_ONE,
    RECORDED,
    SECONDS,
    Boundary,
    command,
    ended,
    journal,
    kill,
    killed,
    sendings,
    writes,
)
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.faults.scenario import OPERATIONS, WANTED, assert_converged, prepare
from tests.support.cli import Idpool
from tests.support.slow import slow_but

# Every request of the scenario, in the order of its plan; the same operation again is the next.
PLANNING: tuple[Boundary, ...] = (
    ("GetCallerIdentity", 1),
    ("ListIdentityPools", 1),
    ("DescribeIdentityPool", 1),
    ("DescribeIdentityPool", 2),
    ("DescribeIdentityPool", 3),
    ("GetIdentityPoolRoles", 1),
    ("GetPrincipalTagAttributeMap", 1),
    ("GetPrincipalTagAttributeMap", 2),
    ("ListIdentities", 1),
    ("GetIdentityPoolRoles", 2),
    ("GetPrincipalTagAttributeMap", 3),
    ("GetPrincipalTagAttributeMap", 4),
)
LOOKING: Boundary = ("ListIdentityPools", 2)  # while the plan is shown
APPLYING: tuple[Boundary, ...] = (
    ("CreateIdentityPool", 1),
    ("GetIdentityPoolRoles", 3),
    ("SetIdentityPoolRoles", 1),
    ("GetPrincipalTagAttributeMap", 5),
    ("SetPrincipalTagAttributeMap", 1),
    ("DescribeIdentityPool", 4),
    ("GetIdentityPoolRoles", 4),
    ("GetPrincipalTagAttributeMap", 6),
    ("GetPrincipalTagAttributeMap", 7),
    ("UpdateIdentityPool", 1),
    ("DescribeIdentityPool", 5),
    ("GetIdentityPoolRoles", 5),
    ("GetPrincipalTagAttributeMap", 8),
    ("GetPrincipalTagAttributeMap", 9),
    ("TagResource", 1),
    ("DescribeIdentityPool", 6),
    ("UntagResource", 1),
    ("DescribeIdentityPool", 7),
    ("ListIdentities", 2),
    ("DeleteIdentityPool", 1),
    ("ListIdentityPools", 3),
)
WRITES = tuple(boundary for boundary in APPLYING if boundary[0] in OPERATIONS)
READS = tuple(boundary for boundary in APPLYING if boundary[0] not in OPERATIONS)


class Reaper:
    """Kills a process when one of its requests arrives, or when the server has answered it."""

    def __init__(self, proxy: FaultProxy, boundary: Boundary, moment: str) -> None:
        self._boundary = boundary
        self._process: Future[subprocess.Popen[str]] = Future()
        if moment == "before":
            proxy.before = self._before
        else:
            proxy.after = self._after

    def run(self, idpool: Idpool, *arguments: str) -> None:
        """Start it, and return when it was killed."""
        process = idpool.start(*arguments)
        self._process.set_result(process)
        result = ended(process)
        assert killed(result.code), result.text

    def _before(self, operation: str, number: int) -> Fault | None:
        if (operation, number) != self._boundary:
            return None
        kill(self._process.result(SECONDS))
        return Fault(FaultKind.HANG)  # which is never sent on

    def _after(self, operation: str, number: int) -> None:
        if (operation, number) == self._boundary:
            kill(self._process.result(SECONDS))


def named(boundary: Boundary) -> str:
    """For the test's id."""
    return f"{boundary[0]}-{boundary[1]}"


def test_the_boundaries_are_all_that_there_are(
    sandbox: SandboxServer, proxy: FaultProxy, tmp_path: Path
) -> None:
    """An undisturbed run makes exactly the requests that the others are killed at."""
    ids = prepare(sandbox)
    idpool = command(tmp_path, proxy.url, *WANTED)
    result = idpool.run(*RECORDED)
    assert result.code == 0, result.text
    made = [(request.operation, request.number) for request in proxy.requests]
    # Pools are read in the order of their ids, which are made by chance.
    assert sorted(made[: len(PLANNING)]) == sorted(PLANNING)
    assert made[len(PLANNING) :] == [LOOKING, *APPLYING]
    assert {operation for operation, _ in WRITES} == set(OPERATIONS)
    assert journal(idpool)[-1]["entry"] == "end"
    assert_converged(sandbox, ids)


@pytest.mark.parametrize("way", ["again", "resumed"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("boundary", slow_but(WRITES[:1], WRITES, named))
def test_killed_at_a_write(
    sandbox: SandboxServer,
    proxy: FaultProxy,
    tmp_path: Path,
    boundary: Boundary,
    moment: str,
    way: str,
) -> None:
    """Before the server has it, or after it has done it: both ways on end as the specs say."""
    ids = prepare(sandbox)
    idpool = command(tmp_path, proxy.url, *WANTED)
    Reaper(proxy, boundary, moment).run(idpool, *RECORDED)
    _assert_journalled(idpool, proxy)
    _go_on(idpool, proxy, way)
    assert_converged(sandbox, ids)


@pytest.mark.parametrize(
    ("boundary", "way"),
    [
        pytest.param(
            read,
            ("again", "resumed")[place % 2],
            id=named(read),
            marks=pytest.mark.slow if place else (),
        )
        for place, read in enumerate(READS)
    ],
)
def test_killed_at_a_read(
    sandbox: SandboxServer, proxy: FaultProxy, tmp_path: Path, boundary: Boundary, way: str
) -> None:
    """After the answer of a write and before the next: by turns run again and resumed."""
    ids = prepare(sandbox)
    idpool = command(tmp_path, proxy.url, *WANTED)
    Reaper(proxy, boundary, "before").run(idpool, *RECORDED)
    _assert_journalled(idpool, proxy)
    _go_on(idpool, proxy, way)
    assert_converged(sandbox, ids)


@pytest.mark.parametrize(
    "boundary",
    slow_but(PLANNING[-1:], [PLANNING[0], PLANNING[1], PLANNING[-1]], named),
)
def test_killed_while_planning(
    sandbox: SandboxServer, proxy: FaultProxy, tmp_path: Path, boundary: Boundary
) -> None:
    """Nothing was sent, and no journal says otherwise."""
    ids = prepare(sandbox)
    idpool = command(tmp_path, proxy.url, *WANTED)
    Reaper(proxy, boundary, "before").run(idpool, *RECORDED)
    assert not (tmp_path / JOURNAL).exists()
    assert not writes(proxy.requests)
    _go_on(idpool, proxy, "again")
    assert_converged(sandbox, ids)


def test_killed_at_the_look_ahead(
    sandbox: SandboxServer, proxy: FaultProxy, tmp_path: Path
) -> None:
    """Nothing was sent; there may be a journal by then, which has begun and says no more."""
    ids = prepare(sandbox)
    idpool = command(tmp_path, proxy.url, *WANTED)
    Reaper(proxy, LOOKING, "before").run(idpool, *RECORDED)
    if (tmp_path / JOURNAL).exists():
        assert {entry["entry"] for entry in journal(idpool)} <= {"run"}
    assert not writes(proxy.requests)
    _go_on(idpool, proxy, "again")
    assert_converged(sandbox, ids)


@pytest.mark.slow
def test_killed_again_and_again(sandbox: SandboxServer, proxy: FaultProxy, tmp_path: Path) -> None:
    """Each run is killed when its first write is done, until nothing is left to be written."""
    ids = prepare(sandbox)
    idpool = command(tmp_path, proxy.url, *WANTED)
    for operation in OPERATIONS[:3]:
        Reaper(proxy, (operation, 1), "after").run(idpool, *ONE_BY_ONE)
    _go_on(idpool, proxy, "again")
    assert_converged(sandbox, ids)


def _assert_journalled(idpool: Idpool, proxy: FaultProxy) -> None:
    """The journal on disk names every write that was sent, and no other."""
    proxy.settle()
    entries = journal(idpool)
    assert entries[0]["entry"] == "run"
    assert entries[-1]["entry"] != "end"
    assert sendings(entries) == writes(proxy.requests)


def _go_on(idpool: Idpool, proxy: FaultProxy, way: str) -> None:
    proxy.settle()
    proxy.before = proxy.after = None
    options = ("--resume", JOURNAL) if way == "resumed" else ()
    result = idpool.run(*ONE_BY_ONE, *options)
    assert result.code == 0, result.text
