"""The organisation's policies and waivers, as a project file has them.

What an expression says, and of which pools it holds, is for ``checks``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import NamedTuple

from reconciler.model.base import JsonValue
from reconciler.model.findings import Severity


class Expression(NamedTuple):
    """A text in CEL; ``line`` and ``column`` (1-based) are where the project file has it."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class PolicyTest:
    """A pool, in a spec's shape, that a policy lets pass or not; ``line``, ``column``: 1-based.

    ``target`` has what of a target the test says; ``live`` is ``None`` for no live pool.
    """

    pool: Mapping[str, JsonValue]
    passes: bool
    target: Mapping[str, object] = field(default_factory=dict)
    live: Mapping[str, JsonValue] | None = None
    changes: tuple[str, ...] = ()
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Policy:
    """What has to hold of every pool of which ``when`` holds, ``None``: of all.

    ``always_blocks``: it is refused even where live is so already.
    """

    id: str
    severity: Severity
    asserts: Expression
    message: str
    when: Expression | None = None
    always_blocks: bool = False
    tests: tuple[PolicyTest, ...] = ()
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Waiver:
    """Until a day (UTC, the day itself included) a rule is not held against some pools.

    ``spec`` and ``target`` are names or globs; ``rule`` is a policy's id or that of a check.
    """

    rule: str
    spec: str
    target: str
    reason: str
    until: date
    line: int = 1
    column: int = 1

    def covers(self, rule: str, spec: str, target: str) -> bool:
        """Whether it is about this rule and this spec in this target."""
        return (
            rule == self.rule and fnmatchcase(spec, self.spec) and fnmatchcase(target, self.target)
        )

    def holds_on(self, day: date) -> bool:
        """Whether it still waives something on this day."""
        return day <= self.until
