"""Findings: what is wrong (or doubtful) in a file, where, and what to do."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from reconciler.model.config import RECORD_CONFIG

if TYPE_CHECKING:
    from pydantic import ConfigDict

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem in one place.

    ``line`` and ``column`` are 1-based; ``path`` is the field path (``spec.Roles.authenticated``),
    "" for the whole file; ``rule`` is a stable id; ``fix`` is what to do, "" where nobody can say.
    """

    __pydantic_config__: ClassVar["ConfigDict"] = RECORD_CONFIG

    file: str
    line: int
    column: int
    path: str
    rule: str
    message: str
    fix: str = ""
    severity: Severity = "error"

    @property
    def place(self) -> str:
        """``file:line:column``, the form that editors and terminals make a link of."""
        return f"{self.file}:{self.line}:{self.column}"
