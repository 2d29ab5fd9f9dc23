"""The files for pipelines: where they are, and their parts."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
STARTERS = ROOT / "reconciler" / "starters"
ACTION = ROOT / "action.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
WORKFLOWS = sorted((STARTERS / "github").glob("*.yml"))
GITLAB = sorted((STARTERS / "gitlab").glob("*.yml"))
# What `idpool init` is told in tests: this idpool is an editable install, which no pipeline has.
FROM = ("--from", f"git+https://git.example.com/acme/idpool@{'c' * 40}")
CRON_JOB = ROOT / "examples" / "kubernetes" / "drift-cronjob.yaml"
STACK = ROOT / "examples" / "ecs" / "drift.yaml"


def read_yaml(path: Path) -> Any:
    """A file of one document."""
    return YAML(typ="safe", pure=True).load(path.read_text())


def read_documents(path: Path) -> list[Any]:
    """A file of several documents."""
    return list(YAML(typ="safe", pure=True).load_all(path.read_text()))


def steps_of(path: Path) -> Iterator[dict[str, Any]]:
    """Each step of an action or a workflow."""
    data = read_yaml(path)
    jobs = data["jobs"].values() if "jobs" in data else [data["runs"]]
    for job in jobs:
        yield from job["steps"]


def step_of(path: Path, name: str, job: str | None = None) -> dict[str, Any]:
    """The one step of this name, in a job where the name alone does not tell."""
    data = read_yaml(path)
    steps = data["jobs"][job]["steps"] if job else steps_of(path)
    (step,) = [step for step in steps if step.get("name") == name]
    return dict(step)


def workflow_environment(path: Path) -> Mapping[str, str]:
    """What a workflow sets for all of its steps."""
    return dict(read_yaml(path)["env"])
