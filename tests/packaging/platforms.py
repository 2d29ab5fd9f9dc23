"""GitHub and GitLab with what pipelines ask them for beyond comments: runs and their artifacts."""

import re
from dataclasses import dataclass, replace
from typing import Any

from tests.comment.github import HEAD, REPOSITORY, TOKEN, GitHubServer, Pull
from tests.comment.gitlab import PROJECT_ID, GitLabServer, MergeRequest
from tests.comment.gitlab import TOKEN as GITLAB_TOKEN
from tests.comment.server import Answer, Refused, Request, page_of

MERGED_AT = "2026-11-23T01:00:00Z"
OURS, A_FORKS = 7, 8


MAINS_COMMIT = "d" * 40  # one that the default branch has had


@dataclass(frozen=True)
class Run:
    """A workflow's run; ``head_repository`` is where its code came from, ``None`` if it is gone."""

    id: int
    path: str = ".github/workflows/idpool-plan.yml"
    event: str = "pull_request"
    head_sha: str = HEAD
    head_branch: str = "change"
    head_repository: int | None = OURS


@dataclass(frozen=True)
class Artifact:
    """An artifact that a run has left."""

    name: str
    run: int
    created_at: str = MERGED_AT
    expired: bool = False


class PipelineGitHub(GitHubServer):
    """Repository 7 with ``runs`` and their ``artifacts``; pull requests ask to go to ``main``."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: dict[int, Run] = {}
        self.artifacts: list[Artifact] = []

    def keep(self, run: Run, name: str, created_at: str = MERGED_AT) -> None:
        """A run has left an artifact."""
        self.runs[run.id] = run
        self.artifacts.append(Artifact(name, run.id, created_at))

    @property
    def environment(self) -> dict[str, str]:
        """What GitHub sets in a job for a push."""
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.url,
            "GITHUB_SERVER_URL": self.origin,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_REF_NAME": "main",
            "GITHUB_RUN_ID": "77",
            "GITHUB_TOKEN": TOKEN,
        }

    def push(self, commit: str) -> dict[str, str]:
        """Pull request 5 has a new head: the variables of its run."""
        self.pulls[5].head = commit
        return {**self.environment, "GITHUB_SHA": commit}

    def merge(self, commit: str) -> dict[str, str]:
        """Pull request 5 is merged: the variables of main's run."""
        self.pulls[5].merged, self.pulls[5].merge_commit = True, commit
        self.pulls[5].state = "closed"
        return {**self.environment, "GITHUB_SHA": commit}

    def _read(self, steps: list[str], request: Request) -> Answer:
        match steps:
            case ["actions", "artifacts"]:
                asked = request.query["name"]
                found = [_artifact_json(a) for a in self.artifacts if a.name == asked]
                shown, _, _ = page_of(found, request)
                return Answer(200, {"total_count": len(found), "artifacts": shown})
            case ["actions", "runs", number]:
                return Answer(200, _run_json(self.runs[int(number)]))
            case ["compare", ends]:
                of_main = ends == f"{MAINS_COMMIT}...main"
                return Answer(200, {"status": "ahead" if of_main else "diverged"})
        return super()._read(steps, request)

    def _pull_json(self, pull: Pull) -> dict[str, Any]:
        return {**super()._pull_json(pull), "base": {"ref": "main"}}


class PipelineGitLab(GitLabServer):
    """Project 42; ``pipelines`` are those of merge request 7, ``plans`` the files of jobs."""

    def __init__(self) -> None:
        super().__init__()
        self.pipelines: list[dict[str, Any]] = []
        self.jobs: dict[int, list[dict[str, Any]]] = {}
        self.plans: dict[int, Any] = {}

    @property
    def environment(self) -> dict[str, str]:
        """What GitLab sets in a job of a push to the default branch."""
        return {
            "CI_API_V4_URL": self.url,
            "CI_SERVER_URL": self.origin,
            "CI_PROJECT_ID": PROJECT_ID,
            "CI_DEFAULT_BRANCH": "main",
            "CI_COMMIT_BRANCH": "main",
            "CI_PIPELINE_SOURCE": "push",
            "CI_JOB_ID": "99",
            "GITLAB_TOKEN": GITLAB_TOKEN,
        }

    def push(self, commit: str) -> dict[str, str]:
        """Merge request 7 has a new head: the variables of its pipeline."""
        self.merge_requests[7].sha = commit
        asked = {"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_PROJECT_ID": PROJECT_ID}
        source = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_COMMIT_SHA": commit}
        return {**self.environment, **asked, **source}

    def merge(self, commit: str) -> dict[str, str]:
        """Merge request 7 is merged: the variables of the default branch's pipeline."""
        self.merge_requests[7].state = "merged"
        self.merge_requests[7].merge_commit = commit
        return {**self.environment, "CI_COMMIT_SHA": commit}

    def keep(self, job: int, pipeline: int, plan: Any, **facts: Any) -> None:
        """A job idpool-plan has left a plan; ``facts`` are its pipeline's, where they differ."""
        usual = {"project_id": int(PROJECT_ID), "source": "merge_request_event"}
        ref = {"ref": "refs/merge-requests/7/head"}
        self.pipelines.append({"id": pipeline, **usual, **ref, **facts})
        artifact = {"artifacts_file": {"filename": "artifacts.zip", "size": 1}}
        other = {"id": job + 1, "name": "lint", **artifact}
        self.jobs[pipeline] = [other, {"id": job, "name": "idpool-plan", **artifact}]
        self.plans[job] = plan

    def handle(self, request: Request) -> Answer:
        """Names of headers have no case, whatever a client makes of them."""
        headers = {name.upper(): value for name, value in request.headers.items()}
        return super().handle(replace(request, headers=headers))

    def _in_project(self, path: str, request: Request, user: Any) -> Answer:
        if path == "merge_requests/7/pipelines":
            return Answer(200, self.pipelines)
        if found := re.fullmatch(r"pipelines/(\d+)/jobs", path):
            return Answer(200, self.jobs[int(found[1])])
        if found := re.fullmatch(r"jobs/(\d+)/artifacts/idpool-out/plan.json", path):
            if int(found[1]) not in self.plans:
                raise Refused(404, {"message": "404 Not Found"})
            return Answer(200, self.plans[int(found[1])])
        return super()._in_project(path, request, user)

    def _request_json(self, request: MergeRequest) -> dict[str, Any]:
        facts = {"target_branch": "main", "merged_at": MERGED_AT}
        return {**super()._request_json(request), **facts}


def _artifact_json(artifact: Artifact) -> dict[str, Any]:
    return {
        "id": 1,
        "name": artifact.name,
        "expired": artifact.expired,
        "created_at": artifact.created_at,
        "workflow_run": {"id": artifact.run, "repository_id": OURS},
    }


def _run_json(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "path": run.path,
        "event": run.event,
        "head_sha": run.head_sha,
        "head_branch": run.head_branch,
        "repository": {"id": OURS},
        "head_repository": run.head_repository and {"id": run.head_repository},
    }
