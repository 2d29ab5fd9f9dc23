"""action.yml: its scripts, taken out and run as GitHub runs them, against the sandbox."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.comment.github import TOKEN
from tests.packaging.conftest import Account
from tests.packaging.pipeline_files import ACTION, FROM, ROOT, read_yaml, step_of
from tests.packaging.platforms import PipelineGitHub
from tests.packaging.runner import Ran, Runner
from tests.support.cli import Idpool
from tests.support.specs import document, yaml_of

RUN, INSTALL = step_of(ACTION, "Run idpool"), step_of(ACTION, "Install idpool")
DEFAULTS = {
    f"inputs.{name}": str(input_.get("default", ""))
    for name, input_ in read_yaml(ACTION)["inputs"].items()
}


class Action:
    """The action's last step, after the one that installs."""

    def __init__(self, idpool: Idpool, temp: Path) -> None:
        self.idpool, self.temp = idpool, temp
        self.environment = dict(idpool.environment)
        (temp / "idpool-action").mkdir()
        # Where the step before this one installs it.
        (temp / "idpool-action" / "venv").symlink_to(Path(sys.executable).parents[1])

    def __call__(self, command: str, **inputs: str) -> Ran:
        given = {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
        assert set(given) <= set(DEFAULTS), "an input that the action does not have"
        values: Mapping[str, str] = {**DEFAULTS, "inputs.command": command, **given}
        return Runner(self.idpool.folder, self.temp, self.environment, values).run(RUN)


@pytest.fixture
def action(idpool: Idpool, tmp_path_factory: pytest.TempPathFactory) -> Action:
    idpool.write("idpool.yaml", yaml_of(PROJECT))
    idpool.write("specs/shop.yaml", yaml_of(document("shop")))
    return Action(idpool, tmp_path_factory.mktemp("runner"))


PROJECT = {
    "apiVersion": "idpool/v1",
    "kind": "Project",
    "owner": "acme/shop",
    "targets": {"main": {"account": "123456789012", "region": "eu-west-1"}},
}


def test_plan_then_apply_then_drift(action: Action, account: Account) -> None:
    planned = action("plan")
    assert planned.code == 0, planned.text
    assert planned.outputs["exit-code"] == "0"
    assert planned.outputs["has-changes"] == "true"
    assert Path(planned.outputs["plan"]).is_file()
    assert "create" in (action.temp / "summary.md").read_text()

    applied = action("apply")
    assert applied.code == 0, applied.text
    assert Path(applied.outputs["receipt"]).is_file()
    assert account.only_id()

    clean = action("drift")
    assert (clean.code, clean.outputs["has-changes"]) == (0, "false")
    assert "has-changes" not in applied.outputs
    again = action("plan")
    assert (again.code, again.outputs["has-changes"]) == (0, "false")


def test_drift_fails_the_step_and_says_why(action: Action, account: Account) -> None:
    assert action("plan").code == action("apply").code == 0
    pool = account.describe(account.only_id())
    account.client.update_identity_pool(**{**pool, "AllowClassicFlow": True})
    result = action("drift", args="--format\njson\n")
    assert result.code == 2
    assert result.outputs["exit-code"] == "2"
    assert result.outputs["has-changes"] == "true"
    assert '"AllowClassicFlow"' in result.out


def test_a_plan_with_refusals_is_kept_and_has_no_changes(action: Action, account: Account) -> None:
    account.create("shop")
    result = action("plan")
    assert result.code == 3
    assert result.outputs["has-changes"] == "false"
    assert Path(result.outputs["plan"]).is_file()


def test_a_stale_plan_is_not_applied(action: Action, account: Account) -> None:
    assert action("plan").code == 0
    account.create("shop")
    result = action("apply")
    assert result.code == 4
    assert result.outputs["exit-code"] == "4"
    assert "receipt" not in result.outputs


def test_a_plan_that_fails_leaves_none_of_an_earlier_one(action: Action) -> None:
    assert action("plan").code == 0
    action.idpool.write("specs/shop.yaml", "kind: nonsense\n")
    result = action("plan")
    assert result.code == 1
    assert "plan" not in result.outputs
    assert "has-changes" not in result.outputs


@pytest.mark.slow
def test_targets_folder_project_and_files_are_passed_on(action: Action) -> None:
    action.idpool.folder.joinpath("sub dir").mkdir()
    plan = str(action.temp / "my plan.json")
    inputs = {"targets": "\nmain\n", "folder": "sub dir", "project": "../idpool.yaml"}
    result = action("plan", plan=plan, **inputs)
    assert result.code == 0, result.text
    assert result.outputs["plan"] == plan
    unknown = action("plan", targets="main\nother\n")
    assert unknown.code == 64
    assert "there is no target other" in unknown.err


@pytest.mark.parametrize(
    "inputs",
    [
        {"command": "$(touch hacked)"},
        {"command": "plan", "targets": "`touch hacked`"},
        {"command": "plan", "args": "--project\n$(touch hacked)"},
        *(
            pytest.param(inputs, marks=pytest.mark.slow)
            for inputs in (
                {"command": "plan", "project": "x; touch hacked"},
                {"command": "plan", "folder": "$(touch hacked)"},
                {"command": "plan", "plan": "p.json\nhas-changes=true"},
                {"command": "apply", "plan": "-o"},
                {"command": "rollback"},
            )
        ),
    ],
)
def test_hostile_inputs_are_words_and_nothing_more(inputs: dict[str, str], action: Action) -> None:
    result = action(**inputs)
    assert result.code != 0
    assert not list(action.idpool.folder.rglob("hacked"))
    assert set(result.outputs) <= {"exit-code"}


def test_only_comment_is_given_the_token(action: Action) -> None:
    """Whatever else runs in the job's environment, plan and apply need none."""
    script = action.temp / "idpool-action" / "venv"
    script.unlink()
    (script / "bin").mkdir(parents=True)
    (script / "bin" / "idpool").write_text('#!/bin/sh\necho "$1: ${GITHUB_TOKEN-none}"\n')
    (script / "bin" / "idpool").chmod(0o755)
    shown = [action(command, github_token="t0ken").out.strip() for command in ("plan", "comment")]
    assert shown == ["plan: none", "comment: t0ken"]


@pytest.mark.slow
def test_comment_says_what_has_become_of_the_plan(action: Action, github: PipelineGitHub) -> None:
    """Failed, too: where the apply has left no receipt, because the plan was used before."""
    steps = [
        ("plan", "", "planned"),
        ("", "superseded", "superseded"),
        ("plan", "", "planned"),
        ("apply", "", "applied"),
        ("apply", "", "failed"),
    ]
    for number, (command, state, expected) in enumerate(steps):
        commit = ("a" if number < 1 else "b") * 40
        action.environment |= github.push(commit)
        if command:
            action(command)
        result = action("comment", state=state, github_token=TOKEN)
        assert result.code == 0, result.text
        assert result.outputs["comment-url"].endswith("#issuecomment-1001")
        (body,) = github.bodies
        assert f"state={expected} commit={commit}" in body


@pytest.mark.slow
def test_comment_without_a_plan_says_that_it_failed(action: Action, github: PipelineGitHub) -> None:
    action.environment |= github.push("a" * 40)
    result = action("comment", github_token=TOKEN, project="idpool.yaml", targets="main")
    assert result.code == 0, result.text
    (body,) = github.bodies
    assert "state=failed" in body


@pytest.mark.slow
def test_install_builds_this_checkout_and_fetches_nothing_unpinned(
    borrowed: Path, tmp_path: Path
) -> None:
    """Every requirement is there in its pinned version, so pip needs no index."""
    values = {"steps.python.outputs.python-path": sys.executable}
    environment = {
        "HOME": str(tmp_path),
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "PYTHONPATH": str(borrowed),
    }
    runner = Runner(tmp_path, tmp_path, environment, values)
    first = runner.run(INSTALL)
    assert first.code == 0, first.text
    command = tmp_path / "idpool-action" / "venv" / "bin" / "idpool"
    shown = subprocess.run(
        [str(command), "init", "github", "--owner", "x", *FROM],
        cwd=tmp_path,
        env={"PYTHONPATH": str(borrowed)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert shown.returncode == 0, shown.stderr
    assert (tmp_path / "idpool.yaml").is_file()
    assert not (ROOT / "build").exists()

    made = command.stat().st_mtime_ns
    assert runner.run(INSTALL).code == 0
    assert command.stat().st_mtime_ns == made, "a second step of the job installs nothing"


def test_every_output_is_written_by_the_step_that_is_named() -> None:
    outputs = read_yaml(ACTION)["outputs"]
    for name, output in outputs.items():
        assert output["value"] == f"${{{{ steps.run.outputs.{name} }}}}"
        assert f"output {name} " in RUN["run"]


def test_every_input_is_used() -> None:
    text = ACTION.read_text().partition("runs:")[2]
    assert [name for name in DEFAULTS if name not in text] == []
