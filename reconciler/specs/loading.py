"""Specs from files and folders: all of them, or every reason why not."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding, RuleId, Source
from reconciler.model.project import Project
from reconciler.model.records import Record
from reconciler.model.spec import PoolDocument, Spec
from reconciler.model.written import SpecData
from reconciler.specs.across import across
from reconciler.specs.checks import CheckedSpec, check_literal, check_spec
from reconciler.specs.files import text_of
from reconciler.specs.reading import Reader, in_order, raise_errors, read_specs
from reconciler.text.documents import Document
from reconciler.text.problems import Problem


def checked_pool(document: Document, project: Project) -> tuple[PoolDocument | None, list[Problem]]:
    """The model of what a document says by itself, and everything that is wrong with it."""
    value, problems = check_literal(document, project)
    if value is None:
        return None, problems
    model, strange = parsed(value)
    return model, problems + strange


def parsed(value: SpecData) -> tuple[PoolDocument | None, list[Problem]]:
    """The model of a value that the schema allows.

    The schema says what the model says, so a problem here is a disagreement between two regular
    expression engines; it is reported like any other.
    """
    try:
        return PoolDocument.model_validate(value, strict=True), []
    except ValidationError as error:
        return None, [
            Problem(tuple(each["loc"]), RuleId.WRONG_FORMAT, each["msg"])
            for each in error.errors(include_url=False, include_input=False)
        ]


class Loaded(Record):
    """Valid specs, and what is doubtful about them."""

    specs: tuple[Spec, ...]
    warnings: tuple[Finding, ...] = ()


class _Keeper:
    """Keeps the specs that are read."""

    def __init__(self) -> None:
        self.specs: list[Spec] = []

    def check(self, document: Document, project: Project) -> CheckedSpec:
        """As ``check_spec`` does."""
        checked = check_spec(document, project)
        source = Source(file=document.file, line=document.line)
        strange: list[Finding] = []
        for each in checked.effective:
            model, problems = parsed(each.value)
            strange += map(document.finding, problems)
            if model is not None:
                names = frozenset(target.name for target in each.targets)
                self.specs.append(Spec(source=source, document=model, targets=names))
        return checked._replace(findings=(*checked.findings, *strange))


def load_specs(paths: Sequence[Path], project: Project) -> Loaded:
    """Load every spec of these files and folders.

    Raises InvalidSpecs with every finding of every file, warnings included, if one is an error.
    """
    keeper = _Keeper()
    _, warnings = read_specs(paths, project, keeper.check)
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
    findings = in_order([*reader.read.findings, *across(reader.read.headers, project)])
    raise_errors(findings)
    return Loaded(specs=tuple(keeper.specs), warnings=tuple(findings))
