"""The text of a file as its documents, each of which can be edited without the others."""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.model.base import POOL_KIND, JsonValue
from reconciler.text.tree import Strange
from reconciler.text.values import value_of
from reconciler.text.yaml import document_spans, tree_of


@dataclass(frozen=True, slots=True)
class DocumentText:
    """Where one spec's document stands in a file: its number among all, and its plain value."""

    parts: Sequence[str]
    number: int
    value: dict[str, JsonValue]

    @property
    def text(self) -> str:
        """The document with what stands before the next one."""
        return self.parts[self.number]

    def replaced(self, text: str) -> str:
        """The whole file with another text in this document's place."""
        return "".join([*self.parts[: self.number], text, *self.parts[self.number + 1 :]])


class FileText:
    """A file whose documents are replaced one by one."""

    def __init__(self, text: str) -> None:
        """Raises Strange."""
        self._parts = [text[start:end] for start, end in document_spans(text)]
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
        return DocumentText(self._parts, number, value)

    def replace(self, name: str, text: str) -> None:
        """Put another text in the place of the document of a spec."""
        self._parts[self._numbers[name]] = text


def find_document(text: str, name: str) -> DocumentText:
    """The document of the spec of this name.  Raises Strange if it is not found."""
    return FileText(text).document(name)


def _name_of(value: JsonValue) -> str | None:
    """``metadata.name`` of a spec, ``None`` for other documents."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    if not isinstance(value, dict) or value.get("kind") != POOL_KIND:
        return None
    return str(metadata.get("name")) if isinstance(metadata, dict) else None
