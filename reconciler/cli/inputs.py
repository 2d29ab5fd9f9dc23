"""What a command works on: the project, its specs, and the targets that were asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.spec_paths import project_of, spec_paths
from reconciler.cli.streams import Streams
from reconciler.loader.specs import Loaded, load_specs
from reconciler.model.errors import UsageProblem
from reconciler.model.project import Project, Target


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the command works on.  ``all_specs``: these are all that the owner has."""

    project: Project
    loaded: Loaded
    all_specs: bool


def load_inputs(
    specs: Sequence[Path] | None, project_file: Path | None, streams: Streams
) -> Inputs:
    """Read the project and the specs.  Raises ``InvalidSpecs`` with every finding.

    Raises ``UsageProblem`` where there is nothing to work on, or two projects are concerned.
    """
    return inputs_of(specs, project_of(specs, project_file, streams))


def inputs_of(specs: Sequence[Path] | None, project: Project) -> Inputs:
    """Read the specs, in a project that is known.  Raises as ``load_inputs`` does."""
    paths = spec_paths(specs, project)
    everything = {Path(path).resolve() for path in project.specs}
    return Inputs(
        project=project,
        loaded=load_specs(paths, project),
        # Without a project a folder stands for all that there is, and a single file does not.
        all_specs=everything <= {path.resolve() for path in paths}
        if project.file
        else all(path.is_dir() for path in paths),
    )


def load_project_alone(project_file: Path | None, streams: Streams) -> Inputs:
    """Read the project for a command that works without specs.  Raises ``InvalidSpecs``."""
    project = project_of((), project_file, streams)
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
