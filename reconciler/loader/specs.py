"""Specs from files and folders: all of them, or every reason why not."""

from collections.abc import Sequence
from pathlib import Path

from reconciler.loader.across import across
from reconciler.loader.files import find_files, text_of
from reconciler.loader.pool_models import checked_pool
from reconciler.loader.positions import Document
from reconciler.loader.problems import Problem
from reconciler.loader.reading import Brief, Reader
from reconciler.loader.verdicts import in_order, raise_errors, warnings_of
from reconciler.model.base import Record
from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding
from reconciler.model.project import Project
from reconciler.model.source import Source
from reconciler.model.spec import Spec


class Loaded(Record):
    """Valid specs, and what is doubtful about them."""

    specs: tuple[Spec, ...]
    warnings: tuple[Finding, ...] = ()


class _Keeper:
    """Keeps the specs that are read."""

    def __init__(self) -> None:
        self.specs: list[Spec] = []

    def check(self, document: Document, project: Project) -> tuple[bool, list[Problem]]:
        """As ``check_pool`` does."""
        model, problems = checked_pool(document, project)
        if model is not None:
            source = Source(file=document.file, line=document.line)
            self.specs.append(Spec(source=source, document=model))
        return model is not None, problems


def load_specs(paths: Sequence[Path], project: Project) -> Loaded:
    """Load every spec of these files and folders.

    Raises InvalidSpecs with every finding of every file, warnings included, if one is an error.
    """
    found, keeper = find_files(paths), _Keeper()
    reader = Reader(project, Brief(findings=found.findings), keeper.check)
    for path, walked in found.files:
        reader.read_file(path, walked)
    warnings = warnings_of(paths, project, reader.brief)
    return Loaded(specs=tuple(keeper.specs), warnings=warnings)


def load_spec_text(file: str, text: str, project: Project) -> Loaded:
    """Load every spec of a text as if it were in a file of this name.

    Raises InvalidSpecs with every finding, warnings included, if one is an error.
    """
    keeper = _Keeper()
    reader = Reader(project, check=keeper.check)
    checked = text_of(Path(file), text.encode("utf-8", "surrogatepass"))
    if isinstance(checked, Finding):
        raise InvalidSpecs([checked])
    reader.read_text(file, checked, walked=True)
    findings = in_order([*reader.brief.findings, *across(reader.brief.headers, project)])
    raise_errors(findings)
    return Loaded(specs=tuple(keeper.specs), warnings=tuple(findings))
