"""Repositories that change, and runs of their commits that meet, are killed, and leave journals."""

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reconciler.executor.journal import Journal
from reconciler.live.retry import Budget
from reconciler.model.errors import IdpoolError
from reconciler.model.journal import JournalEntry
from reconciler.model.live import LeftCreate
from reconciler.model.plan import Plan
from reconciler.model.project import Project, Target
from reconciler.planner.resumption import is_complete, left_creates, standings
from reconciler.specs.records import UnusableRecord, read_journal
from reconciler.terminal.exit_codes import exit_code_of_plan, exit_code_of_receipt
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.support.in_process import Driver
from tests.support.specs import document


@dataclass(frozen=True)
class Commit:
    """What a repository says: its owners, and its specs by ``metadata.name``."""

    owner: str = "acme"
    former_owners: tuple[str, ...] = ()
    specs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def documents(self) -> list[dict[str, Any]]:
        """The specs as they are written."""
        return [
            document(
                name,
                {key: value for key, value in spec.items() if key[0].isupper()},
                metadata={key: value for key, value in spec.items() if key[0].islower()},
            )
            for name, spec in self.specs.items()
        ]


class Killed(BaseException):
    """The process is gone: nothing of it goes on."""


class Fate:
    """When a run dies: at its ``at``-th request, before the server sees it or after it did it.

    From then on it says nothing to anybody, and writes no journal.
    """

    def __init__(self, proxy: FaultProxy, budget: Budget, journal: Journal) -> None:
        self._proxy, self._budget, self._journal = proxy, budget, journal
        self._requests = 0
        self._lock = threading.Lock()
        self.is_dead = False

    def will_die(self, at: int, *, late: bool) -> None:
        """Let it die there."""

        def count(_operation: str, _number: int) -> Fault | None:
            with self._lock:
                if self.is_dead:
                    return Fault(FaultKind.RESET_BEFORE)
                self._requests += 1
                if self._requests < at:
                    return None
                self.is_dead = True
            self._budget.interrupt()
            return Fault(FaultKind.RESET_AFTER if late else FaultKind.RESET_BEFORE)

        self._proxy.before = count

    def note(self, entry: JournalEntry) -> None:
        """As a journal, for as long as it lives."""
        if self.is_dead:
            raise Killed
        self._journal.note(entry)


@dataclass
class Run:
    """One run of a commit, behind a proxy of its own; ``code`` is ``None`` where it was killed."""

    commit: Commit
    driver: Driver
    proxy: FaultProxy
    budget: Budget
    journal: Path
    plan: Plan | None = None
    code: int | None = None
    said: str = ""

    def make_plan(self, left: tuple[LeftCreate, ...] = ()) -> None:
        """Read, and plan; a failure is its end."""
        try:
            self.plan = self.driver.plan(*self.commit.documents, left=left)
        except IdpoolError as problem:
            self.code, self.said = 1, str(problem)

    def apply(self, dies_at: int | None = None, *, late: bool = False) -> None:
        """Carry the plan out, or die on the way."""
        if self.plan is None:
            return
        with Journal(self.journal) as journal:
            fate = Fate(self.proxy, self.budget, journal)
            if dies_at is not None:
                fate.will_die(dies_at, late=late)
            try:
                receipt = self.driver.execute(self.plan, fate)
            except Killed:
                return
        if fate.is_dead:
            return
        self.code = exit_code_of_receipt(self.plan, receipt)
        refusals = exit_code_of_plan(self.plan, detailed=False)
        self.said = f"{refusals} {[pool.message for pool in receipt.pools]} {list(self.refusals)}"

    @property
    def refusals(self) -> Iterator[str]:
        """The reasons."""
        return (refusal.reason for refusal in self.plan.refusals) if self.plan else iter(())


class Account:
    """One account of a sandbox, in which runs meet; ``folder`` takes their journals."""

    def __init__(self, url: str, number: int, folder: Path) -> None:
        self._url, self._folder = url, folder
        self.target = Target(name="default", account=f"{number:012}", region="eu-west-1")
        self._runs = 0
        folder.mkdir()

    @contextmanager
    def run(self, commit: Commit, *faults: Fault) -> Iterator[Run]:
        """A run of a commit through a network that fails so."""
        budget = Budget(20.0)
        self._runs += 1
        quick: dict[str, Any] = {"read_seconds": 0.4, "settle_seconds": 0.3, "parallelism": 2}
        with FaultProxy(self._url) as proxy:
            with Driver(proxy.url, self.project(commit), budget=budget, **quick) as driver:
                for fault in faults:
                    proxy.add(fault)
                yield Run(commit, driver, proxy, budget, self._folder / f"{self._runs}.jsonl")
            # What was sent has arrived before the next run begins: how long that takes on a busy
            # machine is no matter of chance, and longer than the next run waits for it.
            proxy.settle()

    def project(self, commit: Commit) -> Project:
        """The project file of a commit."""
        return Project(
            owner=commit.owner, former_owners=commit.former_owners, targets=(self.target,)
        )

    @property
    def left(self) -> tuple[LeftCreate, ...]:
        """What the journals tell that are at hand."""
        found: list[LeftCreate] = []
        for path in sorted(self._folder.iterdir()):
            try:
                entries = read_journal(path).entries
            except UnusableRecord:
                continue
            if not is_complete(entries, standings(entries)):
                found += left_creates(entries, str(path))
        return tuple(found)

    def lose_journals(self) -> None:
        """Somebody cleans up."""
        for path in self._folder.iterdir():
            path.unlink()


class History:
    """One repository from commit to commit; ``chance`` decides."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._names = 0
        self.before = self.now = Commit(specs={"spec-0": {"IdentityPoolName": self._new_name()}})

    def next(self, strays: list[str]) -> str:
        """One more commit, which does one thing; ``strays`` are pools to adopt, each once."""
        kinds = ["edit", "rename pool", "rename spec", "owner", "add"] + ["adopt"] * bool(strays)
        kind = self._chance.choice(kinds)
        self.before = self.now
        name = self._chance.choice(list(self.now.specs))
        specs = {key: dict(value) for key, value in self.now.specs.items()}
        if kind == "edit":
            specs[name]["AllowClassicFlow"] = not specs[name].get("AllowClassicFlow", False)
        elif kind == "rename pool":
            specs[name]["IdentityPoolName"] = self._new_name()
        elif kind == "rename spec":
            spec = specs.pop(name)
            names = [name, *spec.get("formerNames", [])]
            specs[self._new_name()] = {**spec, "formerNames": names[:5]}
        elif kind == "owner":
            owner = self._new_name()
            owners = (self.now.owner, *self.now.former_owners)
            self.now = replace(self.now, owner=owner, former_owners=owners[:5])
        else:
            more = {"adopt": strays.pop()} if kind == "adopt" else {}
            specs[self._new_name()] = {"IdentityPoolName": self._new_name(), **more}
        self.now = replace(self.now, specs=specs)
        return kind

    def _new_name(self) -> str:
        self._names += 1
        return f"name-{self._names}"
