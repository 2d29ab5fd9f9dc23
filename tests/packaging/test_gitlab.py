"""The jobs of GitLab's template, run as its runner runs them, with a GitLab and a sandbox."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.comment.server import Fault
from tests.packaging.conftest import Account
from tests.packaging.pipeline_files import FROM, STARTERS, read_yaml
from tests.packaging.platforms import PipelineGitLab
from tests.packaging.runner import run_gitlab
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

TEMPLATE = read_yaml(STARTERS / "gitlab" / "idpool.yml")
HEAD, MERGE = "b" * 40, "e" * 40
RunJob = Callable[[str, Mapping[str, str]], "CompletedProcess[str]"]


@pytest.fixture
def job(idpool: Idpool, gitlab: PipelineGitLab) -> RunJob:
    """Run a job's script in the folder of ``idpool``, after ``idpool init gitlab``."""
    init = idpool.run("init", *FROM, "gitlab", "--owner", "acme/shop")
    assert init.code == 0, init.text
    idpool.write("specs/example.yaml", yaml_of(document("shop")))

    def run(name: str, variables: Mapping[str, str]) -> "CompletedProcess[str]":
        environment = {**idpool.environment, **gitlab.environment, **variables}
        return run_gitlab(TEMPLATE[name]["script"], idpool.folder, environment)

    return run


def saved_plan(idpool: Idpool) -> Any:
    return json.loads((idpool.folder / "idpool-out" / "plan.json").read_text())


@pytest.mark.slow
def test_plan_comment_merge_apply_comment(
    job: RunJob, idpool: Idpool, gitlab: PipelineGitLab, account: Account
) -> None:
    planned = job("idpool-plan", gitlab.push(HEAD))
    assert planned.returncode == 0, planned.stderr
    assert f"state=planned commit={HEAD}" in gitlab.bodies[0]
    gitlab.keep(job=11, pipeline=1, plan=saved_plan(idpool))

    idpool.write("idpool-out/plan.json", "not the plan that was reviewed")
    applied = job("idpool-apply", gitlab.merge(MERGE))
    assert applied.returncode == 0, applied.stderr
    assert account.only_id()
    assert [f"state=applied commit={MERGE}" in body for body in gitlab.bodies] == [True]


@pytest.mark.slow
def test_the_newest_plan_of_this_project_is_applied(
    job: RunJob, idpool: Idpool, gitlab: PipelineGitLab
) -> None:
    """Not that of an earlier pipeline, which would be stale, nor that of a fork's."""
    assert job("idpool-plan", gitlab.push(HEAD)).returncode == 0
    older = saved_plan(idpool)
    idpool.write("specs/second.yaml", yaml_of(document("second")))
    assert job("idpool-plan", gitlab.push("c" * 40)).returncode == 0
    gitlab.keep(job=11, pipeline=1, plan=older)
    gitlab.keep(job=21, pipeline=2, plan=saved_plan(idpool))
    gitlab.keep(job=31, pipeline=3, plan=older, project_id=666)
    applied = job("idpool-apply", gitlab.merge(MERGE))
    assert applied.returncode == 0, applied.stderr


OTHERS: list[dict[str, Any]] = [
    {"project_id": 666},
    {"source": "push", "ref": "change"},
    {"source": "web"},
    {"ref": "refs/merge-requests/8/head"},
    {"ref": "refs/merge-requests/70/head"},
]


@pytest.mark.slow
def test_no_other_pipeline_can_leave_the_plan(
    job: RunJob, idpool: Idpool, gitlab: PipelineGitLab
) -> None:
    """Whatever newer ones GitLab names beside the merge request's own; alone, they are no plan."""
    merged = gitlab.merge(MERGE)
    for number, facts in enumerate(OTHERS, start=2):
        gitlab.keep(job=10 * number, pipeline=number, plan={"whose": facts}, **facts)
    refused = job("idpool-apply", merged)
    assert refused.returncode == 1
    assert "Merge request !7 has no plan" in refused.stderr
    gitlab.keep(job=10, pipeline=1, plan={"whose": "ours"})
    job("idpool-apply", merged)
    assert saved_plan(idpool) == {"whose": "ours"}


@pytest.mark.slow
def test_a_stale_plan_is_told(
    job: RunJob, idpool: Idpool, gitlab: PipelineGitLab, account: Account
) -> None:
    assert job("idpool-plan", gitlab.push(HEAD)).returncode == 0
    gitlab.keep(job=11, pipeline=1, plan=saved_plan(idpool))
    account.create("shop")
    assert job("idpool-apply", gitlab.merge(MERGE)).returncode == 4
    assert "state=failed" in gitlab.bodies[0]


@pytest.mark.slow
def test_without_a_reviewed_plan_nothing_is_applied(
    job: RunJob, gitlab: PipelineGitLab, account: Account
) -> None:
    """Not even if the repository brings one."""
    assert job("idpool-plan", gitlab.push(HEAD)).returncode == 0
    pushed = job("idpool-apply", {**gitlab.environment, "CI_COMMIT_SHA": "f" * 40})
    assert pushed.returncode == 1
    assert "is of no merged merge request" in pushed.stderr
    assert job("idpool-plan", gitlab.push(HEAD)).returncode == 0
    merged = job("idpool-apply", gitlab.merge(MERGE))
    assert merged.returncode == 1
    assert "Merge request !7 has no plan" in merged.stderr
    assert not account.pools()


def test_a_gitlab_that_does_not_answer_is_told_in_a_sentence(
    job: RunJob, gitlab: PipelineGitLab
) -> None:
    result = job("idpool-apply", {**gitlab.merge(MERGE), "GITLAB_TOKEN": "wr0ng"})
    assert result.returncode == 1
    assert "Nothing was applied. GitLab: HTTP Error 401: Unauthorized." in result.stderr
    assert "Traceback" not in result.stderr
    assert "wr0ng" not in result.stdout + result.stderr


def test_a_plan_by_hand_is_applied_by_hand(
    job: RunJob, gitlab: PipelineGitLab, account: Account
) -> None:
    by_hand = {**gitlab.environment, "CI_PIPELINE_SOURCE": "web", "CI_COMMIT_SHA": MERGE}
    assert job("idpool-plan", by_hand).returncode == 0
    assert job("idpool-apply", by_hand).returncode == 0
    assert account.only_id()
    assert gitlab.bodies == []


def test_a_plan_that_fails_is_told_and_fails_the_job(
    job: RunJob, idpool: Idpool, gitlab: PipelineGitLab
) -> None:
    idpool.write("specs/bad.yaml", "kind: IdentityPool\n")
    idpool.write("idpool-out/plan.json", "{}")
    assert job("idpool-plan", gitlab.push(HEAD)).returncode == 1
    assert "state=failed" in gitlab.bodies[0]


@pytest.mark.slow
def test_an_apply_has_not_failed_for_want_of_a_comment(
    job: RunJob, idpool: Idpool, gitlab: PipelineGitLab, account: Account
) -> None:
    assert job("idpool-plan", gitlab.push(HEAD)).returncode == 0
    gitlab.keep(job=11, pipeline=1, plan=saved_plan(idpool))
    gitlab.faults.append(Fault("PUT", "/notes/", status=403))
    applied = job("idpool-apply", gitlab.merge(MERGE))
    assert applied.returncode == 0, applied.stderr
    assert "error: " in applied.stderr
    assert account.only_id()


def test_refusals_fail_the_job_and_keep_the_plan(
    job: RunJob, idpool: Idpool, gitlab: PipelineGitLab, account: Account
) -> None:
    account.create("shop")
    assert job("idpool-plan", gitlab.push(HEAD)).returncode == 3
    assert saved_plan(idpool)["plan"]
    assert "state=planned" in gitlab.bodies[0]
    assert TEMPLATE["idpool-plan"]["artifacts"]["when"] == "always"


def test_drift_remembers_where_the_cache_looks(
    job: RunJob, idpool: Idpool, account: Account
) -> None:
    assert idpool.run("apply", "--yes").code == 0
    pool = account.describe(account.only_id())
    account.client.update_identity_pool(**{**pool, "AllowClassicFlow": True})
    assert job("idpool-drift", {}).returncode == 2
    (cached,) = TEMPLATE["idpool-drift"]["cache"]["paths"]
    assert (idpool.folder / cached).is_file()


@pytest.mark.parametrize(
    ("variables", "roles"),
    [
        ({"IDPOOL_ROLE": "r"}, ("r", "r", "r")),
        ({"IDPOOL_ROLE": "r", "IDPOOL_PLAN_ROLE": "p"}, ("p", "r", "p")),
        (
            {"IDPOOL_PLAN_ROLE": "p", "IDPOOL_APPLY_ROLE": "a", "IDPOOL_DRIFT_ROLE": "d"},
            ("p", "a", "d"),
        ),
    ],
)
def test_each_job_has_its_role(
    variables: dict[str, str], roles: tuple[str, ...], tmp_path: Path
) -> None:
    for name, role in zip(("plan", "apply", "drift"), roles, strict=True):
        first = TEMPLATE[f"idpool-{name}"]["script"][0]
        shown = run_gitlab([first, 'echo "$AWS_ROLE_ARN"'], tmp_path, variables)
        assert shown.stdout == f"{role}\n"


def test_the_token_is_in_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    """As boto3 wants it; and the region of the project wins over what init has filled in."""
    _, *lines = TEMPLATE[".idpool"]["before_script"]
    variables = {
        "IDPOOL_ID_TOKEN": "a.b'c$d",
        "IDPOOL_REGION": "eu-west-1",
        "CI_JOB_ID": "99",
        "TMPDIR": str(tmp_path),
    }
    show = [
        'cat "$AWS_WEB_IDENTITY_TOKEN_FILE"; echo',
        'stat -c %a "$AWS_WEB_IDENTITY_TOKEN_FILE"',
        'echo "$AWS_REGION $AWS_ROLE_SESSION_NAME"',
    ]
    shown = run_gitlab([*lines, *show], tmp_path, variables)
    assert shown.stdout.splitlines() == ["a.b'c$d", "600", "eu-west-1 idpool-99"]
    other = run_gitlab([*lines, *show], tmp_path, {**variables, "AWS_REGION": "us-east-1"})
    assert other.stdout.splitlines()[2] == "us-east-1 idpool-99"


def test_a_job_has_the_credentials_of_its_role(
    idpool: Idpool, gitlab: PipelineGitLab, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """All lines but the one that installs, in a job that has nothing but its ID token."""
    assert idpool.run("init", *FROM, "gitlab", "--owner", "acme/shop").code == 0
    keys = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"}
    environment = {k: v for k, v in idpool.environment.items() if k not in keys}
    settings = {
        "IDPOOL_ID_TOKEN": "e30.e30.x",
        "IDPOOL_PLAN_ROLE": "arn:aws:iam::111122223333:role/plan",
        "IDPOOL_REGION": "eu-west-1",
        "TMPDIR": str(tmp_path_factory.mktemp("runner")),
    }
    job = {**TEMPLATE[".idpool"], **TEMPLATE["idpool-plan"]}
    lines = [*job["before_script"][1:], *job["script"]]
    result = run_gitlab(lines, idpool.folder, {**environment, **gitlab.push(HEAD), **settings})
    assert result.returncode == 0, result.stderr
    (target,) = saved_plan(idpool)["targets"]
    assert (target["account"], target["region"]) == ("111122223333", "eu-west-1")
