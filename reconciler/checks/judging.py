"""What checks say of a plan: what it brings about is refused, and what is so already is said."""

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from reconciler.checks.pool_checks import CHECKS
from reconciler.checks.rulebook import Rulebook
from reconciler.model.access import PoolFinding
from reconciler.model.changes import Refusal
from reconciler.model.findings import RuleId
from reconciler.model.plan import PoolPlan, TargetPlan
from reconciler.model.pool import Pool, pool_as_api
from reconciler.model.project import Target
from reconciler.model.spec import Spec
from reconciler.model.written import PoolData
from reconciler.text.problems import Problem, path_text


def judged(plan: TargetPlan, specs: Iterable[Spec], book: Rulebook) -> TargetPlan:
    """The plan with the findings of its pools; a pool that it would make wrong is refused."""
    by_name = {spec.name: spec for spec in specs if spec.goes_to(plan.target.name)}
    pools = tuple(_judged(pool, by_name, plan.target, book) for pool in plan.pools)
    return plan.model_copy(update={"pools": pools})


def shown_to_checks(pool: Pool) -> PoolData:
    """A pool as checks look at it: a classic flow that was never set is one that is allowed."""
    flow = {"AllowClassicFlow": pool.AllowClassicFlow is not False}
    return cast("PoolData", pool_as_api(pool) | flow)


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
            yield from (_finding(each, spec, already_so=already_so) for each in problems)
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
        reason=f"{finding.place}: {finding.path}: {finding.message}",
        way_out=finding.fix,
    )
