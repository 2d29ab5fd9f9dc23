"""Documents that know where each of their fields stands."""

from dataclasses import dataclass

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reconciler.loader.problems import FieldPath, Problem, path_text
from reconciler.loader.values import Entries, Values, mark
from reconciler.model.base import JsonValue
from reconciler.model.findings import Finding


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
        return mark(self.root)[0]

    def raw(self, path: FieldPath) -> str:
        """A scalar as it is written, "" for anything else."""
        node = self._find(path)[1]
        return str(node.value) if isinstance(node, ScalarNode) else ""

    def place(self, problem: Problem) -> tuple[int, int]:
        """Line and column (1-based) of a problem.

        What is wrong inside a scalar is placed at the scalar; what is wrong with a mapping or a
        list (or missing in it) at its key, if it has one: a block mapping begins at its first key,
        which is not to blame.
        """
        if problem.where:
            return problem.where
        key, node = self._find(problem.path)
        if key is not None and (problem.at_key or not isinstance(node, ScalarNode)):
            return mark(key)
        return mark(node)

    def finding(self, problem: Problem) -> Finding:
        """The problem as it is reported."""
        line, column = self.place(problem)
        return Finding(
            file=self.file,
            line=line,
            column=column,
            path=path_text(problem.path),
            rule=problem.rule.value,
            message=problem.message,
            fix=problem.fix,
            severity=problem.severity,
        )

    def _find(self, path: FieldPath) -> tuple[Node | None, Node]:
        """The key (if there is one) and the value at a path, or at what of it exists."""
        key: Node | None = None
        node = self.root
        for step in path:
            if isinstance(node, MappingNode) and isinstance(step, str):
                entry = self.entries[id(node)].get(step)
                if entry is None:
                    break
                key, node = entry
            elif isinstance(node, SequenceNode) and isinstance(step, int):
                key, node = None, node.value[step]
        return key, node


def document_of(file: str, root: Node) -> Document:
    """Build a document's value; raises values.Unusable."""
    values = Values()
    built = values.build(root)
    return Document(file, root, built.value, values.entries, tuple(values.problems))
