"""examples/policies: the policies of an organisation, their tests, and what is waived."""

import shutil
from pathlib import Path

import pytest

from reconciler.specs.project import load_project
from tests.support.cli import Idpool

EXAMPLE = Path(__file__).parents[2] / "examples" / "policies"


@pytest.fixture
def idpool(tmp_path: Path) -> Idpool:
    """The command, in a copy of the example."""
    return Idpool(Path(shutil.copytree(EXAMPLE, tmp_path / "policies")))


def edit(idpool: Idpool, old: str, new: str) -> None:
    """Write something else into the project file."""
    path = idpool.folder / "idpool.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_example_passes_with_its_waivers(idpool: Idpool) -> None:
    result = idpool.run("check", "specs")
    assert (result.code, result.out) == (0, "No problems found. 2 waived.\n")
    assert idpool.run("validate", "--strict").code == 0
    assert idpool.run("fmt", "--check").code == 0


def test_without_its_waivers_it_does_not(idpool: Idpool) -> None:
    edit(idpool, "spec: analytics", "spec: another")
    result = idpool.run("check")
    assert result.code == 3
    assert "production lets no guests in (in the targets prod-eu and prod-us)" in result.out
    assert "[guest-role-is-users-role]" in result.out
    assert "waivers[0].until: nothing is found that this waiver" in result.out


def test_each_policy_has_a_pool_that_passes_and_one_that_fails() -> None:
    for policy in load_project(EXAMPLE / "idpool.yaml").policies:
        assert {test.passes for test in policy.tests} == {True, False}, policy.id


def test_a_policy_that_is_turned_around_fails_its_tests(idpool: Idpool) -> None:
    edit(idpool, '"!pool.Allow', '"pool.Allow')
    result = idpool.run("check")
    assert result.code == 3
    assert "policies[0].tests[0].expect: policy no-guests-in-prod lets this pool pass" in result.out
    assert "policies[0].tests[2].expect" in result.out
