"""Two `idpool apply` at the same moment on an empty account: one pool a spec, and no surprise."""

import shutil
import subprocess
import threading
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox.server import SandboxServer
from tests.e2e.conftest import Account
from tests.faults.commands import (
    CREATE,
    DELETE,
    DESCRIBE,
    LIST,
    SECONDS,
    command,
    ended,
    kill,
    killed,
    receipt,
    writes,
)
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.faults.scenario import FULL
from tests.support.cli import Idpool, Result
from tests.support.in_process import Driver
from tests.support.slow import slow_but
from tests.support.specs import document

WANTED = [document("one", FULL), document("two", {"AllowClassicFlow": True})]
ROUNDS = slow_but(range(2), range(20))
APPLY = ("apply", "specs", "--yes")
PROJECT = "apiVersion: idpool/v1\nkind: Project\nowner: default\nlock: s3://locks/idpool/\n"

Hook = Callable[[str, int], object]


@pytest.fixture
def idpool(tmp_path: Path, proxy: FaultProxy) -> Idpool:
    """The command with one spec that has everything."""
    return command(tmp_path, proxy.url, WANTED[0])


def together(proxy: FaultProxy, operation: str, hook: str = "before") -> None:
    """The first two requests of an operation go on, or are answered, at the same moment."""
    barrier = threading.Barrier(2)

    def meet(asked: str, number: int) -> None:
        if asked == operation and number <= 2:
            barrier.wait(SECONDS)

    setattr(proxy, hook, meet)


def described(proxy: FaultProxy, number: int) -> str:
    """The pool that the nth DescribeIdentityPool asks for."""
    (body,) = (
        request.body
        for request in proxy.requests
        if (request.operation, request.number) == (DESCRIBE, number)
    )
    return (body or {})["IdentityPoolId"]


class Duel:
    """Two runs that have both looked and found nothing; the create of each is held.

    Run 1 sends the first create, run 2 the second.
    """

    def __init__(self, proxy: FaultProxy, idpool: Idpool, *options: str) -> None:
        self._gates = {1: threading.Event(), 2: threading.Event()}
        self._answered = {1: threading.Event(), 2: threading.Event()}
        self._together: tuple[int, ...] = ()
        self._kill: set[int] = set()
        self._then: Hook = _nothing
        self.runs: dict[int, subprocess.Popen[str]] = {}
        self._proxy = proxy
        proxy.before, proxy.after = self._before, self._after
        for number in (1, 2):
            recorded = ("--receipt", f"receipt-{number}.json")
            self.runs[number] = idpool.start(*APPLY, *recorded, *options)
            proxy.wait_arrived(CREATE, number, SECONDS)

    def let_go(
        self, *numbers: int, kill_when_answered: Collection[int] = (), then: Hook | None = None
    ) -> None:
        """Let these creates through; those of one call are answered when all of them are made.

        `then` is called with each later request that the server has answered.
        """
        self._kill |= {*kill_when_answered}
        self._then = then or self._then
        self._together = numbers
        for number in numbers:
            self._gates[number].set()

    def wait_made(self, number: int) -> None:
        """Returns when the server has answered a create."""
        assert self._answered[number].wait(SECONDS)

    def results(self) -> list[Result]:
        """What both have left behind."""
        return [ended(self.runs[number]) for number in (1, 2)]

    def _before(self, operation: str, number: int) -> None:
        if operation == CREATE and number in self._gates:
            assert self._gates[number].wait(SECONDS)

    def _after(self, operation: str, number: int) -> None:
        if operation != CREATE or number not in self._gates:
            self._then(operation, number)
            return
        self._answered[number].set()
        if number in self._kill:
            kill(self.runs[number])
            return
        for other in self._together:
            self.wait_made(other)


def _nothing(_operation: str, _number: int) -> None:
    """Nothing happens."""


def two(idpool: Idpool, *arguments: str) -> list[Result]:
    """Start it twice, and wait for both."""
    processes = [idpool.start(*arguments) for _ in range(2)]
    return [ended(process) for process in processes]


def pools_and_plan(sandbox: SandboxServer, *documents: dict) -> tuple[list[str], bool]:
    """The names of all pools, and whether something is left to do."""
    with Driver(sandbox.url) as driver:
        names = sorted(pool.name for pool in driver.connection.listing())
        plan = driver.plan(*documents)
    assert not list(plan.refusals), plan
    return names, plan.has_changes


@pytest.mark.parametrize("_round", ROUNDS)
def test_without_a_lock(
    sandbox: SandboxServer, proxy: FaultProxy, tmp_path: Path, _round: int
) -> None:
    """Both look before either creates."""
    idpool = command(tmp_path, proxy.url, *WANTED)
    together(proxy, CREATE)
    results = two(idpool, *APPLY, "--parallelism", "1")
    codes = {result.code for result in results}
    said = "\n".join(result.text for result in results)
    assert proxy.counts()[CREATE] >= 3, said
    assert codes <= {0, 1, 4}, said
    names, pending = pools_and_plan(sandbox, *WANTED)
    assert names == ["one", "two"], said
    assert not (pending and codes == {0}), said
    again = idpool.run(*APPLY)
    assert again.code == 0, again.text
    assert pools_and_plan(sandbox, *WANTED) == (["one", "two"], False)


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("_round", ROUNDS)
def test_with_a_lock(
    sandbox: SandboxServer, proxy: FaultProxy, tmp_path: Path, _round: int
) -> None:
    """Both plan at the same moment; one of them applies, and the other is told who does."""
    idpool = command(tmp_path, proxy.url, *WANTED)
    idpool.write("idpool.yaml", PROJECT)
    together(proxy, LIST)
    results = two(idpool, *APPLY)
    said = "\n".join(result.text for result in results)
    codes = sorted(result.code for result in results)
    # The second may come for the lock when the first has given it back already.
    assert codes in ([0, 0], [0, 1]), said
    assert codes == [0, 0] or "is locked by" in said
    assert proxy.counts()[CREATE] == 2, "with a lock, nothing is made twice"
    assert pools_and_plan(sandbox, *WANTED) == (["one", "two"], False)
    again = idpool.run(*APPLY)
    assert again.code == 0, again.text


def test_both_create_before_either_looks_for_a_twin(
    sandbox: SandboxServer, proxy: FaultProxy, idpool: Idpool
) -> None:
    """Two pools for a moment: the one with the lowest id stays, and neither run has failed."""
    duel = Duel(proxy, idpool)
    duel.let_go(1, 2)
    results = duel.results()
    said = "\n".join(result.text for result in results)
    assert proxy.counts()[CREATE] == 2
    assert proxy.counts()[DELETE] == 1
    assert [result.code for result in results] == [0, 0], said
    assert pools_and_plan(sandbox, WANTED[0]) == (["one"], False)


def test_both_remove_their_own_at_the_same_moment(
    sandbox: SandboxServer, proxy: FaultProxy, idpool: Idpool, account: Account
) -> None:
    """Each has seen the other's pool: the run that removes the last one says that none is left."""
    lower = cache(lambda: min(account.pools()))
    removed = threading.Event()

    def hold_the_higher(operation: str, number: int) -> None:
        """Only the run with the higher id asks for the lower: it is answered too late."""
        if operation == DESCRIBE and described(proxy, number) == lower():
            assert removed.wait(SECONDS)
        elif operation == DELETE:
            removed.set()

    duel = Duel(proxy, idpool, "--settle", "0.5")
    duel.let_go(1, 2, then=hold_the_higher)
    results = duel.results()
    said = "\n".join(result.text for result in results)
    assert 4 in {result.code for result in results} <= {0, 4}, said
    assert account.pools() == {}
    proxy.after = None
    again = idpool.run(*APPLY)
    assert again.code == 0, again.text
    assert pools_and_plan(sandbox, WANTED[0]) == (["one"], False)


def test_a_create_that_arrives_when_the_other_has_finished(
    sandbox: SandboxServer, proxy: FaultProxy, idpool: Idpool, account: Account
) -> None:
    """The late run finds the finished pool and takes its own back, whichever id is lower."""
    duel = Duel(proxy, idpool, "--settle", "0.5")
    duel.let_go(2)
    first = ended(duel.runs[2])
    assert first.code == 0, first.text
    kept = account.only_id()
    duel.let_go(1)
    second = ended(duel.runs[1])
    assert second.code == 0, second.text
    assert proxy.counts()[CREATE] == 2
    assert account.only_id() == kept
    assert pools_and_plan(sandbox, WANTED[0]) == (["one"], False)


def test_one_is_killed_between_its_create_and_its_look(
    sandbox: SandboxServer, proxy: FaultProxy, idpool: Idpool, account: Account
) -> None:
    """The other yields to the unfinished pool and says so; the next run completes it."""
    duel = Duel(proxy, idpool, "--settle", "0.5")
    duel.let_go(1, kill_when_answered={1})
    assert killed(ended(duel.runs[1]).code)
    left = account.only_id()
    duel.let_go(2)
    survivor = ended(duel.runs[2])
    assert survivor.code == 4, survivor.text
    assert account.only_id() == left
    assert account.roles(left)["Roles"] == {}
    (pool,) = receipt(idpool, "receipt-2.json")["pools"]
    assert pool["poolId"] == left
    assert "was empty and removed; theirs is not as the spec says" in pool["message"]
    again = idpool.run(*APPLY)
    assert again.code == 0, again.text
    assert account.only_id() == left
    assert pools_and_plan(sandbox, WANTED[0]) == (["one"], False)


def test_both_are_killed_between_create_and_look(
    proxy: FaultProxy, idpool: Idpool, account: Account
) -> None:
    """Their journals say that they may have made both: the next run settles it."""
    left = both_killed(proxy, idpool, account)
    shown = idpool.run("plan", "specs")
    assert shown.code == 0, shown.text
    assert f"{max(left)} carries the tags of this spec, too" in shown.out
    after = idpool.run(*APPLY)
    assert after.code == 0, after.text
    assert account.only_id() == min(left)
    assert account.roles(min(left))["Roles"]


def test_both_are_killed_and_their_journals_are_gone(
    proxy: FaultProxy, idpool: Idpool, account: Account
) -> None:
    """Nobody can know which pool is in use: the next run names both, and touches neither."""
    left = both_killed(proxy, idpool, account)
    shutil.rmtree(idpool.folder / ".idpool")
    account.use(max(left))
    after = idpool.run(*APPLY)
    assert after.code == 3, after.text
    assert f"{min(left)} (holds no identities" in after.out
    assert f"{max(left)} (holds 1 identity" in after.out
    assert "idpool adopt one --keep ID" in after.out
    assert account.pools() == left
    assert not writes(proxy.requests)

    # The way out that it names.
    kept, other = max(left), min(left)
    settled = idpool.run("adopt", "one", "--keep", kept, "--yes", "--spec", "specs")
    assert settled.code == 0, settled.text
    assert f"{other} ('one', holds no identities" in settled.out
    assert writes(proxy.requests) == {("UntagResource", other): 1}
    assert account.pools().keys() == left.keys()
    assert "idpool:name" not in account.describe(other)["IdentityPoolTags"]
    mended = idpool.run(*APPLY)
    assert mended.code == 0, mended.text
    assert account.roles(kept)["Roles"]
    assert not account.roles(other)["Roles"]


def both_killed(proxy: FaultProxy, idpool: Idpool, account: Account) -> dict[str, dict[str, Any]]:
    """The two pools that two runs have left which died before either looked."""
    duel = Duel(proxy, idpool)
    duel.let_go(1, 2, kill_when_answered={1, 2})
    assert all(killed(result.code) for result in duel.results())
    proxy.settle()
    proxy.after = proxy.before = None
    proxy.reset()
    left = account.pools()
    assert len(left) == 2
    return left


def test_a_create_of_a_killed_run_arrives_during_the_next(
    sandbox: SandboxServer, proxy: FaultProxy, idpool: Idpool, account: Account
) -> None:
    """The network kept it until the next run had made the pool: one of the two is taken back."""
    duel = Duel(proxy, idpool, "--settle", "0.5")
    kill(duel.runs[1])
    assert killed(ended(duel.runs[1]).code)

    def let_the_late_arrive(operation: str, _number: int) -> None:
        if operation == "SetPrincipalTagAttributeMap":
            duel.let_go(1)
            duel.wait_made(1)

    duel.let_go(2, then=let_the_late_arrive)
    survivor = ended(duel.runs[2])
    proxy.settle()
    proxy.after = None
    assert survivor.code == 4, survivor.text
    assert proxy.counts()[CREATE] == 2
    assert account.only_id()
    again = idpool.run(*APPLY)
    assert again.code == 0, again.text
    assert pools_and_plan(sandbox, WANTED[0]) == (["one"], False)


def test_the_twin_that_holds_identities_is_kept(
    proxy: FaultProxy, idpool: Idpool, account: Account
) -> None:
    """A run that should yield has a pool that is in use by now: it removes nothing, and says so."""

    def use_both(operation: str, _number: int) -> None:
        if operation == LIST and len(made := account.pools()) == 2:
            for pool_id in made:
                account.use(pool_id)

    duel = Duel(proxy, idpool, "--settle", "0.5")
    duel.let_go(1, 2, then=use_both)
    results = duel.results()
    said = "\n".join(result.text for result in results)
    assert [result.code for result in results] == [1, 1], said
    assert len(account.pools()) == 2
    assert DELETE not in proxy.counts()
    for number in (1, 2):
        (pool,) = receipt(idpool, f"receipt-{number}.json")["pools"]
        assert "holds identities: there are two" in pool["message"]


def test_the_twin_cannot_be_removed(proxy: FaultProxy, idpool: Idpool, account: Account) -> None:
    """A role without the right to delete: there are two pools, and neither run says 0."""
    proxy.add(Fault(FaultKind.ACCESS_DENIED, DELETE))
    duel = Duel(proxy, idpool, "--settle", "0.5")
    duel.let_go(1, 2)
    results = duel.results()
    said = "\n".join(result.text for result in results)
    assert [result.code for result in results] == [1, 1], said
    assert len(account.pools()) == 2
    for number in (1, 2):
        (pool,) = receipt(idpool, f"receipt-{number}.json")["pools"]
        assert "could not be removed" in pool["message"]


def test_neither_can_look_after_its_create(
    sandbox: SandboxServer, proxy: FaultProxy, idpool: Idpool, account: Account
) -> None:
    """Both have failed and say so; their journals stay, and the next run settles it from them."""
    duel = Duel(proxy, idpool, "--settle", "0.5")
    duel.let_go(1, 2, then=lambda _operation, _number: None)
    proxy.add(Fault(FaultKind.ACCESS_DENIED, LIST))
    results = duel.results()
    assert [result.code for result in results] == [1, 1], results
    assert all("is not known" in result.out for result in results)
    left = account.pools()
    assert len(left) == 2
    proxy.clear()
    proxy.before = proxy.after = None
    resumed = sorted((idpool.folder / ".idpool").glob("*.jsonl"))
    assert len(resumed) == 2
    again = idpool.run(*APPLY)
    assert again.code == 0, again.text
    assert account.only_id() in left
    assert pools_and_plan(sandbox, WANTED[0]) == (["one"], False)
