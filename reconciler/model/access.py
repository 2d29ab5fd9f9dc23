"""What a plan changes of who gets in and with which role, and what checks say of its pools."""

from typing import Literal

from reconciler.model.findings import Severity
from reconciler.model.records import Record

Effect = Literal["widens", "narrows", "moves nobody"]
AccessKind = Literal["guests", "classic-flow", "provider", "role", "rules", "principal-tags"]


class MovedUser(Record):
    """Somebody whose role changes.

    ``name`` is that of a test, or says which user was made up (``is_generated``).  ``before`` and
    ``after`` are role ARNs, "the role in the token", "denied" or "not known".
    """

    name: str
    is_generated: bool
    before: str
    after: str


class AccessChange(Record):
    """One thing that a plan changes of who gets in.

    ``says`` is a sentence without its end; ``field``: the pool's field that brings it about, the
    first of several, "" where the pool goes.  ``users``: those whose role changes by it, of the
    ``asked`` ones: of tests, or made-up ones where rules move no test's user.
    """

    effect: Effect
    kind: AccessKind
    says: str
    field: str
    users: tuple[MovedUser, ...] = ()
    asked: int = 0


class PoolFinding(Record):
    """What a check says of a pool as the plan makes it.

    ``path`` is the field path; ``place`` is ``file:line:column``.  ``already_so``: live has it, and
    the plan changes nothing that the check looks at.  ``waived``: the reason of a waiver, "" for
    none.
    """

    rule: str
    severity: Severity
    path: str
    message: str
    fix: str = ""
    place: str = ""
    already_so: bool = False
    waived: str = ""

    @property
    def is_known(self) -> bool:
        """Whether nobody has to act on it now."""
        return self.already_so or bool(self.waived)

    @property
    def sentence(self) -> str:
        """Where and what; the reason of the refusal that it is where it blocks."""
        return f"{self.place}: {self.path}: {self.message}"

    @property
    def blocks(self) -> bool:
        """Whether the plan may not be applied because of it."""
        return self.severity == "error" and not self.is_known
