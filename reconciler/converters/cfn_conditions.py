"""A template's conditions: true, false, or not to be known from here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from reconciler.converters.findings import ConversionRule, Report
from reconciler.converters.nodes import NOTHING, Node, walk
from reconciler.loader.problems import FieldPath, clean, may_hold_secret, named
from reconciler.model.findings import Finding

# Of what keeps one condition from being known.  Conditions of conditions pass it on, so without a
# bound a template of a megabyte would make gigabytes of it.
MOST_CAUSES: Final = 50


@dataclass(frozen=True, slots=True)
class _Answer:
    """Whether a condition holds; if nobody can know, why."""

    holds: bool | None
    causes: tuple[Finding, ...] = ()


class Conditions:
    """The conditions of one template; each is worked out once, when it is first asked for.

    What a condition asks for is worked out before it, so a row of conditions of any length takes
    no deeper stack than one.  ``note`` is told of each condition that is used.
    """

    def __init__(
        self,
        conditions: Node,
        value: Callable[[Node, FieldPath], Node],
        report: Callable[[], Report],
        note: Callable[[Node, FieldPath], None],
    ) -> None:
        self._conditions = conditions.members
        self._value = value
        self._report = report
        self._note = note
        self._answers: dict[str, _Answer] = {}
        self._is_working = False

    def hold(self, name: str, place: Node) -> bool | None:
        """Whether a condition holds; ``None`` (and findings) where nobody can know."""
        if name not in self._answers and name in self._conditions and not self._is_working:
            self._work_out(name)
        answer = self._answers.get(name)
        if answer is None:  # there is none, or it asks for itself
            shown = named(name) if may_hold_secret(place.path) else clean(name)
            message = f"there is no condition {shown!r} that could be worked out"
            self._report().error(ConversionRule.UNRESOLVED, place, message, "check the template")
            return None
        if answer.holds is None:
            self._report().findings += answer.causes
        return answer.holds

    def _work_out(self, name: str) -> None:
        self._is_working = True
        try:
            for each in self._in_order(name):
                self._answers[each] = self._answer(each)
        finally:
            self._is_working = False

    def _in_order(self, name: str) -> Iterator[str]:
        """A condition after those that it asks for, as far as they have no answer yet."""
        entered = {name}
        waiting = [(name, self._asked_by(name))]
        while waiting:
            here, asked = waiting[-1]
            inner = next((each for each in asked if each not in entered), None)
            if inner is None:
                waiting.pop()
                yield here
            else:
                entered.add(inner)
                waiting.append((inner, self._asked_by(inner)))

    def _asked_by(self, name: str) -> Iterator[str]:
        for path, node in walk(self._conditions[name]):
            function = path[-1] if path else ""
            asked = node.items[0] if function == "Fn::If" and node.items else node
            inner = asked.text if function in ("Condition", "Fn::If") else None
            if inner is not None and inner in self._conditions and inner not in self._answers:
                yield inner

    def _answer(self, name: str) -> _Answer:
        path = ("Conditions", name)
        self._note(self._conditions[name], path)
        findings = self._report().findings
        before = len(findings)
        holds = self._test(self._conditions[name], path)
        causes = dict.fromkeys(findings[before:])
        # Where it is known, what was unknown on the way did not matter.
        del findings[before:]
        return _Answer(holds, () if holds is not None else tuple(causes)[:MOST_CAUSES])

    def _test(self, node: Node, path: FieldPath) -> bool | None:
        function, argument = next(iter(node.members.items()), ("", NOTHING))
        here = (*path, function)
        if function == "Condition":
            self._note(argument, here)
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
