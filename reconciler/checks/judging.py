"""What checks say of a plan: what it brings about is refused, and what is so already is said.

And whom it lets in: of what is refused nothing is, since nothing is done.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias, cast

from reconciler.checks.access import access_changes
from reconciler.checks.pool_checks import CHECKS
from reconciler.checks.rulebook import Rulebook
from reconciler.checks.users import NamedUser
from reconciler.model.access import PoolFinding
from reconciler.model.changes import Refusal
from reconciler.model.drift import Drift, PoolDrift, TargetDrift
from reconciler.model.findings import RuleId
from reconciler.model.plan import Plan, PoolPlan, TargetPlan
from reconciler.model.pool import Pool, pool_as_api
from reconciler.model.project import Target
from reconciler.model.spec import Spec, spec_as_api
from reconciler.model.written import PoolData
from reconciler.text.problems import Problem, path_text

# The users of tests, by the name of the spec that they are about.
TestUsers: TypeAlias = Mapping[str, Sequence[NamedUser]]
NO_USERS: Final[TestUsers] = {}
_NO_TARGETS: Final[Mapping[str, TestUsers]] = {}


def judged(
    plan: TargetPlan, specs: Iterable[Spec], book: Rulebook, users: TestUsers = NO_USERS
) -> TargetPlan:
    """The plan with the findings of its pools; a pool that it would make wrong is refused.

    ``users`` are those of the tests that are for this target.
    """
    by_name = {spec.name: spec for spec in specs if spec.goes_to(plan.target.name)}
    pools = tuple(_judged(pool, by_name, plan.target, book) for pool in plan.pools)
    return with_access(plan.model_copy(update={"pools": pools}), users)


def with_access(plan: TargetPlan, users: TestUsers = NO_USERS) -> TargetPlan:
    """The plan with what it changes of who gets in."""
    pools = tuple(_with_access(pool, users.get(pool.name, ())) for pool in plan.pools)
    return plan.model_copy(update={"pools": pools})


def shown_to_checks(pool: Pool) -> PoolData:
    """A pool as checks look at it: a classic flow that was never set is one that is allowed."""
    flow = {"AllowClassicFlow": pool.AllowClassicFlow is not False}
    return cast("PoolData", pool_as_api(pool) | flow)


def with_drifted_access(
    drift: Drift, plan: Plan, users: Mapping[str, TestUsers] = _NO_TARGETS
) -> Drift:
    """The drift that ``plan`` shows, with whom live lets in that the spec does not.

    Of what is ignored nothing is told; a pool that is not there, or should not be, says it itself.
    ``users`` are by target what ``judged`` takes.
    """
    planned = {(t.target.name, pool.name): pool for t in plan.targets for pool in t.pools}

    def of(target: TargetDrift) -> TargetDrift:
        target_name = target.target.name
        here = users.get(target_name, NO_USERS)
        pools = tuple(
            _with_drifted_access(pool, planned[target_name, pool.name], here.get(pool.name, ()))
            for pool in target.pools
        )
        return target.model_copy(update={"pools": pools})

    return drift.model_copy(update={"targets": tuple(map(of, drift.targets))})


def _with_drifted_access(pool: PoolDrift, plan: PoolPlan, users: Sequence[NamedUser]) -> PoolDrift:
    if pool.kind not in ("changed", "refused") or plan.live is None or plan.desired is None:
        return pool
    counted = {each.field for each in pool.fields}
    found = access_changes(shown_to_checks(plan.desired), shown_to_checks(plan.live), users)
    access = tuple(each for each in found if each.field in counted)
    return pool.model_copy(update={"access": access})


def _with_access(pool: PoolPlan, users: Sequence[NamedUser]) -> PoolPlan:
    if not pool.actions:
        return pool
    live = shown_to_checks(pool.live) if pool.live is not None else None
    desired = shown_to_checks(pool.desired) if pool.desired is not None else None
    return pool.model_copy(update={"access": access_changes(live, desired, users)})


def _judged(pool: PoolPlan, specs: Mapping[str, Spec], target: Target, book: Rulebook) -> PoolPlan:
    if pool.desired is None or pool.name not in specs:
        book.passed_over.add((pool.name, target.name))
        return pool
    found = _findings(pool, pool.desired, specs[pool.name], target, book)
    findings = tuple(marked for each in found for marked in _marked(each, pool.name, target, book))
    refusals = tuple(_refusal(finding) for finding in findings if finding.blocks)
    told = pool.model_copy(update={"findings": findings})
    if not refusals:
        return told
    return told.model_copy(update={"refusals": (*pool.refusals, *refusals), "actions": ()})


def _findings(
    pool: PoolPlan, desired: Pool, spec: Spec, target: Target, book: Rulebook
) -> Iterator[PoolFinding]:
    changed = {change.field for change in pool.changes}
    wanted = shown_to_checks(desired)
    live = shown_to_checks(pool.live) if pool.live is not None else None
    for check in CHECKS:
        problems = list(check.find(wanted))
        if problems:
            is_old = live is not None and any(True for _ in check.find(live))
            already_so = is_old and not check.fields & changed
            for each in problems:
                written = _as_written(each, wanted, spec)
                yield _finding(written, spec, already_so=already_so)
    if book.policies is not None:
        for broken, already_so in book.policies.of_plan(wanted, live, changed, spec, target):
            finding = _finding(broken.problem, spec, already_so=already_so)
            yield finding.model_copy(update={"rule": broken.rule.policy.id})


def _marked(
    finding: PoolFinding, spec: str, target: Target, book: Rulebook
) -> Iterator[PoolFinding]:
    """The finding with the reason of its waiver, or beside it that the waiver has expired."""
    waiver = book.waiver_of(finding.rule, spec, target.name)
    if waiver is None:
        yield finding
    elif not book.is_expired(waiver):
        yield finding.model_copy(update={"waived": waiver.reason})
    else:
        yield finding
        expired = book.said_of(waiver, RuleId.EXPIRED_WAIVER)
        yield PoolFinding(
            rule=expired.rule,
            severity=expired.severity,
            path=expired.path,
            message=expired.message,
            fix=expired.fix,
            place=expired.place,
            already_so=finding.already_so,
        )


def _as_written(problem: Problem, desired: PoolData, spec: Spec) -> Problem:
    """The problem with the path of the spec: in a pool the members of lists are sorted."""
    match problem.path:
        case ("spec", str(field), int(number), *rest):
            member = _identity(cast("Any", desired)[field][number])
            members = [_identity(each) for each in spec_as_api(spec.document.spec)[field] or ()]
            if member in members:
                return replace(problem, path=("spec", field, members.index(member), *rest))
            return replace(problem, path=("spec", field))
    return problem


def _identity(member: Any) -> Any:
    return (member["ProviderName"], member["ClientId"]) if isinstance(member, dict) else member


def _finding(problem: Problem, spec: Spec, *, already_so: bool) -> PoolFinding:
    return PoolFinding(
        rule=problem.rule.value,
        severity=problem.severity,
        path=path_text(problem.shown_path),
        message=problem.message,
        fix=problem.fix,
        place=spec.place(problem.path, at_key=problem.at_key),
        already_so=already_so,
    )


def _refusal(finding: PoolFinding) -> Refusal:
    return Refusal(
        rule=finding.rule,
        reason=finding.sentence,
        way_out=finding.fix,
    )
