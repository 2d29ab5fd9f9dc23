"""Saving a plan: what is written beside it, and where its specs are found again."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import TypeAlias

from reconciler import __version__
from reconciler.model.errors import UsageProblem
from reconciler.model.plan import Plan
from reconciler.model.project import Project
from reconciler.model.saved_plan import (
    MAX_SPEC_PATHS,
    Origin,
    SeenSpec,
    save,
    seen_spec,
)
from reconciler.model.spec import Spec
from reconciler.reports.formats import saved_plan_json
from reconciler.specs.files import name_of, not_among
from reconciler.specs.git import git_commit
from reconciler.specs.project import as_written
from reconciler.specs.records import require_readable
from reconciler.terminal.files import OWNER_ONLY, write_whole

# What was planned in each target, by its name.
SpecsByTarget: TypeAlias = Mapping[str, Sequence[Spec]]


def paths_to_save(named: Sequence[Path], project: Project) -> tuple[str, ...]:
    """The specs named, as a saved plan names them: settled before AWS is asked.

    Raises ``UsageProblem`` for specs that an apply could not find again, or would not open.
    """
    if project.file:
        for spec in not_among(named, project.specs):
            raise UsageProblem(
                f"{name_of(spec)} is not among the specs of {project.file}, and a saved plan opens "
                "no other",
                hint="add it to specs: in the project file",
            )
    if len(named) > MAX_SPEC_PATHS:
        raise UsageProblem(
            f"a saved plan names at most {MAX_SPEC_PATHS} files and folders",
            hint="name the folders that they are in",
        )
    folder = base_folder(project)
    return tuple(_below(folder, spec) for spec in named)


def save_plan(
    path: Path, plan: Plan, specs: SpecsByTarget, project: Project, spec_paths: tuple[str, ...]
) -> None:
    """Write a plan to its file, in one step.

    Raises ``UnwritableFile``, and ``TooLargeRecord`` where apply could not read it again.
    """
    folder = base_folder(project)
    origin = Origin(
        tool_version=__version__,
        created_at=datetime.now(UTC).replace(microsecond=0),
        git_commit=git_commit(folder),
        spec_paths=spec_paths,
    )
    saved = save(plan, seen_specs(specs, folder), origin)
    text = saved_plan_json(saved)
    require_readable(path, saved, text)
    write_whole(path, text, OWNER_ONLY)


def base_folder(project: Project) -> Path:
    """The folder that the paths in a saved plan start from.

    The project file's, so that plan and apply may run in any folder of any checkout.
    """
    return as_written(Path(project.file)).parent if project.file else Path.cwd()


def seen_specs(specs_by_target: SpecsByTarget, folder: Path) -> tuple[SeenSpec, ...]:
    """The specs that go to one of the plan's targets, in the order of the documents."""
    by_name: dict[str, dict[str, Spec]] = {}
    for target, specs in specs_by_target.items():
        for spec in specs:
            by_name.setdefault(spec.name, {})[target] = spec
    return tuple(
        seen_spec(_below_or_beside(folder, next(iter(specs.values()))), specs)
        for specs in by_name.values()
    )


def _below_or_beside(folder: Path, spec: Spec) -> str:
    return PurePath(os.path.relpath(spec.source.file, folder)).as_posix()


def _below(folder: Path, spec: Path) -> str:
    """A path relative to the folder.  A file from elsewhere must not say what is read here."""
    for here, there in ((folder, spec.absolute()), (folder.resolve(), spec.resolve())):
        relative = PurePath(os.path.relpath(there, here))
        name = relative.as_posix()
        is_text = name.encode(errors="ignore").decode() == name
        if ".." not in relative.parts and is_text:
            return name
    raise UsageProblem(
        f"{spec} is not below {folder}, and a saved plan names its specs from there",
        hint="name these specs in the project file, or plan in a folder above them",
    )
