"""Specs from files and folders: all of them, or every reason why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Finding, RuleId, Source
from reconciler.model.project import Project
from reconciler.model.spec import Places, PoolDocument, Spec
from reconciler.model.written import SpecData
from reconciler.specs.across import across
from reconciler.specs.checks import CheckedSpec, check_literal, check_spec, finding_of
from reconciler.specs.completion import OpenSpec, parsed
from reconciler.specs.effective import Effective
from reconciler.specs.files import text_of
from reconciler.specs.layers import Layer
from reconciler.specs.origins import PlaceOf, origins_of, var_place
from reconciler.specs.pool_tests import PoolTest, valid
from reconciler.specs.reading import Reader, ReadSpecs, in_order, raise_errors, read_specs
from reconciler.text.documents import Document, paths_of
from reconciler.text.problems import FieldPath, Problem
from reconciler.text.references import parse, references


class CheckedPool(NamedTuple):
    """What a document means by itself in its first target, and everything that is wrong with it.

    ``document`` is the model of ``made``; both are ``None`` where it is not as its schema asks for.
    """

    document: PoolDocument | None
    made: Effective | None
    problems: list[Problem]


def checked_pool(document: Document, project: Project) -> CheckedPool:
    """Check a document as one of a project, without the project's defaults."""
    made, problems = check_literal(document, project)
    if made is None:
        return CheckedPool(None, None, problems)
    model, strange = parsed(made.value)
    return CheckedPool(model, made, problems + strange)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Valid documents, once for all targets in which they mean the same; what is doubtful of them.

    Of some values only AWS knows: then it is an ``OpenSpec``.  ``tests`` say who is to get which
    role of these pools.
    """

    documents: tuple[Spec | OpenSpec, ...] = ()
    warnings: tuple[Finding, ...] = ()
    tests: tuple[PoolTest, ...] = ()

    @property
    def specs(self) -> tuple[Spec, ...]:
        """Those that are complete."""
        return tuple(each for each in self.documents if isinstance(each, Spec))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all, each once, in their order."""
        return tuple(dict.fromkeys(each.name for each in self.documents))


class _Keeper:
    """Keeps the specs that are read."""

    def __init__(self) -> None:
        self.documents: list[Spec | OpenSpec] = []

    def loaded(self, read: ReadSpecs, warnings: tuple[Finding, ...]) -> Loaded:
        """All of them."""
        return Loaded(tuple(self.documents), warnings, valid(read.tests))

    def check(self, document: Document, project: Project) -> CheckedSpec:
        """As ``check_spec`` does."""
        checked = check_spec(document, project)
        source = Source(file=document.file, line=document.line)
        strange: list[Finding] = []
        for each in checked.effective:
            if each.unread or each.unread_keys:
                self.documents.append(_open_spec(document, checked.value, each, source))
                continue
            model, problems = parsed(each.value)
            strange += map(document.finding, problems)
            if model is not None:
                names = frozenset(target.name for target in each.targets)
                first = each.targets[0].name if each.targets else ""
                origins = origins_of(each, _places(document, project, first))
                self.documents.append(
                    Spec(
                        source=source,
                        document=model,
                        targets=names,
                        origins=origins,
                        places=_fields_of(each, document, project),
                    )
                )
        return checked._replace(findings=(*checked.findings, *strange))


def _fields_of(made: Effective, document: Document, project: Project) -> Places:
    def place_of(path: FieldPath, at_key: bool) -> str:
        problem = Problem(path, RuleId.UNRESOLVED, "", at_key=at_key)
        return finding_of(problem, made, document, project).place

    return Places(place_of)


def _places(document: Document, project: Project, target: str) -> PlaceOf:
    """``file:line`` of what a layer says."""

    def place_of(layer: Layer, path: FieldPath) -> str:
        if layer.in_project:
            return f"{project.file}:{project.place(path)[0]}"
        return f"{document.file}:{document.places(path).key[0]}"

    return PlaceOf(place_of, var_place(project, target))


def _open_spec(document: Document, value: SpecData, made: Effective, source: Source) -> OpenSpec:
    names = frozenset(target.name for target in made.targets)
    ways = (way for part in ("spec", "perTarget") for way in paths_of(value, part))
    places = {way: document.places(way) for way in ways}
    texts = [made.expressions[path] for path in made.expressions if path in made.unread]
    texts += [made.keys[path] for path in made.keys if path in made.unread_keys]
    # Without the text around them: beside a reference a secret may stand.
    named = dict.fromkeys(str(each) for text in texts for each in references(parse(text)))
    return OpenSpec(source, value, names, places, tuple(named))


def load_specs(paths: Sequence[Path], project: Project) -> Loaded:
    """Load every spec of these files and folders.

    Raises InvalidSpecs with every finding of every file, warnings included, if one is an error.
    """
    keeper = _Keeper()
    read, warnings = read_specs(paths, project, keeper.check)
    return keeper.loaded(read, warnings)


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
    return keeper.loaded(reader.read, tuple(findings))
