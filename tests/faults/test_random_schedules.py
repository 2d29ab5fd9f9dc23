"""Random faults, random edits, random interruptions: the invariants hold at every step.

``IDPOOL_FAULT_SCHEDULES`` sets how many schedules are run (`make test-slow` and `make faults` run
more), and
``IDPOOL_FAULT_SEED`` repeats a run from the seed that it printed.
"""

import os
import random
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from reconciler.model.plan import Plan
from reconciler.model.receipt import Receipt
from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.faults.faults import Fault, FaultKind
from tests.faults.proxy import FaultProxy
from tests.faults.scenario import FULL, OPERATIONS
from tests.strategies import FEW, MANY, MOST
from tests.support.in_process import Driver
from tests.support.specs import document

SCHEDULES = int(os.environ.get("IDPOOL_FAULT_SCHEDULES") or {FEW: 20, MANY: 500}[MOST])
SEED = int(os.environ.get("IDPOOL_FAULT_SEED", random.SystemRandom().randrange(2**32)))
SHARDS = 10
# With fewer schedules than this, chance may leave a shard nothing to do.
_TELLING = 30
NAMES = ("one", "two")
# A late arrival may come after any bound: it has tests of its own, as has what never hangs long.
SLOW = {FaultKind.DELAY, FaultKind.DRIP, FaultKind.DRIP_BODY}
KINDS = [kind for kind in FaultKind if kind not in SLOW]

_variants = st.fixed_dictionaries(
    {
        "AllowClassicFlow": st.booleans(),
        "AllowUnauthenticatedIdentities": st.booleans(),
        "IdentityPoolTags": st.sampled_from([{}, {"team": "a"}, {"team": "b", "x": "y"}]),
        "Roles": st.sampled_from([{}, FULL["Roles"]]),
        "PrincipalTagAttributeMaps": st.sampled_from([{}, FULL["PrincipalTagAttributeMaps"]]),
    }
)
_faults = st.builds(
    Fault,
    kind=st.sampled_from(KINDS),
    operation=st.sampled_from([*OPERATIONS, "DescribeIdentityPool", "ListIdentityPools"]),
    occurrence=st.integers(1, 3),
)


class Schedules(RuleBasedStateMachine):
    """Edits specs and applies them through a network that fails."""

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self.sandbox = self._open.enter_context(SandboxServer(SandboxSettings(file=None)))
        self.proxy = self._open.enter_context(FaultProxy(self.sandbox.url))
        quick: dict[str, Any] = {"read_seconds": 0.4, "settle_seconds": 0.3, "parallelism": 2}
        self.driver = self._open.enter_context(Driver(self.proxy.url, **quick))
        self.witness = self._open.enter_context(Driver(self.sandbox.url))
        self.wanted: dict[str, Mapping[str, Any]] = {}
        self.ids: dict[str, str] = {}

    def teardown(self) -> None:
        self._converge()
        self._open.close()

    @initialize(specs=st.tuples(_variants, _variants))
    def write_specs(self, specs: tuple[dict[str, Any], ...]) -> None:
        """Two specs."""
        self.wanted = dict(zip(NAMES, specs, strict=True))

    @rule(
        name=st.sampled_from(NAMES),
        spec=_variants,
        faults=st.lists(_faults, min_size=1, max_size=4),
    )
    def edit_and_apply_with_faults(
        self, name: str, spec: dict[str, Any], faults: list[Fault]
    ) -> None:
        """A spec changes, and is applied while things go wrong."""
        self.wanted[name] = spec
        self.proxy.reset()
        plan = self.driver.plan(*self._documents())
        for fault in faults:
            self.proxy.add(fault)
        before = self.proxy.counts()
        receipt = self.driver.execute(plan)
        self.proxy.settle()
        self._assert_truthful(plan, receipt, before)
        TALLY.update(entry.outcome for entry in receipt.actions)

    @rule()
    def apply_in_peace(self) -> None:
        """Apply, and it must end well."""
        self._converge()

    @invariant()
    def never_two_pools_and_no_pool_replaced(self) -> None:
        """At most one pool a spec, and an id that was there stays there."""
        pools = self.witness.connection.listing()
        names = [pool.name for pool in pools]
        assert len(set(names)) == len(names), pools
        found = {pool.name: pool.pool_id for pool in pools}
        assert self.ids.items() <= found.items()
        self.ids = found

    def _converge(self) -> None:
        self.proxy.clear()
        documents = self._documents()
        self.driver.apply(*documents)
        assert not self.driver.plan(*documents).has_changes

    def _documents(self) -> list[dict[str, Any]]:
        keep = {"SupportedLoginProviders", "CognitoIdentityProviders"}
        base = {field: value for field, value in FULL.items() if field in keep}
        return [document(name, {**base, **spec}) for name, spec in self.wanted.items()]

    def _assert_truthful(self, plan: Plan, receipt: Receipt, before: dict[str, int]) -> None:
        planned = [action for pool in plan.pools for action in pool.actions]
        assert [entry.action for entry in receipt.actions] == planned
        committed = Counter(
            request.operation
            for request in self.proxy.requests
            if request.committed is not False and request.number > before.get(request.operation, 0)
        )
        for entry in receipt.actions:
            if entry.outcome == "skipped":
                assert entry.attempts == 0
            if entry.outcome == "done" and entry.attempts:
                assert committed[_OPERATION[entry.action.kind]] > 0


_OPERATION = {
    "CreatePool": "CreateIdentityPool",
    "UpdatePool": "UpdateIdentityPool",
    "TagPool": "TagResource",
    "UntagPool": "UntagResource",
    "SetRoles": "SetIdentityPoolRoles",
    "SetPrincipalTags": "SetPrincipalTagAttributeMap",
    "DeletePool": "DeleteIdentityPool",
}
TALLY: Counter[str] = Counter()


@pytest.mark.hypothesis
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_no_schedule_violates_an_invariant(shard: int) -> None:
    """0 violations of invariants 1-6; the seed is printed, and repeats the run."""
    TALLY.clear()
    count = SCHEDULES // SHARDS
    print(f"IDPOOL_FAULT_SEED={SEED} IDPOOL_FAULT_SCHEDULES={SCHEDULES}")  # noqa: T201
    chosen = settings(
        max_examples=count,
        stateful_step_count=5,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(SEED + shard)(Schedules), settings=chosen)
    print(f"{count} schedules, 0 violations; actions: {dict(TALLY)}")  # noqa: T201
    assert count < _TELLING or TALLY["done"] > 0
