"""What planning costs, in counts: machines differ, and counts do not.

Ten times as many pools are ten times the work, and deepdiff is for what differs.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import deepdiff
import pytest
from hypothesis import given

from reconciler.model.journal import PlannedPool, RunBegins
from reconciler.model.live import LivePool, ReadProblem, UnreadPool
from reconciler.model.plan import Plan
from reconciler.model.pool import canonical_pool
from reconciler.model.spec import Spec
from reconciler.planner.candidates import candidates, spec_names
from reconciler.planner.diff import changes_between
from reconciler.planner.planning import plan_target, wants
from reconciler.planner.resumption import only, standings, without_spec
from tests.planner import strategies as pools
from tests.planner.support import (
    CLIENT,
    EU,
    FACEBOOK,
    OKTA,
    PROJECT,
    US,
    USER_POOL,
    adopting,
    answer,
    client,
    live,
    ours,
    plan_of,
    pool,
    principal_tags,
    role,
    rule,
    rules_mapping,
    spec,
    token_mapping,
    whole_plan,
)

ROOT = Path(__file__).resolve().parents[2]
FEW, MANY = 20, 200
RULES = [rule(f"value-{number}") for number in range(25)]
FULL: dict[str, Any] = {
    "SupportedLoginProviders": {FACEBOOK: "1"},
    "SamlProviderARNs": [OKTA],
    "CognitoIdentityProviders": [client()],
    "IdentityPoolTags": {f"tag-{number}": "value" for number in range(5)},
    "Roles": {"authenticated": role("a"), "unauthenticated": role("b")},
    "RoleMappings": {CLIENT: token_mapping(), FACEBOOK: rules_mapping(*RULES)},
    "PrincipalTagAttributeMaps": {USER_POOL: principal_tags(department="custom:department")},
}
REWRITTEN = rules_mapping(*(rule(each["Value"], to="another") for each in RULES))
_PLAN_ONE = """
import sys
from tests.planner.support import ours, plan_of, spec
(planned,) = plan_of([spec()], ours()).pools
print(planned.verb, "deepdiff" in sys.modules)
"""
PROBLEM = ReadProblem(operation="DescribeIdentityPool", code="AccessDenied", message="no")


class Asked:
    """deepdiff, with a count of the questions."""

    def __init__(self, original: Callable[..., Any]) -> None:
        self.times = 0
        self._original = original

    def __call__(self, *values: Any, **options: Any) -> Any:
        self.times += 1
        return self._original(*values, **options)


@pytest.fixture
def asked() -> Iterator[Asked]:
    """How often deepdiff is asked during the test."""
    with pytest.MonkeyPatch.context() as patch:
        counted = Asked(deepdiff.DeepDiff)
        patch.setattr(deepdiff, "DeepDiff", counted)
        yield counted


def pool_id(number: int) -> str:
    return f"eu-west-1:{number:08d}-0000-0000-0000-000000000000"


def specs_of(count: int, **fields: Any) -> list[Spec]:
    return [
        spec(f"pool-{n}", **{**FULL, "IdentityPoolName": f"pool {n}", **fields})
        for n in range(count)
    ]


def pools_of(count: int, first: int = 0, **fields: Any) -> list[LivePool]:
    return [
        ours(f"pool-{n}", pool_id(n), **{**FULL, "IdentityPoolName": f"pool {n}", **fields})
        for n in range(first, first + count)
    ]


def steps_of(work: Callable[[], object]) -> int:
    """How many instructions Python carries out: any loop over pools shows in it."""
    steps = 0

    def count(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal steps
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        steps += event == "opcode"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        work()
    finally:
        sys.settrace(before)
    return steps


def assert_linear(work: Callable[[int], Callable[[], object]]) -> None:
    """Ten times as many pools take ten times as many steps."""
    few, many = steps_of(work(FEW)), steps_of(work(MANY))
    assert few > FEW
    assert many <= 1.05 * few * (MANY / FEW), (few, many)


class TestDeepDiff:
    def test_it_is_not_asked_about_unchanged_pools(self, asked: Asked) -> None:
        planned = plan_of(specs_of(FEW), *pools_of(FEW))
        assert [pool.verb for pool in planned.pools] == ["keep"] * FEW
        assert asked.times == 0

    def test_it_is_not_even_imported_for_them(self) -> None:
        """Its import takes as long as planning a thousand pools."""
        done = subprocess.run(
            [sys.executable, "-c", _PLAN_ONE], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.stdout == "keep False\n", done.stderr

    def test_it_is_asked_once_for_each_field_however_many_rules_differ(self, asked: Asked) -> None:
        both = {CLIENT: token_mapping("AuthenticatedRole"), FACEBOOK: REWRITTEN}
        other = {"RoleMappings": both, "AllowClassicFlow": True, "IdentityPoolTags": {"tag-1": "b"}}
        planned = plan_of(specs_of(FEW, **other), *pools_of(FEW))
        fields = [change.field for pool in planned.pools for change in pool.changes]
        assert len(fields) == 3 * FEW
        assert asked.times == len(fields)

    def test_it_is_not_asked_about_what_a_new_pool_has(self, asked: Asked) -> None:
        """There is nothing to compare."""
        planned = plan_of([spec(**{**FULL, "PrincipalTagAttributeMaps": {}})])
        assert [pool.verb for pool in planned.pools] == ["create"]
        assert asked.times == 0

    @given(pools.stored, pools.specified)
    def test_it_is_asked_no_more_than_once_for_any_field(self, stored: dict, wanted: dict) -> None:
        with pytest.MonkeyPatch.context() as patch:
            counted = Asked(deepdiff.DeepDiff)
            patch.setattr(deepdiff, "DeepDiff", counted)
            changes = changes_between(pool(**stored), pool(**wanted))
        assert counted.times <= len(changes)


class TestGrowth:
    """No spec looks at the pools of the others."""

    def test_unchanged_pools(self) -> None:
        def work(count: int) -> Callable[[], object]:
            specs, found = specs_of(count), answer(*pools_of(count))
            return lambda: (wants(specs, found, PROJECT), plan_target(specs, found, PROJECT))

        assert_linear(work)

    def test_changed_pools(self) -> None:
        def work(count: int) -> Callable[[], object]:
            specs, found = specs_of(count, AllowClassicFlow=True), answer(*pools_of(count))
            return lambda: plan_target(specs, found, PROJECT)

        plan_of(specs_of(1, AllowClassicFlow=True), *pools_of(1))  # deepdiff's import is no growth
        assert_linear(work)

    def test_pools_that_are_created_adopted_refused_and_orphaned(self) -> None:
        """A quarter of each; the strangers have the names of the specs."""

        def work(count: int) -> Callable[[], object]:
            each = count // 4
            specs = [*specs_of(each), *_adopters(each, 2 * count), *_named(each, "taken")]
            strangers = [
                live(pool_id(3 * count + n), IdentityPoolName=f"taken {n}") for n in range(each)
            ]
            adopted = [live(pool_id(2 * count + n), IdentityPoolName="any") for n in range(each)]
            found = answer(*pools_of(each, first=count), *strangers, *adopted)
            return lambda: plan_target(specs, found, PROJECT)

        plan_of(specs_of(1))
        assert_linear(work)

    def test_pools_that_cannot_be_read(self) -> None:
        def work(count: int) -> Callable[[], object]:
            unread = tuple(
                UnreadPool(pool_id=pool_id(n), pool_name=f"pool {n}", problem=PROBLEM)
                for n in range(count, 2 * count)
            )
            specs = [*specs_of(count), *_adopters(count, count)]
            found = answer(*pools_of(count)).model_copy(update={"unread": unread})
            return lambda: plan_target(specs, found, PROJECT)

        assert_linear(work)

    def test_a_digest(self) -> None:
        assert_linear(lambda count: lambda: _unchanged(count).digest)

    def test_what_is_left_of_a_journal(self) -> None:
        def work(count: int) -> Callable[[], object]:
            left = standings(
                [RunBegins(at="", plan_digest="", owner="", pools=tuple(_planned(count)))]
            )
            specs, plan = specs_of(count), _unchanged(count)
            keys = frozenset((each.target, each.name) for each in left)
            return lambda: (without_spec(left, specs, {EU.name}), only(plan, keys))

        assert_linear(work)

    def test_names_for_pools_without_specs(self) -> None:
        def work(count: int) -> Callable[[], object]:
            found = candidates(answer(*pools_of(count)), (), PROJECT)
            return lambda: spec_names(found, frozenset(), str)

        assert_linear(work)


def test_a_spec_is_made_a_pool_once_for_all_its_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Asked(canonical_pool)
    monkeypatch.setattr("reconciler.model.spec.canonical_pool", made)
    specs = specs_of(FEW)
    for target in (EU, US):
        found = answer(*pools_of(FEW), target=target)
        wants(specs, found, PROJECT)
        plan_target(specs, found, PROJECT)
    assert made.times == FEW


def _unchanged(count: int) -> Plan:
    return whole_plan(plan_of(specs_of(count), *pools_of(count)))


def _adopters(count: int, first: int) -> list[Spec]:
    return [adopting(pool_id(first + n), f"adopter-{n}", **FULL) for n in range(count)]


def _named(count: int, name: str) -> list[Spec]:
    return [spec(f"{name}-{n}", IdentityPoolName=f"{name} {n}") for n in range(count)]


def _planned(count: int) -> Iterator[PlannedPool]:
    return (PlannedPool(target=EU.name, name=f"pool-{n}", actions=1) for n in range(count))
