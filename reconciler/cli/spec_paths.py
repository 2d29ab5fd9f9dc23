"""Which project a command works in, and which files and folders are meant."""

from collections.abc import Sequence
from pathlib import Path

from reconciler.loader.project import find_project, load_project
from reconciler.model.errors import UsageProblem
from reconciler.model.project import Project


def project_here(project_file: Path | None) -> tuple[Project, bool]:
    """The project that is named, or the nearest; whether there is one, or these are defaults.

    Raises ``InvalidSpecs`` with every finding.
    """
    found = project_file or find_project(Path.cwd())
    return (load_project(found), True) if found else (Project(), False)


def spec_paths(specs: Sequence[Path] | None, project: Project) -> list[Path]:
    """The files and folders that are named, or else the project's.

    Raises ``UsageProblem`` where there are none.
    """
    paths = list(specs or ()) or [Path(path) for path in project.specs]
    if not paths:
        raise UsageProblem(
            "there is nothing to work on: no spec was named and there is no idpool.yaml",
            hint="name spec files or folders, or write an idpool.yaml",
        )
    return paths
