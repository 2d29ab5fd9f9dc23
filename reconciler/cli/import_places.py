"""Whither an import goes: the folder, and what is there already."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.inputs import Inputs
from reconciler.cli.spec_paths import project_of
from reconciler.cli.streams import Streams
from reconciler.loader import Loaded, load_specs
from reconciler.loader.files import find_files
from reconciler.model.project import Project

_DEFAULT = "specs"
_SUFFIXES = frozenset({".yaml", ".yml"})
_SCHEMA = Path("schemas", "identity-pool.schema.json")


@dataclass(frozen=True, slots=True)
class Places:
    """The specs that there are, and the folder that gets new ones.

    ``taken``: names that no new spec may have; ``schema``: the way from the folder to the schema
    for editors, "" where there is none; ``is_in_project``: whether the project reads the folder.
    """

    inputs: Inputs
    folder: Path
    taken: frozenset[str]
    schema: str
    is_in_project: bool


def places_of(project_file: Path | None, out: Path | None, streams: Streams) -> Places:
    """Read the project and its specs, as far as there are any.  Raises ``InvalidSpecs``."""
    project = project_of([out] if out else (), project_file, streams)
    folder = out or _folder_of(project)
    root = Path(project.file).parent if project.file else Path()
    loaded = _loaded(project, folder)
    names = {spec.name for spec in loaded.specs}
    return Places(
        inputs=Inputs(project=project, loaded=loaded, all_specs=True),
        folder=folder,
        taken=frozenset({*names, *_file_names(folder)}),
        schema=_schema(root, folder),
        is_in_project=not project.file or any(_is_below(folder, Path(p)) for p in project.specs),
    )


def _folder_of(project: Project) -> Path:
    """The first folder of the project's specs; a path that does not exist yet is to be one."""
    folders = (Path(path) for path in project.specs if not Path(path).is_file())
    return next(folders, Path(_DEFAULT))


def _loaded(project: Project, folder: Path) -> Loaded:
    paths = [Path(path) for path in project.specs]
    if not any(_is_below(folder, path) for path in paths):
        paths.append(folder)
    there = [path for path in paths if any(find_files([path]).files)]
    return load_specs(there, project) if there else Loaded(specs=())


def _file_names(folder: Path) -> Iterator[str]:
    """The names of the files that are there, in lower case: some file systems know no other."""
    if folder.is_dir():
        yield from (p.stem.lower() for p in folder.iterdir() if p.suffix.lower() in _SUFFIXES)


def _is_below(folder: Path, path: Path) -> bool:
    return folder.resolve().is_relative_to(path.resolve())


def _schema(root: Path, folder: Path) -> str:
    schema = root / _SCHEMA
    return Path(os.path.relpath(schema, folder)).as_posix() if schema.is_file() else ""
