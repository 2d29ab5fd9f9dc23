"""Documents that know where each of their fields stands."""

from dataclasses import dataclass
from typing import NamedTuple

from reconciler.model.base import JsonValue
from reconciler.model.findings import Finding
from reconciler.text.problems import FieldPath, Place, Problem, finding_at
from reconciler.text.tree import Leaf, List, Map, Node, resolved
from reconciler.text.values import Entries, ValueBuilder


class Places(NamedTuple):
    """Line and column (1-based) of a field's key and of its value."""

    key: Place
    value: Place


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its plain value, the nodes it was built from, and what YAML got wrong."""

    file: str
    root: Node
    value: JsonValue
    entries: dict[int, Entries]
    problems: tuple[Problem, ...]

    @property
    def line(self) -> int:
        """The 1-based line where the document begins."""
        return self.root.line

    def raw(self, path: FieldPath) -> str:
        """A scalar as it is written, "" for anything else."""
        node = self._find(path)[1]
        return node.text if isinstance(node, Leaf) else ""

    def place(self, problem: Problem) -> Place:
        """Line and column (1-based) of a problem.

        What is wrong inside a scalar is placed at the scalar; what is wrong with a mapping or a
        list (or missing in it) at its key, if it has one: a block mapping begins at its first key,
        which is not to blame.
        """
        if problem.where:
            return problem.where
        key, node = self._find(problem.path)
        if key is not None and (problem.at_key or not isinstance(node, Leaf)):
            return key.place
        return node.place

    def places(self, path: FieldPath) -> Places:
        """Where the key of a field stands, and where its value; a member of a list has no key."""
        key, node = self._find(path)
        return Places(node.place if key is None else key.place, node.place)

    def finding(self, problem: Problem) -> Finding:
        """The problem as it is reported."""
        return finding_at(self.file, self.place(problem), problem)

    def _find(self, path: FieldPath) -> tuple[Leaf | None, Leaf | List | Map]:
        """The key (if there is one) and the value at a path, or at what of it exists."""
        key: Leaf | None = None
        node = resolved(self.root)
        for step in path:
            if isinstance(node, Map) and isinstance(step, str):
                entry = self.entries[id(node)].get(step)
                if entry is None:
                    break
                key, node = entry[0], resolved(entry[1])
            elif isinstance(node, List) and isinstance(step, int):
                key, node = None, resolved(node.items[step])
        return key, node


def document_of(file: str, root: Node) -> Document:
    """Build a document's value; raises problems.Unusable."""
    values = ValueBuilder()
    value = values.build(root)
    return Document(file, root, value, values.entries, tuple(values.problems))
