"""What checks say of a plan: what it brings about is refused, and what is so already is said."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from reconciler.checks.pool_checks import CHECKS
from reconciler.model.access import PoolFinding
from reconciler.model.changes import Refusal
from reconciler.model.plan import PoolPlan, TargetPlan
from reconciler.model.pool import Pool, pool_as_api
from reconciler.model.spec import Spec, spec_as_api
from reconciler.model.written import PoolData
from reconciler.text.problems import Problem, path_text


def judged(plan: TargetPlan, specs: Iterable[Spec]) -> TargetPlan:
    """The plan with the findings of its pools; a pool that it would make wrong is refused."""
    by_name = {spec.name: spec for spec in specs if spec.goes_to(plan.target.name)}
    pools = tuple(_judged(pool, by_name) for pool in plan.pools)
    return plan.model_copy(update={"pools": pools})


def shown_to_checks(pool: Pool) -> PoolData:
    """A pool as checks look at it: a classic flow that was never set is one that is allowed."""
    flow = {"AllowClassicFlow": pool.AllowClassicFlow is not False}
    return cast("PoolData", pool_as_api(pool) | flow)


def _judged(pool: PoolPlan, specs: Mapping[str, Spec]) -> PoolPlan:
    if pool.desired is None or pool.name not in specs:
        return pool
    findings = tuple(_findings(pool, pool.desired, specs[pool.name]))
    refusals = tuple(_refusal(finding) for finding in findings if finding.blocks)
    found = pool.model_copy(update={"findings": findings})
    if not refusals:
        return found
    return found.model_copy(update={"refusals": (*pool.refusals, *refusals), "actions": ()})


def _findings(pool: PoolPlan, desired: Pool, spec: Spec) -> Iterator[PoolFinding]:
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
