"""What a run holds pools against besides the checks: the project's policies, and its waivers.

Both are the project file's alone: nothing in a spec can waive anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from reconciler.model.errors import IdpoolError
from reconciler.model.findings import ROLE_RULES, Finding, RuleId
from reconciler.model.policies import Waiver
from reconciler.model.project import Project
from reconciler.text.problems import Problem, finding_at

if TYPE_CHECKING:
    from reconciler.checks.policies import Policies


class PoliciesMissing(IdpoolError):
    """The project has policies, and what reads them is not installed."""

    hint = "pip install 'idpool[policies]'"

    def __init__(self, file: str, package: str) -> None:
        super().__init__(f"{file} has policies, and the package that reads them is not: {package}")


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Policies, ``None`` for none, and the waivers of a project on a day (UTC).

    ``used`` and ``passed_over`` are noted on the way: the waivers that have waived something, and
    the specs and targets of which not all is known that waivers may be about.
    """

    project: Project
    today: date
    policies: "Policies | None" = None
    used: set[Waiver] = field(default_factory=set)
    passed_over: set[tuple[str, str]] = field(default_factory=set)

    def waiver_of(self, rule: str, spec: str, target: str) -> Waiver | None:
        """The first waiver of a finding; one that holds, if there is any."""
        found = [each for each in self.project.waivers if each.covers(rule, spec, target)]
        self.used.update(found)
        valid = (each for each in found if each.holds_on(self.today))
        return next(valid, found[0] if found else None)

    def is_expired(self, waiver: Waiver) -> bool:
        """Whether it waives nothing any more."""
        return not waiver.holds_on(self.today)

    def marked(self, finding: Finding, spec: str, target: str) -> Finding:
        """The finding, and why it is waived where it is."""
        waiver = self.waiver_of(finding.rule, spec, target)
        if waiver is None or self.is_expired(waiver):
            return finding
        return replace(finding, waived=waiver.reason)

    def expired(self) -> Iterator[Finding]:
        """The waivers whose day has passed."""
        expired = filter(self.is_expired, self.project.waivers)
        return (self.said_of(waiver, RuleId.EXPIRED_WAIVER) for waiver in expired)

    def unused(self, *, with_plan: bool = False, with_roles: bool = False) -> Iterator[Finding]:
        """The waivers that hold and had nothing to waive, when all pools have been looked at.

        Those for what only plans or IAM's roles show are not told of where these were not asked.
        """
        rules = self.policies.rules if self.policies and not with_plan else ()
        asked_later = {rule.policy.id for rule in rules if rule.of_plans}
        asked_later.update(() if with_roles else ROLE_RULES)
        unused = (
            waiver
            for waiver in self.project.waivers
            if waiver not in self.used
            and not self.is_expired(waiver)
            and waiver.rule not in asked_later
            and not any(waiver.covers(waiver.rule, *each) for each in self.passed_over)
        )
        return (self.said_of(waiver, RuleId.UNUSED_WAIVER) for waiver in unused)

    def findings(self, *, is_all: bool, with_roles: bool = False) -> Iterator[Finding]:
        """What is wrong with policies and waivers themselves, when specs have been looked at.

        ``is_all``: these were all specs, in all targets; ``with_roles``: and their roles.
        """
        yield from self.failed_tests()
        yield from self.expired()
        if is_all:
            yield from self.unused(with_roles=with_roles)

    def failed_tests(self) -> Iterator[Finding]:
        """The policies' own tests that do not end as they say."""
        return self.policies.failed_tests() if self.policies else iter(())

    def said_of(self, waiver: Waiver, rule: RuleId) -> Finding:
        """What is wrong with a waiver, at its place in the project file."""
        path = ("waivers", self.project.waivers.index(waiver), "until")
        problem = Problem.of(path, rule, waives=waiver.rule, until=waiver.until)
        return finding_at(self.project.file or "", (waiver.line, waiver.column), problem)


def rulebook_of(project: Project, today: date) -> Rulebook:
    """The project's policies, compiled, and its waivers.

    Raises ``InvalidSpecs`` for expressions that are none, and ``PoliciesMissing``.
    """
    if not project.policies:
        return Rulebook(project, today)
    try:
        # CEL takes most of a second: only projects with policies pay for it.
        from reconciler.checks.policies import Policies  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        raise PoliciesMissing(project.file or "", str(missing.name)) from None
    return Rulebook(project, today, Policies(project))
