"""Both API servers, the command with a pipeline's variables, and plans in files."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reconciler.model.plan import Plan
from reconciler.model.receipt import Receipt
from reconciler.model.saved_plan import Origin, SeenSpec, save
from reconciler.reports.formats import record_json, saved_plan_json
from tests.comment import github as on_github
from tests.comment import gitlab as on_gitlab
from tests.comment.github import GitHubServer
from tests.comment.gitlab import GitLabServer
from tests.reports.plans import PLANS
from tests.support.cli import Idpool, Result, clean_environment

BOT = "github-actions[bot]"
RUN = "https://github.example/acme/identity/actions/runs/77"
_PLATFORMS = ("GITHUB_", "GH_", "CI_", "GITLAB_")
_PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"})
_ORIGIN = Origin(
    tool_version="0.1.0",
    created_at=datetime(2026, 11, 23, 1, tzinfo=UTC),
    git_commit="c" * 40,
    spec_paths=(),
)


def environment(**settings: str) -> dict[str, str]:
    """Nothing of the pipeline that runs these tests, and no proxy on the way to loopback."""
    kept = {
        key: value
        for key, value in clean_environment().items()
        if not key.startswith(_PLATFORMS) and key.upper() not in _PROXIES
    }
    return {**kept, **settings}


def github_environment(server: GitHubServer, **settings: str) -> dict[str, str]:
    """The variables of a run for a push."""
    return environment(
        **{
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": server.url,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_REPOSITORY": on_github.REPOSITORY,
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_SHA": on_github.HEAD,
            "GITHUB_RUN_ID": "77",
            "GITHUB_TOKEN": on_github.TOKEN,
            **settings,
        }
    )


def gitlab_environment(server: GitLabServer, **settings: str) -> dict[str, str]:
    """The variables of a pipeline for a merge request."""
    return environment(
        **{
            "GITLAB_CI": "true",
            "CI_API_V4_URL": server.url,
            "CI_SERVER_URL": server.origin,
            "CI_PROJECT_ID": on_gitlab.PROJECT_ID,
            "CI_MERGE_REQUEST_IID": "7",
            "CI_MERGE_REQUEST_PROJECT_ID": on_gitlab.PROJECT_ID,
            "CI_COMMIT_SHA": on_gitlab.HEAD,
            "CI_PIPELINE_URL": "https://gitlab.example/acme/identity/-/pipelines/88",
            "CI_JOB_URL": "https://gitlab.example/acme/identity/-/jobs/99",
            "CI_JOB_TOKEN": "glcbt-64_Hush",
            "GITLAB_TOKEN": on_gitlab.TOKEN,
            **settings,
        }
    )


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    """A GitHub with pull request 5."""
    with GitHubServer() as server:
        yield server


@pytest.fixture
def gitlab() -> Iterator[GitLabServer]:
    """A GitLab with merge request 7."""
    with GitLabServer() as server:
        yield server


@pytest.fixture
def on_hub(github: GitHubServer, tmp_path: Path) -> Idpool:
    """The command in a job of GitHub Actions, with ``plan.json``."""
    plan_file(tmp_path, PLANS["settings"])
    return Idpool(tmp_path, github_environment(github))


@pytest.fixture
def on_lab(gitlab: GitLabServer, tmp_path: Path) -> Idpool:
    """The command in a job of GitLab CI, with ``plan.json``."""
    plan_file(tmp_path, PLANS["settings"])
    return Idpool(tmp_path, gitlab_environment(gitlab))


def plan_file(folder: Path, plan: Plan, name: str = "plan.json") -> Path:
    """A saved plan, as ``plan --out`` writes it."""
    seen = [
        SeenSpec(name=pool.name, file=pool.source.file, digest="sha256:" + "5" * 64)
        for pool in plan.pools
    ]
    path = folder / name
    path.write_text(saved_plan_json(save(plan, seen, _ORIGIN)), encoding="utf-8")
    return path


def receipt_file(folder: Path, receipt: Receipt, plan: Plan, name: str = "receipt.json") -> Path:
    """The receipt of an apply of this plan."""
    path = folder / name
    ours = receipt.model_copy(update={"plan_digest": plan.digest})
    path.write_text(record_json(ours), encoding="utf-8")
    return path


def event_file(folder: Path, event: Mapping[str, Any] | str) -> str:
    """What GITHUB_EVENT_PATH names."""
    path = folder / "event.json"
    path.write_text(event if isinstance(event, str) else json.dumps(event), encoding="utf-8")
    return str(path)


def with_variables(idpool: Idpool, **settings: str) -> Idpool:
    """The same command with other variables; "" takes one away."""
    changed = {**idpool.environment, **settings}
    return Idpool(idpool.folder, {key: value for key, value in changed.items() if value})


def says_nothing_on_stdout(result: Result, code: int) -> None:
    """The artefact is a URL, and there is none."""
    assert result.code == code, result.text
    assert result.out == "", result.text


def hides(result: Result, *secrets: str) -> None:
    """No secret on either stream, nor a traceback."""
    assert not [secret for secret in secrets if secret in result.text], result.text
    assert "Traceback" not in result.text
