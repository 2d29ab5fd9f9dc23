"""Reading a text again before anybody writes it, and planning it against the same live."""

from collections.abc import Collection, Iterable, Mapping

from reconciler.loader.specs import load_spec_text
from reconciler.model.changes import Change
from reconciler.model.errors import InvalidSpecs
from reconciler.model.plan import PoolPlan
from reconciler.model.pool import TAGS_FIELD
from reconciler.model.project import Project
from reconciler.model.spec import Spec
from reconciler.planner.desired import desired_pool
from reconciler.planner.diff import changes_between
from reconciler.planner.refusals import refusals_of
from reconciler.writeback.accepted import can_be_written
from reconciler.writeback.obstacles import CannotPull


def verify(
    text: str,
    spec: Spec,
    pools: Mapping[str, PoolPlan],
    project: Project,
    fields: Collection[str],
) -> None:
    """Whether a document's text leaves nothing to plan in these fields, and all else as it was.

    Raises CannotPull.
    """
    new = _loaded(text, spec, project)
    if (new.document.metadata, new.lifecycle) != (spec.document.metadata, spec.lifecycle):
        raise CannotPull("more than the fields of the pool would change")
    for pool in pools.values():
        assert pool.live is not None  # noqa: S101 - there would be an obstacle
        desired = desired_pool(new, project, pool.live)
        left = _of_specs(changes_between(pool.live, desired))
        expected = [change for change in _of_specs(pool.changes) if change.field not in fields]
        if left != expected:
            raise CannotPull("the plan would not be empty after it")
        if not expected and any(refusals_of(pool.live, desired)):
            raise CannotPull("the plan would be refused after it")


def _loaded(text: str, spec: Spec, project: Project) -> Spec:
    try:
        (new,) = load_spec_text(spec.source.file, text, project).specs
    except InvalidSpecs as invalid:
        first = next(finding for finding in invalid.findings if finding.severity == "error")
        reason = f"what live has is no valid spec: {first.path}: {first.message}"
        raise CannotPull(reason) from invalid
    return new


def _of_specs(changes: Iterable[Change]) -> list[Change]:
    """The changes that a spec can take over: the tags that say whose a pool is are not for it."""
    tags_apart = (_without_ownership(c) if c.field == TAGS_FIELD else c for c in changes)
    return [change for change in tags_apart if change.field != TAGS_FIELD or change.edits]


def _without_ownership(change: Change) -> Change:
    edits = tuple(edit for edit in change.edits if can_be_written(str(edit.path[0])))
    return change.model_copy(update={"before": None, "after": None, "edits": edits})
