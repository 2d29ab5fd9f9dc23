"""A template's parameters, given or by default."""

import re
from collections.abc import Callable
from typing import Final

from reconciler.converters.given import Given
from reconciler.converters.nodes import Node
from reconciler.loader.problems import FieldPath, clean
from reconciler.model.errors import UsageProblem
from reconciler.model.partitions import partition_of

_LIST_TYPES: Final = re.compile(r"CommaDelimitedList|List<.*>")
_SSM: Final = "AWS::SSM::Parameter::Value<"
_PSEUDO: Final = "AWS::"


class Parameters:
    """A template's parameters, its pseudo parameters among them.

    ``note`` is told of each default that is used.
    """

    def __init__(
        self, template: Node, given: Given, note: Callable[[Node, FieldPath], None]
    ) -> None:
        self._declared = template.get("Parameters").members
        self._given = given
        self._note = note
        self.defaults_used: dict[str, None] = {}  # in the order of their use
        unknown = [n for n in given.parameters if n not in self and not n.startswith(_PSEUDO)]
        if unknown:
            raise UsageProblem(
                f"the template has no parameter {clean(unknown[0])!r}",
                hint="check the spelling of --parameter; for other values there is --set",
            )

    def __contains__(self, name: str) -> bool:
        return name in self._declared

    def value(self, name: str) -> str | tuple[str, ...] | None:
        """A parameter's value, given or by default; ``None`` where nobody can know."""
        text = self._given.parameters.get(name)
        if text is None and name.startswith(_PSEUDO):
            return self._derived(name)
        if text is None:
            text = self._default(name)
        if text is not None and _LIST_TYPES.search(self._type(name)):
            return tuple(part.strip() for part in text.split(","))
        return text

    def _type(self, name: str) -> str:
        return self._declared.get(name, Node(None)).get("Type").text or "String"

    def _default(self, name: str) -> str | None:
        if self._type(name).startswith(_SSM):
            return None  # its default is the name of what holds the value
        default = self._declared.get(name, Node(None)).get("Default")
        if default.text is not None and name not in self.defaults_used:
            self.defaults_used[name] = None
            self._note(self._declared[name], ("Parameters", name))
            self._note(default, ("Parameters", name, "Default"))
        return default.text

    def _derived(self, name: str) -> str | None:
        partition = partition_of(self._given.region)
        if name == "AWS::Partition":
            return partition.name
        if name == "AWS::URLSuffix":
            return partition.suffix
        return None
