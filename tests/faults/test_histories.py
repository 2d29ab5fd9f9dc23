"""Random histories: commits that rename, move and adopt, runs that meet and die, and what is right.

``IDPOOL_FAULT_SCHEDULES`` sets how many histories are run, and ``IDPOOL_FAULT_SEED`` repeats one.
A violation is: two pools with a spec's tags after runs that all ended with 0 or 4;
a pool with identities gone; a next run, with all journals at hand, that does not come to one pool a
spec.  Where journals are lost, a refusal that names both ids is right, and is counted apart.
"""

import os
import random
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from reconciler.model.live import LivePool
from reconciler.model.project import OwnerTags
from reconciler.planner.keeping import plan_to_keep
from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.e2e.conftest import client_of
from tests.faults.faults import Fault, FaultKind
from tests.faults.history import Account, Commit, History, Run
from tests.strategies import FEW, MANY, MOST

HISTORIES = int(os.environ.get("IDPOOL_FAULT_SCHEDULES") or {FEW: 20, MANY: 200}[MOST])
SEED = int(os.environ.get("IDPOOL_FAULT_SEED", random.SystemRandom().randrange(2**32)))
SHARDS, QUICK_SHARDS = 10, 4
STEPS = 4
_ID = re.compile(r"eu-west-1:[0-9a-f-]+")
KINDS = (
    FaultKind.INTERNAL_AFTER,
    FaultKind.INTERNAL_500,
    FaultKind.RESET_AFTER,
    FaultKind.RESET_BEFORE,
    FaultKind.TOO_MANY_REQUESTS,
    FaultKind.CONCURRENT_MODIFICATION,
    FaultKind.ACCESS_DENIED,
)
OPERATIONS = (
    "CreateIdentityPool",
    "UpdateIdentityPool",
    "TagResource",
    "DeleteIdentityPool",
    "DescribeIdentityPool",
    "ListIdentityPools",
)


class Story:
    """One history in an account of its own; ``told`` is what happened, for whoever repairs it."""

    def __init__(self, sandbox: SandboxServer, seed: int, number: int, folder: Path) -> None:
        self.chance = random.Random(seed)
        self.told = [f"IDPOOL_FAULT_SEED={seed}"]
        self.history = History(self.chance)
        self.account = Account(sandbox.url, number, folder)
        self.client = client_of(sandbox, account=f"{number:012}")
        self.used: set[str] = set()
        self.strays: list[str] = []
        self.tally: Counter[str] = Counter()

    def run(self) -> None:
        """Step by step; each is looked at when it is over."""
        for _ in range(STEPS):
            self._happens()
            if self.chance.random() < 0.7:
                self.told.append(self.history.next(self.strays))
            self._step()
        self._converge()

    def _happens(self) -> None:
        """Somebody makes a pool by hand, people sign in."""
        if self.chance.random() < 0.3:
            name = f"stray-{self.chance.random()}"
            made = self.client.create_identity_pool(
                IdentityPoolName=name, AllowUnauthenticatedIdentities=True
            )
            self.strays.append(made["IdentityPoolId"])
        pools = [pool for pool in self._pools() if pool.tags is not None]
        # Nobody is told the id of a pool whose run died beside another one.
        settled = len(pools) <= len(self.history.now.specs)
        for pool in pools:
            if settled and self.chance.random() < 0.2:
                self.client.update_identity_pool(
                    **_settings(pool) | {"AllowUnauthenticatedIdentities": True}
                )
                self.client.get_id(IdentityPoolId=pool.pool_id)
                self.client.update_identity_pool(**_settings(pool))
                self.used.add(pool.pool_id)

    def _step(self) -> None:
        commits = [self.history.now]
        if self.chance.random() < 0.6:
            commits.append(self.chance.choice([self.history.now, self.history.before]))
        with ExitStack() as stack:
            runs = [stack.enter_context(self.account.run(c, *self._faults())) for c in commits]
            deaths = [self._death() for _ in runs]
            left = self.account.left
            threads = stack.enter_context(ThreadPoolExecutor(len(runs)))
            list(threads.map(lambda run: run.make_plan(left), runs))
            list(
                threads.map(
                    lambda run, death: run.apply(death, late=bool(death and death % 2)),
                    runs,
                    deaths,
                )
            )
            self._told_of(runs)
            died = any(run.code is None for run in runs)
            # What one that died or failed has left may have come after the last look of the other.
            if all(run.code in (0, 4) for run in runs):
                for run in runs:
                    self._assert_no_twins(run.commit)
        if died and self.chance.random() < 0.2:
            self.account.lose_journals()
            self.tally["journals lost"] += 1
            self.told.append("journals lost")
        self._assert_identities()

    def _told_of(self, runs: list[Run]) -> None:
        self.last = runs[-1]
        for run in runs:
            self.told.append(f"{run.commit}: {run.code} {run.said}")
            self.tally[f"exit {'killed' if run.code is None else run.code}"] += 1

    def _death(self) -> int | None:
        return self.chance.randrange(1, 25) if self.chance.random() < 0.3 else None

    def _faults(self) -> list[Fault]:
        if self.chance.random() < 0.5:
            return []
        return [
            Fault(
                self.chance.choice(KINDS),
                self.chance.choice(OPERATIONS),
                self.chance.randrange(1, 4),
            )
            for _ in range(self.chance.randrange(1, 4))
        ]

    def _converge(self) -> None:
        """The next run in peace comes to one pool a spec."""
        had_journals = not self.tally["journals lost"]
        self._peace()
        refused = self._refused()
        if refused and not had_journals:
            self.tally["two pools, journals lost"] += 1
            for name, ids in refused.items():
                self._keep(name, ids)
            self._peace()
        self._assert_no_twins(self.history.now)
        self._peace()
        assert self.last.code == 0, self.told
        owned = Counter(pool.tags for pool in self._pools())
        for name in self.history.now.specs:
            assert owned[OwnerTags(self.history.now.owner, name)] == 1, self.told
        self._assert_identities()

    def _peace(self) -> None:
        with self.account.run(self.history.now) as run:
            run.make_plan(self.account.left)
            run.apply()
        self._told_of([run])

    def _keep(self, name: str, ids: list[str]) -> None:
        """A person says which one stays."""
        kept = next((each for each in ids if each in self.used), ids[0])
        with self.account.run(self.history.now) as run:
            run.make_plan()
            assert run.plan is not None
            live = run.driver.seen["default"]
            (spec,) = [spec for spec in run.driver.specs if spec.name == name]
            target = plan_to_keep(spec, kept, live, run.driver.project)
            run.plan = run.plan.model_copy(update={"targets": (target,)})
            run.apply()
        self._told_of([run])

    def _refused(self) -> dict[str, list[str]]:
        """The specs that were refused for two pools, and the ids that were named."""
        assert self.last.plan is not None, self.told
        found = {
            pool.name: _ID.findall(refusal.reason)
            for pool in self.last.plan.pools
            for refusal in pool.refusals
            if refusal.rule == "two-pools"
        }
        assert all(len(set(ids)) > 1 for ids in found.values()), self.told
        return found

    def _two_pools(self, commit: Commit) -> dict[str, list[str]]:
        by_name: dict[str, list[str]] = {}
        for pool in self._pools():
            if pool.tags is not None and pool.tags.owner == commit.owner:
                by_name.setdefault(pool.tags.name, []).append(pool.pool_id)
        return {n: ids for n, ids in by_name.items() if len(ids) > 1 and n in commit.specs}

    def _assert_no_twins(self, commit: Commit) -> None:
        assert not self._two_pools(commit), self.told

    def _assert_identities(self) -> None:
        there = {pool.pool_id for pool in self._pools()}
        assert self.used <= there, self.told

    def _pools(self) -> list[LivePool]:
        with self.account.run(Commit()) as run:
            run.make_plan()
            return list(run.driver.seen["default"].pools)


def _settings(pool: LivePool) -> dict[str, Any]:
    return {
        "IdentityPoolId": pool.pool_id,
        "IdentityPoolName": pool.pool.IdentityPoolName,
        "AllowUnauthenticatedIdentities": pool.pool.AllowUnauthenticatedIdentities,
        "AllowClassicFlow": pool.pool.AllowClassicFlow,
        "IdentityPoolTags": pool.pool.IdentityPoolTags,
    }


@pytest.mark.hypothesis
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(
    "shard",
    [pytest.param(n, marks=() if n < QUICK_SHARDS else pytest.mark.slow) for n in range(SHARDS)],
)
def test_no_history_violates_an_invariant(shard: int, tmp_path: Path) -> None:
    """The seed is printed, and repeats the history."""
    count, tally = HISTORIES // SHARDS, Counter[str]()
    with SandboxServer(SandboxSettings(file=None)) as sandbox:
        for number in range(count):
            seed = SEED + shard * count + number
            story = Story(sandbox, seed, 100_000 + number, tmp_path / str(number))
            try:
                story.run()
            except AssertionError:
                print("\n".join([*story.told, str(story.account.left)]))  # noqa: T201
                raise
            tally += story.tally
    print(f"{count} histories, 0 violations: {dict(sorted(tally.items()))}")  # noqa: T201
    assert tally["exit 0"] > 0
