"""Other specs that a pull into the project's defaults would change."""

from collections.abc import Iterator

from reconciler.model.errors import InvalidSpecs
from reconciler.model.plan import PoolPlan
from reconciler.model.project import Project, Target
from reconciler.model.spec import Spec
from reconciler.planner.desired import desired_pool
from reconciler.planner.diff import changes_between
from reconciler.planner.drift import differences_of
from reconciler.specs.completion import OpenSpec, Values, completed
from reconciler.specs.effective import effective
from reconciler.text.problems import listed
from reconciler.writeback.verifying import CannotPull, Pulling

_WAY_OUT = (
    "pull it with --into spec or --into perTarget; or pull these specs, too, where live has the "
    "same; or write the default by hand, and look at the plan"
)


def require_unmoved(before: Pulling, after: Pulling, own: str) -> None:
    """Raise CannotPull where new defaults take a spec but ``own`` further from its pool.

    A spec may mean the same with them, since it says the field itself; or what its pool has.
    """
    if before.settings == after.settings:
        return
    try:
        moved = list(_moved(before, after, own))
    except InvalidSpecs as invalid:
        found = next(each for each in invalid.findings if each.severity == "error")
        told = f"{found.file}:{found.line}: {found.path}: {found.message}"
        raise CannotPull(f"another spec would not be valid with this default: {told}") from invalid
    if moved:
        by_name: dict[str, list[str]] = {}
        for name, target in moved:
            by_name.setdefault(name, []).append(target)
        specs = listed([f"{name} (in {listed(targets)})" for name, targets in by_name.items()])
        raise CannotPull(f"as a default it would change other specs, too: {specs}", _WAY_OUT)


def _moved(before: Pulling, after: Pulling, own: str) -> Iterator[tuple[str, str]]:
    """Names and targets of those that are moved.  Raises InvalidSpecs."""
    project = after.settings.project
    old, new = (each.documents_in(each.settings.project) for each in (before, after))
    pools = {
        (pool.name, target.target.name): pool
        for target in after.plan.targets
        for pool in target.pools
    }
    targets = {each.target.name: each.target for each in after.plan.targets}
    for target in project.targets:
        meant = {each.name: each for each in old if each.goes_to(target.name)}
        for spec in (each for each in new if each.goes_to(target.name) and each.name != own):
            was = meant.get(spec.name)
            if was and _meaning(was, target, before) == _meaning(spec, target, after):
                continue
            pool = pools.get((spec.name, target.name))
            known = targets.get(target.name, target)
            values = after.values.get(target.name, {})
            if pool is None or _differs_more(pool, spec, known, project, values):
                yield spec.name, target.name


def _meaning(spec: Spec | OpenSpec, target: Target, pulling: Pulling) -> object:
    """What a spec says in a target; references that are read as they are written."""
    if isinstance(spec, Spec):
        return spec.document
    return effective(spec.value, target, pulling.settings.project).value


def _differs_more(
    pool: PoolPlan, spec: Spec | OpenSpec, target: Target, project: Project, values: Values
) -> bool:
    """Whether a spec differs from its pool in what it did not differ before."""
    made = spec if isinstance(spec, Spec) else completed(spec, target, project, values)
    if pool.live is None or made.refusals:
        return True
    changes = changes_between(pool.live, desired_pool(made, project, pool.live))
    known = [(each.field, one) for each in pool.changes for one in differences_of(each)]
    return any((each.field, one) not in known for each in changes for one in differences_of(each))
