"""The text of a file as its documents, each of which can be edited without the others."""

from collections.abc import Iterable
from typing import NamedTuple

from reconciler.model.base import POOL_KIND, JsonValue
from reconciler.model.errors import InvalidSpecs
from reconciler.model.findings import Source
from reconciler.model.project import Project
from reconciler.model.spec import Spec
from reconciler.specs.completion import OpenSpec
from reconciler.specs.loading import load_spec_text
from reconciler.text.documents import value_of
from reconciler.text.tree import Strange
from reconciler.text.yaml import document_texts, tree_of


class DocumentText(NamedTuple):
    """One spec's document, with what stands before the next one, and its plain value."""

    text: str
    value: dict[str, JsonValue]


class FileText:
    """A file whose documents are replaced one by one."""

    def __init__(self, text: str) -> None:
        """Raises Strange."""
        self._parts = document_texts(text)
        values = (value_of(tree_of(part)) for part in self._parts)
        self._numbers = {_name_of(value): number for number, value in enumerate(values)}

    @property
    def text(self) -> str:
        """The text as it is now."""
        return "".join(self._parts)

    def document(self, name: str) -> DocumentText:
        """The document of the spec of this name.  Raises Strange if there is none."""
        number = self._numbers.get(name)
        value = None if number is None else value_of(tree_of(self._parts[number]))
        if number is None or not isinstance(value, dict):
            raise Strange("the spec is not found in its file")
        return DocumentText(self._parts[number], value)

    def replace(self, name: str, text: str) -> None:
        """Put another text in the place of the document of a spec."""
        self._parts[self._numbers[name]] = text


def _name_of(value: JsonValue) -> str | None:
    """``metadata.name`` of a spec, ``None`` for other documents."""
    if not isinstance(value, dict) or value.get("kind") != POOL_KIND:
        return None
    metadata = value.get("metadata")
    return str(metadata.get("name")) if isinstance(metadata, dict) else None


class WrittenSpec(NamedTuple):
    """A document of a file, whatever it means in the targets that it goes to."""

    name: str
    source: Source
    meanings: tuple[Spec | OpenSpec, ...]

    def goes_to(self, target: str) -> bool:
        """Whether it is meant for the target of this name."""
        return any(each.goes_to(target) for each in self.meanings)


def written_specs(meanings: Iterable[Spec | OpenSpec]) -> list[WrittenSpec]:
    """The documents of these, in their order."""
    by_name: dict[str, list[Spec | OpenSpec]] = {}
    for each in meanings:
        by_name.setdefault(each.name, []).append(each)
    return [WrittenSpec(name, own[0].source, tuple(own)) for name, own in by_name.items()]


def meanings_of(file: str, text: str, project: Project) -> tuple[Spec | OpenSpec, ...]:
    """What the specs of a text that was edited mean.  Raises Strange, with the first error."""
    try:
        return load_spec_text(file, text, project).documents
    except InvalidSpecs as invalid:
        first = next(finding for finding in invalid.findings if finding.severity == "error")
        raise Strange(f"{first.path}: {first.message}") from invalid


class ChangedMeanwhile(Strange):
    """A spec that does not say any more what it said when it was loaded."""

    way_out = "somebody has edited it while this ran: run it again"


def require_as_loaded(text: str, spec: WrittenSpec, project: Project) -> None:
    """Raise ``ChangedMeanwhile`` where a document does not mean what it meant when it was loaded.

    What is written back was decided for that one.
    """
    try:
        now = meanings_of(spec.source.file, text, project)
    except Strange as strange:
        raise ChangedMeanwhile(str(strange)) from strange
    if list(map(said, now)) != list(map(said, spec.meanings)):
        raise ChangedMeanwhile("it says something else")


def said(meaning: Spec | OpenSpec) -> object:
    """All that a spec says and where it goes, wherever it stands."""
    document = meaning.document if isinstance(meaning, Spec) else meaning.value
    return meaning.targets, document


def why_not(strange: Strange) -> str:
    """Why the text of a spec is left as it is, for whoever may edit it by hand."""
    if isinstance(strange, ChangedMeanwhile):
        return "it is not what was read when this began"
    return f"its text cannot be edited without touching more: {strange}"
