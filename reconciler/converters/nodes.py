"""Values that know where they stand in a file, whatever format the file has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from reconciler.model.base import JsonValue
from reconciler.text.problems import FieldPath, clean, path_text

Value: TypeAlias = "str | bool | tuple[Node, ...] | dict[str, Node] | None"


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One value.  ``line`` and ``column`` are 1-based; a number is its text.

    ``path`` leads to the value from the file's root or, for Terraform, from the resource's address.
    ``written`` is what the file says where its own tool reads something else, and ``key_written``
    the same of the key that leads to the value; "" for most.
    """

    value: Value
    line: int = 1
    column: int = 1
    is_number: bool = False
    path: FieldPath = ()
    written: str = ""
    key_written: str = ""

    @property
    def text(self) -> str | None:
        """A scalar as text, booleans in lower case; ``None`` for anything else."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return self.value if isinstance(self.value, str) else None

    @property
    def members(self) -> Mapping[str, "Node"]:
        """The members of a mapping; nothing for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> tuple["Node", ...]:
        """The members of a list; nothing for anything else."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def where(self) -> str:
        """The path as people write it."""
        first, *rest = self.path or ("",)
        text = path_text(rest)
        return clean(str(first)) + (f".{text}" if text and not text.startswith("[") else text)

    def get(self, *keys: str) -> "Node":
        """The value at some keys below, ``NOTHING`` where there is none."""
        node = self
        for key in keys:
            node = node.members.get(key, NOTHING)
        return node

    def holding(self, value: Value, path: FieldPath | None = None) -> "Node":
        """Another value at the same place."""
        return Node(value, self.line, self.column, path=self.path if path is None else path)


NOTHING: Final = Node(None)


def rooted(node: Node, path: FieldPath, at: Node | None = None) -> Node:
    """The tree with its paths, the root's being ``path``; all of it at one place, where given."""
    value: Value = node.value
    if isinstance(value, dict):
        value = {key: rooted(member, (*path, key), at) for key, member in value.items()}
    elif isinstance(value, tuple):
        value = tuple(rooted(item, (*path, index), at) for index, item in enumerate(value))
    place = at or node
    return replace(node, value=value, path=path, line=place.line, column=place.column)


def plain(node: Node) -> JsonValue:
    """The tree without places.  Numbers are strings: no field of a pool is a number."""
    if isinstance(node.value, dict):
        return {key: plain(member) for key, member in node.value.items()}
    if isinstance(node.value, tuple):
        return [plain(item) for item in node.value]
    return node.value


def walk(node: Node, path: FieldPath = ()) -> Iterator[tuple[FieldPath, Node]]:
    """Every value of a tree with its path, containers before what they hold."""
    yield path, node
    for key, member in node.members.items():
        yield from walk(member, (*path, key))
    for index, item in enumerate(node.items):
        yield from walk(item, (*path, index))
