"""What the planner is measured with: each way of changing a pool is one that it sees."""

from functools import partial
from pathlib import Path

import pytest

from benchmarks.planner_probe import LIVE_IS, live_target
from benchmarks.specs import spec_text, write_repository
from reconciler.loader.project import load_project
from reconciler.loader.specs import load_specs
from reconciler.planner import plan_target

SAME, *CHANGED = LIVE_IS


def changed_fields(folder: Path, way: str) -> list[list[str]]:
    """The names of the changed fields, pool by pool."""
    write_repository(folder, 3, partial(spec_text, rules=25))
    project = load_project(folder / "idpool.yaml")
    specs = load_specs([folder / "specs"], project).specs
    plan = plan_target(specs, live_target(folder, LIVE_IS[way]), project)
    return [[change.field for change in pool.changes] for pool in plan.pools]


def test_pools_as_the_spec_says_have_no_changes(tmp_path: Path) -> None:
    assert changed_fields(tmp_path, SAME) == [[], [], []]


@pytest.mark.parametrize("way", CHANGED)
def test_other_pools_differ_in_their_rules_alone(way: str, tmp_path: Path) -> None:
    assert changed_fields(tmp_path, way) == [["RoleMappings"]] * 3
