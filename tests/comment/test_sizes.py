"""Whatever the plan's size, there is a comment that fits, and the job does not fail for it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.model.plan import Plan
from reconciler.model.project import Target
from reconciler.sandbox.server import SandboxServer
from reconciler.sandbox.settings import SandboxSettings
from tests.comment.conftest import (
    github_environment,
    gitlab_environment,
    plan_file,
    says_nothing_on_stdout,
    with_variables,
)
from tests.comment.github import LIMIT, GitHubServer
from tests.comment.gitlab import GitLabServer
from tests.comment.server import Fault
from tests.reports.builders import pool_plan, scalar, target_plan
from tests.reports.plans import refused
from tests.support.cli import Idpool, aws_environment
from tests.support.specs import document, yaml_of

POOLS = 300
NEXT = "d" * 40
WRITE = r"/(comments|notes)"


@pytest.fixture(scope="module")
def three_hundred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a plan over 300 pools, made by the command against the sandbox."""
    folder = tmp_path_factory.mktemp("three-hundred")
    role = {"authenticated": "arn:aws:iam::123456789012:role/shop-customer"}
    documents = [
        document(
            f"shop-{number:03}",
            {"IdentityPoolTags": {"team": f"team {number}"}, "Roles": role},
        )
        for number in range(POOLS)
    ]
    with SandboxServer(SandboxSettings(file=None)) as sandbox:
        idpool = Idpool(folder, aws_environment(sandbox.url))
        idpool.write("specs/shops.yaml", yaml_of(*documents))
        result = idpool.run("plan", "specs", "--out", "plan.json")
    assert result.code == 0, result.text
    assert f"Plan: {POOLS} to create." in result.out
    return folder


def fits(body: str, limit: int = LIMIT) -> bool:
    """By bytes, which are never fewer than characters."""
    return len(body.encode()) <= limit


def test_a_plan_over_300_pools_has_a_comment_that_the_next_push_edits(
    github: GitHubServer, three_hundred: Path
) -> None:
    """It says what it leaves out, and where that can be read."""
    hub = Idpool(three_hundred, github_environment(github))
    first = hub.run("comment", "github", "plan.json")
    assert first.code == 0, first.text
    (body,) = github.bodies
    assert fits(body)
    assert len(body.encode()) > LIMIT // 2, "no more is left out than has to be"
    assert f"**idpool:** Plan: {POOLS} to create." in body
    assert "_Too long for here: " in body
    assert (
        "[Everything is in the log](<https://github.example/acme/identity/actions/runs/77>)" in body
    )
    assert body.count("`shop-") >= POOLS
    github.pulls[5].head = NEXT
    second = with_variables(hub, GITHUB_SHA=NEXT).run("comment", "github", "plan.json", "-v")
    assert second.out == first.out
    assert second.err.startswith("edited: "), second.text
    (edited,) = github.bodies
    assert "at commit `ddddddd`" in edited
    assert fits(edited)


def test_gitlab_has_room_for_all_300(gitlab: GitLabServer, three_hundred: Path) -> None:
    """A pool's changes fold below each row."""
    lab = Idpool(three_hundred, gitlab_environment(gitlab))
    result = lab.run("comment", "gitlab", "plan.json")
    assert result.code == 0, result.text
    assert "Too long" not in gitlab.bodies[0]
    assert gitlab.bodies[0].count("<details>") == POOLS


@pytest.mark.parametrize("limit", [20_000, 3_000, 900])
def test_a_platform_that_takes_less_gets_less(three_hundred: Path, limit: int) -> None:
    """An administrator may have set another limit: half the room at each no."""
    with GitHubServer(limit=limit) as github:
        hub = Idpool(three_hundred, github_environment(github))
        result = hub.run("comment", "github", "plan.json", "-v")
        assert result.code == 0, result.text
        (body,) = github.bodies
        assert len(body) <= limit
        assert f"Plan: {POOLS} to create." in body
        again = hub.run("comment", "github", "plan.json")
        assert (again.code, again.out) == (0, result.out)
        assert len(github.bodies) == 1


def test_even_the_counts_may_be_too_long(three_hundred: Path) -> None:
    """Then there is no comment, which is said, and no failure."""
    for status in (422, 413):
        with GitHubServer(limit=50 if status == 422 else LIMIT) as github:
            hub = Idpool(three_hundred, github_environment(github))
            if status == 413:
                github.faults = [Fault("POST", WRITE, status=413, times=100)]
            result = hub.run("comment", "github", "plan.json")
            says_nothing_on_stdout(result, 0)
            assert "even the counts alone are too long for a comment here" in result.err
            assert github.bodies == []
            assert 2 < len(github.sent("POST")) < 15
    with GitLabServer(limit=50) as gitlab:
        lab = Idpool(three_hundred, gitlab_environment(gitlab))
        result = lab.run("comment", "gitlab", "plan.json")
        says_nothing_on_stdout(result, 0)
        assert "even the counts alone" in result.err


def test_an_edit_that_is_too_long_steps_down_too(gitlab: GitLabServer, three_hundred: Path) -> None:
    lab = Idpool(three_hundred, gitlab_environment(gitlab))
    assert lab.run("comment", "gitlab", "plan.json").code == 0
    gitlab.limit = 50_000
    gitlab.merge_requests[7].sha = NEXT
    result = with_variables(lab, CI_COMMIT_SHA=NEXT).run("comment", "gitlab", "plan.json")
    assert result.code == 0, result.text
    (body,) = gitlab.bodies
    assert len(body) <= 50_000
    assert "at commit `ddddddd`" in body


def wide() -> Iterator[Plan]:
    """Names of many bytes and few characters, with and without what somebody must act on."""
    pools = [
        pool_plan(f"{number} " + "ü漢😀" * 20, scalar("IdentityPoolName", "é" * 60, "ß" * 60))
        for number in range(200)
    ]
    far = Target(name="漢" * 100)
    yield Plan(owner="acme/ü", targets=(target_plan(*pools, target=far),))
    yield Plan(owner="acme/ü", targets=(target_plan(*pools, *[refused()] * 50, target=far),))


@pytest.mark.parametrize("limit", [2_500, 5_000, 40_000, 65_000])
def test_the_limit_counts_bytes(github: GitHubServer, tmp_path: Path, limit: int) -> None:
    hub = Idpool(tmp_path, github_environment(github))
    for plan in wide():
        plan_file(tmp_path, plan)
        words = ("--max-bytes", str(limit), "--id", "😀" * 200)
        result = hub.run("comment", "github", "plan.json", *words)
        assert result.code == 0, result.text
        (body,) = github.bodies
        assert fits(body, limit)
        assert re.search(r"\*\*idpool:\*\* Plan: 200 to update", body)
