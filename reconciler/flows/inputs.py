"""What a command works on: the project, its specs, and the targets that were asked for."""

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from reconciler.checks.rulebook import Rulebook, rulebook_of
from reconciler.model.errors import InvalidSpecs, UsageProblem
from reconciler.model.findings import Finding
from reconciler.model.project import Project, Target
from reconciler.model.request import Named
from reconciler.reports.error_text import findings_text
from reconciler.reports.escape import escape
from reconciler.specs.files import name_of
from reconciler.specs.project import as_written, find_project, load_project
from reconciler.terminal.streams import Streams

if TYPE_CHECKING:
    from reconciler.model.spec import Spec
    from reconciler.specs.completion import OpenSpec
    from reconciler.specs.loading import Loaded

_S = TypeVar("_S")
_T = TypeVar("_T")


def project_of(named: Named, streams: Streams) -> Project:
    """The project of these files and folders; without one, what holds where there is none.

    That is the one of ``named.project``; else the nearest above what is named; else the nearest
    above the working folder.  One from outside of the working folder is told.  Raises
    ``InvalidSpecs`` with every finding, and ``UsageProblem`` where two projects are concerned.
    """
    shares = _shares(named)
    if len(shares) > 1:
        (first, (one, *_)), (second, (other, *_)), *_ = shares
        raise UsageProblem(
            f"{name_of(one)} is of {_shown(first)}, and {name_of(other)} of {_shown(second)}",
            hint="name what is of one project, or the project file with --project",
        )
    return _loaded(shares[0][0], named, streams)


def projects_of(named: Named, streams: Streams) -> list[tuple[Project, list[Path]]]:
    """Each project that these files and folders are of, with its own, as ``project_of`` finds it.

    For commands that only look at files.  Raises ``InvalidSpecs`` with every finding of every
    project file.
    """
    return for_all(lambda share: (_loaded(share[0], named, streams), share[1]), _shares(named))


def for_all(work: Callable[[_S], _T], places: Iterable[_S]) -> list[_T]:
    """What comes of each.  Raises ``InvalidSpecs`` with every finding of all."""
    done: list[_T] = []
    findings: list[Finding] = []
    for place in places:
        try:
            done.append(work(place))
        except InvalidSpecs as invalid:
            findings += invalid.findings
    if findings:
        raise InvalidSpecs(findings)
    return done


def spec_paths(specs: Sequence[Path], project: Project) -> list[Path]:
    """The files and folders that are named, or else the project's.

    Raises ``UsageProblem`` where there are none.
    """
    paths = list(specs) or [Path(path) for path in project.specs]
    if not paths:
        raise UsageProblem(
            "there is nothing to work on: no spec was named and there is no idpool.yaml",
            hint="name spec files or folders, or write an idpool.yaml",
        )
    return paths


def _shares(named: Named) -> list[tuple[Path | None, list[Path]]]:
    """Project files, and what is named of each; one of them where nothing is named."""
    if named.project is not None:
        return [(named.project, list(named.specs))]
    here = find_project(Path())
    shares: dict[str, tuple[Path | None, list[Path]]] = {}
    for path in named.specs:
        file = find_project(path) or here
        # One text for each folder of a project, by whatever way it is come to.
        place = os.path.realpath(file.parent) if file else ""
        shares.setdefault(place, (file, []))[1].append(path)
    return list(shares.values()) or [(here, [])]


def _loaded(file: Path | None, named: Named, streams: Streams) -> Project:
    if file is None:
        return Project()
    if named.project is None and not as_written(file).is_relative_to(Path.cwd()):
        streams.note(f"The project file is {escape(name_of(file))}\n")
    return load_project(file)


def _shown(file: Path | None) -> str:
    return f"the project of {name_of(file)}" if file else "no project"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the command works on.  ``all_specs``: these are all that the owner has."""

    project: Project
    loaded: "Loaded"
    all_specs: bool


def load_inputs(named: Named, streams: Streams) -> Inputs:
    """Read the project and the specs, and tell warnings.  Raises ``InvalidSpecs`` with all of them.

    Raises ``UsageProblem`` where there is nothing to work on, or two projects are concerned.
    """
    inputs = inputs_of(named.specs, project_of(named, streams))
    tell_warnings(inputs, streams)
    return inputs


def tell_warnings(inputs: Inputs, streams: Streams) -> None:
    """Say what is doubtful in the specs."""
    if inputs.loaded.warnings:
        streams.note(findings_text(inputs.loaded.warnings))


def inputs_of(specs: Sequence[Path], project: Project) -> Inputs:
    """Read the specs, in a project that is known.  Raises as ``load_inputs`` does."""
    from reconciler.specs.loading import load_specs  # models: who only checks has no use for them

    paths = spec_paths(specs, project)
    return Inputs(project, load_specs(paths, project), all_specs=are_all(paths, project))


def are_all(paths: Sequence[Path], project: Project) -> bool:
    """Whether these files and folders are all that the owner has.

    Without a project a folder stands for all that there is, and a single file does not.
    """
    if not project.file:
        return all(path.is_dir() for path in paths)
    return {Path(path).resolve() for path in project.specs} <= {path.resolve() for path in paths}


def rulebook(project: Project) -> Rulebook:
    """The project's policies and waivers as they are today, in UTC: no time zone decides anything.

    Raises ``InvalidSpecs`` for expressions that are none, and ``PoliciesMissing``.
    """
    return rulebook_of(project, datetime.now(UTC).date())


def load_project_alone(project_file: Path | None, streams: Streams) -> Inputs:
    """Read the project for a command that works without specs.  Raises ``InvalidSpecs``."""
    from reconciler.specs.loading import Loaded

    project = project_of(Named(project=project_file), streams)
    return Inputs(project=project, loaded=Loaded(), all_specs=False)


def chosen_targets(project: Project, names: Sequence[str]) -> list[Target]:
    """The targets of these names, none for all.  Raises ``UsageProblem`` for an unknown one."""
    known = {target.name: target for target in project.targets}
    require_known("target", names, known)
    return [known[name] for name in dict.fromkeys(names)] if names else list(known.values())


def chosen_specs(
    inputs: Inputs, names: Sequence[str], hint: str = ""
) -> "tuple[Spec | OpenSpec, ...]":
    """What the specs of these names mean, none for all.  Raises ``UsageProblem`` for unknown ones.

    There are several of one name where it means different things in different targets.
    """
    require_known("spec", names, inputs.loaded.names, hint)
    return tuple(each for each in inputs.loaded.documents if not names or each.name in names)


def require_known(kind: str, names: Sequence[str], known: Collection[str], hint: str = "") -> None:
    """Raise ``UsageProblem`` where one of the names is not known."""
    if unknown := [name for name in names if name not in known]:
        raise UsageProblem(
            f"there is no {kind} {', '.join(unknown)}",
            hint=f"the {kind}s are: {', '.join(known)}{hint}",
        )
