"""What a conversion has to say about a place in a file."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from reconciler.converters.nodes import Node
from reconciler.model.findings import Finding, Severity

# Nobody reads more, and a hostile file can hold a million.
MOST_FINDINGS: Final = 500


class ConversionRule(StrEnum):
    """One id for each thing that can keep a pool, or a part of it, from becoming a spec."""

    SYNTAX = "syntax"
    NOT_CONVERTIBLE = "not-convertible"
    NO_POOL = "no-pool"
    UNRESOLVED = "unresolved"
    NOT_CARRIED = "not-carried"
    NO_SUCH_POOL = "no-such-pool"
    TWICE = "twice"
    REPLACED = "replaced"
    READ_AS = "read-as"


@dataclass(slots=True)
class Report:
    """Collects findings about one file."""

    file: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def has_errors(self) -> bool:
        """Whether one of them keeps something from being converted."""
        return any(finding.severity == "error" for finding in self.findings)

    def below(self) -> "Report":
        """An empty one about the same file."""
        return Report(self.file)

    def error(self, rule: ConversionRule, node: Node, message: str, fix: str = "") -> None:
        """Something that has to be put right."""
        self._add(rule, node, message, fix, "error")

    def warning(self, rule: ConversionRule, node: Node, message: str, fix: str = "") -> None:
        """Something that is not carried over, or that one should know."""
        self._add(rule, node, message, fix, "warning")

    def _add(
        self, rule: ConversionRule, node: Node, message: str, fix: str, severity: Severity
    ) -> None:
        finding = Finding(
            file=self.file,
            line=node.line,
            column=node.column,
            path=node.where,
            rule=rule.value,
            message=message,
            fix=fix,
            severity=severity,
        )
        self.findings.append(finding)


def told(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, in the order of places; errors before warnings, and not too many."""
    once = dict.fromkeys(findings)
    in_order = sorted(once, key=lambda f: (f.severity != "error", f.line, f.column))
    return tuple(in_order[:MOST_FINDINGS])
