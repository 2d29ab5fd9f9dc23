"""``idpool check --roles``: what IAM says of the roles that pools hand out."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from reconciler.checks.judging import shown_to_checks
from reconciler.checks.role_checks import claims_settled, role_problems
from reconciler.checks.role_policies import Names
from reconciler.checks.role_uses import Subject, clients_to_read, role_uses
from reconciler.flows.inputs import Inputs
from reconciler.flows.plan import planned_target
from reconciler.flows.targets import OpenTargets, open_targets, raise_wrong
from reconciler.live.aws import Connection
from reconciler.live.roles import RoleReader
from reconciler.model.changes import Refusal
from reconciler.model.findings import Finding, RuleId
from reconciler.model.plan import PoolPlan
from reconciler.model.request import Reach
from reconciler.model.spec import Spec
from reconciler.specs.checks import in_targets
from reconciler.terminal.streams import Streams
from reconciler.text.problems import Problem, path_text

# A file, a line, a column and a field path.
_Where: TypeAlias = tuple[str, int, int, str]


class RoleChecks(NamedTuple):
    """What roles are like, and what this settles of what files alone leave open.

    ``settled`` are the places of claims of which AWS says who can write them.  ``refusals`` say why
    a pool could not be looked at.
    """

    findings: list[Finding]
    settled: frozenset[_Where]
    refusals: list[Refusal]

    def leaves_open(self, doubt: Finding) -> bool:
        """Whether a finding of files alone still stands."""
        where = (doubt.file, doubt.line, doubt.column, doubt.path)
        return doubt.rule != RuleId.WRITABLE_CLAIM or where not in self.settled


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was found of one spec in one target; refusals: why it was not looked at."""

    spec: str
    target: str
    findings: list[Finding] = field(default_factory=list)
    claims: dict[_Where, bool] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()


def check_roles(inputs: Inputs, reach: Reach, streams: Streams) -> RoleChecks:
    """Read the roles of all pools, in every target, and check them.

    Raises what ``open_targets`` and ``raise_wrong`` raise, and ``Problems``.
    """
    with open_targets(inputs, reach, streams) as opened:
        seen = [
            each
            for target in opened.for_each(lambda connection: _check_target(connection, opened))
            for each in target
        ]
    settled = defaultdict[_Where, list[bool]](list)
    for each in seen:
        for where, is_known in each.claims.items():
            settled[where].append(is_known)
    return RoleChecks(
        findings=list(_told_once(seen)),
        settled=frozenset(where for where, known in settled.items() if all(known)),
        refusals=[refusal for each in seen for refusal in each.refusals],
    )


def _told_once(seen: Sequence[_Seen]) -> Iterator[Finding]:
    """Each finding once, with the targets that it holds in."""
    everywhere = defaultdict[str, list[str]](list)
    where: dict[tuple[str, Finding], list[str]] = {}
    for each in seen:
        everywhere[each.spec].append(each.target)
        for finding in dict.fromkeys(each.findings):
            where.setdefault((each.spec, finding), []).append(each.target)
    for (spec, finding), targets in where.items():
        yield in_targets(finding, targets, everywhere[spec])


def _check_target(connection: Connection, opened: OpenTargets) -> list[_Seen]:
    planned = planned_target(connection, opened)
    raise_wrong([planned.live])
    specs = {spec.name: spec for spec in planned.meant.specs}
    reader = RoleReader(connection, opened.workers, opened.lists)
    seen = [
        _check_pool(pool, specs[pool.name], reader)
        for pool in planned.plan.pools
        if not specs[pool.name].lifecycle.delete
    ]
    if any(each.refusals for each in seen):
        refusals = tuple(each.refusal for each in planned.plan.unread)
        seen.append(_Seen("", connection.target.name, refusals=refusals))
    return seen


def _check_pool(pool: PoolPlan, spec: Spec, reader: RoleReader) -> _Seen:
    target = reader.connection.target.name
    # Which pool it is has to be known; what a plan may not change of it is no matter.
    refusals = [each for each in pool.refusals if not each.field]
    if pool.desired is None or (refusals and pool.pool_id is None):
        return _Seen(spec.name, target, refusals=tuple(refusals))
    shown = shown_to_checks(pool.desired)
    facts = reader.facts(role_uses(shown), clients_to_read(shown))
    hands_out_to_guests = bool(shown.get("AllowUnauthenticatedIdentities"))
    actions = _permission_actions() if hands_out_to_guests else ()
    subject = Subject(shown, pool.pool_id, facts, actions)
    findings = [_finding(problem, spec) for problem in role_problems(subject)]
    claims = {
        (*_place(spec, path), path_text(path)): known
        for path, known in claims_settled(subject).items()
    }
    return _Seen(spec.name, target, findings, claims)


def _permission_actions() -> Names | None:
    try:
        from reconciler.checks.access_levels import permission_actions
    except ModuleNotFoundError:
        return None
    return permission_actions()


def _finding(problem: Problem, spec: Spec) -> Finding:
    file, line, column = _place(spec, problem.path, at_key=problem.at_key)
    return Finding(
        file=file,
        line=line,
        column=column,
        path=path_text(problem.shown_path),
        rule=problem.rule.value,
        message=problem.message,
        fix=problem.fix,
        severity=problem.severity,
    )


def _place(
    spec: Spec, path: tuple[str | int, ...], *, at_key: bool = False
) -> tuple[str, int, int]:
    file, line, column = spec.place(path, at_key=at_key).rsplit(":", 2)
    return file, int(line), int(column)
