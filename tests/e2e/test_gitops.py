"""The whole way of a change: a branch, its plan and comment, the merge, apply, drift, repair.

Real processes and real HTTP all along: git with a bare repository, idpool in a fresh clone for each
job as a runner would have it, a sandbox for AWS, a server that behaves as GitHub's API does.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox.server import SandboxServer
from tests.comment.conftest import github_environment
from tests.comment.github import REPOSITORY, GitHubServer
from tests.drift.conftest import change, client_of, receiver, session
from tests.drift.receiver import Receiver
from tests.e2e.conftest import Account
from tests.support.cli import ACCOUNT, REGION, Idpool, Result, aws_environment
from tests.support.specs import document, yaml_of

__all__ = ["client_of", "receiver", "session"]

PROJECT = {
    "apiVersion": "idpool/v1",
    "kind": "Project",
    "owner": "acme/identity",
    "specs": ["specs/"],
    "targets": {"prod-eu": {"account": ACCOUNT, "region": REGION}},
}
FACEBOOK = {"graph.facebook.com": "7346241598935555"}
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_NAME": "Jane" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "jane@example.com" for who in ("AUTHOR", "COMMITTER")},
}


@dataclass(frozen=True)
class Clone:
    """A work tree, and git in it."""

    folder: Path

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words],
            cwd=self.folder,
            env=_ENVIRONMENT,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")


@dataclass(frozen=True)
class Forge:
    """A bare repository, GitHub's API beside it, and an account: what a pipeline works with."""

    folder: Path
    github: GitHubServer
    aws: Mapping[str, str]

    @property
    def origin(self) -> str:
        return str(self.folder / "origin.git")

    def clone(self, name: str, *options: str) -> Clone:
        """A fresh work tree, as each job of a pipeline gets one."""
        Clone(self.folder).git("clone", "--quiet", *options, self.origin, name)
        return Clone(self.folder / name)

    def job(self, name: str, branch: str, event: str, payload: Mapping[str, Any]) -> Idpool:
        """The command in a runner: its clone, its variables, its event."""
        clone = self.clone(name, "--branch", branch)
        sha = clone.git("rev-parse", "HEAD")
        told = self.folder / f"{name}.event.json"
        told.write_text(json.dumps(payload))
        variables = github_environment(
            self.github,
            GITHUB_EVENT_NAME=event,
            GITHUB_EVENT_PATH=str(told),
            GITHUB_SHA=sha,
        )
        aws = {key: value for key, value in self.aws.items() if key.startswith("AWS_")}
        return Idpool(clone.folder, {**variables, **aws})


@pytest.fixture
def forge(tmp_path: Path, sandbox: SandboxServer) -> Iterator[Forge]:
    """An empty bare repository with branch main."""
    Clone(tmp_path).git("init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
    with GitHubServer() as github:
        yield Forge(tmp_path, github, aws_environment(sandbox.url))


def ok(result: Result, code: int = 0) -> Result:
    assert result.code == code, result.text
    return result


def write(clone: Clone, **fields: Any) -> None:
    """The specs of the repository: one pool."""
    text = yaml_of(document("shop", fields))
    (clone.folder / "specs").mkdir(exist_ok=True)
    (clone.folder / "specs" / "shop.yaml").write_text(text)


def begin(forge: Forge) -> Clone:
    """The repository as it is before the change: one pool, described and applied."""
    work = forge.clone("work")
    (work.folder / "idpool.yaml").write_text(yaml_of(PROJECT))
    write(work)
    work.commit("The shop's pool")
    work.git("push", "--quiet", "origin", "main")
    ok(forge.job("first", "main", "push", {}).run("apply", "--yes"))
    return work


def propose(forge: Forge, work: Clone, **fields: Any) -> Idpool:
    """A commit on a branch with a pull request, and the job that it starts."""
    (pull,) = forge.github.pulls.values()
    write(work, **fields)
    pull.head = work.commit("Change the shop's pool")
    pull.commits.add(pull.head)
    work.git("push", "--quiet", "origin", pull.branch)
    event = {
        "number": pull.number,
        "pull_request": {"number": pull.number, "head": {"sha": pull.head}},
    }
    payload = {**event, "repository": {"full_name": REPOSITORY}}
    return forge.job(f"plan-{len(pull.commits)}", pull.branch, "pull_request", payload)


def merge(forge: Forge, work: Clone) -> Idpool:
    """The pull request is merged on the server's side, and main's job starts."""
    (pull,) = forge.github.pulls.values()
    work.git("switch", "--quiet", "main")
    work.git("merge", "--quiet", "--no-ff", "--message", "Merge the change", pull.branch)
    work.git("push", "--quiet", "origin", "main")
    pull.merge_commit, pull.merged, pull.state = work.git("rev-parse", "HEAD"), True, "closed"
    return forge.job("apply", "main", "push", {"ref": "refs/heads/main"})


def test_from_a_branch_to_a_repair(
    forge: Forge,
    account: Account,
    session: Callable[[str, str], Any],
    receiver: Receiver,
) -> None:
    """Each job sees what the one before has left, and nothing else."""
    work = begin(forge)
    pool_id = account.only_id()
    forge.github.add("mallory", "A comment of somebody else")
    plan = reviewed(forge, work)
    assert account.describe(pool_id)["AllowClassicFlow"] is False

    runner = merge(forge, work)
    runner.write("plan.json", plan)
    ok(runner.run("apply", "plan.json", "--receipt", "receipt.json"))
    ok(runner.run("comment", "github", "plan.json", "--receipt", "receipt.json"))
    assert account.only_id() == pool_id
    assert account.describe(pool_id)["AllowClassicFlow"] is True
    assert account.describe(pool_id)["SupportedLoginProviders"] == FACEBOOK
    theirs, ours = forge.github.bodies
    assert theirs == "A comment of somebody else"
    assert "**Applied**" in ours

    mallory = session("admin", "mallory@example.com")
    watched(forge, receiver, lambda: change(mallory, pool_id, SupportedLoginProviders={}))
    assert account.only_id() == pool_id
    assert account.describe(pool_id)["SupportedLoginProviders"] == FACEBOOK


def reviewed(forge: Forge, work: Clone) -> str:
    """A pull request of two pushes gets one comment; the plan that its reviewers saw."""
    work.git("switch", "--quiet", "--create", "change")
    first = propose(forge, work, SupportedLoginProviders=FACEBOOK)
    ok(first.run("plan", "--out", "plan.json"))
    ok(first.run("comment", "github", "plan.json"))
    second = propose(forge, work, SupportedLoginProviders=FACEBOOK, AllowClassicFlow=True)
    ok(second.run("comment", "github", "--state", "superseded"))
    assert "**Superseded**" in forge.github.bodies[1]
    ok(second.run("plan", "--out", "plan.json"))
    ok(second.run("comment", "github", "plan.json"))
    _, comment = forge.github.bodies
    assert "**Planned**" in comment
    assert "AllowClassicFlow: false -> true" in comment
    return (second.folder / "plan.json").read_text()


def watched(forge: Forge, receiver: Receiver, tamper: Callable[[], None]) -> None:
    """Scheduled runs: clean; after a change by hand, told once; repaired; told once that it is."""
    nightly = forge.job("drift", "main", "schedule", {"schedule": "17 * * * *"})
    state = ("--state", "drift-state.json", "--notify", f"webhook={receiver.url()}")
    ok(nightly.run("drift", *state))
    assert receiver.messages == []
    tamper()
    for _ in range(2):
        drifted = ok(nightly.run("drift", "--who", *state), 2)
        assert "graph.facebook.com: specs say 7346241598935555, live has none" in drifted.out
        assert "by role admin, session mallory@example.com" in drifted.out
    assert [message["isClean"] for message in receiver.messages] == [False]
    ok(nightly.run("apply", "--yes"))
    ok(nightly.run("drift", *state))
    assert [message["isClean"] for message in receiver.messages] == [False, True]


def test_a_reviewed_plan_is_not_applied_to_what_nobody_reviewed(
    forge: Forge, account: Account
) -> None:
    """Somebody changed the pool between review and merge: exit 4, and the comment says so."""
    work = begin(forge)
    work.git("switch", "--quiet", "--create", "change")
    runner = propose(forge, work, AllowClassicFlow=True)
    ok(runner.run("plan", "--out", "plan.json"))
    ok(runner.run("comment", "github", "plan.json"))
    change(account.client, account.only_id(), SupportedLoginProviders=FACEBOOK)
    main = merge(forge, work)
    main.write("plan.json", (runner.folder / "plan.json").read_text())
    stale = ok(main.run("apply", "plan.json", "--receipt", "receipt.json"), 4)
    assert "SupportedLoginProviders" in stale.err
    assert not (main.folder / "receipt.json").exists()
    ok(main.run("comment", "github", "plan.json", "--state", "failed"))
    (body,) = forge.github.bodies
    assert "**Failed**" in body
    assert account.describe(account.only_id())["SupportedLoginProviders"] == FACEBOOK
