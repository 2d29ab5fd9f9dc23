"""Every file for pipelines passes the linter of its kind, and that linter bites."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packaging.linters import (
    cloudformation,
    kubernetes,
    manifest,
    schema,
    zizmor,
)
from tests.packaging.pipeline_files import (
    ACTION,
    CRON_JOB,
    FROM,
    GITLAB,
    HOOKS,
    ROOT,
    STACK,
    STARTERS,
    WORKFLOWS,
    read_documents,
    steps_of,
)
from tests.support.cli import Idpool

Linter = Callable[[Path, Path], "subprocess.CompletedProcess[str]"]


def workflow_schema(path: Path, home: Path) -> "subprocess.CompletedProcess[str]":
    return schema("github-workflows", path, home)


def action_schema(path: Path, home: Path) -> "subprocess.CompletedProcess[str]":
    return schema("github-actions", path, home)


def gitlab_schema(path: Path, home: Path) -> "subprocess.CompletedProcess[str]":
    return schema("gitlab-ci", path, home)


LINTED: list[tuple[Linter, Path]] = [
    *((workflow_schema, path) for path in WORKFLOWS),
    *((zizmor, path) for path in WORKFLOWS),
    (action_schema, ACTION),
    (zizmor, ACTION),
    *((gitlab_schema, path) for path in GITLAB),
    (manifest, HOOKS),
    (kubernetes, CRON_JOB),
    (cloudformation, STACK),
]
PLAN = STARTERS / "github" / "idpool-plan.yml"
# What somebody might write by mistake, in the place of what is there.
BROKEN: list[tuple[Linter, Path, str, str]] = [
    (workflow_schema, WORKFLOWS[0], "runs-on:", "run-on:"),
    (zizmor, PLAN, "comment github --state", "comment ${{ github.head_ref }} --state"),
    (zizmor, WORKFLOWS[0], "permissions: {}", "permissions: write-all"),
    (zizmor, WORKFLOWS[0], r"checkout@[0-9a-f]{40} # v[0-9.]+", "checkout@main"),
    (zizmor, STARTERS / "github/idpool-plan-forks.yml", r"# zizmor: ignore.*", ""),
    (action_schema, ACTION, "using: composite", "using: composed"),
    (zizmor, ACTION, r'case "\$COMMAND" in', 'case "${{ inputs.command }}" in'),
    (gitlab_schema, GITLAB[-1], "when: always", "when: sometimes"),
    (manifest, HOOKS, "language: python", "language: pyton"),
    (kubernetes, CRON_JOB, "concurrencyPolicy: Forbid", "concurencyPolicy: Forbid"),
    (cloudformation, STACK, "RetentionInDays: 30", "RetentionInDays: 31"),
    (cloudformation, STACK, "!Ref NotifySecretArn", "!Ref NotifySecret"),
]


def named(value: object) -> str | None:
    """A linter's or a file's name, for the name of a test."""
    return value.name if isinstance(value, Path) else getattr(value, "__name__", None)


@pytest.mark.parametrize(("linter", "path"), LINTED, ids=named)
def test_a_file_passes_its_linter(linter: Linter, path: Path, tmp_path: Path) -> None:
    result = linter(path, tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("linter", "path", "found", "instead"), BROKEN, ids=named)
def test_the_linter_bites(
    linter: Linter, path: Path, found: str, instead: str, tmp_path: Path
) -> None:
    broken = tmp_path / path.name
    text, count = re.subn(found, instead, path.read_text())
    assert count, f"{found} is not in {path.name} any more"
    broken.write_text(text)
    result = linter(broken, tmp_path)
    assert result.returncode != 0, result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_no_file_for_pipelines_is_forgotten() -> None:
    """Whatever is in the two folders is linted here, or is no pipeline but validated by idpool."""
    there = {path for folder in (STARTERS, ROOT / "examples") for path in folder.rglob("*.y*ml")}
    projects = (STARTERS, ROOT / "examples" / "policies")
    by_idpool = {
        path for each in projects for path in (each / "idpool.yaml", *each.glob("specs/*"))
    }
    assert there - by_idpool == {path for _, path in LINTED} - {ACTION, HOOKS}


def test_every_file_is_yaml_without_duplicate_keys() -> None:
    assert all(read_documents(path) for path in {path for _, path in LINTED} - {STACK})


@pytest.mark.slow
@pytest.mark.parametrize("host", ["github", "gitlab"])
@pytest.mark.parametrize("filled", [[], ["--role-arn", "arn:aws:iam::111122223333:role/a/b+c"]])
def test_what_init_writes_passes_too(host: str, filled: list[str], tmp_path: Path) -> None:
    forks = ["--forks"] if host == "github" else []
    result = Idpool(tmp_path).run("init", *FROM, host, "--owner", "acme/x", *filled, *forks)
    assert result.code == 0, result.text
    written = [tmp_path / line for line in result.out.split()]
    pipelines = [path for path in written if path.suffix == ".yml"]
    workflows = [path for path in pipelines if ".github" in path.parts]
    gitlab = [path for path in pipelines if "gitlab" in str(path.relative_to(tmp_path))]
    checks = [(linter, path) for path in workflows for linter in (workflow_schema, zizmor)]
    checks += [(gitlab_schema, path) for path in gitlab]
    assert len(checks) == {"github": 10, "gitlab": 2}[host]
    for linter, path in checks:
        done = linter(path, tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_action_is_pinned_and_all_files_pin_the_same() -> None:
    """A commit, and in a comment the version that it is of."""
    pins: dict[str, set[tuple[str, str]]] = {}
    for path in (ACTION, *WORKFLOWS):
        uses = re.findall(r"uses: (\S+)(.*)", path.read_text())
        assert len(uses) == sum("uses" in step for step in steps_of(path))
        for used, comment in uses:
            name, _, commit = used.partition("@")
            assert re.fullmatch(r"[0-9a-f]{40}", commit), used
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), used
            pins.setdefault("/".join(name.split("/")[:2]), set()).add((commit, comment))
    assert {name: len(pinned) for name, pinned in pins.items()} == dict.fromkeys(pins, 1)


@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=named)
def test_scripts_are_bash_or_python(path: Path, tmp_path: Path) -> None:
    """What no test runs is at least what its shell can read."""
    for step in steps_of(path):
        if "run" not in step:
            continue
        script = tmp_path / "script"
        script.write_text(step["run"])
        if step.get("shell") == "python":
            compile(step["run"], str(path), "exec")
        else:
            subprocess.run(["bash", "-n", str(script)], check=True, timeout=30)
