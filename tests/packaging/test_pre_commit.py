"""The hooks, run by pre-commit itself from a repository of hooks, as their users run them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.pipeline_files import HOOKS, ROOT, read_yaml
from tests.support.specs import document, yaml_of

TOOLS = Path(sys.executable).parent


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout as a repository with one commit; nothing else says what is in it."""
    folder = tmp_path_factory.mktemp("hooks")
    for name in (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    leave_out = shutil.ignore_patterns("__pycache__")
    for name in ("reconciler", "requirements"):
        shutil.copytree(ROOT / name, folder / name, ignore=leave_out)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "idpool")
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A repository of somebody who uses the hooks."""
    folder = tmp_path / "work"
    (folder / "specs").mkdir(parents=True)
    (folder / "specs" / "shop.yaml").write_text(yaml_of(document("shop")))
    project = {"apiVersion": "idpool/v1", "kind": "Project", "owner": "acme/shop"}
    (folder / "idpool.yaml").write_text(yaml_of(project))
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    return folder


@pytest.fixture(scope="module")
def environment(borrowed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """pre-commit installs the hooks once, without an index: pip finds all that is required."""
    home = tmp_path_factory.mktemp("home")
    return {
        "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip's way to say no
        "PYTHONPATH": str(borrowed),
        "LANG": "C.UTF-8",
    }


def hook(
    name: str, hooks: Path, work: Path, environment: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    command = ["pre-commit", "try-repo", str(hooks), name, "--all-files", "--verbose"]
    return subprocess.run(
        [str(TOOLS / command[0]), *command[1:]],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


@pytest.mark.slow
def test_validate_passes_and_fails(hooks: Path, work: Path, environment: dict[str, str]) -> None:
    result = hook("idpool-validate", hooks, work, environment)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 spec valid." in result.stdout
    (work / "specs" / "bad.yaml").write_text("kind: IdentityPool\n")
    git(work, "add", "--all")
    result = hook("idpool-validate", hooks, work, environment)
    assert result.returncode == 1
    assert "specs/bad.yaml:1:1: error:" in result.stdout


@pytest.mark.slow
def test_schema_keeps_the_schemas_in_step(
    hooks: Path, work: Path, environment: dict[str, str]
) -> None:
    """Without schemas nothing; those that are out of step are written, and that is a failure."""
    assert "(no files to check)Skipped" in hook("idpool-schema", hooks, work, environment).stdout
    (work / "schemas").mkdir()
    stale = work / "schemas" / "project.schema.json"
    stale.write_text("{}\n")
    git(work, "add", "--all")
    changed = hook("idpool-schema", hooks, work, environment)
    assert changed.returncode == 1
    assert "files were modified by this hook" in changed.stdout
    assert stale.read_bytes() == (ROOT / "schemas" / stale.name).read_bytes()
    git(work, "add", "--all")
    assert hook("idpool-schema", hooks, work, environment).returncode == 0


def test_there_are_these_hooks() -> None:
    assert [hook["id"] for hook in read_yaml(HOOKS)] == ["idpool-validate", "idpool-schema"]
