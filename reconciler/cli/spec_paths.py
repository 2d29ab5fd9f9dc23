"""Which project a command works in, and which files and folders are meant."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from reconciler.cli.streams import Streams
from reconciler.loader.files import name_of
from reconciler.loader.project import as_written, find_project, load_project
from reconciler.model.errors import InvalidSpecs, UsageProblem
from reconciler.model.findings import Finding
from reconciler.model.project import Project


def project_of(
    named: Sequence[Path] | None, project_file: Path | None, streams: Streams
) -> Project:
    """The project of these files and folders; without one, what holds where there is none.

    That is the one of ``project_file``; else the nearest above what is named; else the nearest
    above the working folder.  One from outside of the working folder is told.  Raises
    ``InvalidSpecs`` with every finding, and ``UsageProblem`` where two projects are concerned.
    """
    shares = _shares(named, project_file)
    if len(shares) > 1:
        (first, (one, *_)), (second, (other, *_)), *_ = shares
        raise UsageProblem(
            f"{name_of(one)} is of {_shown(first)}, and {name_of(other)} of {_shown(second)}",
            hint="name what is of one project, or the project file with --project",
        )
    return _loaded(shares[0][0], project_file, streams)


def projects_of(
    named: Sequence[Path] | None, project_file: Path | None, streams: Streams
) -> list[tuple[Project, list[Path]]]:
    """Each project that these files and folders are of, with its own, as ``project_of`` finds it.

    For commands that only look at files.  Raises ``InvalidSpecs`` with every finding of every
    project file.
    """
    found: list[tuple[Project, list[Path]]] = []
    findings: list[Finding] = []
    for file, paths in _shares(named, project_file):
        try:
            found.append((_loaded(file, project_file, streams), paths))
        except InvalidSpecs as invalid:
            findings += invalid.findings
    if findings:
        raise InvalidSpecs(findings)
    return found


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


def _shares(
    named: Iterable[Path] | None, project_file: Path | None
) -> list[tuple[Path | None, list[Path]]]:
    """Project files, and what is named of each; one of them where nothing is named."""
    paths = list(named or ())
    if project_file is not None:
        return [(project_file, paths)]
    here = find_project(Path())
    shares: dict[str, tuple[Path | None, list[Path]]] = {}
    for path in paths:
        file = find_project(path) or here
        shares.setdefault(_identity(file), (file, []))[1].append(path)
    return list(shares.values()) or [(here, [])]


def _identity(file: Path | None) -> str:
    """One text for each folder of a project, by whatever way it is come to."""
    return os.path.realpath(file.parent) if file else ""


def _loaded(file: Path | None, project_file: Path | None, streams: Streams) -> Project:
    if file is None:
        return Project()
    if project_file is None and not as_written(file).is_relative_to(Path.cwd()):
        from reconciler.reports.escape import escape

        streams.note(f"The project file is {escape(name_of(file))}\n")
    return load_project(file)


def _shown(file: Path | None) -> str:
    return f"the project of {name_of(file)}" if file else "no project"
