"""What remains of a document for the rules across documents, when its nodes are gone.

A tree of nodes takes some fifty times the memory of its text, so the trees of ten thousand files
cannot be kept until all are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.loader.positions import Document, Places, finding_at
from reconciler.loader.problems import FieldPath, Problem
from reconciler.model.findings import Finding
from reconciler.model.json_value import JsonValue

NAME: Final[FieldPath] = ("metadata", "name")
TARGETS: Final[FieldPath] = ("metadata", "targets")
ADOPT: Final[FieldPath] = ("metadata", "adopt")
FORMER: Final[FieldPath] = ("metadata", "formerNames")


@dataclass(frozen=True, slots=True)
class Header:
    """What a document says about itself, as far as it does; ``places`` of just that, by path."""

    file: str
    name: str | None
    targets: tuple[tuple[int, str], ...] | None
    adopt: str | Mapping[str, str] | None
    former: tuple[tuple[int, str], ...] | None
    places: Mapping[FieldPath, Places]

    def finding(self, problem: Problem) -> Finding:
        """A problem with one of the fields, as it is reported."""
        places = self.places[problem.path]
        return finding_at(self.file, places.key if problem.at_key else places.value, problem)


def header_of(document: Document) -> Header:
    """The header of a document, valid or not."""
    value = document.value
    metadata = value.get("metadata") if isinstance(value, dict) else None
    if not isinstance(metadata, dict):
        return Header(document.file, None, None, None, None, {})
    name, targets = _name(metadata.get("name")), _members(metadata.get("targets"))
    adopt, former = _adopt(metadata.get("adopt")), _members(metadata.get("formerNames"))
    paths = _paths(name, targets, adopt, former)
    places = {path: document.places(path) for path in paths}
    return Header(document.file, name, targets, adopt, former, places)


def _name(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _members(value: JsonValue) -> tuple[tuple[int, str], ...] | None:
    if not isinstance(value, list):
        return None
    return tuple((i, one) for i, one in enumerate(value) if isinstance(one, str))


def _adopt(value: JsonValue) -> str | Mapping[str, str] | None:
    if isinstance(value, dict):
        return {key: one for key, one in value.items() if isinstance(one, str)}
    return value if isinstance(value, str) else None


def _paths(
    name: str | None,
    targets: tuple[tuple[int, str], ...] | None,
    adopt: str | Mapping[str, str] | None,
    former: tuple[tuple[int, str], ...] | None,
) -> list[FieldPath]:
    names: list[FieldPath] = [] if name is None else [NAME]
    members: list[FieldPath] = [(*TARGETS, index) for index, _ in targets or ()]
    members += [(*FORMER, index) for index, _ in former or ()]
    if isinstance(adopt, Mapping):
        return names + members + [(*ADOPT, target) for target in adopt]
    return names + members + ([] if adopt is None else [ADOPT])
