"""What a command works on: the project, its specs, and the targets that were asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.spec_paths import project_here, spec_paths
from reconciler.loader.specs import Loaded, load_specs
from reconciler.model.errors import UsageProblem
from reconciler.model.project import Project, Target


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the command works on.  ``all_specs``: these are all that the owner has."""

    project: Project
    loaded: Loaded
    all_specs: bool


def load_inputs(specs: Sequence[Path] | None, project_file: Path | None) -> Inputs:
    """Read the project and the specs.  Raises ``InvalidSpecs`` with every finding."""
    project, found = project_here(project_file)
    paths = spec_paths(specs, project)
    everything = {Path(path).resolve() for path in project.specs}
    return Inputs(
        project=project,
        loaded=load_specs(paths, project),
        # Without a project a folder stands for all that there is, and a single file does not.
        all_specs=everything <= {path.resolve() for path in paths}
        if found
        else all(path.is_dir() for path in paths),
    )


def load_project_alone(project_file: Path | None) -> Inputs:
    """Read the project for a command that works without specs.  Raises ``InvalidSpecs``."""
    project, _ = project_here(project_file)
    return Inputs(project=project, loaded=Loaded(specs=()), all_specs=False)


def chosen_targets(project: Project, names: Sequence[str]) -> list[Target]:
    """The targets of these names, none for all.  Raises ``UsageProblem`` for an unknown one."""
    known = {target.name: target for target in project.targets}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageProblem(
            f"there is no target {', '.join(unknown)}",
            hint=f"the targets are: {', '.join(known)}",
        )
    return [known[name] for name in dict.fromkeys(names)] if names else list(known.values())
