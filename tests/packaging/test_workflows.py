"""The scripts of GitHub's workflows, taken out and run, with a GitHub and a sandbox behind them."""

import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.comment.github import TOKEN
from tests.packaging.conftest import Account
from tests.packaging.pipeline_files import FROM, STARTERS, read_yaml, step_of
from tests.packaging.platforms import A_FORKS, MAINS_COMMIT, Artifact, PipelineGitHub
from tests.packaging.platforms import Run as WorkflowRun
from tests.packaging.runner import Ran, Runner
from tests.support.cli import Idpool, clean_environment
from tests.support.specs import document, yaml_of

FOLDER = STARTERS / "github"
PLAN, APPLY, DRIFT, FORKS, VALIDATE = (
    FOLDER / f"idpool-{name}.yml" for name in ("plan", "apply", "drift", "plan-forks", "validate")
)
HEAD, MERGE = "a" * 40, "e" * 40
FIND = step_of(APPLY, "Find the plan of the merged pull request")
NAME = f"idpool-plan-{HEAD}"
PLAN_PATH = ".github/workflows/idpool-plan.yml"
FORKS_PATH = ".github/workflows/idpool-plan-forks.yml"
Run = Callable[..., Ran]


@pytest.fixture
def run(idpool: Idpool, github: PipelineGitHub, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a step of a workflow in the folder of ``idpool``, as in one job."""
    init = idpool.run("init", *FROM, "github", "--owner", "acme/shop")
    assert init.code == 0, init.text
    idpool.write("specs/example.yaml", yaml_of(document("shop")))
    temp = tmp_path_factory.mktemp("runner")
    branch = {"github.event.repository.default_branch": "main"}
    values = {"github.token": TOKEN, "secrets.IDPOOL_NOTIFY": "", **branch}

    def run_step(
        path: Path, name: str, variables: Mapping[str, str], job: str | None = None, **more: str
    ) -> Ran:
        environment = {**idpool.environment, **github.environment, **variables}
        return Runner(idpool.folder, temp, environment, {**values, **more}).run(
            step_of(path, name, job)
        )

    return run_step


@pytest.fixture
def find(github: PipelineGitHub, tmp_path: Path) -> Callable[[], Ran]:
    """Look for the plan of the merged pull request 5, whose head is HEAD."""
    github.push(HEAD)
    values = {"github.token": TOKEN, "github.event.repository.default_branch": "main"}
    runner = Runner(tmp_path, tmp_path, clean_environment(**github.merge(MERGE)), values)
    return lambda: runner.run(FIND)


def test_plan_comment_merge_apply_comment(
    run: Run, github: PipelineGitHub, account: Account
) -> None:
    """The apply job gets the plan of the plan job; its artifact is the folder that both name."""
    pushed = github.push(HEAD)
    assert run(PLAN, "Mark the plan before this one as superseded", pushed).code == 0
    planned = run(PLAN, "Plan", pushed)
    assert planned.code == 0, planned.text
    assert run(PLAN, "Comment", pushed).code == 0
    assert [f"state=planned commit={HEAD}" in body for body in github.bodies] == [True]

    merged = github.merge(MERGE)
    applied = run(APPLY, "Apply this plan and no other", merged)
    assert applied.code == 0, applied.text
    assert account.only_id()
    assert run(APPLY, "Comment", merged).code == 0
    assert [f"state=applied commit={MERGE}" in body for body in github.bodies] == [True]


def test_a_new_push_supersedes_the_plan(run: Run, github: PipelineGitHub) -> None:
    first = github.push(HEAD)
    assert run(PLAN, "Plan", first).code == run(PLAN, "Comment", first).code == 0
    second = github.push("b" * 40)
    assert run(PLAN, "Mark the plan before this one as superseded", second).code == 0
    assert "state=superseded" in github.bodies[0]


def test_a_plan_that_fails_is_told(run: Run, idpool: Idpool, github: PipelineGitHub) -> None:
    """Even if the pull request brings a file that is called as the plan."""
    idpool.write("plan.json", "{}")
    idpool.write("specs/bad.yaml", "kind: IdentityPool\n")
    pushed = github.push(HEAD)
    assert run(PLAN, "Plan", pushed).code == 1
    assert run(PLAN, "Comment", pushed).code == 0
    assert "state=failed" in github.bodies[0]


def test_a_stale_plan_is_not_applied_and_that_is_told(
    run: Run, github: PipelineGitHub, account: Account
) -> None:
    assert run(PLAN, "Plan", github.push(HEAD)).code == 0
    account.create("shop")
    merged = github.merge(MERGE)
    assert run(APPLY, "Apply this plan and no other", merged).code == 4
    assert run(APPLY, "Comment", merged).code == 0
    assert "state=failed" in github.bodies[0]


def test_the_plan_of_the_merged_head_is_found(
    find: Callable[[], Ran], github: PipelineGitHub
) -> None:
    """The newest that is there, also behind a page of others."""
    github.keep(WorkflowRun(1), NAME, "2026-11-20T00:00:00Z")
    github.keep(WorkflowRun(2), NAME, "2026-11-21T00:00:00Z")
    github.keep(WorkflowRun(3, head_sha="b" * 40), "idpool-plan-" + "b" * 40)
    github.artifacts.append(Artifact(NAME, 4, "2026-11-22T00:00:00Z", expired=True))
    github.artifacts[:0] = [Artifact(NAME, 5, "2026-11-19T00:00:00Z", expired=True)] * 100
    found = find()
    assert found.code == 0, found.text
    assert found.outputs == {"run": "2", "name": NAME}
    assert {r.headers["Authorization"] for r in github.requests} == {f"Bearer {TOKEN}"}


OURS = [
    WorkflowRun(1),
    WorkflowRun(1, path=".github/workflows/idpool-plan.yml@refs/pull/5/merge"),
    WorkflowRun(1, FORKS_PATH, "workflow_run", MAINS_COMMIT, "main"),
]
OF_FORKS = WorkflowRun(9, FORKS_PATH, "workflow_run", MAINS_COMMIT, "main")
HOSTILE = {
    "another workflow": WorkflowRun(9, ".github/workflows/lint.yml"),
    "a workflow that is called like ours": WorkflowRun(9, f"{PLAN_PATH}@main.yml"),
    "our workflow in another folder": WorkflowRun(9, f"x/{PLAN_PATH}"),
    "another commit": WorkflowRun(9, head_sha="b" * 40),
    "a push": WorkflowRun(9, event="push"),
    "a run by hand": WorkflowRun(9, event="workflow_dispatch"),
    "a fork": WorkflowRun(9, head_repository=A_FORKS),
    "a fork that is gone": WorkflowRun(9, head_repository=None),
    "the plan's workflow after another": replace(OF_FORKS, path=PLAN_PATH),
    "the workflow for forks, for a pull request": replace(OF_FORKS, event="pull_request"),
    "the workflow for forks, of another branch": replace(OF_FORKS, head_branch="change"),
    "the workflow for forks, of no commit of main": replace(OF_FORKS, head_sha=HEAD),
    "the workflow for forks, from a fork": replace(OF_FORKS, head_repository=A_FORKS),
}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_another_run_has_left_is_no_plan(
    hostile: str, find: Callable[[], Ran], github: PipelineGitHub
) -> None:
    github.keep(HOSTILE[hostile], NAME)
    found = find()
    assert (found.code, found.outputs) == (1, {})
    assert "Pull request 5 has no plan" in found.out


@pytest.mark.parametrize("ours", OURS, ids=lambda ours: f"{ours.event} {ours.path[18:]}")
def test_the_plan_is_found_under_newer_ones_that_other_runs_have_left(
    ours: WorkflowRun, find: Callable[[], Ran], github: PipelineGitHub
) -> None:
    github.keep(ours, NAME, "2026-11-20T00:00:00Z")
    for number, hostile in enumerate(HOSTILE.values(), start=100):
        github.keep(replace(hostile, id=number), NAME, "2026-11-22T00:00:00Z")
    found = find()
    assert found.code == 0, found.text
    assert found.outputs == {"run": "1", "name": NAME}


def test_the_runs_are_those_of_the_files_that_init_writes() -> None:
    """By the names that it gives them; each has the trigger that its run is asked for."""
    assert {PLAN_PATH, FORKS_PATH} == {f".github/workflows/{p.name}" for p in (PLAN, FORKS)}
    asked = set(re.findall(r"\.github/workflows/[a-z-]+\.yml", FIND["run"]))
    assert asked == {PLAN_PATH, FORKS_PATH}
    assert "pull_request" in read_yaml(PLAN)["on"]
    assert "workflow_run" in read_yaml(FORKS)["on"]


def test_the_artifact_is_left_and_fetched_under_one_name() -> None:
    """What the scripts write is where the actions between them look."""
    plan, apply = read_yaml(PLAN)["jobs"]["plan"], read_yaml(APPLY)["jobs"]
    (left,) = [s["with"] for s in plan["steps"] if "upload-artifact" in s.get("uses", "")]
    (hand,) = [s["with"] for s in apply["plan"]["steps"] if "upload-artifact" in s.get("uses", "")]
    (got,) = [s["with"] for s in apply["apply"]["steps"] if "download-" in s.get("uses", "")]
    assert left["name"] == "idpool-plan-${{ github.event.pull_request.head.sha }}"
    assert 'name = f"idpool-plan-{head}"' in FIND["run"]
    assert hand["name"] in got["name"]
    assert left["path"] == hand["path"] == got["path"] + "/" == "${{ runner.temp }}/idpool/"


def test_a_push_past_review_is_not_applied(run: Run, github: PipelineGitHub) -> None:
    result = run(APPLY, FIND["name"], {**github.environment, "GITHUB_SHA": MERGE})
    assert result.code == 1
    assert result.out.startswith("::error title=Nothing was applied::This commit is of no merged")
    assert result.outputs == {}


def test_a_merge_into_another_branch_is_no_review(run: Run, github: PipelineGitHub) -> None:
    merged = github.merge(MERGE)
    github.keep(WorkflowRun(1), f"idpool-plan-{github.pulls[5].head}")
    assert run(APPLY, FIND["name"], merged).code == 0
    assert run(APPLY, FIND["name"], {**merged, "GITHUB_REF_NAME": "release"}).code == 1


def test_a_merge_without_a_plan_is_not_applied(run: Run, github: PipelineGitHub) -> None:
    result = run(APPLY, FIND["name"], github.merge(MERGE))
    assert result.code == 1
    assert "Pull request 5 has no plan, or it has expired." in result.out


def test_a_github_that_does_not_answer_is_told_in_a_sentence(
    run: Run, github: PipelineGitHub
) -> None:
    values = {"github.token": "wr0ng"}
    result = run(APPLY, FIND["name"], github.merge(MERGE), **values)
    assert result.code == 1
    assert "::error title=Nothing was applied::GitHub: HTTP Error 401" in result.out
    fork = dict.fromkeys(
        f"github.event.workflow_run.{name}"
        for name in ("head_repository.owner.login", "head_branch", "head_sha")
    )
    other = run(FORKS, "Find the pull request", {}, **dict.fromkeys(fork, "x"), **values)
    assert other.code == 1
    assert other.out.startswith("::error::GitHub: HTTP Error 401")
    assert "Traceback" not in result.text + other.text


def test_a_plan_by_hand_is_applied_by_hand(
    run: Run, github: PipelineGitHub, account: Account
) -> None:
    by_hand = {**github.environment, "GITHUB_EVENT_NAME": "workflow_dispatch"}
    assert run(APPLY, "Plan", by_hand, job="plan").code == 0
    assert run(APPLY, "Apply this plan and no other", by_hand).code == 0
    assert account.only_id()


def test_drift_remembers_where_the_cache_looks(run: Run, idpool: Idpool, account: Account) -> None:
    """And an empty secret, as that of a repository that has none, tells nobody."""
    assert idpool.run("apply", "--yes").code == 0
    clean = run(DRIFT, "Look for drift", {})
    assert clean.code == 0, clean.text
    pool = account.describe(account.only_id())
    account.client.update_identity_pool(**{**pool, "AllowClassicFlow": True})
    assert run(DRIFT, "Look for drift", {}).code == 2
    cached = [s["with"]["path"] for s in _uses(DRIFT, "actions/cache")]
    assert len(cached) == 2
    assert all((idpool.folder / path).is_file() for path in cached)


@pytest.mark.parametrize("path", [PLAN, VALIDATE], ids=lambda path: path.name)
def test_validate_annotates(path: Path, run: Run, idpool: Idpool) -> None:
    assert run(path, "Validate", {}).code == 0
    idpool.write("specs/bad.yaml", "kind: IdentityPool\n")
    result = run(path, "Validate", {})
    assert result.code == 1
    assert "::error file=specs/bad.yaml" in result.out


@pytest.mark.parametrize(
    ("owner", "branch", "sha", "code"),
    [
        ("mallory", "change", HEAD, 0),
        ("mallory", "change", "b" * 40, 1),
        ("mallory", 'x"; echo&state=all', HEAD, 1),
        ("somebody", "change", HEAD, 1),
    ],
)
def test_the_pull_request_of_a_fork_is_found_by_its_head(
    owner: str, branch: str, sha: str, code: int, run: Run, github: PipelineGitHub
) -> None:
    github.pulls[5].repository = "mallory/identity"
    github.push(HEAD)
    event = "github.event.workflow_run"
    head = {
        f"{event}.head_repository.owner.login": owner,
        f"{event}.head_branch": branch,
        f"{event}.head_sha": sha,
    }
    result = run(FORKS, "Find the pull request", {}, **head)
    assert result.code == code, result.text
    assert result.outputs == ({} if code else {"pull-request": "5"})


class Fork:
    """A repository on disk, and a clone of its main branch as actions/checkout leaves it."""

    def __init__(self, folder: Path) -> None:
        self.origin, self.clone = folder / "origin", folder / "clone"
        self.origin.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        (self.origin / "specs").mkdir()
        (self.origin / "idpool.yaml").write_text("owner: main\n")
        (self.origin / "specs" / "old.yaml").write_text("old\n")
        self.commit("main")

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments]
        done = subprocess.run(
            command, cwd=folder or self.origin, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def ask(self) -> str:
        """Make what GitHub makes of a pull request: the ref of its merge."""
        head = self.git("rev-parse", "HEAD")
        self.git("checkout", "--quiet", "main")
        self.git("merge", "--quiet", "--no-ff", "--message", "merge", "change")
        self.git("update-ref", "refs/pull/5/merge", "HEAD")
        self.git("reset", "--quiet", "--hard", "HEAD^1")
        self.git("clone", "--quiet", "--depth=1", f"file://{self.origin}", str(self.clone))
        return head


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    made = Fork(tmp_path)
    made.git("checkout", "--quiet", "-b", "change")
    return made


def take(fork: Fork, temp: Path, head: str) -> Ran:
    values = {
        "steps.find.outputs.pull-request": "5",
        "github.event.workflow_run.head_sha": head,
    }
    temp.mkdir()
    runner = Runner(fork.clone, temp, {"HOME": str(temp)}, values)
    return runner.run(step_of(FORKS, "Take the specs, as data"))


def test_nothing_but_specs_comes_from_a_fork(fork: Fork, tmp_path: Path) -> None:
    """No project file, no links, no filters; what the fork has removed is gone."""
    secret = tmp_path / "secret"
    secret.write_text("hush\n")
    specs = fork.origin / "specs"
    (specs / "old.yaml").unlink()
    (specs / "new.yaml").write_text("new\n")
    (specs / "link.yaml").symlink_to(secret)
    (specs / "folder").symlink_to(tmp_path)
    (specs / ".gitattributes").write_text("*.yaml filter=lfs\n")
    (fork.origin / "idpool.yaml").write_text("owner: fork\n")
    fork.commit("change")
    result = take(fork, tmp_path / "temp", fork.ask())
    assert result.code == 0, result.text
    taken = fork.clone / "specs"
    assert {path.name for path in taken.iterdir()} == {
        "new.yaml",
        "link.yaml",
        "folder",
        ".gitattributes",
    }
    assert not any(path.is_symlink() or path.is_dir() for path in taken.iterdir())
    assert (taken / "new.yaml").read_text() == "new\n"
    assert (fork.clone / "idpool.yaml").read_text() == "owner: main\n"


def test_a_fork_cannot_waive(fork: Fork, tmp_path: Path) -> None:
    """Neither with a waiver in the project file, nor with a project file of its own."""
    rule = {"id": "no-guests", "severity": "error", "message": "no guests here"}
    policy = {**rule, "assert": "!pool.AllowUnauthenticatedIdentities"}
    waiver = {"rule": "no-guests", "spec": "*", "reason": "mine", "until": "2999-12-31"}
    project = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "acme", "specs": ["specs"]}
    ours = {**project, "policies": [policy]}
    fork.git("checkout", "--quiet", "main")
    (fork.origin / "idpool.yaml").write_text(yaml_of(ours))
    (fork.origin / "specs" / "old.yaml").write_text(yaml_of(document("old")))
    fork.commit("policies")
    fork.git("checkout", "--quiet", "-B", "change")
    (fork.origin / "idpool.yaml").write_text(yaml_of({**ours, "waivers": [waiver]}))
    guests = document("old", {"AllowUnauthenticatedIdentities": True})
    (fork.origin / "specs" / "old.yaml").write_text(yaml_of(guests))
    assert Idpool(fork.origin).run("validate").code == 0
    fork.commit("change")
    assert take(fork, tmp_path / "temp", fork.ask()).code == 0
    result = Idpool(fork.clone).run("validate")
    assert (result.code, "no guests here" in result.err) == (3, True)
    (fork.clone / "specs" / "idpool.yaml").write_text(yaml_of({**project, "policies": []}))
    result = Idpool(fork.clone).run("plan")
    assert (result.code, "[other-project]" in result.err) == (1, True)


def test_a_head_that_nobody_has_looked_at_is_not_taken(fork: Fork, tmp_path: Path) -> None:
    (fork.origin / "specs" / "new.yaml").write_text("new\n")
    seen = fork.commit("change")
    (fork.origin / "specs" / "new.yaml").write_text("newer\n")
    fork.commit("change again")
    fork.ask()
    assert take(fork, tmp_path / "temp", seen).code != 0
    assert not (fork.clone / "specs" / "new.yaml").exists()


def test_the_job_for_forks_comments_on_the_pull_request(
    run: Run, idpool: Idpool, github: PipelineGitHub
) -> None:
    github.pulls[5].repository = "mallory/identity"
    github.push(HEAD)
    head_repository = {"full_name": "mallory/identity", "owner": {"login": "mallory"}}
    workflow_run = {
        "id": 76,
        "event": "pull_request",
        "head_sha": HEAD,
        "head_branch": "change",
        "head_repository": head_repository,
    }
    event = idpool.write("event.json", yaml_of({"workflow_run": workflow_run}))
    variables = {"GITHUB_EVENT_NAME": "workflow_run", "GITHUB_EVENT_PATH": str(event)}
    page = {
        "github.server_url": "https://github.example",
        "github.repository": "acme/identity",
        "github.run_id": "77",
    }
    assert run(FORKS, "Plan", variables).code == 0
    commented = run(FORKS, "Comment", variables, **page)
    assert commented.code == 0, commented.text
    (body,) = github.bodies
    assert f"state=planned commit={HEAD}" in body
    assert "https://github.example/acme/identity/actions/runs/77" in body


def _uses(path: Path, action: str) -> list[dict]:
    steps = [step for job in read_yaml(path)["jobs"].values() for step in job["steps"]]
    return [step for step in steps if step.get("uses", "").startswith(action)]
