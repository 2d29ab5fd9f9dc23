"""A template's conditions: true, false, or not to be known from here."""

from collections.abc import Callable
from typing import Final

from reconciler.converters.findings import ConversionRule, Report
from reconciler.converters.nodes import NOTHING, Node
from reconciler.loader.problems import FieldPath, clean, may_hold_secret, named

MAX_DEPTH: Final = 40


class Conditions:
    """The conditions of one template; each is worked out when somebody asks."""

    def __init__(
        self,
        conditions: Node,
        value: Callable[[Node, FieldPath], Node],
        report: Callable[[], Report],
    ) -> None:
        self._conditions = conditions
        self._value = value
        self._report = report
        self._known: dict[str, bool] = {}
        self._open: set[str] = set()
        self._depth = 0

    def hold(self, name: str, place: Node) -> bool | None:
        """Whether a condition holds; ``None`` (and a finding) where nobody can know."""
        if name in self._known:
            return self._known[name]
        is_endless = name in self._open or self._depth > MAX_DEPTH
        if name not in self._conditions.members or is_endless:
            shown = named(name) if may_hold_secret(place.path) else clean(name)
            message = f"there is no condition {shown!r} that could be worked out"
            self._report().error(ConversionRule.UNRESOLVED, place, message, "check the template")
            return None
        self._open.add(name)
        before = len(self._report().findings)
        holds = self._test(self._conditions.members[name], ("Conditions", name))
        self._open.discard(name)
        if holds is not None:
            # What was unknown on the way did not matter.
            del self._report().findings[before:]
            self._known[name] = holds
        return holds

    def _test(self, node: Node, path: FieldPath) -> bool | None:
        self._depth += 1
        try:
            return self._tested(node, path)
        finally:
            self._depth -= 1

    def _tested(self, node: Node, path: FieldPath) -> bool | None:
        function, argument = next(iter(node.members.items()), ("", NOTHING))
        here = (*path, function)
        if function == "Condition":
            return self.hold(argument.text or "", node.holding(None, path))
        if function == "Fn::Equals":
            return self._equal(argument, here)
        tests = [self._test(item, here) for item in argument.items]
        if function in _COMBINED and tests:
            return _COMBINED[function](tests)
        message = f"{clean(function) or 'this'} is no condition that could be worked out"
        self._report().error(
            ConversionRule.UNRESOLVED, node.holding(None, path), message, "check the template"
        )
        return None

    def _equal(self, argument: Node, path: FieldPath) -> bool | None:
        before = len(self._report().findings)
        texts = [self._value(item, (*path, i)).text for i, item in enumerate(argument.items)]
        if len(self._report().findings) > before or len(texts) != len(("left", "right")):
            return None
        return texts[0] == texts[1]


def _and(tests: list[bool | None]) -> bool | None:
    return False if False in tests else (None if None in tests else True)


def _or(tests: list[bool | None]) -> bool | None:
    return True if True in tests else (None if None in tests else False)


def _not(tests: list[bool | None]) -> bool | None:
    return None if tests[0] is None else not tests[0]


_COMBINED: Final = {"Fn::And": _and, "Fn::Or": _or, "Fn::Not": _not}
