"""``idpool check --roles``: what IAM says of the roles that pools hand out."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from reconciler.checks.judging import shown_to_checks
from reconciler.checks.role_checks import claims_settled, role_problems
from reconciler.checks.role_policies import Names
from reconciler.checks.role_uses import Subject, clients_to_read, role_uses
from reconciler.checks.rulebook import Rulebook
from reconciler.flows.inputs import Inputs
from reconciler.flows.plan import planned_target
from reconciler.flows.targets import OpenTargets, open_targets, raise_wrong
from reconciler.live.aws import Connection
from reconciler.live.roles import RoleReader
from reconciler.model.changes import Refusal
from reconciler.model.findings import Finding, RuleId
from reconciler.model.plan import PoolPlan
from reconciler.model.pool import Pool
from reconciler.model.request import Reach
from reconciler.model.spec import Spec
from reconciler.planner.matching import Ownership
from reconciler.specs.checks import in_targets
from reconciler.terminal.streams import Streams
from reconciler.text.problems import Problem, finding_at, path_text

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
    """What was found of one spec in one target."""

    spec: str
    target: str
    findings: list[Finding]
    claims: dict[_Where, bool]


def check_roles(inputs: Inputs, book: Rulebook, reach: Reach, streams: Streams) -> RoleChecks:
    """Read the roles of all pools, in every target, and check them.

    Raises what ``open_targets`` and ``raise_wrong`` raise, and ``Problems``.
    """
    with open_targets(inputs, reach, streams) as opened:
        found = opened.for_each(lambda connection: _check_target(connection, opened, book))
    seen = [each for some, _ in found for each in some]
    settled = defaultdict[_Where, list[bool]](list)
    for each in seen:
        for where, is_known in each.claims.items():
            settled[where].append(is_known)
    return RoleChecks(
        findings=list(_told_once(seen)),
        settled=frozenset(where for where, known in settled.items() if all(known)),
        refusals=[refusal for _, refusals in found for refusal in refusals],
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


class MatchedPools(NamedTuple):
    """A target's pools as specs want them; ``refusals``: why it is not known which pool is one's.

    Pools that are to go are not among them.
    """

    pools: list[tuple[PoolPlan, Pool]]
    refusals: list[Refusal]
    specs: Mapping[str, Spec]


def matched_pools(connection: Connection, opened: OpenTargets) -> MatchedPools:
    """Find the pools of all specs in a target.

    Raises ``AwsProblem``, and ``WrongTarget`` where another account answers.
    """
    planned = planned_target(connection, opened)
    raise_wrong([planned.live])
    specs = {spec.name: spec for spec in planned.meant.specs}
    inputs = opened.inputs
    ownership = Ownership(
        planned.live, inputs.project, planned.meant.specs, all_specs=inputs.all_specs
    )
    pools: list[tuple[PoolPlan, Pool]] = []
    refusals: list[Refusal] = []
    for pool in planned.plan.pools:
        spec = specs[pool.name]
        if spec.lifecycle.delete:
            continue
        # What of a pool may not be changed is no matter here.
        doubt = ownership.match(spec).refusal
        if pool.desired is None:
            refusals += pool.refusals
        elif doubt:
            refusals.append(doubt)
        else:
            pools.append((pool, pool.desired))
    if refusals:
        refusals += (each.refusal for each in planned.plan.unread)
    return MatchedPools(pools, refusals, specs)


def _check_target(
    connection: Connection, opened: OpenTargets, book: Rulebook
) -> tuple[list[_Seen], list[Refusal]]:
    """Check all pools of a target, whose roles are read side by side."""
    matched = matched_pools(connection, opened)
    shown = [shown_to_checks(desired) for _, desired in matched.pools]
    reader = RoleReader(connection, opened.workers, opened.lists)
    facts = reader.facts(
        (arn for pool in shown for arn in role_uses(pool)),
        (client for pool in shown for client in clients_to_read(pool)),
    )
    has_guests = any(pool.get("AllowUnauthenticatedIdentities") for pool in shown)
    actions = _permission_actions() if has_guests else ()
    name = connection.target.name
    seen = [
        _check_pool(
            Subject(pool, plan.pool_id, facts, actions), matched.specs[plan.name], name, book
        )
        for pool, (plan, _) in zip(shown, matched.pools, strict=True)
    ]
    return seen, matched.refusals


def _check_pool(subject: Subject, spec: Spec, target: str, book: Rulebook) -> _Seen:
    found = (_finding(problem, spec) for problem in role_problems(subject))
    findings = [book.marked(each, spec.name, target) for each in found]
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
    return finding_at(file, (line, column), problem)


def _place(
    spec: Spec, path: tuple[str | int, ...], *, at_key: bool = False
) -> tuple[str, int, int]:
    file, line, column = spec.place(path, at_key=at_key).rsplit(":", 2)
    return file, int(line), int(column)
